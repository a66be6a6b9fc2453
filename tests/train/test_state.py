"""What a learner is on disk: read back to the bit, never executed, refused in one line if it is anything else."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from routegame.envs.checks import ParameterError
from routegame.train.state import FORMAT, load, save

STATE = {
    "updates": 7,
    "seconds": 0.1 + 0.2,
    "rng": np.random.default_rng(3).bit_generator.state,
    "ppo": {"weights": {"a.b": np.arange(6.0).reshape(2, 3), "c": np.float32(1.5) * np.ones(())}, "moments": {}},
    "playing": np.array([3, 1]),
    "costs": np.array([np.nan, np.inf, -0.0]),
    "nothing": None,
    "yes": True,
    "word": "Käse",
}


def test_a_state_is_read_as_it_was_written(tmp_path):
    save(tmp_path / "state", STATE)
    read = load(tmp_path / "state")
    assert read.pop("ppo")["weights"].keys() == {"a.b", "c"}
    for name, value in read.items():
        if isinstance(value, np.ndarray):
            assert value.dtype == STATE[name].dtype
            assert value.tobytes() == STATE[name].tobytes()
        else:
            assert value == STATE[name]
    assert read.keys() == STATE.keys() - {"ppo"}
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    again = np.random.default_rng()
    again.bit_generator.state = read["rng"]
    assert again.random() == np.random.default_rng(3).random()


def test_an_old_state_stays_until_the_new_one_is_whole(tmp_path):
    save(tmp_path / "state", STATE)
    before = (tmp_path / "state").read_bytes()
    with pytest.raises(TypeError):
        save(tmp_path / "state", {"bad": object()})
    assert (tmp_path / "state").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", (1 << 62).to_bytes(8, "little") + b"{}"])
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "state").write_bytes(content)
    with pytest.raises(
        ParameterError, match="state must be a routegame checkpoint 2, whole; delete it to start again, got"
    ):
        load(tmp_path / "state")


def test_a_checkpoint_of_learners_with_other_luck_is_refused_in_a_line(tmp_path, monkeypatch):
    """They would go on, and end elsewhere than they would have."""
    monkeypatch.setattr("routegame.train.state.FORMAT", "routegame checkpoint 1")
    save(tmp_path / "state", STATE)
    monkeypatch.undo()
    told = "a routegame checkpoint 2, whole; delete it to start again, got 'routegame checkpoint 1'"
    with pytest.raises(ParameterError, match=told) as error:
        load(tmp_path / "state")
    assert "\n" not in str(error.value)


def test_half_a_file_is_refused(tmp_path):
    save(tmp_path / "state", STATE)
    whole = (tmp_path / "state").read_bytes()
    for size in range(0, len(whole), 97):
        (tmp_path / "state").write_bytes(whole[:size])
        with pytest.raises(ParameterError):
            load(tmp_path / "state")


@pytest.mark.parametrize(
    "header",
    [None, {}, {"format": "something else", "values": "{}"}, {"format": FORMAT}, {"format": FORMAT, "values": "["},
     {"format": FORMAT, "values": json.dumps({"a": 1, "a/b": 2})}],
)  # fmt: skip
def test_somebody_elses_file_is_refused(tmp_path, header):
    save_file({"weights": np.zeros(3)}, tmp_path / "state", metadata=header)
    with pytest.raises(ParameterError, match="delete it to start again"):
        load(tmp_path / "state")

"""The directory of a run that learns one policy for a suite."""

import json

import pytest
import small_policies

from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.train.learners.amortised import AmortisedOptions
from routegame.train.runs.policy_directory import PolicyConfig, PolicyDirectory, is_policy_run, load_policy

CONFIG = PolicyConfig("amortised", "random", 0, AmortisedOptions(**small_policies.TINY))


class Stopped(Exception):
    """Stands for whatever ends a process."""


def test_a_run_that_was_stopped_ends_as_an_undisturbed_one(tmp_path, monkeypatch):
    monkeypatch.setattr("routegame.train.runs.policy_directory.CHECKPOINT_SECONDS", 0)
    told = []

    def stop(snapshot, updates, seconds):
        told.append(updates)
        if updates == 4:
            raise Stopped

    straight, broken = (PolicyDirectory.create(tmp_path / name, CONFIG) for name in ("straight", "broken"))
    straight.train(lambda *_: None)
    with pytest.raises(Stopped):
        broken.train(stop)
    assert broken.updates_done == 3 and not (tmp_path / "broken" / "checkpoints" / "policy.npz").exists()
    again = PolicyDirectory.create(tmp_path / "broken", CONFIG)
    again.train(lambda _, updates, __: told.append(updates))
    assert told == [1, 2, 3, 4, 4, 5, 6]
    one, other = (load_policy(tmp_path / name).arrays() for name in ("straight", "broken"))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    (policy, meter, seconds), (_, same, _) = straight.load(), again.load()
    assert meter == same and seconds > 0 and policy.arrays().keys() == one.keys()


def test_the_configuration_makes_it_again(tmp_path):
    small_policies.write(tmp_path / "run")
    assert PolicyDirectory.open(tmp_path / "run").config == CONFIG and is_policy_run(tmp_path / "run")
    other = PolicyConfig("amortised", "random", 1, CONFIG.options)
    with pytest.raises(ParameterError, match="without a run of another configuration"):
        PolicyDirectory.create(tmp_path / "run", other)
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "file").write_text("")
    with pytest.raises(ParameterError, match="out must be a new or empty directory"):
        PolicyDirectory.create(tmp_path / "else", CONFIG)


def test_directories_of_something_else(tmp_path):
    assert not is_policy_run(tmp_path)
    with pytest.raises(ParameterError, match="run_dir must be"):
        PolicyDirectory.open(tmp_path)
    with pytest.raises(ParameterError, match="policy must be the directory of a finished run"):
        load_policy(tmp_path)
    run = PolicyDirectory.create(tmp_path / "run", CONFIG)
    with pytest.raises(ParameterError, match="got 'one that has not finished"):
        load_policy(run.path)
    run.checkpoint_path.write_bytes(b"nothing")
    with pytest.raises(FileError, match="a routegame checkpoint 2"):
        run.train(lambda *_: None)
    (run.path / "config.json").write_text(json.dumps({"learner": "evolution", "scenario": "nano-gpt5"}))
    with pytest.raises(ParameterError, match="got 'one of learner evolution'"):
        load_policy(run.path)
    assert not is_policy_run(run.path)

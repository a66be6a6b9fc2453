"""A run on disk can be read back, is never mixed with another, and executes nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from routegame.agents.users.adapting import AdaptedFollower
from routegame.agents.users.learned import LearnedFollower, commitment_features
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment, Commitments
from routegame.envs.scenarios import scenario
from routegame.train.learner import Learned
from routegame.train.learners.meta_follower import MetaFollowerOptions
from routegame.train.learners.oracle import OracleOptions
from routegame.train.learners.response_reward import ResponseRewardOptions
from routegame.train.meter import Meter
from routegame.train.runs.limits import Limits
from routegame.train.runs.run_directory import RunConfig, RunDirectory
from routegame.whole_file import WriteError


def config(seed=0, throttling=False):
    game = scenario("nano-gpt5").game
    return RunConfig("meta_follower", "nano-gpt5", game, throttling, seed, MetaFollowerOptions(rounds=2))


def follower(game):
    rng = np.random.default_rng(0)
    size = commitment_features(game, Commitments.unthrottled(game.game, 1, 0.5)).shape[1]
    layers = [(rng.standard_normal((8, size)), np.zeros(8)), (rng.standard_normal((1, 8)), np.zeros(1))]
    return LearnedFollower(game, tuple((w.astype(np.float32), b.astype(np.float32)) for w, b in layers), 1.1)


def test_config_round_trip(tmp_path):
    RunDirectory.create(tmp_path / "run", config(seed=7))
    read = RunDirectory.open(tmp_path / "run").config
    assert read == config(seed=7)
    limited = replace(config(), limits=Limits(max_passes=1e6, target_regret=0.01))
    RunDirectory.create(tmp_path / "limited", limited)
    assert RunDirectory.open(tmp_path / "limited").config == limited
    written = json.loads((tmp_path / "run" / "config.json").read_text())
    assert written["options"]["rounds"] == 2
    assert written["versions"]["torch"]


def test_learned_round_trip(tmp_path):
    run = RunDirectory.create(tmp_path, config())
    commitment = Commitment(1, 0.1 + 0.2, (6.09, 39.77))
    run.save(Learned(commitment, follower(config().box), Meter(12345, 678, 9)), 6.5, "max_passes")
    learned, seconds, stopped = run.load()
    assert (learned.commitment, learned.meter) == (commitment, Meter(12345, 678, 9))
    assert (seconds, stopped) == (6.5, "max_passes")
    probe = Commitments.unthrottled(config().game, 1, np.linspace(0, 1, 100))
    assert np.array_equal(learned.follower.abandon_prob(probe), follower(config().box).abandon_prob(probe))
    assert not list(tmp_path.rglob("*.part"))


def test_users_of_another_kind_come_back_as_what_they_were(tmp_path):
    known = replace(config(), learner="response_reward", options=ResponseRewardOptions())
    run, users = RunDirectory.create(tmp_path, known), AdaptedFollower(known.box, np.array([0.1, 1.0]), 64, seed=3)
    run.save(Learned(Commitment(2, 0.0, known.game.latency), users, Meter()), 0.0, "finished")
    again, probe = run.load()[0].follower, Commitments.unthrottled(known.game, 1, np.linspace(0, 1, 100))
    assert np.array_equal(again.abandon_prob(probe), users.abandon_prob(probe))


def test_the_same_run_may_use_its_directory_again(tmp_path):
    run = RunDirectory.create(tmp_path, config())
    run.metrics_path.write_text("unfinished")
    assert not RunDirectory.create(tmp_path, config()).metrics_path.exists()
    run.metrics_path.write_text("half of it")
    run.checkpoint_path.write_text("where it stopped")
    assert RunDirectory.create(tmp_path, config()).metrics_path.read_text() == "half of it"
    run.metrics_path.write_text("finished")
    run.result_path.write_text("{}")
    assert RunDirectory.create(tmp_path, config()).metrics_path.read_text() == "finished"


@pytest.mark.parametrize(
    "last", ["os.replace", "routegame.train.runs.run_directory.library_versions", "pathlib.Path.write_text"]
)
def test_a_run_killed_while_its_directory_is_made_may_use_it_again(tmp_path, monkeypatch, last):
    """Whatever of it is there by then."""

    def killed(*arguments, **more):
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(last, killed)
        RunDirectory.create(tmp_path / "run", config())
    assert not (tmp_path / "run" / "config.json").exists()
    assert RunDirectory.create(tmp_path / "run", config()).checkpoints.is_dir()


def test_another_run_may_not(tmp_path):
    RunDirectory.create(tmp_path, config())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    other = RunConfig("oracle", "nano-gpt5", config().game, False, 0, OracleOptions())
    limited = replace(config(), limits=Limits(max_passes=10))
    for wanted in (config(seed=1), other, limited):
        with pytest.raises(ParameterError, match="without a run of another configuration"):
            RunDirectory.create(tmp_path, wanted)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_somebody_elses_directory_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ParameterError, match="out must be a new or empty directory"):
        RunDirectory.create(tmp_path, config())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match=r"cannot write .*run: Not a directory; choose another place"):
        RunDirectory.create(tmp_path / "file" / "run", config())


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"learner": "oracle"}', '{"learner": "x"}'])
def test_damaged_config(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ParameterError, match=r"config\.json must be the configuration of a run"):
        RunDirectory.open(tmp_path)


def test_unfinished_run(tmp_path):
    with pytest.raises(ParameterError, match="run_dir must be the directory of a finished run"):
        RunDirectory.create(tmp_path, config()).load()


class Trap:
    """Executed if ever unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('a pickle was executed')",))


def test_follower_files_are_never_executed(tmp_path):
    run = RunDirectory.create(tmp_path, config())
    run.save(Learned(Commitment(1, 0.5, (6.09, 39.77)), None, Meter()), 1.0, "finished")
    np.savez(run.checkpoints / "follower.npz", bound=np.array(Trap(), dtype=object), weights_0=np.zeros((1, 1)))
    with pytest.raises(ParameterError, match=r"an \.npz file with the arrays of a learned follower"):
        run.load()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a zip", b"numbers"])
def test_damaged_follower(tmp_path, content):
    run = RunDirectory.create(tmp_path, config())
    run.save(Learned(Commitment(1, 0.5, (6.09, 39.77)), None, Meter()), 1.0, "finished")
    (run.checkpoints / "follower.npz").write_bytes(content)
    with pytest.raises(ParameterError, match=r"follower\.npz must be an \.npz file"):
        run.load()


def test_follower_of_other_commitments_is_refused(tmp_path):
    run = RunDirectory.create(tmp_path / "a", config())
    run.save(
        Learned(Commitment(1, 0.5, (6.09, 39.77)), follower(config(throttling=True).box), Meter()), 1.0, "finished"
    )
    with pytest.raises(ParameterError, match=r"follower\.npz must be an \.npz file"):
        run.load()

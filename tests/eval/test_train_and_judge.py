"""A run in one call: the result is what the command writes down, and what cannot be asked for is refused before it."""

import json
import tempfile
import threading

import pytest
import torch

from routegame import Game, ParameterError, Scenario
from routegame.envs import MatrixGame
from routegame.eval import RunResult
from routegame.train import Learner, run
from routegame.train.learners.evolution import Evolution

QUICK = {"population": 4, "generations": 3, "first_tasks": 64, "last_tasks": 64, "progress": False}


class Mine(Evolution):
    """A learner of one's own, which is in no table."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A quick run that was written down."""
    return run("nano-gpt5", "evolution", seed=3, out=tmp_path_factory.mktemp("runs") / "kept", **QUICK)


def clockless(result):
    return {name: value for name, value in result.to_dict().items() if name != "wall_seconds"}


def test_the_result_is_the_judgement_of_the_run(kept):
    assert isinstance(kept, RunResult)
    document = json.loads((kept.path / "result.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(kept.to_dict()))
    for name in ("leader_regret_relative", "follower_gap_relative", "certified"):
        assert getattr(kept, name) == document[name] == getattr(kept.judgement, name)
    assert kept.learned.leader_cost == document["learned"]["provider_cost"]
    assert kept.equilibrium.leader_cost == document["equilibrium"]["provider_cost"]
    assert kept.run.meter.passes == document["passes"] > 0 and kept.run.follower is None


def test_a_kept_run_has_all_that_the_command_writes(kept):
    names = {path.name for path in kept.path.iterdir()}
    assert {"config.json", "metrics.jsonl", "checkpoints", "result.json", "run.png", "report.html"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)


def test_the_same_arguments_give_the_same_result_kept_or_not(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    again = run("nano-gpt5", "evolution", seed=3, **QUICK)
    assert again.path is None and clockless(again) == clockless(kept)
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_is_judged_and_not_made_again(kept, monkeypatch):
    monkeypatch.setattr(Evolution, "learn", lambda self: pytest.fail("it has learned"))
    assert run("nano-gpt5", "evolution", seed=3, out=kept.path, **QUICK).to_dict() == kept.to_dict()


def test_another_run_does_not_take_its_directory(kept):
    with pytest.raises(ParameterError, match="out must be"):
        run("nano-gpt5", "evolution", seed=4, out=kept.path, **QUICK)


def test_a_learner_may_be_a_class_of_ones_own():
    result = run("nano-gpt5", Mine, seed=3, **QUICK)
    assert result.document["learner"] == f"{__name__}:Mine"
    assert issubclass(Mine, Learner)


def test_names_are_those_of_scenarios():
    game = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))
    assert run(game, "evolution", **QUICK).document["scenario"] is None
    assert run(Scenario("mine", game, "of a test"), "evolution", **QUICK).document["scenario"] == "mine"


def test_games_outside_routing_are_played():
    result = run(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1))), "evolution", **QUICK)
    assert result.equilibrium.leader_cost == pytest.approx(-3.5)


@pytest.mark.parametrize("before", [1, 2])
def test_torch_computes_in_one_thread_for_as_long_as_it_learns(before, monkeypatch):
    """Sums have one order then; whoever calls has its own number of threads again, also after an error."""
    seen = []

    def learn(self):
        seen.append(torch.get_num_threads())
        raise RuntimeError("enough")

    monkeypatch.setattr(Evolution, "learn", learn)
    own = torch.get_num_threads()
    torch.set_num_threads(before)
    try:
        with pytest.raises(RuntimeError, match="enough"):
            run("nano-gpt5", "evolution", **QUICK)
        assert seen == [1] and torch.get_num_threads() == before
    finally:
        torch.set_num_threads(own)


def test_it_runs_in_any_thread():
    """Only the main thread may heed Ctrl-C; the others do without."""
    found = []
    thread = threading.Thread(target=lambda: found.append(run("nano-gpt5", "evolution", seed=3, **QUICK)))
    thread.start()
    thread.join()
    assert len(found) == 1


def test_limits_stop_a_run():
    assert run("nano-gpt5", "evolution", max_passes=1, **QUICK).document["stopped"] == "max_passes"


@pytest.mark.parametrize(
    "wrong,said",
    [
        ({"game": "nowhere"}, "scenario must be one of"),
        ({"game": 3}, "game must be"),
        ({"learner": "sarsa"}, "learner must be one of"),
        ({"seed": -1}, "seed must be"),
        ({"generation": 3}, "options must be of follower, generations, .*got 'generation'"),
        ({"generations": 0}, "generations must be"),
        ({"max_passes": 0}, "max_passes must be"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_anything_is_written(tmp_path, wrong, said):
    arguments = {"game": "nano-gpt5", "learner": "evolution", "out": tmp_path / "run", **QUICK, **wrong}
    with pytest.raises(ParameterError, match=said):
        run(arguments.pop("game"), arguments.pop("learner"), **arguments)
    assert not (tmp_path / "run").exists()

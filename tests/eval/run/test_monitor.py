"""A run that is watched: Ctrl-C is heeded between updates, and what is shown is what was written."""

import json
import signal
import threading
from dataclasses import replace
from types import SimpleNamespace

import plugins
import pytest

from routegame.envs.commitment import RoutingGame
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.run import monitor as module
from routegame.eval.run.monitor import Monitor

GAME = RoutingGame("nano-gpt5")


@pytest.fixture(scope="module")
def judge():
    return RoutingJudge(GAME)


class Board:
    """Stands in for TensorBoard's writer."""

    def __init__(self):
        self.points, self.closed = [], False

    def add(self, figures, step):
        self.points.extend((step, name, value) for name, value in figures.items())

    def close(self):
        self.closed = True


def watched(path, judge, steps=2, **options):
    learner = plugins.Plain(GAME, plugins.PlainOptions(steps=steps), 0)
    training = SimpleNamespace(learner=learner, seconds=0.0)
    options = {"events": None, "title": "a run", "shown": False} | options
    return learner, Monitor(options.pop("events"), path, judge, training, options.pop("title"), **options)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_ctrl_c_is_heeded_after_the_update_under_way(tmp_path, judge):
    before = signal.getsignal(signal.SIGINT)
    learner, monitor = watched(tmp_path / "metrics.jsonl", judge)
    with pytest.raises(KeyboardInterrupt), monitor:
        signal.raise_signal(signal.SIGINT)
        monitor(learner.update())
        pytest.fail("it goes on")
    assert [line["update"] for line in lines(tmp_path / "metrics.jsonl")] == [1], "what was done is written down"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_is_heeded_at_once(tmp_path, judge):
    _, monitor = watched(tmp_path / "metrics.jsonl", judge)
    with pytest.raises(KeyboardInterrupt), monitor:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it waits")


def test_signals_are_left_alone_in_other_threads(tmp_path, judge):
    handlers = []

    def run():
        learner, monitor = watched(tmp_path / "metrics.jsonl", judge)
        with monitor:
            handlers.append(signal.getsignal(signal.SIGINT))
            monitor(learner.update())

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert handlers == [before] and len(lines(tmp_path / "metrics.jsonl")) == 1


def test_figures_go_onto_the_board_at_their_passes(tmp_path, judge, monkeypatch):
    board, opened = Board(), []
    monkeypatch.setattr(module, "EventFile", lambda directory, purge: opened.append((directory, purge)) or board)
    learner, monitor = watched(tmp_path / "metrics.jsonl", judge, events=tmp_path)
    with monitor:
        while not learner.finished:
            monitor(learner.update())
    assert opened == [(tmp_path, None)] and board.closed
    for line in lines(tmp_path / "metrics.jsonl"):
        there = {name: value for step, name, value in board.points if step == line["passes"]}
        assert there.pop("speed/passes_per_second") > 0
        assert there == {name: line[name] for name in there} and "regret/relative" in there


def test_a_run_that_goes_on_forgets_what_will_be_done_again(tmp_path, judge, monkeypatch):
    path = tmp_path / "metrics.jsonl"
    learner, monitor = watched(path, judge)
    with monitor:
        monitor(learner.update())
    opened = []
    monkeypatch.setattr(module, "EventFile", lambda directory, purge: opened.append(purge) or Board())
    training = SimpleNamespace(learner=learner, seconds=0.0)
    with Monitor(tmp_path, path, judge, training, "a run", shown=False) as again:
        again(learner.update())
    assert opened == [lines(path)[0]["passes"] + 1]


@pytest.mark.parametrize("shown", [True, False])
def test_the_bar_says_how_far_a_run_is(tmp_path, judge, capsys, shown):
    learner, monitor = watched(tmp_path / "metrics.jsonl", judge, shown=shown)
    with monitor:
        while not learner.finished:
            monitor(learner.update())
    out, err = capsys.readouterr()
    assert out == "" and ("a run" in err and "100%" in err and "leader: regret " in err) == shown


@pytest.mark.parametrize(("passes", "told"), [(21_340, "0.021 M passes/s"), (26_400_000, "26 M passes/s")])
def test_slow_learners_have_a_speed_too(tmp_path, judge, capsys, passes, told):
    learner, monitor = watched(tmp_path / "metrics.jsonl", judge, shown=True)
    with monitor:
        snapshot = replace(learner.update(), passes=passes)
        monitor.show(snapshot, {"regret/relative": 0.1}, 1.0)
    assert told in capsys.readouterr().err

"""What a run leaves behind as it goes: a line an evaluation, judged exactly, and none twice however often it dies."""

import copy
import json
from types import SimpleNamespace

import numpy as np
import plugins
import pytest

from routegame import Game, best_response, solve
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.run.recorder import Recorder
from routegame.train.learner import Snapshot

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
BOX = RoutingGame(GAME)


@pytest.fixture(scope="module")
def judge():
    return RoutingJudge(BOX)


def run(path, judge, learner, *, every=1, seconds=0.0, killed_at=None):
    """Let a learner go on to its end as `Training` does, or up to the update after which it is killed."""
    training = SimpleNamespace(learner=learner, seconds=seconds)
    told = []
    with Recorder(path, judge, training, every) as recorder:
        while not learner.finished:
            told.append(recorder(learner.update()))
            if learner.updates == killed_at:
                break
    return recorder, told


def plain(steps=8):
    return plugins.Plain(BOX, plugins.PlainOptions(steps=steps), 0)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def timeless(path):
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines(path)]


def test_a_line_says_how_good_the_commitment_is(tmp_path, judge):
    """Under the exact best answer, whatever the users of the run do; and how far these are from it."""
    learner = plain(1)
    respond = learner.respond
    commitment = Commitment(1, 0.02, (1, 2))  # users leave, at their best; here they stay
    snapshot = Snapshot("leader", 100, respond, commitment, {"entropy": 0.5})
    training = SimpleNamespace(learner=learner, seconds=0.0)
    with Recorder(tmp_path / "metrics.jsonl", judge, training) as recorder:
        told = recorder(snapshot)
    (line,) = lines(tmp_path / "metrics.jsonl")
    best = float(best_response(GAME, 1, 0.02))
    cost, least = 1 + 15 * 0.9, float(solve(GAME).equilibrium.provider_cost)
    stays, leaves = (float(outcome(GAME, 1, 0.02, q).user_utility) for q in (0.0, 1.0))
    assert best == 1
    assert told == line["regret/relative"] == pytest.approx(cost / least - 1)
    assert line["regret/provider_cost"] == pytest.approx(cost)
    assert line["follower_gap/relative"] == pytest.approx((leaves - stays) / 0.9)
    assert (line["update"], line["phase"], line["passes"], line["leader/entropy"]) == (1, "leader", 100, 0.5)
    assert (line["commitment/route"], line["commitment/cascade_prob"], line["learned/abandon_prob"]) == (1, 0.02, 0)
    assert 0 <= line["seconds"] < 60


def test_answers_to_all_commitments_are_left_out_where_one_is_judged(tmp_path, monkeypatch):
    """They would take longer than all the rest."""
    judge = RoutingJudge(BOX)
    monkeypatch.setattr(judge, "random_gap", lambda respond: pytest.fail("it was asked for"))
    run(tmp_path / "metrics.jsonl", judge, plain(1))
    assert len(lines(tmp_path / "metrics.jsonl")) == 1


def test_before_there_is_a_leader_users_are_judged_everywhere(tmp_path, judge):
    """No regret is told, so that no limit stops the run."""
    training = SimpleNamespace(learner=plain(), seconds=0.0)
    with Recorder(tmp_path / "metrics.jsonl", judge, training) as recorder:
        told = recorder(Snapshot("follower", 7, lambda offers: np.ones(len(offers)), None, {"loss": 2.0}))
    (line,) = lines(tmp_path / "metrics.jsonl")
    assert told is None
    assert line["follower_gap/anywhere"] == judge.random_gap(lambda offers: np.ones(len(offers))) > 0
    assert set(line) == {"update", "phase", "passes", "seconds", "follower_gap/anywhere", "follower/loss"}


@pytest.mark.parametrize("every,judged", [(1, range(1, 9)), (3, [3, 6, 8]), (4, [4, 8]), (100, [8])])
def test_so_many_updates_are_judged_once_and_the_last_always(tmp_path, judge, every, judged):
    recorder, told = run(tmp_path / "metrics.jsonl", judge, plain(), every=every)
    found = lines(tmp_path / "metrics.jsonl")
    assert [line["update"] for line in found] == list(judged)
    assert [k for k, regret in enumerate(told, start=1) if regret is not None] == list(judged)
    assert [line["regret/relative"] for line in found] == [regret for regret in told if regret is not None]
    assert (recorder.num_seen, recorder.went_on) == (8, False)


def test_a_line_is_on_disk_as_soon_as_it_is_written(tmp_path, judge):
    learner = plain()
    path = tmp_path / "metrics.jsonl"
    with Recorder(path, judge, SimpleNamespace(learner=learner, seconds=0.0)) as recorder:
        for number in (1, 2):
            recorder(learner.update())
            assert len(lines(path)) == number


def test_what_is_shown_is_what_was_written(tmp_path, judge):
    shown = []

    class Shows(Recorder):
        def show(self, snapshot, figures, seconds):
            shown.append({**figures, "seconds": seconds, "passes": snapshot.passes})

    learner = plain(2)
    with Shows(tmp_path / "metrics.jsonl", judge, SimpleNamespace(learner=learner, seconds=0.0)) as recorder:
        while not learner.finished:
            recorder(learner.update())
    for line, said in zip(lines(tmp_path / "metrics.jsonl"), shown, strict=True):
        assert said == {name: value for name, value in line.items() if name not in ("update", "phase")}


def gone_on(path, judge, checkpoint, *, every=1, seconds=0.0):
    """Another process goes on from a learner's state."""
    learner = plain()
    learner.restore(checkpoint)
    return run(path, judge, learner, every=every, seconds=seconds)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("saved,killed_at", [(0, 2), (3, 3), (3, 7), (6, 8), (8, 8)])
def test_a_run_that_was_stopped_leaves_the_lines_of_one_that_was_not(tmp_path, judge, every, saved, killed_at):
    """It goes on from update `saved`; what it had done beyond that is done again, and not written twice."""
    straight, broken = tmp_path / "straight.jsonl", tmp_path / "broken.jsonl"
    run(straight, judge, plain(), every=every)
    learner = plain()
    checkpoint = copy.deepcopy(learner.state())
    if saved:
        run(broken, judge, learner, every=every, killed_at=saved)
        checkpoint = copy.deepcopy(learner.state())
    if killed_at > saved:
        run(broken, judge, learner, every=every, killed_at=killed_at)
    recorder, _ = gone_on(broken, judge, checkpoint, every=every)
    assert timeless(broken) == timeless(straight)
    assert recorder.num_seen == 8
    assert recorder.went_on == (saved >= every)


def test_nothing_is_lost_by_a_process_that_dies_before_its_first_line(tmp_path, judge):
    """Killed at once after it went on: what was there is there, whole, at every moment."""
    path, learner = tmp_path / "metrics.jsonl", plain()
    run(path, judge, learner, killed_at=5)
    before = path.read_text()
    with path.open() as old:
        recorder = Recorder(path, judge, SimpleNamespace(learner=learner, seconds=0.0))
        assert path.read_text() == before  # nobody has left the `with`, and nothing more was written
        assert old.read() == before  # never was it empty, or half there
    with recorder:
        recorder(learner.update())
    assert [line["update"] for line in lines(path)] == [1, 2, 3, 4, 5, 6]
    assert [left.name for left in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_a_run_that_begins_anew_leaves_nothing_of_an_old_file(tmp_path, judge):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"update": 0}\n{"update": 1}\n')
    recorder, _ = run(path, judge, plain(2))
    assert not recorder.went_on
    assert [line["update"] for line in lines(path)] == [1, 2]


@pytest.mark.parametrize(
    "torn",
    [
        '{"update": 4, "phase": "lea',
        '{"update": 4}',
        "\n",
        '{"phase": "leader"}\n',
        "[4]\n",
        '{"update": "x"}\n',
        "4\n",
    ],
)
@pytest.mark.parametrize("every,killed_at", [(1, 3), (3, 6)])
def test_a_line_that_was_being_written_when_the_process_died_is_dropped(tmp_path, judge, torn, every, killed_at):
    """Whatever is no whole line of an update, up to the one that the run goes on from, is made anew."""
    straight, broken = tmp_path / "straight.jsonl", tmp_path / "broken.jsonl"
    run(straight, judge, plain(), every=every)
    learner = plain()
    run(broken, judge, learner, every=every, killed_at=killed_at)
    with broken.open("a") as file:
        file.write(torn)
    gone_on(broken, judge, learner.state(), every=every)
    assert timeless(broken) == timeless(straight)


def test_no_more_lines_are_kept_than_updates_were_made(tmp_path, judge):
    path, learner = tmp_path / "metrics.jsonl", plain()
    run(path, judge, learner, killed_at=3)
    with path.open("a") as file:
        file.write('{"update": 2}\n')
    gone_on(path, judge, learner.state())
    assert [line["update"] for line in lines(path)] == list(range(1, 9))


def test_a_file_that_was_lost_begins_where_the_run_goes_on(tmp_path, judge):
    learner = plain()
    run(tmp_path / "first.jsonl", judge, learner, killed_at=5)
    recorder, _ = gone_on(tmp_path / "other.jsonl", judge, learner.state())
    assert [line["update"] for line in lines(tmp_path / "other.jsonl")] == [6, 7, 8]
    assert not recorder.went_on


def test_seconds_go_on_without_the_time_that_the_run_was_stopped_for(tmp_path, judge):
    path, learner = tmp_path / "metrics.jsonl", plain()
    run(path, judge, learner, killed_at=4)
    gone_on(path, judge, learner.state(), seconds=1000.0)
    seconds = [line["seconds"] for line in lines(path)]
    assert seconds == sorted(seconds)
    assert seconds[3] < 60 < 1000 < seconds[4] < seconds[7] < 1060


def test_an_interruption_closes_the_file_and_goes_on(tmp_path, judge):
    learner = plain()
    recorder = Recorder(tmp_path / "metrics.jsonl", judge, SimpleNamespace(learner=learner, seconds=0.0))
    with pytest.raises(KeyboardInterrupt), recorder:
        recorder(learner.update())
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="closed"):
        recorder(learner.update())
    assert len(lines(tmp_path / "metrics.jsonl")) == 1

"""A simulated log is of the game, the commitments and the users that it was asked for."""

from dataclasses import replace

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.log.simulated import TASKS_AT_ONCE, LogPlan, Segment, commitment, simulate_log, write_log
from routegame.envs.checks import ParameterError

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))


def columns(plan):
    pieces = list(simulate_log(plan))
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def near(count, trials, probability, errors=5):
    return abs(count - trials * probability) <= errors * np.sqrt(trials * probability * (1 - probability)) + 1e-9


def test_frequencies_are_those_of_the_game():
    s = 0.2
    log = columns(LogPlan(GAME, ((1, s),), num_tasks=40_000, temperature=1.0, seed=1))
    for k in (1, 2):
        of_model = log["model"] == k
        assert near(log["success"][of_model].sum(), of_model.sum(), GAME.success_prob[k - 1])
        for name, mean in (("latency", GAME.latency[k - 1]), ("cost", GAME.cost[k - 1])):
            assert abs(log[name][of_model].mean() - mean) < 5 * 0.5 * mean / np.sqrt(of_model.sum())
    failed = ~log["success"]
    assert near((log["next"][failed] == 2).sum(), failed.sum(), quantal_response(GAME, 1, s, 1.0))
    retried = np.flatnonzero((log["next"] == 1) & (log["model"] == 1))
    assert near((log["model"][retried + 1] == 2).sum(), len(retried), s)


def test_a_task_goes_on_until_it_is_solved_or_left():
    log = columns(LogPlan(GAME, ((1, 0.3), (2, 0.0)), num_tasks=2000, temperature=1.0, seed=2))
    starts = np.flatnonzero(log["pass"] == 1)
    assert np.array_equal(log["task"][starts], np.arange(2000))
    last = np.append(starts[1:], len(log["task"])) - 1
    assert (log["success"][last] ^ (log["next"][last] == 2)).all()
    inner = np.setdiff1d(np.arange(len(log["task"])), last)
    assert (log["next"][inner] == 1).all() and (log["task"][inner] == log["task"][inner + 1]).all()
    assert (log["pass"][inner + 1] == log["pass"][inner] + 1).all()
    assert (log["model"][inner + 1] >= log["model"][inner]).all()


def test_users_at_their_best_are_on_either_side_of_the_threshold():
    log = columns(LogPlan(GAME, ((1, 0.04), (1, 0.05)), num_tasks=2000))
    left = log["next"] == 2
    assert left.any() and (log["cascade_prob"][left] == 0.04).all()
    assert not ((log["cascade_prob"] == 0.04) & (log["next"] == 1)).any()


def test_a_task_that_is_cut_off_has_no_next():
    log = columns(LogPlan(GAME, ((1, 0.5),), num_tasks=2000, max_passes=3))
    cut = ~log["success"] & (log["next"] == 0)
    assert cut.any() and (log["pass"][cut] == 3).all() and log["pass"].max() == 3


def test_segments_and_spread_make_users_differ():
    plan = LogPlan(
        GAME, ((1, 0.0), (1, 0.3)), num_tasks=20_000, temperature=1.0, segments=(Segment("a"), Segment("b", 3, 2.0))
    )
    log = columns(plan)
    assert near((log["segment"][log["pass"] == 1] == 1).sum(), 20_000, 0.75)
    failed = ~log["success"] & (log["cascade_prob"] == 0.3)
    for k, scale in enumerate((1.0, 2.0)):
        of = failed & (log["segment"] == k)
        game = replace(GAME, task_value=9.0 * scale)
        assert near((log["next"][of] == 2).sum(), of.sum(), quantal_response(game, 1, 0.3, 1.0))
    spread = columns(replace(plan, segments=(), value_spread=1.0, num_users=50))
    assert len(np.unique(spread["user"])) == 50
    first, later = (
        spread["next"][~spread["success"] & chosen] == 2 for chosen in (spread["pass"] == 1, spread["pass"] > 3)
    )
    assert first.mean() > later.mean() + 0.03  # who stays is patient


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    plan = LogPlan(GAME, num_tasks=500, temperature=1.0)
    for name, which in (("a.csv", plan), ("b.csv", plan), ("c.csv", replace(plan, seed=1))):
        write_log(which, tmp_path / name)
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv"))
    assert a == b != c
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "c.csv"]


def test_long_logs_come_in_pieces_that_fit_together():
    log = columns(LogPlan(GAME, ((1, 1.0),), num_tasks=TASKS_AT_ONCE + 10))
    assert np.array_equal(np.unique(log["task"]), np.arange(TASKS_AT_ONCE + 10))


@pytest.mark.parametrize(
    "options",
    [
        {"game": Game([9, 10], 15, (0.1, 0.3), (1, 2), (1, 3.6))},
        {"commitments": ()},
        {"commitments": ((3, 0.0),)},
        {"commitments": ((1, 1.5),)},
        {"num_tasks": 0},
        {"temperature": -1.0},
        {"num_users": 0},
        {"noise": -1},
        {"seed": -1},
        {"max_passes": 0},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(options):
    with pytest.raises(ParameterError):
        LogPlan(**({"game": GAME} | options))


@pytest.mark.parametrize("spec", ["", "a:0", "a:1:2:3", "a:x", ":1"])
def test_a_segment_is_a_name_and_up_to_two_numbers(spec):
    with pytest.raises(ParameterError, match="segment must be"):
        Segment.parse(spec)


@pytest.mark.parametrize("spec", ["3", "1:2", "1:x", "1:nan", ""])
def test_a_commitment_is_a_route_and_a_probability(spec):
    with pytest.raises(ParameterError, match="commitment must be"):
        commitment(spec)


def test_a_file_of_another_kind_is_not_written(tmp_path):
    with pytest.raises(ParameterError, match="out must be a file whose name ends in"):
        write_log(LogPlan(GAME), tmp_path / "log.xlsx")

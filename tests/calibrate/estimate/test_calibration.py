"""From a log to its game: estimates are the log's own, checks fail where they should, commands say what is agreed."""

import csv
import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from routegame import Game, solve
from routegame.calibrate.decide.advice import advise
from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, Segment, write_log

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
PLAN = LogPlan(GAME, ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0)), num_tasks=8000, temperature=0.5, seed=5)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    write_log(replace(PLAN, segments=(Segment("a"), Segment("b", 1))), path)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A log without segments, whose one V is quicker to find than three."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    write_log(PLAN, path)
    return path


@pytest.fixture(scope="module")
def found(path):
    with open_log(path) as log:
        return calibrate(log, 15.0)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_estimates_are_the_log_s_own_rates(path, found):
    log = rows(path)
    for k, name in enumerate("12"):
        passes = [row for row in log if row["model"] == name]
        for field, column in (("success_prob", "success"), ("latency", "latency"), ("cost", "cost")):
            estimate = getattr(found.whole, field)[k]
            assert estimate.value == pytest.approx(np.mean([float(row[column]) for row in passes]))
            assert abs(estimate.value - getattr(GAME, field)[k]) < 2 * (estimate.high - estimate.low)
    failed = [row for row in log if row["success"] == "0"]
    left = [row for row in failed if row["next"] == "leave"]
    assert found.whole.abandon_prob.value == pytest.approx(len(left) / len(failed))
    chances = [(a, b) for a, b in pairwise(log) if a["next"] == "retry" and a["model"] == "1"]
    moves = [b for _, b in chances if b["model"] == "2"]
    assert found.whole.cascade_prob.value == pytest.approx(len(moves) / len(chances))
    for arm in found.in_force.arms:
        of = [row for row in failed if float(row["cascade_prob"]) == arm.cascade_prob] if arm.route == 1 else []
        of = [row for row in of if arm.route == 1 and row["cascade_prob"] != "0.0"]
        if of:
            assert arm.abandon_prob == pytest.approx(np.mean([row["next"] == "leave" for row in of]))


def test_a_calibration_outlives_its_log(path, found):
    """It holds no database, so that it can be sent to another process."""
    kept = pickle.loads(pickle.dumps(found))
    log = rows(path)
    assert (kept.log.path, kept.log.models) == (path, ("1", "2"))
    assert (kept.log.num_passes, kept.log.num_tasks) == (len(log), len({row["task"] for row in log}))
    assert kept.log.dropped.message == ""
    assert kept.to_dict() == found.to_dict()


def test_segments_have_games_of_their_own(found):
    values = [task_value.estimate for task_value in found.segment_task_values]
    assert [estimates.name for estimates in found.segments] == ["a", "b"]
    assert sum(estimates.tasks for estimates in found.segments) == found.whole.tasks == 8000
    assert all(value.low * 0.95 < 9 < value.high * 1.05 for value in values)
    assert all(estimates.abandon_prob.low < estimates.abandon_prob.high for estimates in found.segments)


def test_segments_that_differ_have_no_common_value(tmp_path):
    """Pooled, they may look like users of more than either value: who stays is counted more often."""
    plan = replace(PLAN, num_tasks=4000, segments=(Segment("a", 1, 0.75), Segment("b")))
    write_log(plan, tmp_path / "log.parquet")
    with open_log(tmp_path / "log.parquet") as log:
        found = calibrate(log, 15.0)
    first, second = (task_value.estimate for task_value in found.segment_task_values)
    assert first.low < 6.75 < first.high < second.low < 9 < second.high
    whole = found.task_value
    assert not whole.identified and (whole.estimate.low, whole.estimate.high) == (first.low, second.high)
    assert "differs between segments" in whole.reason
    check = found.assumptions[-1]
    assert (check.name, check.holds) == ("one_value", False) and "as much to b as to a" in check.explanation


def test_in_force_is_what_tasks_cost_on_average(path, found):
    """In the log itself: passes paid for and users lost, a task."""
    log = rows(path)
    cost = sum(float(row["cost"]) for row in log) + 15 * sum(row["next"] == "leave" for row in log)
    assert found.in_force.provider_cost == pytest.approx(cost / 8000, rel=0.01)


def test_the_equilibrium_is_that_of_the_most_likely_game(found):
    document = found.to_dict()
    game = Game(**document["game"])
    assert document["equilibrium"] == solve(game).to_dict()["equilibrium"]


def test_all_assumptions_hold_in_a_log_of_the_game(found):
    names = [check.name for check in found.assumptions]
    assert names == [
        "iid_success",
        "success_after_handover",
        "constant_hazard",
        "blind_to_model",
        "constant_cascade",
        "stated_cascade",
        "no_hand_back",
        "stationary_latency",
        "stationary_cost",
        "response_fits",
        "one_value",
    ]
    assert [check.name for check in found.assumptions if not check.holds] == []
    assert all(0 <= check.p_value <= 1 and check.explanation.endswith(".") for check in found.assumptions)


def log_of(draw, num_tasks=3000, seed=0):
    """Rows of a log made by a function of (rng, pass, state) -> model, latency, cost, success, next, state."""
    rng = np.random.default_rng(seed)
    for task in range(num_tasks):
        number, state, answer = 1, None, "retry"
        while answer == "retry":
            model, latency, cost, success, answer, state = draw(rng, task / num_tasks, number, state)
            yield [task, number, model, latency, cost, int(success), "" if success else answer]
            answer = "" if success else answer
            number += 1


def draw(rng, when, number, state, *, chance=None, leave=None, drift=0.0, back=False, move=None):
    """One pass of a game with s = 0.3, spoiled in one way."""
    model = 1 if state is None else state
    p = chance(model, number) if chance else (0.2, 0.4)[model - 1]
    success = rng.random() < p
    q = leave(model, number) if leave else 0.3
    answer = "leave" if rng.random() < q else "retry"
    s = move(number) if move else 0.3
    after = 2 if model == 2 or rng.random() < s else 1
    if back and model == 2:
        after = 1
    return model, rng.gamma(4) * (1 + drift * when), 1.0, success, answer, after


SPOILED = [
    ("iid_success", {"chance": lambda model, number: 0.4 if number == 1 else 0.2}, "harder"),
    ("iid_success", {"chance": lambda model, number: 0.2 if number == 1 else 0.4}, "gain from the failure"),
    ("constant_hazard", {"leave": lambda model, number: 0.5 if number == 1 else 0.2}, "are patient"),
    ("constant_hazard", {"leave": lambda model, number: 0.1 if number == 1 else 0.4}, "wears out"),
    ("blind_to_model", {"leave": lambda model, number: 0.1 if model == 1 else 0.4}, "which one answers"),
    ("constant_cascade", {"move": lambda number: 0.1 if number == 1 else 0.8}, "no single cascade probability"),
    ("stationary_latency", {"drift": 2.0}, "mixes different times"),
    ("no_hand_back", {"back": True}, "answered again"),
    (None, {}, ""),
]


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("name,spoil,said", SPOILED, ids=[f"{name} {said}" for name, _, said in SPOILED])
def test_a_violated_assumption_is_found(tmp_path, name, spoil, said):
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["task", "pass", "model", "latency", "cost", "success", "next"])
        writer.writerows(log_of(lambda *given: draw(*given, **spoil)))
    with open_log(path) as log:
        found = calibrate(log, 1.0)
    failed = {check.name: check for check in found.assumptions if not check.holds}
    assert name in failed if name else not failed
    if name:
        assert said in failed[name].explanation


def test_a_stated_cascade_that_was_not_done_is_found(tmp_path, plain):
    spoiled = tmp_path / "log.csv"
    spoiled.write_text(plain.read_text().replace(",0.4", ",0.6"))
    with open_log(spoiled) as log:
        checks = {check.name: check for check in calibrate(log).assumptions}
    assert not checks["stated_cascade"].holds and "60.00% of retries were to be" in checks["stated_cascade"].explanation


def test_users_who_differ_untold_have_no_value_either(tmp_path):
    """Half of the users value a task four times as much as the others, and no column says who."""
    plan = replace(PLAN, num_tasks=6000, temperature=0.2, segments=(Segment("a", 1, 0.75), Segment("b", 1, 3.0)))
    write_log(plan, tmp_path / "log.csv")
    lines = (tmp_path / "log.csv").read_text().splitlines()
    (tmp_path / "log.csv").write_text("\n".join([lines[0].replace("segment", "ignored"), *lines[1:]]))
    with open_log(tmp_path / "log.csv") as log:
        found = calibrate(log, 15.0)
    failed = {check.name for check in found.assumptions if not check.holds}
    advice = advise(found, 20)
    assert {"constant_hazard", "response_fits"} & failed and advice.verdict == "refused"
    assert all(check.explanation in advice.reason for check in found.assumptions if check.name in failed)

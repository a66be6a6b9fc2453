"""The whole table of verdicts: what is sure, unsure or refused, and what is said of it."""

from itertools import product
from math import inf, nan
from types import SimpleNamespace

import pytest

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.readings import NEEDED, Trial
from routegame.calibrate.decide.sensitivity import Extreme, Sensitivity
from routegame.calibrate.decide.verdict import judged
from routegame.calibrate.estimate.assumptions import Check
from routegame.calibrate.estimate.calibration import DECISIVE
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.eval.statistics import Estimate

MODEL_1, MODEL_2, CASCADE = Offer(1, 0.0), Offer(2, 0.0), Offer(1, 0.2)


def check(name, holds=False):
    return Check(name, holds, 0.5, None, 0.0, f"The {name} is off.")


def valued(identified=True, low=7.0, high=inf):
    value = Estimate(9.0 if identified else nan, low, high)
    return TaskValueEstimate(value, identified, 0.5, 0.0, 0, "" if identified else "nobody ever left")


def decision(wrong=0.0, regret=0.0, commitment=CASCADE, between=(0.1, 0.3)):
    return SimpleNamespace(
        wrong=wrong,
        num_draws=200,
        regret=Estimate(regret / 2, 0.0, regret),
        kinds={"cascade": 0.75, "reasoning": 0.25},
        commitment=commitment,
        cascade_prob=Estimate(0.2, *between),
    )


def verdict(*, failed=(), others=(), trials=(), known=True, identified=None, decided=None, swings=()):
    """Judge a decision; decisive checks that fail are also among the assumptions, as they are in a calibration."""
    assumptions = (check("no_hand_back", holds=True), *failed, *others)
    c = SimpleNamespace(assumptions=assumptions, task_value=valued(known if identified is None else identified))
    return judged(c, decided or decision(), known, failed, trials, swings)


def trial(name, regret, best=MODEL_2):
    return Trial(name, f"{name} is read so", regret, best)


def swing(name, *regrets, best=MODEL_1):
    low, high = (Extreme(at, 10.0, best, regret) for at, regret in zip((8.0, 10.0), regrets, strict=True))
    return Sensitivity(name, low, high)


# ---- how many games the recommendation is right in


@pytest.mark.parametrize(
    "wrong,expected", [(0.0, "sure"), (0.05, "sure"), (0.0501, "unsure"), (0.5, "unsure"), (1.0, "unsure")]
)
def test_it_is_sure_if_it_is_wrong_in_one_game_of_twenty_at_most(wrong, expected):
    said, reason = verdict(decided=decision(wrong))
    assert said == expected
    number = {0.0: "none of 200", 1.0: "all 200"}.get(wrong, f"{round(200 * wrong)} of 200")
    assert f"it costs over 1 % more than the best in {number} games" in reason
    assert ("no assumption fails" in reason) == (expected == "sure")


def test_segments_with_values_of_their_own_may_be_sure():
    """One V is not needed where each segment has its own."""
    said, reason = verdict(others=(check("one_value"),), identified=False)
    assert said == "sure" and reason.endswith("Segments value a task differently: each has games of its own in that")
    said, reason = verdict(others=(check("one_value"),), identified=False, decided=decision(0.2))
    assert said == "unsure" and "Segments value a task differently" in reason
    assert "Segments" not in verdict()[1]


@pytest.mark.parametrize("name", ["stationary_latency", "stationary_cost", "stated_cascade"])
def test_other_assumptions_make_it_unsure(name):
    said, reason = verdict(others=(check(name), check("one_value")))
    assert (said, reason) == ("unsure", f"an assumption fails. The {name} is off.")


# ---- assumptions on which the answer may hang


def test_what_a_log_would_need_is_known_of_every_decisive_assumption():
    assert set(NEEDED) == set(DECISIVE)


@pytest.mark.parametrize("name", DECISIVE)
@pytest.mark.parametrize("known", [True, False])
def test_a_failed_assumption_that_suggests_no_other_reading_is_refused(name, known):
    said, reason = verdict(failed=(check(name),), known=known)
    assert said == "refused"
    assert reason == f"the log is not of this game: The {name} is off. It would take {NEEDED[name]}"


@pytest.mark.parametrize(
    "regret,best,expected,words",
    [
        (0.0, MODEL_2, "unsure", "costs at most 0 % more than the best"),
        (0.01, MODEL_2, "unsure", "costs at most 1 % more than the best"),
        (0.0101, MODEL_2, "refused", "the answer is another, and this one costs 1 % more than the best."),
        (inf, MODEL_2, "refused", "the answer is another, and this one costs ∞ more than the best."),
        (nan, None, "refused", "users' value of a task cannot be told."),
    ],
)
def test_a_failed_assumption_is_survived_where_its_readings_give_the_same_answer(regret, best, expected, words):
    for trials in (
        (trial("iid_success", regret, best),),
        (trial("iid_success", 0.0), trial("iid_success", regret, best)),
    ):
        said, reason = verdict(failed=(check("iid_success"),), trials=trials)
        assert said == expected and words in reason and "The iid_success is off." in reason
        assert ("the answer survives it" in reason) == (expected == "unsure")
        assert (NEEDED["iid_success"] in reason) == (expected == "refused")
        assert ("If iid_success is read so, " in reason) == (expected == "refused")


@pytest.mark.parametrize("first,second", list(product((0.0, 0.5, "none"), repeat=2)))
def test_of_two_failed_assumptions_both_must_be_survived(first, second):
    names = ("iid_success", "constant_hazard")
    trials = [trial(name, r) for name, r in zip(names, (first, second), strict=True) if r != "none"]
    said, reason = verdict(failed=tuple(map(check, names)), trials=trials)
    assert said == ("unsure" if first == second == 0.0 else "refused")
    assert all(f"The {name} is off." in reason for name in names)
    if said == "refused":
        assert all(NEEDED[name] in reason for name in names)
        assert reason.count("the answer is another") == [first, second].count(0.5)


def test_what_would_help_is_said_once():
    failed = (check("iid_success"), check("success_after_handover"))
    assert NEEDED["iid_success"] == NEEDED["success_after_handover"]
    assert verdict(failed=failed)[1].count(NEEDED["iid_success"]) == 1


def test_a_survived_assumption_counts_more_than_a_share_of_games():
    """And it is the worst of its readings that is told."""
    trials = (trial("iid_success", 0.002), trial("iid_success", 0.007), trial("iid_success", 0.004))
    for wrong in (0.0, 0.5):
        said, reason = verdict(failed=(check("iid_success"),), trials=trials, decided=decision(wrong))
        assert said == "unsure" and "at most 0.7 % more" in reason and "of 200 games" not in reason


# ---- users whose value of a task is not known


@pytest.mark.parametrize("regret,expected", [(0.0, "unsure"), (0.01, "unsure"), (0.0101, "refused"), (inf, "refused")])
def test_an_open_value_is_refused_where_the_answer_hangs_on_it(regret, expected):
    for wrong in (0.0, 1.0):  # how many games are drawn there says nothing
        said, reason = verdict(known=False, decided=decision(wrong, regret), others=(check("stated_cascade"),))
        assert said == expected
        assert reason.startswith("users' value of a task is not identified (at least 7): nobody ever left. ")
        if expected == "unsure":
            assert f"But whatever it is, this costs at most {100 * regret:g} % more than the best" in reason
        else:
            assert "model 1 and a cascade is best in 75 %; model 2 first is best in 25 %" in reason


# ---- what would make an unsure one sure


def doubt(*swings, **decided):
    said, reason = verdict(swings=swings, decided=decision(0.2, **decided))
    assert said == "unsure"
    return reason.partition("well be of. ")[2]


def test_without_anything_to_blame_a_longer_log_helps():
    assert doubt() == "A log four times as long would halve its intervals"
    none = doubt(swing("latency_1", 0.01, 0.0), swing("cost_2", 0.0, 0.005))
    assert none == "No single number is to blame; a log four times as long would halve all intervals"


@pytest.mark.parametrize("end,at", [(0, "8"), (1, "10")])
def test_the_number_that_most_hangs_on_is_named(end, at):
    regrets = [0.02, 0.02]
    regrets[end] = 0.3
    said = doubt(swing("cost_1", 0.1, 0.1), swing("latency_2", *regrets), swing("success_prob_1", 0.1, 0.2))
    assert said == (
        f"Most hangs on the latency of model 2: at {at}, an end of its interval, model 1 throughout would be best and"
        " this costs 30 % more than the best; a log four times as long would halve its interval"
    )


def test_a_penalty_is_nobody_s_estimate():
    """However much hangs on it, no log tells it."""
    assert "latency of model 1" in doubt(swing("churn_penalty", 0.9, 0.9), swing("latency_1", 0.02, 0.0))
    assert "No single number" in doubt(swing("churn_penalty", 0.9, 0.9), swing("latency_1", 0.0, 0.0))


@pytest.mark.parametrize("name", ["task_value", "temperature"])
@pytest.mark.parametrize(
    "commitment,between,users",
    [
        (CASCADE, (0.1, 0.3), "cascade probabilities of 10 % and 30 %"),
        (CASCADE, (0.0, 0.3), "model 1 first and 20 % of retries handed over and another commitment"),
        (CASCADE, (0.2, 0.2), "model 1 first and 20 % of retries handed over and another commitment"),
        (CASCADE, (nan, nan), "model 1 first and 20 % of retries handed over and another commitment"),
        (MODEL_1, (0.1, 0.3), "model 1 throughout and another commitment"),
        (MODEL_2, (0.1, 0.3), "model 2 first and another commitment"),
    ],
)
def test_users_side_by_side_tell_what_users_want(name, commitment, between, users):
    """More of the same would tell it worse."""
    said = doubt(swing(name, 0.05, 0.0, best=MODEL_2), commitment=commitment, between=between)
    assert "model 2 first would be best and this costs 5 % more than the best" in said
    assert said.endswith(f"users under {users} side by side would tell it better than more of the same")

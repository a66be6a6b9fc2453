"""Advice in words: what to do comes first, and every turn that an answer can take is said in full."""

import re
from dataclasses import replace
from math import nan

import pytest
from advised import with_in_force

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.show.text import advice_text, in_plain_words
from routegame.eval.statistics import Estimate


def test_plain_words_come_first(advice):
    text = advice_text(advice)
    words = in_plain_words(advice)
    assert (
        words[0].startswith("Give every task to model 1")
        and "saves" in words[0]
        and words[1].startswith("This is sure")
    )
    flat = " ".join(text.split())
    assert flat.index(words[0][:60]) < flat.index("The game, with 95 % intervals")
    assert "in none of 40 games" in flat and "What matters" in flat


def sure(value, low=None, high=None):
    return Estimate(value, value if low is None else low, value if high is None else high)


def decided(advice, **changes):
    """The same advice with another decision, which is the recommendation."""
    decision = replace(advice.decision, **changes)
    return replace(advice, decision=decision)


@pytest.mark.parametrize(
    "commitment,said",
    [
        (Offer(2, 0.0), "Give every task to model 2."),
        (Offer(1, 0.0), "Give every task to model 1, and hand no retry over to model 2."),
        (Offer(1, 0.25), "Give every task to model 1 first, and hand 25 % of retries over to model 2."),
    ],
)
def test_it_says_what_to_do(advice, commitment, said):
    changed = decided(advice, commitment=commitment)
    assert changed.recommended == commitment
    assert in_plain_words(changed)[0].startswith(f"{said} A task then costs ")


def test_a_gain_is_said_in_money_and_in_percent(advice):
    words = in_plain_words(decided(advice, saving=sure(2.0, 1.5, 2.5), in_force_cost=sure(8.0)))[0]
    assert words.endswith("That saves 2 (1.5 to 2.5) a task, 25 %.")


@pytest.mark.parametrize("saving,gains", [((0.01, -1, 1), False), ((0.01, 0.005, 1), True), ((1.0, -1, 3), True)])
def test_no_gain_is_called_certainty_where_it_is_small_and_may_be_none(advice, saving, gains):
    """Within 1 % of what is in force, and an interval that holds 0: one of both is not enough."""
    words = in_plain_words(decided(advice, saving=sure(*saving), in_force_cost=sure(8.0)))[0]
    assert ("That saves" in words) == gains == ("nothing to gain but certainty" not in words)


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"throttling_gain": sure(2.0), "safe_penalty": sure(30.0)}, "would save 2 "),
        ({"throttling_gain": sure(0.0), "safe_penalty": sure(-1.0)}, "would not pay, whatever a lost task costs."),
        ({"throttling_gain": sure(0.0), "safe_penalty": sure(7.0)}, "It would if a lost task cost less than 7"),
    ],
)
def test_it_says_whether_slowing_models_down_is_a_temptation(advice, changes, said):
    assert said in in_plain_words(decided(advice, **changes))[2]


@pytest.mark.parametrize("more,said", [(0.0, "Users could not wish for"), (1.5, "it would be worth 1.5")])
def test_it_says_what_users_would_like(advice, more, said):
    assert said in in_plain_words(decided(advice, misalignment=sure(more)))[2]


def test_reasons_are_sentences(advice):
    first = replace(advice, verdict="unsure", reason="Two of 40 games say otherwise.")
    assert in_plain_words(first)[1] == "This is not sure: two of 40 games say otherwise."
    refused = in_plain_words(replace(advice, verdict="refused", reason="the answer is another"))
    assert refused[0] == "Nothing is recommended. The answer is another."
    assert refused[1].startswith("What is in force costs ")


def test_what_is_in_force_has_no_cost_where_nobody_knows_it(advice):
    unknown = replace(with_in_force(advice, provider_cost=nan), verdict="refused", decision=None)
    assert len(in_plain_words(unknown)) == 1


def test_what_is_in_force_costs_what_the_decision_compares_with(advice):
    """One thing has one cost, also where the calibration by itself has another."""
    text = advice_text(with_in_force(advice, provider_cost=77.0, user_utility=66.0))
    assert f"the provider pays {advice.decision.in_force_cost.value:.4g} a task" in text
    assert f"users' utility is {advice.decision.in_force_utility.value:.4g}" in text


def test_every_part_has_its_lines(advice):
    """As many commitments in force as there are, up to five; every check; every number that was moved."""
    lines = advice_text(advice).splitlines()
    assert sum(" tasks: route " in line for line in lines) == len(advice.calibration.in_force.arms) == 4
    checks = [line for line in lines if line.startswith(("  holds  ", "  FAILS  "))]
    assert len(checks) == len(advice.calibration.assumptions)
    start = next(k for k, line in enumerate(lines) if line.startswith("What matters"))
    moved = [line for line in lines[start + 1 : lines.index("", start)] if re.match(r"  (the|how) ", line)]
    assert len(moved) == len(advice.sensitivities) == 9
    many = with_in_force(advice, arms=advice.calibration.in_force.arms * 2)
    assert "  and 3 more commitments" in advice_text(many).splitlines()


def test_it_says_that_users_differ_and_how_many_stay(differing, advice):
    flat = " ".join(advice_text(differing).split())
    assert "Users differ in what a solved task is worth to them." in flat
    assert "that is the median log-normal, the logarithm with a standard deviation of 0." in flat
    assert "users who would stay" in flat and "What would be best for such users if they answered without noise" in flat
    assert "Users differ" not in advice_text(advice)

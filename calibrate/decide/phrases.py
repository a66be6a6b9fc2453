"""Numbers, commitments and doubts in words, as text and page of an advice say them alike."""

from __future__ import annotations

from math import inf, isnan

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.eval.statistics import LEVEL, Estimate
from routegame.numerals import as_shown, handed_over, percent

NAMES = {
    "task_value": "the value of a solved task",
    "temperature": "the noise of users' answers",
    "churn_penalty": "the cost of a lost task",
    **{f"success_prob_{k}": f"how often model {k} succeeds" for k in (1, 2)},
    **{f"latency_{k}": f"the latency of model {k}" for k in (1, 2)},
    **{f"cost_{k}": f"the cost of model {k}" for k in (1, 2)},
}
"""Names of the game's numbers in a sentence."""

KINDS = {"standard": "model 1 throughout", "cascade": "model 1 and a cascade", "reasoning": "model 2 first"}
"""Names of kinds of commitments."""

REGIMES = {
    "value-value": "both models",
    "value-latency": "model 1 only",
    "latency-value": "model 2 only",
    "latency-latency": "neither model",
}
"""Models of which a pass is worth its wait, by the signs of the net values."""


def title_of(model: str) -> str:
    """A model's name within a sentence."""
    return f"model {model}" if model in ("1", "2") else model


def share_of(share: float, decision: Decision) -> str:
    """A share of the drawn games, as their number."""
    number, total = round(share * decision.num_draws), decision.num_draws
    return f"all {total} games" if number == total else f"{number or 'none'} of {total} games"


def in_words(commitment: Offer, digits: int = 3) -> str:
    """A commitment within a sentence, its share to so many digits."""
    if commitment.route == 2:
        return "model 2 first"
    if not commitment.cascade_prob:
        return "model 1 throughout"
    return f"model 1 first and {handed_over(commitment.cascade_prob, digits)} of retries handed over"


def bounds(value: Estimate) -> str:
    """A set of V in words."""
    low, high = float(value.low), float(value.high)
    if low == 0:
        return "any number" if high == inf else f"at most {high:.4g}"
    return f"at least {low:.4g}" if high == inf else f"{low:.4g} to {high:.4g}"


def regret_text(decision: Decision) -> str:
    """How much more than the best the recommendation costs, over the drawn games."""
    few = "all games" if decision.plug_in is None else f"{percent((1 + LEVEL) / 2, 3)} of games"
    average, most = percent(decision.expected_regret), percent(float(decision.regret.high))
    return f"{average} on average, and at most {most} in {few}"


def value_text(task_value: TaskValueEstimate, noise: Estimate | None = None, *, explain: bool = True) -> str:
    """V with its interval, or what is known of it and why no more is.

    The noise is that of the drawn games, with its interval, or without them the likeliest.
    """
    value = task_value.estimate
    if task_value.identified:
        said = f"{task_value.temperature:.3g}" if noise is None else range_text(noise, 3)
        return f"{range_text(value)}, with a noise of {said}"
    return f"{bounds(value)}: not identified{f', for {as_shown(task_value.reason)}' if explain else ''}"


def range_text(estimate: Estimate, digits: int = 4) -> str:
    """A number and its interval, to so many digits."""
    if isnan(float(estimate.value)):
        return "not seen"
    value, low, high = (f"{float(x):.{digits}g}" for x in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"

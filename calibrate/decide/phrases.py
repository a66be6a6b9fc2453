"""Numbers, commitments and doubts in words, as text and page of an advice say them alike."""

from __future__ import annotations

from math import inf, isnan

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.eval.statistics import Estimate
from routegame.numerals import as_shown, handed_over

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


def worst_of(decision: Decision) -> str:
    """Words for how bad a case the upper end of the interval of regret is."""
    return "at worst" if decision.plug_in is None else "in the worst of forty"


def value_text(task_value: TaskValueEstimate, *, explain: bool = True) -> str:
    """V with its interval, or what is known of it and why no more is."""
    value = task_value.estimate
    if task_value.identified:
        return f"{range_text(value)}, with a noise of {task_value.temperature:.3g}"
    return f"{bounds(value)}: not identified{f', for {as_shown(task_value.reason)}' if explain else ''}"


def range_text(estimate: Estimate) -> str:
    """A number and its interval."""
    if isnan(float(estimate.value)):
        return "not seen"
    return f"{float(estimate.value):.4g} ({float(estimate.low):.4g} to {float(estimate.high):.4g})"

"""Numbers, commitments and doubts in words, as text and page of an advice say them alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, isfinite, isnan

import numpy as np
from numpy.typing import ArrayLike

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.menu_decision import MenuDecision
from routegame.calibrate.decide.menu_offers import MenuOffer
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.eval.claims import shown_from, shown_up_to
from routegame.eval.statistics import LEVEL, SUCCESS, Estimate
from routegame.numerals import as_shown, handed_over, number, percent, rounded_prob, written

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


def share_of(share: float, decision: Decision | MenuDecision) -> str:
    """A share of the drawn games, as their number."""
    number, total = round(share * decision.num_draws), decision.num_draws
    return f"all {total} games" if number == total else f"{number or 'none'} of {total} games"


def in_words(commitment: Offer) -> str:
    """A commitment within a sentence; its share is short from the beginning, see `Offer.cascade`."""
    if commitment.route == 2:
        return "model 2 first"
    if not commitment.cascade_prob:
        return "model 1 throughout"
    return f"model 1 first and {handed_over(commitment.cascade_prob)} of retries handed over"


def offer_words(commitment: Offer | MenuOffer, titles: Sequence[str]) -> str:
    """A commitment to two models in the paper's order, or to any number in any, within a sentence."""
    return in_words(commitment) if isinstance(commitment, Offer) else commitment.words(titles)


def bounds(value: Estimate) -> str:
    """A set of V in words."""
    low, high = float(value.low), float(value.high)
    least, most = written(shown_up_to(low, 4)), written(high if high == inf else shown_from(high, 4))
    if low == 0:
        return "any number" if high == inf else f"at most {most}"
    return f"at least {least}" if high == inf else f"{least} to {most}"


def seen(cascade_prob: float, stated: ArrayLike = (), others: Sequence[float] = ()) -> str:
    """A share of retries that were handed over: in full as a log states it, else to four digits, or more.

    It is said beside the share of users who left, which may be another one just below.

    Args:
        cascade_prob: the share.
        stated: those that the log states.
        others: those that stand beside it, from which it is told apart.

    >>> seen(0.07832425, [0.07832425]), seen(0.07832425), seen(0.07832425, others=[0.07832])
    ('7.832425 %', '7.832 %', '7.8324 %')
    """
    if cascade_prob in np.asarray(stated):
        return handed_over(cascade_prob)
    apart = min((abs(other - cascade_prob) for other in others if other != cascade_prob), default=inf)
    return handed_over(rounded_prob(cascade_prob, 4, lambda short: abs(short - cascade_prob) < apart / 2))


def around(low: float, high: float, digits: int) -> tuple[str, str]:
    """The ends of an interval of cascade probabilities: what lies in it, lies between them."""
    least, most = rounded_prob(low, digits, lambda s: s <= low), rounded_prob(high, digits, lambda s: s >= high)
    return handed_over(least), handed_over(most)


def regret_text(decision: Decision | MenuDecision) -> str:
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


def spread_text(median: Estimate, log_sd: Estimate) -> str:
    """How users differ in V."""
    value, sd = float(median.value), float(log_sd.value)
    low, high = value * np.exp(-sd), value * np.exp(sd)
    return (
        f"log-normal, the logarithm with a standard deviation of {range_text(log_sd, 3)}: to two in three users it is"
        f" worth {low:.3g} to {high:.3g}"
    )


def percent_text(share: Estimate) -> str:
    """A share and its interval in percent."""
    value, low, high = (percent(float(x), 3) for x in (share.value, share.low, share.high))
    return f"{value} ({low} to {high})"


def range_text(estimate: Estimate, digits: int = 4) -> str:
    """A number and its interval, to so many digits."""
    if isnan(float(estimate.value)):
        return "not seen"
    value, low, high = (number(x, digits) for x in (estimate.value, estimate.low, estimate.high))
    return f"{value} ({low} to {high})"


def saving_words(cost: Estimate, in_force_cost: Estimate, saving: Estimate) -> str:
    """What a task costs where tasks differ, what it costs now, and what that saves, in a sentence or two."""
    costs = f"A task then costs {range_text(cost)}, lost users included"
    was = f"what is in force costs {range_text(in_force_cost)}"
    before = float(in_force_cost.value)
    if abs(float(saving.value)) <= SUCCESS * abs(before) and saving.low <= 0 <= saving.high:
        return f"{costs}; {was}, so there is nothing to gain but certainty."
    share = float(saving.value) / before if before else 0.0
    return f"{costs}; {was}. That saves {range_text(saving)} a task, {percent(share)}."


def least_text(estimate: Estimate) -> str:
    """A number from which on something holds, and its interval, as `range_text`: none is less than what it stands for.

    >>> least_text(Estimate(0.381412, 0.295112, 0.482912))
    '0.3815 (0.2952 to 0.483)'
    """
    return _one_sided(estimate, lambda value: shown_from(value, 4))


def most_text(estimate: Estimate) -> str:
    """A number below which something holds, and its interval, as `range_text`: none is more than what it stands for.

    >>> most_text(Estimate(0.381472, 0.295172, 0.482972))
    '0.3814 (0.2951 to 0.4829)'
    """
    return _one_sided(estimate, lambda value: shown_up_to(value, 4))


def _one_sided(estimate: Estimate, shown: Callable[[float], float]) -> str:
    ends = (float(end) for end in (estimate.value, estimate.low, estimate.high))
    return "{} ({} to {})".format(*(written(shown(end) if isfinite(end) else end) for end in ends))

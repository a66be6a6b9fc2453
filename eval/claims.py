"""Claims about commitments: what is said of one where it is shown, and the short numbers at which that is true.

Whoever reads a commitment may type it back, and at a threshold a hair's breadth decides whether users stay. So what is
shown is rounded, see `routegame.numerals.rounded`, to numbers at which users answer as is said beside it, exactly, and
the provider's cost is the number that stands beside it, up to one unit of its last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routegame.agents.exact.best_response import Thresholds, best_response
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.users.information import HistoryProfile, history_response, model_response
from routegame.agents.users.robust import RobustEquilibrium, robust_provider_cost
from routegame.envs.chain import outcome, outcome_after
from routegame.envs.game import Game, Information
from routegame.numerals import NO_DISTANCE, agrees, rounded, rounded_prob, rounded_together

Answers = tuple[float, ...]
"""How users answer: a probability of leaving, one after a failure of each model, or a number of failures."""


@dataclass(frozen=True)
class Shown:
    """Numbers of a commitment as they are shown.

    Attributes:
        cascade_prob: short where it matters, else as it is.
        throttled_latency: of each model; as they are where none is slowed down.
    """

    cascade_prob: float
    throttled_latency: tuple[float, float]


def shown_commitment(game: Game, profile: RoutingProfile, digits: int, cost_digits: int) -> Shown:
    """Return the numbers of a profile's commitment as they are to be shown.

    At them users' best answer is what it is at the profile's own, and under that, or under the answer of the profile
    where it is another, the provider pays what is shown, up to one unit of the last digit.

    Args:
        game: a single one, at its own latencies.
        profile: whose answer tells what its users see.
        digits: significant ones to begin with, and of the answer of users who mix.
        cost_digits: digits of the cost that is shown beside it.

    >>> from routegame.agents.exact.equilibrium import solve
    >>> game = Game(120, 0.10, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))  # s_0 = 0.07832424…
    >>> shown_commitment(game, solve(game).equilibrium, digits=3, cost_digits=4).cascade_prob
    0.0784
    """
    route, s = int(profile.route), float(profile.cascade_prob)
    t1, t2 = (float(t) for t in profile.throttled_latency)
    least = tuple(float(t) for t in game.latency)
    slowed, hands_over = (t1, t2) != least, route == 1 and not profile.cascade_free
    consequences = _consequences(game, profile)
    answers, cost = consequences(s, (t1, t2))

    def holds(cascade_prob: float, latency: tuple[float, float]) -> bool:
        found, paid = consequences(cascade_prob, latency)
        return _alike(found, answers, digits) and agrees(paid, cost, cost_digits)

    if not slowed:
        return Shown(rounded_prob(s, digits, lambda short: holds(short, (t1, t2))) if hands_over else s, (t1, t2))
    if not hands_over or s in (0, 1):
        first, second = rounded_together(
            (t1, t2), digits, lambda t: t[0] >= least[0] and t[1] >= least[1] and holds(s, (t[0], t[1]))
        )
        return Shown(s, (first, second))
    handed, first, second = rounded_together(
        (s, t1, t2),
        digits,
        lambda x: 0 < x[0] < 1 and x[1] >= least[0] and x[2] >= least[1] and holds(x[0], (x[1], x[2])),
    )
    return Shown(handed, (first, second))


def rests_on_a_tie(game: Game, profile: RoutingProfile) -> bool:
    """Whether users of a profile do as the provider likes because they do not care, and stay where nobody asks.

    So it is where a net value is 0: no commitment makes such users leave, whatever its digits.

    Args:
        game: a single one, at its own latencies.
        profile: an equilibrium.

    >>> from routegame.agents.exact.equilibrium import solve
    >>> indifferent = Game(10, 1, (0.1, 0.3), (1, 2), (1, 3))
    >>> rests_on_a_tie(indifferent, solve(indifferent).equilibrium)
    True
    """
    if not isinstance(profile.abandon_prob, float) or profile.abandon_prob not in (0, 1):
        return False
    slowed, kind = game.with_latency(profile.throttled_latency), _information_of(profile)
    answer = _answers(slowed, kind, int(profile.route), float(profile.cascade_prob))[0]
    return profile.abandon_prob == 1 and answer != 1


def shown_thresholds(game: Game, at: Thresholds, information: Information, digits: int) -> dict[str, float]:
    """Return the thresholds that a single game has as they are to be shown, by name.

    At s_0 and s_L as shown users stay after every failure of model 1, at s_H they leave after the first.

    Args:
        game: a single one.
        at: its thresholds for users who see `information`.
        information: what users see besides the commitment.
        digits: significant ones to begin with.
    """

    def stays(s: float) -> bool:
        return _answers(game, information, 1, s)[0] in (0.0, np.inf)

    def leaves(s: float) -> bool:
        return _answers(game, information, 1, s)[0] == 1.0

    claims = {"s_0": stays, "s_L": stays, "s_H": leaves}
    known = {name: float(value) for name, value in vars(at).items() if value == value}
    return {name: rounded_prob(value, digits, claims[name]) for name, value in known.items()}


def shown_robust(game: Game, found: RobustEquilibrium, digits: int, cost_digits: int) -> float:
    """Return the cascade probability of a single robust equilibrium on route 1 as it is to be shown.

    At it the provider pays at worst what is shown, up to one unit of the last digit.
    """
    worst = float(found.provider_cost)
    return rounded_prob(
        float(found.cascade_prob),
        digits,
        lambda s: agrees(float(robust_provider_cost(game, 1, s, found.delta)), worst, cost_digits),
    )


def shown_range(ends: tuple[float, float], digits: int) -> tuple[float, float]:
    """Return the ends of a range in which something holds as they are to be shown: inside of it.

    >>> shown_range((92.2524, 195.82), 3), shown_range((0, float("inf")), 3)
    ((92.3, 195.0), (0, inf))
    """
    low, high = ends
    return (
        rounded(low, digits, lambda value: low <= value <= high) if low else low,
        rounded(high, digits, lambda value: low <= value <= high) if np.isfinite(high) else high,
    )


def shown_from(least: float, digits: int) -> float:
    """Return a number from which on something holds as it is to be shown: no less.

    >>> shown_from(0.381412, 3)
    0.382
    """
    return rounded(least, digits, lambda value: value >= least)


def shown_up_to(most: float, digits: int) -> float:
    """Return a number up to which something holds as it is to be shown: no more.

    >>> shown_up_to(0.381612, 3)
    0.381
    """
    return rounded(most, digits, lambda value: value <= most)


def _consequences(game: Game, profile: RoutingProfile) -> Callable[[float, tuple[float, float]], tuple[Answers, float]]:
    """Return what tells users' best answers and the provider's cost, by cascade probability and latencies in force."""
    route, kind = int(profile.route), _information_of(profile)
    answers = _answers(game.with_latency(profile.throttled_latency), kind, route, float(profile.cascade_prob))
    given = None if kind != "memoryless" or answers == (profile.follower_answer,) else (profile.follower_answer,)

    def consequences(s: float, latency: tuple[float, float]) -> tuple[Answers, float]:
        slowed = game.with_latency(latency)
        best = _answers(slowed, kind, route, s)
        played = best if given is None else given
        if kind == "history":
            return best, float(outcome_after(slowed, route, s, played[0]).provider_cost)
        first, *rest = played
        return best, float(outcome(slowed, route, s, (first, rest[0]) if rest else first).provider_cost)

    return consequences


def _information_of(profile: RoutingProfile) -> Information:
    if isinstance(profile, HistoryProfile):
        return "history"
    return "model" if isinstance(profile.abandon_prob, tuple) else "memoryless"


def _answers(game: Game, information: Information, route: int, s: float) -> Answers:
    """Users' best answers to a commitment, by what they see."""
    if information == "history":
        return (float(history_response(game, route, s)),)
    if information == "model":
        first, second = model_response(game, route, s)
        return float(first), float(second)
    return (float(best_response(game, route, s)),)


def _alike(found: Answers, said: Answers, digits: int) -> bool:
    """Whether users answer as is said: who stays or leaves for certain does, who mixes does so about as often."""
    return all(
        mine == theirs
        or (0 < theirs < 1 and 0 < mine < 1 and (abs(mine - theirs) <= NO_DISTANCE or agrees(mine, theirs, digits)))
        for mine, theirs in zip(found, said, strict=True)
    )

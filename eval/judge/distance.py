"""How far a learned profile is from what it should be, once a run is over.

A `Judgement` has the regret to the strong equilibrium, in which indifferent users act as the provider likes. Here is
the rest: what users cost who act as it dislikes, or answer only nearly at their best; how far the commitment is from
the set of all that are optimal, not from one of them; and how far the users are from what they would choose.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, isnan
from typing import Protocol

from routegame.agents.exact.best_response import thresholds
from routegame.agents.exact.cells import kind_of
from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.agents.users.robust import robust_provider_cost
from routegame.envs.commitment import RoutingGame
from routegame.envs.game import Game
from routegame.eval.judge.judgement import Judgement, ratio

SLIGHT = 0.01
"""Users who leave, or stay, this rarely count as never doing it; and a slow-down past what is optimal by this share of
V p as none."""


class ExactFacts(Protocol):
    """Yardstick of distances: this much of a `routegame.eval.judge.routing_judge.RoutingJudge`."""

    routing: RoutingGame

    @property
    def solution(self) -> Solution:
        """Everything that is known exactly about the game."""

    @property
    def delta(self) -> float:
        """Utility that robust users may forgo of their best, in units of latency."""

    @property
    def robust_optimum(self) -> RoutingProfile:
        """The commitment that is cheapest at worst over all answers within `delta` of the best."""


@dataclass(frozen=True)
class Distance:
    """Distances of a learned profile from the equilibria, under exact answers except where it says otherwise.

    Attributes:
        weak_regret: J of the commitment when indifferent users act as the provider dislikes, less the weak
            equilibrium's, in units of cost. At s_0 itself it is the whole jump.
        weak_regret_relative: the same divided by that cost.
        robust_delta: δ, what robust users may forgo of their best utility, in units of latency.
        robust_regret: worst J of the commitment over all answers within δ of the best, less that of the commitment
            for which it is least, in units of cost.
        robust_regret_relative: the same divided by that cost.
        route_right: whether the route is the equilibrium's.
        cascade_distance: from the cascade probability to the nearest that is optimal, 0 where it is free; None on the
            wrong route.
        throttle_right: whether models are slowed as they are in an equilibrium: enough, and not more than 1 % of V p
            past what is as cheap for the provider. None without throttling, and on the wrong route.
        throttle_distance: the largest distance of a latency to the nearest that is optimal, divided by V p; only of
            models that tasks reach in equilibrium. None likewise.
        kind: of the commitment, see `routegame.envs.scenarios.Kind`: of the candidates on the piece of [0, 1] that it
            is on, where users answer alike, the nearest.
        best_kind: of the equilibrium.
        kind_right: whether the two are the same.
        misalignment_gap: utility that users would have if they chose the commitment, less what the learned users get,
            in units of latency.
        best_misalignment_gap: the same in equilibrium.
    """

    weak_regret: float
    weak_regret_relative: float
    robust_delta: float
    robust_regret: float
    robust_regret_relative: float
    route_right: bool
    cascade_distance: float | None
    throttle_right: bool | None
    throttle_distance: float | None
    kind: str
    best_kind: str
    kind_right: bool
    misalignment_gap: float
    best_misalignment_gap: float

    @classmethod
    def of(cls, judge: ExactFacts, judgement: Judgement[RoutingProfile]) -> Distance:
        """Measure what a judgement is about.

        The first call for a judge takes some hundredths of a second, to find what is best against robust users.

        >>> from routegame.envs.commitment import Commitment, RoutingGame
        >>> from routegame.eval.judge.routing_judge import RoutingJudge
        >>> judge = RoutingJudge(RoutingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))))  # s_0 = 0.0411
        >>> commitment = Commitment.unthrottled(judge.routing.game, 1, 0.05)
        >>> found = Distance.of(judge, judge.judge(commitment, judge.best_answer))
        >>> found.route_right, found.kind, round(found.cascade_distance, 4), round(found.robust_regret, 4)
        (True, 'cascade', 0.0089, 0.0085)
        """
        learned, best, solution = judgement.learned, judgement.equilibrium, judge.solution
        game, route, s = judge.routing.game.with_latency(learned.throttled_latency), learned.route, learned.cascade_prob
        weak_best, robust_best = float(solution.weak_provider_cost), float(judge.robust_optimum.provider_cost)
        weak_regret = float(robust_provider_cost(game, route, s, 0.0)) - weak_best
        robust_regret = float(robust_provider_cost(game, route, s, judge.delta)) - robust_best
        route_right = learned.route == best.route
        short, beyond = _throttle_distances(game, best) if judge.routing.throttling and route_right else (None, None)
        kind, best_kind = _kind(game, judgement), _best_kind(best)
        return cls(
            weak_regret=weak_regret,
            weak_regret_relative=ratio(weak_regret, abs(weak_best)),
            robust_delta=judge.delta,
            robust_regret=robust_regret,
            robust_regret_relative=ratio(robust_regret, abs(robust_best)),
            route_right=route_right,
            cascade_distance=_cascade_distance(game, learned, best) if route_right else None,
            throttle_right=None if short is None or beyond is None else short == 0 and beyond <= SLIGHT,
            throttle_distance=None if short is None or beyond is None else max(short, beyond),
            kind=kind,
            best_kind=best_kind,
            kind_right=kind == best_kind,
            misalignment_gap=float(solution.user_preferred.user_utility - learned.user_utility),
            best_misalignment_gap=float(solution.misalignment_gap),
        )

    def to_dict(self) -> dict[str, object]:
        """Return the distances as plain values, ready for JSON."""
        return asdict(self)


def _cascade_distance(game: Game, learned: RoutingProfile, best: RoutingProfile) -> float:
    """Return the distance from the learned cascade probability to the nearest optimal one, at the latencies in force.

    Where users leave in equilibrium every s at which they do is as good: below s_0, from s_H on, or any.
    """
    s, low, high = learned.cascade_prob, best.cascade_prob, best.cascade_prob
    if best.route == 2 or best.cascade_free:
        return 0.0
    if best.abandon_prob == 1:
        at, (xi1, xi2) = thresholds(game), game.net_value
        if xi1 <= 0 and xi2 <= 0:
            low, high = 0.0, 1.0
        elif xi1 < 0:
            low, high = 0.0, at.s_0
        elif xi2 < 0:
            low, high = at.s_H, 1.0
    return float(max(low - s, s - high, 0.0))


def _throttle_distances(game: Game, best: RoutingProfile) -> tuple[float, float]:
    """Return how far latencies in force are short of the optimal ones, and beyond; relative to V p, largest of each.

    The provider does not care how long users wait, but what they do. Where they leave in equilibrium they may be made
    to wait longer, and where they stay with one model as long as a pass is worth its wait.
    """
    cascades = best.route == 1 and best.cascade_prob > 0 and best.abandon_prob != 1
    short = beyond = 0.0
    for k in (0, 1) if cascades else (best.route - 1,):
        worth, least = float(game.task_value * game.success_prob[k]), float(best.throttled_latency[k])
        most = inf if best.abandon_prob == 1 else least if cascades else worth
        latency = float(game.latency[k])
        short, beyond = max(short, (least - latency) / worth), max(beyond, (latency - most) / worth)
    return short, beyond


def _best_kind(best: RoutingProfile) -> str:
    return str(kind_of(best.route, best.cascade_prob, best.abandon_prob))


def _kind(game: Game, judgement: Judgement[RoutingProfile]) -> str:
    """The kind of a learned commitment, which is never quite at 0, s_0 or s_L, at the latencies in force."""
    route, s, q = judgement.learned.route, judgement.learned.cascade_prob, judgement.best_abandon_prob
    best, at = judgement.equilibrium, thresholds(game)
    if route == best.route and q == 1 == best.abandon_prob:
        return _best_kind(best)  # all cascades that drive users off are one
    if route == 2:
        return "reasoning"
    if not isnan(at.s_0):
        return "standard" if q == 1 else "cascade"
    if not isnan(at.s_L):
        slight = 0.0 if _best_kind(best) == "mixed" else SLIGHT
        if q >= 1 - slight:
            return "leave"
        return "mixed" if q > slight else "standard" if s < at.s_L / 2 else "cascade"
    return "standard" if q == 1 or s < 0.5 else "cascade"

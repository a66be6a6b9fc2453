"""The judge of the routing game: its exact measures, and what can be said of a profile there alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import ClassVar, TypeGuard

from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.agents.exact.solved_game import Profile
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.agents.rules import RULES
from routegame.agents.users.kinds import ExactFollower, Follower, RobustFollower, follower_optimum
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.document import Document
from routegame.envs.stackelberg import Response, Single
from routegame.eval.claims import shown_commitment
from routegame.eval.judge.account import Account, CostPicture
from routegame.eval.judge.distance import Distance
from routegame.eval.judge.judgement import Finding, Judge, Judgement, finite, ratio
from routegame.eval.judge.routing_account import (
    COST_DIGITS,
    DIGITS,
    commitment_words,
    models_of,
    routing_account,
    routing_picture,
    units_of,
)
from routegame.numerals import amount, handed_over, percent, written_amount

DELTA = 0.01
"""Robust users may forgo this share of V p, of what a pass of the model that the equilibrium starts with is worth."""

NEAR = 0.05
"""Cascade probabilities this close belong to the same edge."""


class RoutingJudge(Judge[RoutingProfile]):
    """Judges profiles of one routing game.

    Args:
        game: as it is played, with the commitments that were allowed.

    Attributes:
        routing: the game, as given.
    """

    FOLLOWERS: ClassVar[str] = "users"
    ANSWERING: ClassVar[str] = "users answer"

    def __init__(self, game: RoutingGame) -> None:
        self.routing = game
        self._solved = SolvedRouting(game)
        super().__init__(self._solved)

    @property
    def solution(self) -> Solution:
        """Everything that is known exactly about the game, with throttling where that is allowed."""
        return self._solved.solution

    @property
    def delta(self) -> float:
        """Utility that robust users may forgo of their best, in units of latency; see `DELTA`."""
        game, route = self.routing.game, int(self.solution.equilibrium.route)
        return float(DELTA * game.task_value * game.success_prob[route - 1])

    @cached_property
    def robust_optimum(self) -> RoutingProfile:
        """The commitment that is cheapest at worst over all answers within `delta` of the users' best; found once."""
        return follower_optimum(self.routing, RobustFollower(self.delta))

    def judge(self, commitment: Single, respond: Response, *, everywhere: bool = True) -> Judgement[RoutingProfile]:
        """Judge a commitment and the users' learned answers, see `Judge`."""
        found = super().judge(commitment, respond, everywhere=everywhere)
        if not found.learned.route == 1 == found.equilibrium.route:
            return found
        return replace(found, cascade_margin=float(found.learned.cascade_prob - found.equilibrium.cascade_prob))

    def baselines(self) -> dict[str, float]:
        """Return the relative leader regret of every rule of `routegame.agents.rules`, and of a random commitment."""
        judged = {
            name: self.judge(rule(self.routing), self.best_answer, everywhere=False) for name, rule in RULES.items()
        }
        return {name: found.leader_regret_relative for name, found in judged.items()} | super().baselines()

    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return commitment and outcome, by name."""
        learned, margin = own(judgement).learned, judgement.cascade_margin
        return {
            "commitment/route": int(learned.route),
            "commitment/cascade_prob": float(learned.cascade_prob),
            "commitment/throttled_latency_1": float(learned.throttled_latency[0]),
            "commitment/throttled_latency_2": float(learned.throttled_latency[1]),
            **({} if margin is None else {"commitment/cascade_margin": margin}),
            "learned/abandon_prob": learned.follower_answer,
            "learned/provider_cost": learned.leader_cost,
            "learned/user_utility": learned.follower_utility,
        }

    def distances(self, judgement: Judgement[Profile], users: Follower) -> dict[str, object]:
        """Return distances from all equilibria, and the regret against users who do not give their best response."""
        judged = own(judgement)
        return {**Distance.of(self, judged).to_dict(), **self._against(users, judged.learned)}

    def _against(self, users: Follower, learned: RoutingProfile) -> dict[str, object]:
        if isinstance(users, ExactFollower):
            return {}
        optimum = follower_optimum(self.routing, users)
        regret = learned.leader_cost - optimum.leader_cost
        return {
            "follower_optimum": asdict(optimum),
            "follower_regret": regret,
            "follower_regret_relative": ratio(regret, abs(optimum.leader_cost)),
        }

    def findings(self, judgement: Judgement[Profile]) -> list[Finding]:
        """Return what is wrong with where the leader ended."""
        return _findings(own(judgement))

    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, in words; models and units are those of the scenario of that name."""
        profile = own_profile(profile)
        models = models_of(name)
        latency_unit, cost_unit = units_of(name)
        shown = shown_commitment(self.routing.game, profile, DIGITS, COST_DIGITS)
        slowed = {
            f"latency of {model}": written_amount(latency, latency_unit)
            for model, latency in zip(models, shown.throttled_latency, strict=True)
        }
        return {
            "first model": models[int(profile.route) - 1],
            "failures handed to the second model": _handed_over(profile, shown.cascade_prob),
            "users who leave after a failure": percent(profile.follower_answer, 3),
            "tasks solved in the end": percent(profile.solve_prob, 3),
            "cost of a task": amount(profile.provider_cost, cost_unit, COST_DIGITS),
            "users' utility": amount(profile.user_utility, latency_unit, 4),
            **(slowed if self.routing.throttling else {}),
        }

    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of commitments and answers."""
        first, second = learned["throttled_latency"]
        return {
            "route": learned["route"],
            "cascade_prob": learned["cascade_prob"],
            "throttled_latency_1": first,
            "throttled_latency_2": second,
            "abandon_prob": learned["abandon_prob"],
            "equilibrium_route": equilibrium["route"],
            "equilibrium_cascade_prob": equilibrium["cascade_prob"],
        }

    def read_profile(self, plain: Document) -> RoutingProfile:
        """Return the profile that `result.json` has there."""
        first, second = map(finite, plain["throttled_latency"])
        numbers = ("cascade_prob", "abandon_prob", "solve_prob", "expected_latency", "expected_cost")
        return RoutingProfile(
            route=_route(plain["route"]),
            throttled_latency=(first, second),
            cascade_free=bool(plain["cascade_free"]),
            **{name: finite(plain[name]) for name in (*numbers, "user_utility", "provider_cost")},
        )

    def read_commitment(self, row: Document) -> Commitment:
        """Return the commitment that the row of a finished run has."""
        latency = finite(row["throttled_latency_1"]), finite(row["throttled_latency_2"])
        return Commitment(_route(row["route"]), finite(row["cascade_prob"]), latency)

    def commitment_words(self, commitment: Single) -> str:
        """Return route and cascade probability."""
        return commitment_words(self._solved, commitment)

    def account(self, name: str | None) -> Account:
        """Return the game in words; models and units are those of the scenario of that name."""
        return routing_account(self._solved, name)

    def cost_pictures(
        self, name: str, ended: Sequence[Single] = (), believed: Response | None = None
    ) -> list[CostPicture]:
        """Return the provider's cost over the cascade probability on route 1, route 2 aside."""
        return [routing_picture(self._solved, name, ended, believed)]


def _findings(judged: Judgement[RoutingProfile]) -> list[Finding]:
    learned, best = judged.learned, judged.equilibrium
    if learned.route != best.route:
        return [
            Finding(
                "wrong route basin",
                f"It ended on route {learned.route} and the equilibrium is on route {best.route}: no small change of"
                " a commitment leads there, start more leaders on that route.",
            )
        ]
    slower = max(float(t - other) for t, other in zip(best.throttled_latency, learned.throttled_latency, strict=True))
    if best.abandon_prob == 1 and judged.best_abandon_prob < 1 and slower > 0:
        return [
            Finding(
                "throttling missed",
                "It would pay to slow a model down until users leave, and it stopped short of that: start some leaders"
                " there.",
            )
        ]
    margin = judged.cascade_margin
    if margin is None or best.cascade_free:
        return []
    if judged.best_abandon_prob != best.abandon_prob and abs(margin) <= NEAR:
        return [
            Finding(
                "wrong side of the cliff",
                f"Its cascade probability is {margin:+.2g} from the equilibrium's, where perfect users answer"
                f" {judged.best_abandon_prob:.2f} instead of {best.abandon_prob:.2f}: let it keep a margin.",
            )
        ]
    if 0 < abs(margin) <= NEAR:
        return [
            Finding(
                "margin too wide",
                f"It stops {abs(margin):.2g} from the edge, on the right side: narrow its exploration further.",
            )
        ]
    return []


def _route(value: object) -> int:
    if value not in (1, 2):
        raise ValueError("no route")
    return 1 if value == 1 else 2


def _is_own(judgement: Judgement[Profile]) -> TypeGuard[Judgement[RoutingProfile]]:
    return isinstance(judgement.learned, RoutingProfile)


def own(judgement: Judgement[Profile]) -> Judgement[RoutingProfile]:
    """Return a judgement as one of the routing game, which it must be.

    Raises:
        ParameterError: it is of another game.
    """
    if not _is_own(judgement):
        raise _stranger(judgement.learned)
    return judgement


def own_profile(profile: Profile) -> RoutingProfile:
    """Return a profile as one of the routing game, which it must be.

    Raises:
        ParameterError: it is of another game.
    """
    if not isinstance(profile, RoutingProfile):
        raise _stranger(profile)
    return profile


def _stranger(profile: Profile) -> ParameterError:
    return ParameterError("profile", "one of the routing game", type(profile).__name__)


def _handed_over(profile: RoutingProfile, cascade_prob: float) -> str:
    return "-" if profile.route == 2 else "any" if profile.cascade_free else handed_over(cascade_prob)

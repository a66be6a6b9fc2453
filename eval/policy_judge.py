"""Judges a policy that answers many games of two models: exactly, under exact best responses, game by game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from routegame.agents.amortised import AmortisedPolicy
from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.chain import outcome
from routegame.envs.game import PER_MODEL, Game
from routegame.eval.judge.judgement import CERTIFICATE


@dataclass(frozen=True)
class PolicyJudgement:
    """What a policy came to in many games; arrays (num_games,).

    Attributes:
        regret: cost above the equilibrium's, under the exact best response, relative to the latter.
        follower_gap: utility that the learned users leave on the table, relative to what is at stake.
    """

    regret: FloatArray
    follower_gap: FloatArray

    def within(self, share: float) -> float:
        """Share of games in which the regret is at most this."""
        return float(np.mean(self.regret <= share))

    @property
    def certified(self) -> float:
        """Share of games in which the learned users are within 1 % of their best answer."""
        return float(np.mean(self.follower_gap <= CERTIFICATE))

    def to_dict(self) -> dict[str, object]:
        """Return the figures that sum it up, ready for JSON."""
        return {
            "games": len(self.regret),
            "within_1_percent": self.within(0.01),
            "within_0.1_percent": self.within(0.001),
            "median": float(np.median(self.regret)),
            "mean": float(np.mean(self.regret)),
            "worst": float(np.max(self.regret)),
            "certified": self.certified,
            "worst_follower_gap": float(np.max(self.follower_gap)),
        }


def as_batch(games: Sequence[Game]) -> Game:
    """Return single games of two models as one batch, (num_games,)."""
    columns: dict[str, object] = {}
    for field in fields(Game)[:5]:
        values = np.array([getattr(game, field.name) for game in games])
        columns[field.name] = tuple(values.T) if field.name in PER_MODEL else values
    return Game(**columns)  # type: ignore[arg-type]


def regret(game: Game, route: IntArray, cascade_prob: FloatArray) -> FloatArray:
    """Relative regret of a commitment in each game of a batch, under the exact best response, (num_games,)."""
    answer = best_response(game, route, cascade_prob)
    cost = np.asarray(outcome(game, route, cascade_prob, answer).provider_cost)
    best = np.asarray(solve(game).equilibrium.provider_cost)
    with np.errstate(divide="ignore", invalid="ignore"):
        share: FloatArray = np.where(cost > best, (cost - best) / best, 0.0)
    return share


def judge_policy(policy: AmortisedPolicy, game: Game) -> PolicyJudgement:
    """Judge a policy, and the users that it was learned with, in every game of a batch."""
    answers = policy.answers(game)
    route, s = answers.route, answers.cascade_prob
    learned = policy.abandon_prob(game, answers)
    best, played = (
        np.asarray(outcome(game, route, s, q).user_utility) for q in (best_response(game, route, s), learned)
    )
    p1, p2 = game.success_prob
    at_stake = np.maximum(np.abs(best), game.task_value * np.where(route == 1, p1, p2))
    return PolicyJudgement(regret(game, route, s), (best - played) / at_stake)

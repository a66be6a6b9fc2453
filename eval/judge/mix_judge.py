"""The judge of mixes of tasks: the same exact measures, expected over contexts, and what can be said of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np

from routegame.agents.exact.solved_game import Profile
from routegame.agents.mixes.router import router_loss
from routegame.agents.mixes.solved_mix import MixProfile, SolvedMix
from routegame.agents.users.kinds import Follower
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.document import Document
from routegame.envs.mix_game import MixCommitment, MixGame, lists_of
from routegame.envs.stackelberg import Batch, Response, Single
from routegame.envs.task_mixes import fresh_like
from routegame.eval.judge.account import Account, CostPicture
from routegame.eval.judge.judgement import NUM_RANDOM, Finding, Judge, Judgement, finite, ratio
from routegame.eval.judge.mix_account import COST_DIGITS, commitment_words, mix_account, mix_picture, shares, units_of
from routegame.eval.statistics import SUCCESS
from routegame.numerals import amount, percent, plain_percent

NUM_HELD_OUT, HELD_OUT_SEED = 2000, 2**31
"""Contexts that are drawn afresh, of a seed that no mix was drawn with."""

LEAST_RANDOM, MOST_RANDOM_BLIND = 64, 64
"""Random commitments at the least; and with blind users, whose answer to one takes milliseconds."""


class MixJudge(Judge[MixProfile]):
    """Judges profiles of one mix of tasks.

    Regret is that of the expected cost of a task. With blind users it is measured from the best policy that is known;
    `distances` say how far from the bound that is, which no policy gets below.

    Args:
        game: as it is played, with its users.

    Attributes:
        mix_game: the game, as given.
    """

    FOLLOWERS: ClassVar[str] = "users"
    ANSWERING: ClassVar[str] = "users answer"

    def __init__(self, game: MixGame) -> None:
        self.mix_game = game
        self._solved = SolvedMix(game)
        super().__init__(self._solved)

    def baselines(self) -> dict[str, float]:
        """Return the relative regret of rules that learn nothing: the best single model, the best commitment for all.

        The latter is known of sighted users and two models; last comes a random commitment.
        """
        game, judged = self.mix_game, {}
        ends = game.starts(np.array([0.0]))
        regrets = self.regrets(game.commitments(ends))
        judged["best_static"] = float(regrets.min())
        if game.users == "sighted" and game.num_models == 2:
            best = self.equilibrium.leader_cost
            judged["one_for_all"] = ratio(router_loss(game.mix).provider_cost - best, best)
        return judged | super().baselines()

    def figures(self, judgement: Judgement[Profile]) -> dict[str, float]:
        """Return outcome and shares, by name."""
        learned = own(judgement.learned)
        return {
            **{f"commitment/{name}": value for name, value in self.mix_game.figures(learned.policy.alone()).items()},
            "learned/abandon_prob": learned.abandon_prob,
            "learned/provider_cost": learned.provider_cost,
            "learned/user_utility": learned.user_utility,
            "contexts/within_1_percent": self.share_within(learned.policy),
        }

    def share_within(self, commitment: Single, tolerance: float = SUCCESS) -> float:
        """Return the share of tasks whose context costs no more than so much above its cost at the equilibrium.

        Users answer at their best.
        """
        costs = np.array(self._solved.answered(commitment).context_costs)
        best = np.array(self.equilibrium.context_costs)
        return float(self.mix_game.mix.weights @ (costs <= best * (1 + tolerance)))

    def distances(self, judgement: Judgement[Profile], users: Follower) -> dict[str, object]:
        """Return how many contexts are right, and how far the cost is from the least that is possible."""
        solution, learned = self._solved.solution, own(judgement.learned)
        return {
            "contexts_within_1_percent": self.share_within(learned.policy),
            "lower_bound": solution.lower_bound,
            "regret_to_lower_bound": self.regret_to_bound(judgement.leader_regret),
            "certificate": {"lower_bound": solution.lower_bound, "status": solution.status, "gap": solution.gap},
            "held_out": self.held_out(learned.policy),
        }

    def regret_to_bound(self, leader_regret: float) -> float:
        """Return what a commitment of that regret costs above the certified bound, as a share of the bound."""
        bound = self._solved.solution.lower_bound
        return ratio(self.equilibrium.leader_cost + leader_regret - bound, abs(bound))

    def held_out(self, commitment: MixCommitment) -> dict[str, float] | None:
        """Judge a commitment in `NUM_HELD_OUT` contexts that were never played, for users at their best.

        None where the commitment is of none but the contexts of the mix, or others cannot be drawn.
        """
        draw = fresh_like(self.mix_game.mix)
        if commitment.elsewhere is None or draw is None:
            return None
        fresh = draw(NUM_HELD_OUT, HELD_OUT_SEED)
        assert fresh.features is not None  # what is committed to elsewhere is a function of them
        judge = MixJudge(MixGame(fresh, self.mix_game.users))
        actions = commitment.elsewhere.actions(fresh.features)
        offered = lists_of(actions[None, :, 0] > 0.5, actions[None, :, 1])[0]
        return {
            "contexts": NUM_HELD_OUT,
            "leader_regret_relative": judge.regret(offered),
            "contexts_within_1_percent": judge.share_within(offered),
        }

    def findings(self, judgement: Judgement[Profile]) -> list[Finding]:
        """Return what is wrong with where the leader ended."""
        learned, best = own(judgement.learned), own(judgement.equilibrium)
        weights = self.mix_game.mix.weights
        other = learned.policy.table.start.argmax(axis=1) != best.policy.table.start.argmax(axis=1)
        exact = np.broadcast_to(self._solved.answered(learned.policy).answers, weights.shape)
        aside = ~other & (exact != np.broadcast_to(best.answers, weights.shape))
        starts = "it starts with another model than the equilibrium does: start more leaders there."
        cliff = "perfect users answer otherwise than at the equilibrium: let it keep a margin."
        found = [("wrong models", other, starts), ("wrong side of the cliff", aside, cliff)]
        return [
            Finding(name, f"In contexts of {plain_percent(float(weights @ where))} of tasks {said}")
            for name, where, said in found
            if where.any()
        ]

    def words(self, profile: Profile, name: str | None) -> dict[str, str]:
        """Return what a profile is, in words; units are those of the mix of that name."""
        found = own(profile)
        latency_unit, cost_unit = units_of(name)
        return {
            **shares(self._solved, found),
            "tasks solved in the end": percent(found.solve_prob, 3),
            "cost of a task": amount(found.provider_cost, cost_unit, COST_DIGITS),
            "users' utility": amount(found.user_utility, latency_unit, 4),
            "tasks within 1 % of their context's cost": percent(self.share_within(found.policy), 3),
        }

    def row(self, learned: Document, equilibrium: Document) -> dict[str, object]:
        """Return what the row of a run says of commitments, as points of the leader's box, and answers."""
        return {
            "abandon_prob": learned["abandon_prob"],
            "coordinates": self._point(learned),
            "equilibrium_coordinates": self._point(equilibrium),
        }

    def read_profile(self, plain: Document) -> MixProfile:
        """Return the profile that `result.json` has there."""
        numbers = ("abandon_prob", "solve_prob", "expected_latency", "expected_cost", "user_utility", "provider_cost")
        answers, costs, utilities = (
            tuple(map(finite, plain[name])) for name in ("answers", "context_costs", "context_utilities")
        )
        return MixProfile(
            policy=self._offered(plain),
            answers=answers,
            context_costs=costs,
            context_utilities=utilities,
            **{name: finite(plain[name]) for name in numbers},
        )

    def read_commitment(self, row: Document) -> MixCommitment:
        """Return the commitment that the row of a finished run has."""
        point = np.array([finite(x) for x in str(row["coordinates"]).split(", ")])
        if len(point) != self.mix_game.size or not ((point >= 0) & (point <= 1)).all():
            raise ValueError("no point of the box")
        return self.mix_game.commitments(point[None])[0]

    def commitment_words(self, commitment: Single) -> str:
        """Return who answers first how often, and what users do."""
        return commitment_words(self._solved, commitment)

    def account(self, name: str | None) -> Account:
        """Return the mix in words; units are those of the mix of that name."""
        return mix_account(self._solved, name)

    def cost_pictures(
        self, name: str, ended: Sequence[Single] = (), believed: Response | None = None
    ) -> list[CostPicture]:
        """Return the provider's cost as all cascade probabilities grow together."""
        return [mix_picture(self._solved, name, ended, believed)]

    def _learned(self, commitment: Single, answers: FloatArray) -> MixProfile:
        return self._solved.profile(commitment, answers[0])

    @cached_property
    def _random(self) -> Batch:
        """Random commitments, fewer where contexts are many: a mean over contexts is a mean, too."""
        count = max(NUM_RANDOM // self.mix_game.num_contexts, LEAST_RANDOM)
        count = count if self.mix_game.users == "sighted" else min(count, MOST_RANDOM_BLIND)
        return self.mix_game.commitments(np.random.default_rng(0).random((count, self.mix_game.size)))

    def _offered(self, plain: Document) -> MixCommitment:
        policy = plain["policy"]
        offered = self.mix_game.read(policy)
        self.mix_game.action(offered)
        return offered

    def _point(self, plain: Document) -> str:
        return ", ".join(map(repr, self.mix_game.actions(self._offered(plain).alone())[0].tolist()))


def own(profile: Profile) -> MixProfile:
    """Return a profile as one of a mix of tasks, which it must be.

    Raises:
        ParameterError: it is of another game.
    """
    if not isinstance(profile, MixProfile):
        raise ParameterError("profile", "one of a mix of tasks", type(profile).__name__)
    return profile

"""A mix of tasks in closed form, as every other game is: `routegame.agents.mix_solver` as it is played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solved_game import PricedProfile, SolvedGame
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.mixes.blind import solve_blind
from routegame.agents.mixes.blind_answers import history_answer, memoryless_answer
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Play
from routegame.agents.mixes.mix_solution import MixSolution
from routegame.agents.mixes.sighted import mean_solution, solve_sighted
from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE
from routegame.envs.mix_game import MixCommitment, MixCommitments, MixGame, leaves_after
from routegame.envs.policy_table import PolicyTable
from routegame.envs.stackelberg import Batch, Single


@dataclass(frozen=True)
class MixProfile(PricedProfile):
    """A commitment over contexts, the users' answer to it, and what both bring about.

    Attributes:
        abandon_prob: what users answer, see `MixGame`: of sighted users the mean over tasks of what they answer in
            their context.
        answers: of sighted users the abandonment probability in each context, (C,); of blind ones their one answer.
        solve_prob: probability that a task ends solved.
        expected_latency: of a task, in units of latency.
        expected_cost: of a task, in units of cost, without the churn penalty.
        user_utility: of a task, in units of latency.
        provider_cost: of a task, in units of cost, with the churn penalty.
        context_costs: the provider's cost of a task of each context, (C,).
        context_utilities: what it is worth to its user, (C,).
        policy: start and matrix of every context.
    """

    abandon_prob: float
    answers: tuple[float, ...]
    solve_prob: float
    expected_latency: float
    expected_cost: float
    user_utility: float
    provider_cost: float
    context_costs: tuple[float, ...]
    context_utilities: tuple[float, ...]
    policy: MixCommitment

    @property
    def follower_answer(self) -> float:
        """The abandonment probability, or what else blind users answer with."""
        return self.abandon_prob

    @property
    def commitment(self) -> MixCommitment:
        """What the provider commits to."""
        return self.policy


class SolvedMix(SolvedGame[MixProfile]):
    """The closed form of a mix of tasks: exact for sighted users, for blind ones with a certified gap.

    Args:
        game: as it is played, with its users.

    >>> from routegame.envs.game import Game
    >>> from routegame.envs.task_mix import TaskMix
    >>> mix = TaskMix([0.7, 0.3], Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)))
    >>> [round(SolvedMix(MixGame(mix, users)).equilibrium().provider_cost, 6) for users in ("sighted", "memoryless")]
    [4.562, 4.4]
    """

    game: MixGame
    ONLY_EXACT = "exact where tasks differ"

    def __init__(self, game: MixGame) -> None:
        self.game = game
        self._contexts = Contexts.of(game.mix)

    @property
    def solution(self) -> MixSolution:
        """All that is known of the mix, with one row for all models where actions have one."""
        return _solution(self.game)

    def outcome(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return J and U, see `SolvedGame`."""
        costs, utilities = self.by_context(commitments, answers)
        return costs @ self.game.mix.weights, utilities @ self.game.mix.weights

    def by_context(self, commitments: Batch, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return J and U of a task of each context, (num_commitments, C) each; answers as of `MixGame`."""
        of, passes = self._contexts, self._passes(MixCommitments.of(commitments), answers)
        return self._paid(passes), (passes * of.net_value).sum(axis=-1)

    def _paid(self, passes: FloatArray) -> FloatArray:
        of = self._contexts
        abandoned = 1 - (passes * of.success_prob).sum(axis=-1)
        paid: FloatArray = (passes * of.cost).sum(axis=-1) + of.penalty * np.maximum(abandoned, 0)
        return paid

    def _passes(self, offered: MixCommitments, answers: FloatArray) -> FloatArray:
        """Expected passes of each model on a task of each context, (num_commitments, C, K)."""
        fails, start, rows = self._contexts.fails, offered.start, offered.rows
        q = answers if answers.ndim == 2 else answers[:, None]
        if self.game.users == "history":
            return self._counted(offered, leaves_after(q))
        if rows.shape[2] == 1:
            row, p = rows[:, :, 0], self._contexts.success_prob
            solves = (row * p).sum(axis=-1)
            again = (start * fails).sum(axis=-1) * (1 - q) / (solves + (1 - solves) * q)
            found: FloatArray = start + again[..., None] * row
            return found
        first = start[..., 0] / (1 - fails[:, 0] * (1 - q) * rows[:, :, 0, 0])
        over = fails[:, 0] * (1 - q) * rows[:, :, 0, 1]
        return np.stack([first, (start[..., 1] + over * first) / (1 - fails[:, 1] * (1 - q))], axis=-1)

    def _counted(self, offered: MixCommitments, failures: FloatArray) -> FloatArray:
        """Expected passes of users who leave after so many failures, (num_commitments, 1)."""
        stays = self._passes_of_stayers(offered)
        onward = self._contexts.fails[..., None] * offered.rows  # from model to model, after a failure
        on, found, number = offered.start, np.zeros(offered.start.shape), 0
        finite = np.isfinite(failures)
        last = failures[finite].max() if finite.any() else 0
        while number < last:
            number += 1
            found = found + np.where((failures >= number)[..., None], on, 0.0)
            on = np.einsum("nck,nckj->ncj", on, onward)
        return np.where(finite[..., None], found, stays)

    def _passes_of_stayers(self, offered: MixCommitments) -> FloatArray:
        fails = self._contexts.fails
        first = offered.start[..., 0] / (1 - fails[:, 0] * offered.rows[:, :, 0, 0])
        over = fails[:, 0] * offered.rows[:, :, 0, 1]
        return np.stack([first, (offered.start[..., 1] + over * first) / (1 - fails[:, 1])], axis=-1)

    def best_answer(self, commitments: Batch) -> FloatArray:
        """Return exact best responses, (num_commitments, C) of sighted users, else (num_commitments,)."""
        offered = MixCommitments.of(commitments)
        if self.game.users != "sighted":
            return np.array([self._blind(offered, n) for n in range(len(offered))])
        if self.game.num_models == 2:
            route = np.where(offered.start[..., 1] == 1, 2, 1)
            return np.asarray(best_response(self.game.mix.games, route, offered.rows[:, :, 0, 1]), dtype=np.float64)
        of, row = self._contexts, offered.rows[:, :, 0]
        again = (offered.start * of.fails).sum(axis=-1) / (row * of.success_prob).sum(axis=-1)
        gained = again * (row * of.net_value).sum(axis=-1)
        magnitude = ((offered.start + again[..., None] * row) * of.magnitude).sum(axis=-1)
        return np.where(gained >= -INDIFFERENCE * magnitude, 0.0, 1.0)

    def _blind(self, offered: MixCommitments, number: int) -> float:
        """The one answer to commitment `number`."""
        second = (offered.start[number, :, 1] == 1).astype(np.intp)
        moves = np.where(second == 1, 0.0, offered.rows[number, :, 0, 1])
        play = Play.of(self._contexts, Lists.of(second, np.ones(len(second), dtype=np.intp), moves))
        if self.game.users == "memoryless":
            return 1 - memoryless_answer(play).answer
        return float(1 / history_answer(play).answer)

    def equilibrium(self) -> MixProfile:
        """Return the strong equilibrium, of blind users the best policy that is known, with their answer."""
        solution = self.solution
        return self._profile(MixCommitment.of_table(solution.policies), _as_answers(solution))

    def profile(self, commitment: Single, answer: float | FloatArray) -> MixProfile:
        """Complete a commitment and an answer, one number or one in each context, with the exact outcome."""
        return self._profile(MixCommitment.of(commitment), np.atleast_1d(np.asarray(answer, dtype=np.float64)))

    def answered(self, commitment: Single) -> MixProfile:
        """Complete a commitment with the users' best answer, and with what both bring about."""
        return self.profile(commitment, self.best_answer(commitment.alone())[0])

    def _profile(self, offered: MixCommitment, answers: FloatArray) -> MixProfile:
        of, weights = self._contexts, self.game.mix.weights
        each = np.broadcast_to(answers, (self.game.num_answers,))
        passes = self._passes(offered.alone(), each[None])[0]
        costs, utilities = self._paid(passes), (passes * of.net_value).sum(axis=-1)
        return MixProfile(
            abandon_prob=float(weights @ each if len(each) > 1 else each[0]),
            answers=tuple(each.tolist()),
            solve_prob=float(weights @ (passes * of.success_prob).sum(axis=-1)),
            expected_latency=float(weights @ (passes * of.latency).sum(axis=-1)),
            expected_cost=float(weights @ (passes * of.cost).sum(axis=-1)),
            user_utility=float(weights @ utilities),
            provider_cost=float(weights @ costs),
            context_costs=tuple(costs.tolist()),
            context_utilities=tuple(utilities.tolist()),
            policy=offered,
        )

    def scale(self, commitments: Batch, utility: FloatArray) -> FloatArray:
        """Return the larger of |U| and V p of the start, on average over tasks, see `SolvedGame`."""
        of = self._contexts
        worth = np.asarray(self.game.mix.games.task_value)[:, None] * of.success_prob
        value = (MixCommitments.of(commitments).start * worth).sum(axis=-1) @ self.game.mix.weights
        scale: FloatArray = np.maximum(np.abs(utility), value)
        return scale


@lru_cache(maxsize=32)
def _solution(game: MixGame) -> MixSolution:
    """Solve a mix once, however many judges ask: that of blind users takes seconds."""
    mix = game.mix
    if game.users != "sighted":
        return solve_blind(mix, game.users, "fixed")
    if mix.num_models == 2:
        return solve_sighted(mix, "fixed", "memoryless")
    found = solve_free_order(mix.games, redraw=True)
    assert found.policy is not None and found.certificate is not None  # a solution in free order has both
    best, bounds = found.equilibrium, found.certificate.lower_bound
    table = PolicyTable.unchecked(np.ascontiguousarray(found.policy.start), np.ascontiguousarray(found.policy.matrix))
    answer, costs, utilities = (np.asarray(x) for x in (best.abandon_prob, best.provider_cost, best.user_utility))
    return mean_solution(mix, "free", "memoryless", table, answer, costs, utilities, bounds)


def _as_answers(solution: MixSolution) -> FloatArray:
    """The answer of a solution as learners give it, see `MixGame`."""
    answer = solution.answer
    if solution.users == "history":
        return np.array([0.0 if answer is None else 1 / float(np.float64(answer))])
    return np.atleast_1d(np.asarray(answer, dtype=np.float64))

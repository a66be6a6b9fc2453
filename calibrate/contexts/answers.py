"""Answers of users who know the context of their task: what value of a task, with what noise, explains them.

After a failure a user leaves with the probability of the quantal response, in its context's own game. For a value V and
a noise τ contexts are independent of each other, given that p and t of each are off by errors of their own. These are
taken where the likelihood is greatest, by Newton's method, and integrated out by its curvature there (Laplace). So the
likelihood of V and τ is a sum over contexts, and all that is wanted is read off grids of it.

Values are the same in all contexts unless the log contradicts that; then each context has one of its own, with one
noise for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.contexts.passes import ContextPasses
from routegame.calibrate.estimate.counts import by_commitment, decided, handed_over, rate
from routegame.calibrate.estimate.tally import Shapes
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game
from routegame.eval.statistics import HALF_WIDTH

TINY = 1e-12
"""Least probability of an answer."""

NUDGE = 0.05
"""Change of an error, in standard errors, by which slopes are taken."""

MOST_STEPS = 15
"""Most steps of Newton's method for the errors of p, t and s."""

CLOSE = 0.01
"""Gain in log-likelihood, as expected of a step, from which on errors are taken as found once it is made."""

LONGEST = 3.0
"""Longest such step, in standard errors."""

DAMPED = 0.3
"""What is added to the information, relative to it, after a step that made things worse; ten times more after each."""

ERRORS = 5
"""Errors of a context: those of the log-odds of both p, of the logarithms of both t, and of hand-overs as seen."""


class Decided(Protocol):
    """Decisions of users by context and commitment, (C, A) each."""

    @property
    def decisions(self) -> FloatArray:
        """Failures after which it is known what the user did."""

    @property
    def leaves(self) -> FloatArray:
        """Those of them after which it left."""


@dataclass(frozen=True, eq=False)
class Faced:
    """Decisions of users by context and commitment; arrays (C, A), without a decision where a context has fewer.

    Attributes:
        route: 1 or 2.
        cascade_prob: s, as stated, else as seen in the context.
        cascade_error: its standard error; 0 where stated.
        decisions: failures after which it is known what the user did.
        leaves: of these, those after which it left.
    """

    route: FloatArray
    cascade_prob: FloatArray
    cascade_error: FloatArray
    decisions: FloatArray
    leaves: FloatArray


def faced(shapes: Shapes, contexts: int) -> Faced:
    """Count decisions of a log by context and commitment."""
    columns = []
    for route, s, chosen in by_commitment(shapes):
        table = np.zeros((5, contexts))
        table[0] = route
        for x in range(contexts):
            part = shapes[chosen & (shapes.segment == x)]
            share, error = s, 0.0
            if route == 1 and np.isnan(s):
                chances, moves = handed_over(part)
                seen = rate(moves, chances)
                share = float(np.nan_to_num(seen.value))
                error = float(np.nan_to_num(seen.high - seen.low)) / (2 * HALF_WIDTH)
            table[1:3, x] = np.nan_to_num(share), error
            table[3:, x] = decided(part)
        columns.append(table)
    route, share, error, decisions, leaves = np.stack(columns, axis=-1)
    return Faced(route, share, error, decisions, leaves)


class ErringAnswers(ABC):
    """The likelihood of what users did, for values and noises; models, and what was seen of commitments, may be off.

    Args:
        cells: decisions of users.
        passes: what is known of p and t.
        spread: by how much decisions vary more than independent ones.
        errors: of a context: those of the log-odds of each p, of the logarithm of each t, and of its commitments.
    """

    such_as: str
    """How commitments can be made to differ, in words."""

    def __init__(self, cells: Decided, passes: ContextPasses, spread: float, errors: int) -> None:
        self.number, self.left = cells.decisions / spread, cells.leaves / spread
        self.centre, self.error = known_models(passes)
        self.num_models, self.errors = len(passes.success_prob), errors
        share = np.clip(self.left / np.maximum(self.number, 1), TINY, 1 - TINY)
        self.best_possible = self._log_likelihood(share, np.arange(len(share)))  # (C,)

    def per_success(self) -> FloatArray:
        """t/p of each model in each context, (C, K)."""
        p, t = self.models(np.zeros((len(self.centre), self.errors)))
        return t / p

    def models(self, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Success probabilities and latencies at errors of all contexts, (…, C, `errors`) -> (…, C, K) each."""
        at = self.centre + self.error * errors[..., : 2 * self.num_models]
        return expit(at[..., : self.num_models]), np.exp(at[..., self.num_models :])

    def leave_prob(self, value: FloatArray, noise: FloatArray, errors: FloatArray) -> FloatArray:
        """Share of users who leave, (G, C, A).

        Args:
            value: V, (G, C).
            noise: τ, (G, C).
            errors: in standard errors, (G, C, `errors`).
        """
        return self._leave_prob(np.arange(value.shape[1]), value, noise, errors)

    def fitted(
        self, value: FloatArray, noise: FloatArray, most_steps: int = MOST_STEPS
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Likelihood at the likeliest errors, these, and the information about them.

        Args:
            value: V, (G, C).
            noise: τ, (G, C).
            most_steps: of Newton's method; a few will do where the likelihood is only looked over.

        Returns:
            The log-likelihood (G, C), errors (G, C, `errors`), and information (G, C, `errors`, `errors`).
        """
        shape, size = value.shape, self.errors
        context = np.broadcast_to(np.arange(shape[1]), shape).ravel()
        value, noise = value.ravel(), noise.ravel()
        errors, information = np.zeros((len(value), size)), np.tile(np.eye(size), (len(value), 1, 1))
        answer = self._leave_prob(context, value, noise, errors)
        fit = self._log_likelihood(answer, context)
        moved, damping = np.ones(len(value), dtype=bool), np.zeros(len(value))
        slopes, active = np.zeros((len(value), size, answer.shape[1])), np.arange(len(value))
        for _ in range(most_steps):
            x, v, tau, e = context[active], value[active], noise[active], errors[active]
            new = active[moved[active]]
            slopes[new] = self._slopes(context[new], value[new], noise[new], errors[new], answer[new])
            q, by, number = answer[active], slopes[active], self.number[x]
            score = (by * ((self.left[x] - number * q) / (q * (1 - q)))[:, None]).sum(axis=-1) - e
            found = np.einsum("ria,ra,rja->rij", by, number / (q * (1 - q)), by) + np.eye(size)
            information[active] = found
            damped = found + damping[active, None, None] * found * np.eye(size)
            step = np.linalg.solve(damped, score[..., None])[..., 0]
            step *= np.minimum(LONGEST / np.maximum(np.abs(step).max(axis=-1, keepdims=True), 1e-12), 1.0)
            expected = (score * step).sum(axis=-1) / 2
            tried = self._leave_prob(x, v, tau, e + step)
            gained = self._log_likelihood(tried, x) - ((e + step) ** 2).sum(axis=-1) / 2
            better = gained >= fit[active]
            up = active[better]
            errors[up], answer[up], fit[up] = (e + step)[better], tried[better], gained[better]
            moved[active] = better
            damping[active] = np.where(better, damping[active] / 10, np.maximum(10 * damping[active], DAMPED))
            active = active[expected > CLOSE]
            if not len(active):
                break
        return fit.reshape(shape), errors.reshape(*shape, size), information.reshape(*shape, size, size)

    @abstractmethod
    def _slopes(
        self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray, answer: FloatArray
    ) -> FloatArray:
        """Change of answers with each error, (R, `errors`, A)."""

    @abstractmethod
    def _leave_prob(self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray) -> FloatArray:
        """Share of users who leave: (…), which broadcast, and errors (…, `errors`) -> (…, A)."""

    def _log_likelihood(self, answer: FloatArray, context: IntArray) -> FloatArray:
        """(…, A) -> (…)."""
        left, number = self.left[context], self.number[context]
        found: FloatArray = (left * np.log(answer) + (number - left) * np.log1p(-answer)).sum(axis=-1)
        return found


class AnswerLikelihood(ErringAnswers):
    """The likelihood where two models come in the order of the paper.

    Args:
        cells: decisions of users.
        passes: what is known of p and t.
        spread: by how much decisions vary more than independent ones.
    """

    such_as = "such as two cascade probabilities"

    def __init__(self, cells: Faced, passes: ContextPasses, spread: float) -> None:
        super().__init__(cells, passes, spread, ERRORS)
        self.route, self.s, self.s_error = cells.route, cells.cascade_prob, cells.cascade_error

    def _slopes(
        self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray, answer: FloatArray
    ) -> FloatArray:
        """Change of answers with each error, (R, `ERRORS`, A); of hand-overs that are stated there is none."""
        found = np.zeros((len(value), ERRORS, answer.shape[1]))
        for k, unit in enumerate(np.eye(ERRORS)):
            if k < ERRORS - 1 or self.s_error.any():
                found[:, k] = (self._leave_prob(context, value, noise, errors + NUDGE * unit) - answer) / NUDGE
        return found

    def _leave_prob(self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray) -> FloatArray:
        at = self.centre[context] + self.error[context] * errors[..., :4]
        p, t = expit(at[..., :2])[..., None], np.exp(at[..., 2:])[..., None]
        s = np.clip(self.s[context] + self.s_error[context] * errors[..., 4:], 0, 1)
        game = Game(value[..., None], 0.0, (p[..., 0, :], p[..., 1, :]), (t[..., 0, :], t[..., 1, :]), (0.0, 0.0))
        route = np.broadcast_to(self.route[context], s.shape)
        answer = quantal_response(game, route, s, noise[..., None], rough=True)
        return np.clip(answer, TINY, 1 - TINY)


def known_models(passes: ContextPasses) -> tuple[FloatArray, FloatArray]:
    """Log-odds of each p and logarithms of each t, in every context, and their standard errors, (C, 2 K) each."""
    odds = [logit(pooled.draws) for pooled in passes.success_prob]
    waits = [np.log(np.maximum(pooled.draws, 1e-12)) for pooled in passes.latency]
    centre = np.stack([x.mean(axis=0) for x in (*odds, *waits)], axis=-1)
    return centre, np.stack([x.std(axis=0) for x in (*odds, *waits)], axis=-1)

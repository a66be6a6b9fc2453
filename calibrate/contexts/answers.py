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

from routegame.agents.users.quantal import quantal_response, quantal_slopes
from routegame.calibrate.contexts.passes import ContextPasses
from routegame.calibrate.estimate.counts import by_commitment, decided, handed_over, rate
from routegame.calibrate.estimate.tally import Shapes
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game
from routegame.eval.statistics import HALF_WIDTH

TINY = 1e-12
"""Least probability of an answer."""

MOST_STEPS = 15
"""Most steps of Newton's method for the errors of p, t and s."""

CLOSE = 0.01
"""Gain in log-likelihood, as expected of a step, from which on errors are taken as found once it is made."""

LONGEST = 3.0
"""Longest such step, in standard errors."""

FURTHEST = 1.0
"""Longest step of the logarithm of a value."""

FLAT = 1e-9
"""Information about a value below which it is open."""

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


@dataclass(frozen=True, eq=False)
class Fitted:
    """Values and errors that are likeliest, as far as they were free, (G, C).

    Attributes:
        likely: log-likelihood there, (G, C).
        log_value: u, (G, C) or, one for all contexts, (G, 1).
        errors: in standard errors, (G, C, `errors`).
        information: about u, first, and the errors, (G, C, 1 + `errors`, 1 + `errors`).
    """

    likely: FloatArray
    log_value: FloatArray
    errors: FloatArray
    information: FloatArray

    def shaped(self, shape: tuple[int, int]) -> Fitted:
        """The same by games and contexts."""
        size = self.errors.shape[-1]
        return Fitted(
            self.likely.reshape(shape),
            self.log_value.reshape(shape[0], -1),
            self.errors.reshape(*shape, size),
            self.information.reshape(*shape, 1 + size, 1 + size),
        )

    @property
    def marginal(self) -> FloatArray:
        """Log-likelihood with the errors integrated out, by their curvature (Laplace), (G, C)."""
        _, volume = np.linalg.slogdet(self.information[..., 1:, 1:])
        found: FloatArray = self.likely - volume / 2
        return found

    @property
    def drift(self) -> FloatArray:
        """By how much the likeliest errors move with u, (G, C, `errors`)."""
        about = self.information
        return np.asarray(-np.linalg.solve(about[..., 1:, 1:], about[..., 1:, :1])[..., 0], dtype=np.float64)

    @property
    def known(self) -> FloatArray:
        """Information about u where errors go along with it, (G, C)."""
        found: FloatArray = self.information[..., 0, 0] + (self.information[..., 0, 1:] * self.drift).sum(axis=-1)
        return found


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
        self, value: FloatArray, noise: FloatArray, errors: FloatArray | None = None, most_steps: int = MOST_STEPS
    ) -> Fitted:
        """The likeliest errors at values and noises.

        Args:
            value: V, (G, C).
            noise: τ, (G, C).
            errors: to begin with, (G, C, `errors`); else none.
            most_steps: of Newton's method; one or two will do where the likelihood is only looked over.
        """
        shape = value.shape
        start = np.zeros((*shape, self.errors)) if errors is None else errors
        context = np.broadcast_to(np.arange(shape[1]), shape).reshape(-1, 1)
        found = self._climb(
            context, np.log(value).ravel(), noise.ravel(), start.reshape(-1, 1, self.errors), None, most_steps
        )
        return found.shaped(shape)

    def climbed(
        self, log_value: FloatArray, noise: FloatArray, errors: FloatArray, bounds: tuple[float, float]
    ) -> Fitted:
        """The likeliest values and errors at noises, from some that are not far from them.

        Args:
            log_value: to begin with: one for all contexts (G, 1), or one of each (G, C).
            noise: τ, (G,).
            errors: to begin with, (G, C, `errors`).
            bounds: of the logarithm of V.
        """
        groups, columns = log_value.shape
        contexts, size = errors.shape[1:]
        context = np.broadcast_to(np.arange(contexts), (groups, contexts)).reshape(-1, contexts // columns)
        found = self._climb(
            context,
            log_value.ravel(),
            np.repeat(noise, columns),
            errors.reshape(*context.shape, size),
            bounds,
            MOST_STEPS,
        )
        return found.shaped((groups, contexts))

    def _climb(
        self,
        context: IntArray,
        log_value: FloatArray,
        noise: FloatArray,
        errors: FloatArray,
        bounds: tuple[float, float] | None,
        most_steps: int,
    ) -> Fitted:
        """Newton's method for groups of contexts of one value each: contexts (R, M), values and noises (R,).

        Errors are (R, M, `errors`). Without bounds values stay what they are.
        """
        (rows, members), size = context.shape, self.errors
        u, errors = log_value.copy(), errors.copy()
        answer = self._leave_prob(context, np.exp(u)[:, None], noise[:, None], errors)
        fit = self._likely(answer, context, errors)
        information = np.zeros((rows, members, 1 + size, 1 + size))
        score = np.zeros((rows, members, 1 + size))
        own = np.diag([0.0, *np.ones(size)])  # what is known of errors beforehand
        moved, damping, active = np.ones(rows, dtype=bool), np.zeros(rows), np.arange(rows)
        for _ in range(most_steps):
            new = active[moved[active]]
            if len(new):
                x, e = context[new], errors[new]
                q, by = self._slopes(x, np.exp(u[new])[:, None], noise[new, None], e)
                left, number = self.left[x], self.number[x]
                score[new] = np.einsum("rmia,rma->rmi", by, (left - number * q) / (q * (1 - q)))
                score[new, :, 1:] -= e
                information[new] = np.einsum("rmia,rma,rmja->rmij", by, number / (q * (1 - q)), by) + own
            up, wanted = information[active], score[active]
            damped = up * (1 + damping[active, None, None, None] * np.eye(1 + size))
            alone = np.linalg.solve(damped[..., 1:, 1:], np.stack([wanted[..., 1:], up[..., 1:, 0]], axis=-1))
            leap = np.zeros(len(active))
            if bounds is not None:
                # the errors go along with the value: what is left of slope and information about it
                slope = (wanted[..., 0] - (up[..., 0, 1:] * alone[..., 0]).sum(axis=-1)).sum(axis=-1)
                known = (damped[..., 0, 0] - (up[..., 0, 1:] * alone[..., 1]).sum(axis=-1)).sum(axis=-1)
                leap = np.clip(slope / np.maximum(known, FLAT), -FURTHEST, FURTHEST)
                leap = np.clip(u[active] + leap, *bounds) - u[active]
            step = alone[..., 0] - alone[..., 1] * leap[:, None, None]
            short = np.minimum(LONGEST / np.maximum(np.abs(step).max(axis=(-1, -2)), 1e-12), 1.0)
            leap, step = leap * short, step * short[:, None, None]
            expected = ((wanted[..., 1:] * step).sum(axis=(-1, -2)) + wanted[..., 0].sum(axis=-1) * leap) / 2
            x, e, v = context[active], errors[active] + step, u[active] + leap
            tried = self._leave_prob(x, np.exp(v)[:, None], noise[active, None], e)
            gained = self._likely(tried, x, e)
            better = gained.sum(axis=-1) >= fit[active].sum(axis=-1)
            at = active[better]
            errors[at], u[at], fit[at] = e[better], v[better], gained[better]
            moved[active] = better
            damping[active] = np.where(better, damping[active] / 10, np.maximum(10 * damping[active], DAMPED))
            active = active[expected > CLOSE]
            if not len(active):
                break
        return Fitted(fit, u, errors, information)

    def _likely(self, answer: FloatArray, context: IntArray, errors: FloatArray) -> FloatArray:
        """Log-likelihood of answers and errors, up to a constant."""
        found: FloatArray = self._log_likelihood(answer, context) - (errors**2).sum(axis=-1) / 2
        return found

    @abstractmethod
    def _slopes(
        self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Share of users who leave, (…, A), and its change with log V and with each error, (…, 1 + `errors`, A)."""

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
        self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Share of users who leave, and its change; with hand-overs that are stated there is none."""
        game, route, s = self._faced(context, value, errors)
        answer, by = quantal_slopes(game, route, s, noise[..., None])
        error = self.error[context][..., None]
        found = np.empty((*answer.shape[:-1], 1 + ERRORS, answer.shape[-1]))
        found[..., 0, :] = by[0] * value[..., None]
        for k, (p, t) in enumerate(zip(game.success_prob, game.latency, strict=True)):
            found[..., 1 + k, :] = by[1 + k] * p * (1 - p) * error[..., k, :]
            found[..., 3 + k, :] = by[3 + k] * t * error[..., 2 + k, :]
        found[..., 5, :] = by[5] * self.s_error[context] * ((s > 0) & (s < 1))
        return np.clip(answer, TINY, 1 - TINY), found

    def _leave_prob(self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray) -> FloatArray:
        game, route, s = self._faced(context, value, errors)
        answer = quantal_response(game, route, s, noise[..., None], rough=True)
        return np.clip(answer, TINY, 1 - TINY)

    def _faced(self, context: IntArray, value: FloatArray, errors: FloatArray) -> tuple[Game, FloatArray, FloatArray]:
        """Games, starts and cascade probabilities, (…, A) or as they broadcast."""
        at = self.centre[context] + self.error[context] * errors[..., :4]
        p, t = expit(at[..., :2])[..., None], np.exp(at[..., 2:])[..., None]
        s = np.clip(self.s[context] + self.s_error[context] * errors[..., 4:], 0, 1)
        game = Game(value[..., None], 0.0, (p[..., 0, :], p[..., 1, :]), (t[..., 0, :], t[..., 1, :]), (0.0, 0.0))
        return game, np.broadcast_to(self.route[context], s.shape), s


def known_models(passes: ContextPasses) -> tuple[FloatArray, FloatArray]:
    """Log-odds of each p and logarithms of each t, in every context, and their standard errors, (C, 2 K) each."""
    odds = [logit(pooled.draws) for pooled in passes.success_prob]
    waits = [np.log(np.maximum(pooled.draws, 1e-12)) for pooled in passes.latency]
    centre = np.stack([x.mean(axis=0) for x in (*odds, *waits)], axis=-1)
    return centre, np.stack([x.std(axis=0) for x in (*odds, *waits)], axis=-1)

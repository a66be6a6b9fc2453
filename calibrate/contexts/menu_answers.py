"""Answers of users who know the context of their task, to commitments to any number of models.

As with two models (`routegame.calibrate.contexts.answers`), but that commitments come in full. A user's utility at an
abandonment probability is V S − L, with S and L the probability of a solution and the latency. Both are worked out once
in each context at every place of a rule of integration, and a standard error to either side of every number that may
be off: between and beyond these they are taken to be parabolas, with no term of two errors at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from routegame.agents.users.quantal_menus import BLOCK, ROUGHLY, mean_answer, visits_by_answer
from routegame.calibrate.contexts.answers import TINY, ErringAnswers, known_models
from routegame.calibrate.contexts.passes import ContextPasses
from routegame.calibrate.estimate.commitments import DIRECTIONS, PolicyCell, directions, policy_cells
from routegame.calibrate.estimate.turns import Turns
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.policy import Policy


@dataclass(frozen=True, eq=False)
class MenuFaced:
    """Decisions of users by context and commitment; arrays (C, A), without a decision where a context has fewer.

    Attributes:
        cells: users of each context by commitment, the commonest first.
        names: of the commitments, A of them.
        decisions: failures after which it is known what the user did.
        leaves: of these, those after which it left.
    """

    cells: tuple[tuple[PolicyCell, ...], ...]
    names: tuple[str, ...]
    decisions: FloatArray
    leaves: FloatArray


def menu_faced(turns: Turns, contexts: int, stated: Mapping[str, Policy]) -> MenuFaced:
    """Count decisions of a log by context and commitment.

    Args:
        turns: of the log, whose segments are contexts.
        contexts: how many.
        stated: commitments that are known by name; others are as they are seen, in each context by itself.
    """
    cells = tuple(policy_cells(turns[turns.segment == x], stated) for x in range(contexts))
    table = np.zeros((2, contexts, len(turns.commitments)))
    for x, of_context in enumerate(cells):
        for cell in of_context:
            table[:, x, turns.commitments.index(cell.name)] = cell.decisions, cell.leaves
    return MenuFaced(cells, turns.commitments, *table)


class MenuAnswerLikelihood(ErringAnswers):
    """The likelihood where models come in any order.

    Args:
        cells: decisions of users.
        passes: what is known of p and t.
        spread: by how much decisions vary more than independent ones.
    """

    such_as = "told apart by a column commitment"

    def __init__(self, cells: MenuFaced, passes: ContextPasses, spread: float) -> None:
        centre, error = known_models(passes)
        tables = [_Table(cells, x, centre[x], error[x]) for x in range(len(centre))]
        most = max(len(table.slopes) for table in tables)
        super().__init__(cells, passes, spread, most)
        self.tables = [table.padded(most) for table in tables]

    def _leave_prob(self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray) -> FloatArray:
        shape = np.broadcast_shapes(context.shape, value.shape, noise.shape, errors.shape[:-1])
        at = np.broadcast_to(context, shape).ravel()
        v, tau = (np.broadcast_to(x, shape).ravel() for x in (value, noise))
        z = np.broadcast_to(errors, (*shape, self.errors)).reshape(-1, self.errors)
        answer = np.empty((len(at), self.number.shape[1]))
        for x, part in self._parts(at):
            answer[part] = mean_answer(self.tables[x].utility(v[part], z[part]), tau[part][:, None], ROUGHLY)
        found: FloatArray = np.clip(answer, TINY, 1 - TINY).reshape(*shape, -1)
        return found

    def _slopes(
        self, context: IntArray, value: FloatArray, noise: FloatArray, errors: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Answers, and their change with a number: the covariance with the change of utility, over τ."""
        shape = context.shape
        v, tau = (np.broadcast_to(x, shape).ravel() for x in (value, noise))
        z, commitments = errors.reshape(-1, self.errors), self.number.shape[1]
        answer, found = np.empty((len(z), commitments)), np.empty((len(z), 1 + self.errors, commitments))
        for x, part in self._parts(context.ravel()):
            table = self.tables[x]
            solved, waited = table.at(z[part])
            likely = ROUGHLY.likely(v[part, None, None] * solved - waited, tau[part][:, None])
            answer[part] = likely @ ROUGHLY.places
            beyond = likely * (ROUGHLY.places - answer[part][..., None]) / tau[part][:, None, None]
            found[part, 0] = v[part, None] * (beyond * solved).sum(axis=-1)
            found[part, 1:] = table.covariance(beyond, v[part], z[part])
        answer = np.clip(answer, TINY, 1 - TINY)
        return answer.reshape(*shape, -1), found.reshape(*shape, *found.shape[1:])

    def _parts(self, context: IntArray) -> list[tuple[int, IntArray]]:
        """Rows of one context each, so few that what is made of them fits into memory."""
        step = max(BLOCK // (self.number.shape[1] * len(ROUGHLY.places)), 1)
        rows = [(x, np.flatnonzero(context == x)) for x in range(len(self.number))]
        return [(x, every[k : k + step]) for x, every in rows for k in range(0, len(every), step)]


class _Table:
    """S and L of the commitments of a context at every place of the rule, and how they move with errors.

    Attributes:
        at_centre: (2, A, num_places).
        slopes: change with an error, (m, 2, A, num_places).
        curves: half the change of that, the same shape.
    """

    def __init__(self, cells: MenuFaced, x: int, centre: FloatArray, error: FloatArray) -> None:
        models = len(centre) // 2
        odds, t = centre[:models], np.exp(centre[models:])
        shape = (2, len(cells.names), len(ROUGHLY.places))
        self.at_centre = np.zeros(shape)
        self.slopes, self.curves = np.zeros((2, 2 * models + DIRECTIONS, *shape))
        of_context, most = cells.cells[x], 2 * models
        for cell in of_context:
            a, p = cells.names.index(cell.name), expit(odds)
            passes = visits_by_answer(p, cell.policy, ROUGHLY)
            self.at_centre[:, a] = (passes @ p).T, (passes @ t).T
            for k in range(models):
                ends = []
                for far in (-1.0, 1.0):
                    moved = odds.copy()
                    moved[k] += far * error[k]
                    visits = visits_by_answer(expit(moved), cell.policy, ROUGHLY)
                    ends.append(np.stack([visits @ expit(moved), visits @ t]))
                self.slopes[k, :, a] = (ends[1] - ends[0]) / 2
                self.curves[k, :, a] = (ends[1] + ends[0]) / 2 - self.at_centre[:, a]
                self.slopes[models + k, 1, a] = passes[:, k] * t[k] * np.sinh(error[models + k])
                self.curves[models + k, 1, a] = passes[:, k] * t[k] * (np.cosh(error[models + k]) - 1)
        if of_context:
            order = [cells.names.index(cell.name) for cell in of_context]
            vague = directions(of_context, expit(odds), t, ROUGHLY)
            for k, side in enumerate(vague):
                self.slopes[2 * models + k][:, order] = side
            most += len(vague)
        self.slopes, self.curves = self.slopes[:most], self.curves[:most]

    def padded(self, most: int) -> _Table:
        """The same with as many errors, of which the further ones are without effect."""
        more = np.zeros((most - len(self.slopes), *self.at_centre.shape))
        self.slopes, self.curves = (np.concatenate([x, more]) for x in (self.slopes, self.curves))
        return self

    def at(self, errors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """S and L at errors, (R, m) -> (R, A, num_places) each."""
        size = len(self.slopes)
        if not errors.any():
            solved, waited = self.at_centre[:, None] + np.zeros((1, len(errors), 1, 1))
            return solved, waited
        moved = errors @ self.slopes.reshape(size, -1) + errors**2 @ self.curves.reshape(size, -1)
        solved, waited = np.moveaxis(moved.reshape(-1, *self.at_centre.shape) + self.at_centre, 1, 0)
        return solved, waited

    def utility(self, value: FloatArray, errors: FloatArray) -> FloatArray:
        """V S − L, (R,) and (R, m) -> (R, A, num_places)."""
        solved, waited = self.at(errors)
        return value[:, None, None] * solved - waited

    def covariance(self, weight: FloatArray, value: FloatArray, errors: FloatArray) -> FloatArray:
        """Sums over places of weights (R, A, num_places) times the change of utility with an error, (R, m, A)."""
        by_commitment = np.moveaxis(weight, 1, 0)  # (A, R, num_places)
        sums = []
        for table in (self.slopes, self.curves):
            columns = np.moveaxis(table, (2, 3), (0, 1))  # (A, num_places, m, 2)
            both = by_commitment @ columns.reshape(*columns.shape[:2], -1)
            net = both.reshape(*both.shape[:2], -1, 2)
            sums.append(np.moveaxis(value[:, None] * net[..., 0] - net[..., 1], 0, -1))  # (R, m, A)
        found: FloatArray = sums[0] + 2 * errors[..., None] * sums[1]
        return found

"""A few contexts' lists at their best, all others as they are, by looking ever closer under the exact answer.

Costs jump where users change their answer, and the best policies lie on such edges. So nothing is differentiated:
candidates are tried on a grid, then on ever smaller grids around the best ones, each under the answer that is best for
users among those that are watched. What is found is played against the exact answer; where that is another one it is
watched, too, and the search goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from routegame.agents.mixes.blind_answers import Answered, history_answer, memoryless_answer
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.edges import on_the_edge
from routegame.agents.mixes.lists import Lists, Places, Play
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE

WATCHED_STAYS = np.concatenate([[0.0], np.linspace(0.05, 0.9, 16), 1 - np.geomspace(0.07, 1e-3, 12), [1.0]])
"""Stay probabilities that memoryless users are thought to choose from."""

WATCHED_FAILURES = np.concatenate([np.arange(1.0, 33), [40, 50, 60, np.inf]])
"""Failures that users who count them are thought to leave after."""

NODES = 1 - np.concatenate([np.geomspace(1, 1e-4, 500), [0.0]])
"""Where what all other contexts bring is known; in between it is interpolated."""

STARTS = 4
"""Candidates of the first grid that are looked at more closely."""

ZOOMS, POINTS, SHRINKS = 24, {1: 17, 2: 7, 3: 5}, 0.5
"""How often a grid is made smaller, points a side for each number of contexts, and by which factor."""

COARSE = {1: 65, 2: 25, 3: 11}
"""Cascade probabilities of the first grid for each number of contexts."""

MOST_CANDIDATES = 60_000
"""Candidates of the first grid; with many models it has fewer cascade probabilities."""

EQUAL = 1e-14
"""Share of the utility up to which two answers are equally good while candidates are compared."""

ROUNDS = 4
"""How often the answers that are watched are added to."""

SECANTS = 9
"""Steps by which the turning point of a candidate's utility is found."""

APART = 3e-5
"""Half the least difference that is made between two chances whose difference is divided by."""

WORTH_A_TRY = 0.02
"""By how much a candidate may cost more than the best one, as a share, to be looked at on the edge."""

NEARLY = 6
"""Answers between that of users and one of the ends, up to which they might be brought to the end."""

MARGINS = (1e-14, 1e-13, 1e-11, 1e-9)
"""By how much, as a share of the utility, users are made to prefer the answer that is wanted, in each round."""


Option = tuple[Places, Places, FloatArray]
"""Lists that one context may play: first models, then models and cascade probabilities, (m,) each."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Lists for d contexts side by side, each picked from the context's own options.

    Attributes:
        options: of each context.
        places: which of them a candidate picks, (n, d).
    """

    options: Sequence[Option]
    places: Places

    @classmethod
    def every(cls, options: Sequence[Option]) -> Candidates:
        """Return all combinations of options."""
        ranges = [range(len(moves)) for _, _, moves in options]
        return cls(options, np.array(list(product(*ranges))))

    def column(self, x: int) -> Option:
        """What every candidate plays in one of the contexts, (n,) each."""
        first, then, moves = self.options[x]
        return first[self.places[:, x]], then[self.places[:, x]], moves[self.places[:, x]]

    def row(self, n: int) -> Option:
        """What one candidate plays, (d,) each."""
        first, then, moves = zip(*(self.column(x) for x in range(len(self.options))), strict=True)
        return np.array([x[n] for x in first]), np.array([x[n] for x in then]), np.array([x[n] for x in moves])


def best_answer(users: str, play: Play) -> Answered:
    """Return what blind users of a kind answer to lists."""
    return memoryless_answer(play) if users == "memoryless" else history_answer(play)


def zoom(
    contexts: Contexts, order: MixOrder, users: str, lists: Lists, where: Places, enough: float, *, starts: int = STARTS
) -> tuple[Lists, Answered]:
    """Return lists that are the same but for at most three contexts, and what users answer.

    Args:
        contexts: the numbers.
        order: of the models.
        users: "memoryless" or "history".
        lists: one for each context.
        where: the contexts whose lists are sought.
        enough: cost at which the search ends.
        starts: candidates of the first grid that are looked at more closely.
    """
    search = _Search(contexts, order, users, lists, where)
    best, found = lists, best_answer(users, Play.of(contexts, lists))

    def tried(first: Places, then: Places, moves: FloatArray) -> Answered:
        nonlocal best, found
        there = lists.replaced(where, first, then, moves)
        exact = best_answer(users, Play.of(contexts, there))
        if exact.provider_cost < found.provider_cost * (1 - INDIFFERENCE):
            best, found = there, exact
        return exact

    for first, then, start in search.first_look(starts):
        if found.provider_cost <= enough:
            break
        moves = start
        tried(first, then, start)
        for again in range(ROUNDS):
            moves = search.closer(first, then, moves, width=1e-3 if again else search.width)
            exact = tried(first, then, moves)
            if not search.watch(exact.answer):
                break
        if exact.provider_cost > found.provider_cost * (1 + WORTH_A_TRY):
            continue
        for answer in search.wanted(first, then, moves):
            for again in range(ROUNDS):
                edge = search.edge(first, then, moves, answer, margin=MARGINS[again])
                search.watch(tried(first, then, edge).answer)
    return best, found


class _Search:
    """The search in a few contexts, given what the others bring."""

    def __init__(self, contexts: Contexts, order: MixOrder, users: str, lists: Lists, where: Places) -> None:
        self._users = users
        self._some = contexts.some(where)
        models, self._dimensions = contexts.success_prob.shape[1], len(where)
        self._pairs = np.array(list((combinations if order == "fixed" else permutations)(range(models), 2)))
        if order == "fixed":  # the last model hands over to none, and every other one may
            self._pairs = np.vstack([self._pairs, [models - 1, models - 1]])
        others = np.flatnonzero(~np.isin(lists.context, where))
        rest = Lists(*(getattr(lists, name)[others] for name in ("context", "share", "first", "then", "moves")))
        self._rest = Play.of(contexts, rest)
        self._answers = WATCHED_STAYS if users == "memoryless" else WATCHED_FAILURES
        self._others = self._brought()
        if users == "memoryless":
            rises, falls = self._rest.slopes(NODES)
            self._slope = CubicHermiteSpline(NODES, self._rest.utility(NODES), rises - falls).derivative()
            cost = self._rest.provider_cost(NODES)
            self._cost = CubicHermiteSpline(NODES, cost, self._cost_slope())

    def _cost_slope(self) -> FloatArray:
        play, r = self._rest, NODES
        left, rest = 1 - np.multiply.outer(play.again, r), 1 - np.multiply.outer(play.behind, r)
        over = np.multiply.outer(play.over, r)
        n_i, n_k = 1 / left, over / (left * rest)
        d_i = play.again[:, None] / np.square(left)
        d_k = (
            play.over[:, None] / (left * rest)
            + over / rest * d_i
            + over * play.behind[:, None] / (left * np.square(rest))
        )
        fails, behind = play.fails[:, None], play.behind[:, None]
        lost = (1 - r) * (fails * d_i + behind * d_k) - (fails * n_i + behind * n_k)
        slope: FloatArray = play.mean(play.cost, (d_i, d_k)) + (play.weight * play.penalty) @ lost
        return slope

    @property
    def width(self) -> float:
        """Distance of neighbouring cascade probabilities of the first grid."""
        return 1.0 / (len(self._cascades()) - 1)

    def _cascades(self) -> FloatArray:
        number = COARSE[self._dimensions]
        while (len(self._pairs) * number) ** self._dimensions > MOST_CANDIDATES and number > 5:
            number -= 2
        return np.square(np.linspace(0, 1, number))

    def _brought(self) -> tuple[FloatArray, FloatArray]:
        """J and U of the other contexts for every watched answer."""
        if self._users == "memoryless":
            return self._rest.provider_cost(self._answers), self._rest.utility(self._answers)
        finite = self._answers[:-1].astype(np.intp) - 1
        worth, _, left = self._rest.counted(int(finite.max()) + 1)
        cost, utility = self._rest.provider_cost(np.ones(1)), self._rest.utility(np.ones(1))
        return np.append(left[finite], cost), np.append(np.cumsum(worth)[finite], utility)

    def watch(self, answer: float) -> bool:
        """Add an answer to those that are watched; whether it was not among them."""
        if np.isclose(self._answers, answer, rtol=0, atol=1e-12).any():
            return False
        self._answers = np.sort(np.append(self._answers, answer))
        self._others = self._brought()
        return True

    def first_look(self, starts: int) -> list[Option]:
        """The best candidates of a grid over everything, at most one of each kind of pairs and answer."""
        lists = [(i, k, s) for i, k in self._pairs for s in (self._cascades() if i != k else np.zeros(1))]
        first, then, moves = (np.array(x) for x in zip(*lists, strict=True))
        candidates = Candidates.every([(first, then, moves)] * self._dimensions)
        cost, answer = self._played(candidates, exactly=False)
        models = self._some.success_prob.shape[1]
        kinds = (first * models + then)[candidates.places] @ (models**2) ** np.arange(self._dimensions)
        picked: list[Option] = []
        seen = set[tuple[int, bool, bool]]()
        for n in np.argsort(cost, kind="stable")[:4000]:
            kind = (int(kinds[n]), bool(answer[n] == self._answers[0]), bool(answer[n] == self._answers[-1]))
            if kind not in seen:
                seen.add(kind)
                picked.append(candidates.row(int(n)))
            if len(picked) == starts:
                break
        return picked

    def closer(self, first: Places, then: Places, moves: FloatArray, *, width: float) -> FloatArray:
        """The best cascade probabilities around a candidate, ever closer."""
        steps = np.linspace(-1, 1, POINTS[self._dimensions])
        for _ in range(ZOOMS):
            options = []
            for i, k, s in zip(first, then, moves, strict=True):
                around = np.unique(np.clip(s + width * steps, 0, 1)) if i != k else np.zeros(1)
                options.append((np.full(len(around), i), np.full(len(around), k), around))
            candidates = Candidates.every(options)
            cost, _ = self._played(candidates, exactly=True)
            moves = candidates.row(int(cost.argmin()))[2]
            width *= SHRINKS
        return moves

    def wanted(self, first: Places, then: Places, moves: FloatArray) -> list[float]:
        """Answers that may be wanted of users near a candidate: theirs, and to stay or to leave if they nearly do."""
        _, answer = self._played(_one(first, then, moves), exactly=False)
        place = int(np.flatnonzero(self._answers == answer[0])[0])
        ends = [n for n in (0, len(self._answers) - 1) if abs(n - place) <= NEARLY]
        places = dict.fromkeys([*ends, place] if self._users == "history" else ends)
        return [float(self._answers[n]) for n in places]

    def edge(self, first: Places, then: Places, moves: FloatArray, answer: float, *, margin: float) -> FloatArray:
        """Cascade probabilities near a candidate's that are on the edge of what users put up with."""
        here = int(np.flatnonzero(self._answers == answer)[0])
        others = np.delete(np.arange(len(self._answers)), here)
        apart = np.abs(self._answers[others] - answer)
        apart = np.where(np.isfinite(apart) & (self._users == "memoryless"), apart, 1.0)

        def gains(s: FloatArray) -> tuple[float, FloatArray]:
            costs, utilities = self._tables(_one(first, then, s))
            return float(costs[0, here]), (utilities[0, here] - utilities[0, others]) / apart

        size = float(np.abs(self._tables(_one(first, then, moves))[1]).max())
        return on_the_edge(gains, moves, margin * size)

    def _played(self, candidates: Candidates, *, exactly: bool) -> tuple[FloatArray, FloatArray]:
        """J and the answer of each candidate; inner stay probabilities to all digits only if `exactly`."""
        costs, utilities = self._tables(candidates)
        margin = EQUAL * (np.abs(utilities).max(axis=1, keepdims=True) + 1e-300)
        fine = utilities >= utilities.max(axis=1, keepdims=True) - margin
        place = np.where(fine, costs, np.inf).argmin(axis=1)
        cost = costs[np.arange(len(place)), place]
        answer = self._answers[place]
        inner = np.flatnonzero((place > 0) & (place < len(self._answers) - 1))
        if exactly and self._users == "memoryless" and inner.size:
            answer[inner], cost[inner] = self._turned(candidates, inner, place[inner])
        return cost, answer

    def _tables(self, candidates: Candidates) -> tuple[FloatArray, FloatArray]:
        """J and U of each candidate for every watched answer, (n, answers)."""
        costs, utilities = self._others
        for x, options in enumerate(candidates.options):
            each = self._alone(x, *options)
            costs, utilities = costs + each[0][candidates.places[:, x]], utilities + each[1][candidates.places[:, x]]
        return costs, utilities

    def _alone(self, x: int, i: Places, k: Places, s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Costs w J and worths w U of lists in one context for every watched answer, (n, answers)."""
        ctx = self._some
        a, b = ctx.fails[x, i][:, None], ctx.fails[x, k][:, None]
        s = np.where(i == k, 0.0, s)[:, None]
        if self._users == "memoryless":
            r = self._answers
            n_i = 1 / (1 - a * (1 - s) * r)
            n_k = a * s * r * n_i / (1 - b * r)
            left = (1 - r) * (a * n_i + b * n_k)
        else:
            n_i, n_k, left = counted(a[:, 0], b[:, 0], s[:, 0], self._answers)
        c, xi, w = ctx.cost[x], ctx.net_value[x], ctx.weight[x]
        cost = c[i][:, None] * n_i + c[k][:, None] * n_k + ctx.penalty[x] * left
        return w * cost, w * (xi[i][:, None] * n_i + xi[k][:, None] * n_k)

    def _turned(
        self, candidates: Candidates, some: NDArray[np.intp], place: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray]:
        """The inner stay probability that candidates' users like best, and J there: bisection of the slope."""
        low, high = self._answers[place - 1], self._answers[place + 1]

        def slope(r: FloatArray) -> FloatArray:
            rest: FloatArray = self._slope(r)
            return rest + self._inner(candidates, some, r)[1]

        at_low, at_high = slope(low), slope(high)
        r, side = (low + high) / 2, np.zeros(len(some))
        for _ in range(SECANTS):
            at_r = slope(r)
            rising = at_r > 0
            at_high = np.where(rising & (side > 0), at_high / 2, np.where(rising, at_high, at_r))  # Illinois' rule
            at_low = np.where(~rising & (side < 0), at_low / 2, np.where(rising, at_r, at_low))
            low, high, side = np.where(rising, r, low), np.where(rising, high, r), np.where(rising, 1, -1)
            with np.errstate(divide="ignore", invalid="ignore"):
                r = low + (high - low) * at_low / (at_low - at_high)
            r = np.where((r > low) & (r < high), r, (low + high) / 2)
        return r, self._cost(r) + self._inner(candidates, some, r)[0]

    def _inner(self, candidates: Candidates, some: NDArray[np.intp], r: FloatArray) -> tuple[FloatArray, FloatArray]:
        """J and the slope of U, of the few contexts alone, each candidate at an r of its own."""
        cost, slope = np.zeros(len(some)), np.zeros(len(some))
        ctx = self._some
        for x in range(self._dimensions):
            i, k, s = (values[some] for values in candidates.column(x))
            s = np.where(i == k, 0.0, s)
            a, b = ctx.fails[x, i], ctx.fails[x, k]
            left, rest = 1 - a * (1 - s) * r, 1 - b * r
            n_i, n_k = 1 / left, a * s * r / (left * rest)
            d_i = a * (1 - s) / np.square(left)
            d_k = a * s / (left * rest) + a * s * r / rest * d_i + a * s * r * b / (left * np.square(rest))
            w, c, xi = ctx.weight[x], ctx.cost[x], ctx.net_value[x]
            cost += w * (c[i] * n_i + c[k] * n_k + ctx.penalty[x] * (1 - r) * (a * n_i + b * n_k))
            slope += w * (xi[i] * d_i + xi[k] * d_k)
        return cost, slope


def _one(first: Places, then: Places, moves: FloatArray) -> Candidates:
    """A single candidate."""
    return Candidates.every([(first[[x]], then[[x]], moves[[x]]) for x in range(len(moves))])


def counted(
    a: FloatArray, b: FloatArray, s: FloatArray, answers: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Passes on both models and tasks given up, (n, answers), where users leave after so many failures.

    Where the chances of a further pass on both models are nearly the same they are taken a little apart.
    """
    over, again, middle = a * s, (a * (1 - s))[:, None], ((a * (1 - s) + b) / 2)[:, None]
    apart = np.maximum(np.abs(again - b[:, None]) / 2, APART)
    endless = np.isinf(answers)
    last = np.where(endless, 0.0, answers - 1)

    def run(chance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Passes on a model that was begun with, and the chance of the last one."""
        at_last = np.power(chance, last)
        return np.where(endless, 1 / (1 - chance), (1 - chance * at_last) / (1 - chance)), at_last

    n_i, on_i = run(again)
    (more, later), (less, sooner) = run(middle + apart), run(middle - apart)
    ratio = over[:, None] / (2 * apart)
    left = np.where(endless, 0.0, a[:, None] * on_i + b[:, None] * ratio * (later - sooner))
    return n_i, ratio * (more - less), left

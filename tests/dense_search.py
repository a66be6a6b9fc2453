"""A sharper oracle than `brute_force`, for whole batches: extended precision, grids that reach 1e-16, bisected kinks.

Nothing here knows a theorem or imports the project. The chain of docs/theory.md is followed state by state: a state
is visited as often as it is entered, divided by the chance of leaving it, which is the sum of its exits. So nothing
cancels, however small a probability. Slopes are those of dual numbers. An answer of the user is the best point of a
grid over q, then bisected on the slope; a commitment is the best point of a grid over s, of both sides of every
place where the kind of answer (stays, mixes, leaves) changes, and of zooms around the best point so far.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from brute_force import Numbers

Real = np.longdouble


def log_grid(smallest: float, largest: float, count: int) -> Any:
    return np.geomspace(smallest, largest, count).astype(Real)


Q_GRID = np.concatenate([[0], log_grid(1e-13, 0.5, 28), [0.6, 0.7, 0.8, 0.9, 0.97, 1]]).astype(Real)
S_GRID = np.concatenate([[0], log_grid(1e-16, 0.5, 48), 1 - log_grid(1e-9, 0.4, 20)[::-1], [1]]).astype(Real)
COARSE_S_GRID = np.concatenate([[0], log_grid(1e-9, 0.5, 8), [0.7, 0.9, 1]]).astype(Real)
BETWEEN = np.concatenate([log_grid(1e-12, 0.5, 20), [0.6, 0.7, 0.8, 0.9]]).astype(Real)
ENDS = ((Real(0), -1), (Real(1), 1))
RAISES = ((1.1, 0), (0, 1.1), (1.1, 1.1), (0.3, 0.6), (0.6, 0.1))
STAYS, MIXES, LEAVES = 0, 1, 2
ROUNDING = 1e-17
TINY = 1e-300
TIE = 1e-12
"""Relative difference of two payoffs below which either side of a comparison counts as right."""


@dataclass(frozen=True)
class Chain:
    """Games as rows, in extended precision: p_k, 1 − p_k, V p_k − t_k, V p_k + t_k, c_k and P,
    columns of shape (games, 1)."""

    p1: Any
    p2: Any
    a: Any
    b: Any
    w1: Any
    w2: Any
    gross1: Any
    gross2: Any
    c1: Any
    c2: Any
    penalty: Any

    @classmethod
    def of(cls, g: Numbers) -> Chain:
        value, penalty, p1, p2, t1, t2, c1, c2 = (np.asarray(x).astype(Real)[:, None] for x in vars(g).values())
        net, gross = ((value * p1 + k * t1, value * p2 + k * t2) for k in (-1, 1))
        return cls(p1, p2, 1 - p1, 1 - p2, *net, *gross, c1, c2, penalty)

    def __len__(self) -> int:
        return len(self.p1)

    def rows(self, index: Any) -> Chain:
        return Chain(*(getattr(self, f.name)[index] for f in fields(self)))

    def on_route_2(self) -> Chain:
        """Route 2 is route 1 of a game in which the first model is the second and never hands over."""
        return replace(self, p1=self.p2, a=self.b, w1=self.w2, gross1=self.gross2, c1=self.c2)

    def by_route(self, route: Any) -> Chain:
        second = (np.asarray(route) == 2)[:, None]
        other = self.on_route_2()
        return Chain(*(np.where(second, getattr(other, f.name), getattr(self, f.name)) for f in fields(self)))

    def visits(self, s: Any, q: Any) -> tuple[Any, Any]:
        handed = self.a * (1 - q) * s
        n1 = 1 / (self.p1 + self.a * q + handed)
        return n1, n1 * handed / (self.p2 + self.b * q)

    def utility(self, s: Any, q: Any) -> Any:
        n1, n2 = self.visits(s, q)
        return self.w1 * n1 + self.w2 * n2

    def gain(self, s: Any, q: Any) -> Any:
        """U less that of leaving at once: what the passes after the first are worth, however little."""
        n1, n2 = self.visits(s, q)
        return self.w1 * (self.a * (1 - q) * (1 - s) * n1) + self.w2 * n2

    def scale(self, s: Any, q: Any) -> Any:
        """What the gain is a sum of, without signs."""
        n1, n2 = self.visits(s, q)
        return np.abs(self.w1) * (self.a * (1 - q) * (1 - s) * n1) + np.abs(self.w2) * n2

    def total(self, s: Any) -> Any:
        """What the utility of staying is a sum of, net values themselves being differences: V S + L."""
        n1, n2 = self.visits(s, Real(0))
        return self.gross1 * n1 + self.gross2 * n2

    def slope(self, s: Any, q: Any) -> Any:
        """dU/dq, every step of `visits` differentiated in turn."""
        handed, handed_dot = self.a * (1 - q) * s, -self.a * s
        n1 = 1 / (self.p1 + self.a * q + handed)
        n1_dot = -(self.a + handed_dot) * n1 * n1
        leaving = self.p2 + self.b * q
        n2 = n1 * handed / leaving
        n2_dot = (n1_dot * handed + n1 * handed_dot - n2 * self.b) / leaving
        return self.w1 * n1_dot + self.w2 * n2_dot

    def cost(self, s: Any, q: Any) -> Any:
        n1, n2 = self.visits(s, q)
        return self.c1 * n1 + self.c2 * n2 + self.penalty * q * (self.a * n1 + self.b * n2)


# ---- the user


@dataclass(frozen=True)
class Answers:
    """The user's best answers to cascades s: one of them, its utility, and the provider's cost at its best and worst.

    Where several answers are equally good, `low` and `high` are the least and the greatest cost among them.
    """

    s: Any
    q: Any
    kind: Any
    may_stay: Any
    may_leave: Any
    utility: Any
    low: Any
    high: Any

    def joined(self, other: Answers) -> Answers:
        return Answers(*(np.concatenate([x, getattr(other, n)], axis=1) for n, x in vars(self).items()))

    def sorted(self) -> Answers:
        order = np.argsort(self.s, axis=1, kind="stable")
        return Answers(*(np.take_along_axis(x, order, 1) for x in vars(self).values()))

    def column(self, k: Any) -> Answers:
        return Answers(*(np.take_along_axis(x, k[:, None], 1)[:, 0] for x in vars(self).values()))


def kinds(chain: Chain, s: Any) -> tuple[Any, Any, Any]:
    """Kind of the best answer, and the best and worst gain of the grid over q.

    An end of [0, 1] is best if no point of the grid is better and the slope does not lead away from it: next to a
    kink the grid alone would see nothing but rounding.
    """
    best, worst = np.full(s.shape, -np.inf, dtype=Real), np.full(s.shape, np.inf, dtype=Real)
    for q in Q_GRID:
        now = chain.gain(s, q)
        best, worst = np.maximum(best, now), np.minimum(worst, now)
    stays, leaves = (
        (chain.gain(s, q) >= best - ROUNDING * chain.scale(s, Real(0))) & (outwards * chain.slope(s, q) >= 0)
        for q, outwards in ENDS
    )
    return np.where(stays, STAYS, np.where(leaves, LEAVES, MIXES)), best, worst


def answers(chain: Chain, s: Any) -> Answers:
    """Best answers to cascades, one row of them a game."""
    kind, best, worst = kinds(chain, s)
    q = np.where(kind == LEAVES, Real(1), Real(0))
    game, column = np.nonzero(kind == MIXES)
    if len(game):
        q[game, column] = _mixed_answers(chain.rows(game), s[game, column][:, None])
    return _with_ties(chain, s, q, kind, best, worst)


def _mixed_answers(chain: Chain, s: Any) -> Any:
    """The best turning point of U: the cell of the grid in which the slope turns downwards, then bisection."""
    rises, worth = chain.slope(s, Q_GRID) > 0, chain.gain(s, Q_GRID)
    turns = rises[:, :-1] & ~rises[:, 1:]
    k = np.argmax(np.where(turns, np.maximum(worth[:, :-1], worth[:, 1:]), -np.inf), axis=1)[:, None]
    low, high = Q_GRID[k], Q_GRID[k + 1]
    for _ in range(60):
        middle = (low + high) / 2
        rises = chain.slope(s, middle) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return ((low + high) / 2)[:, 0]


def _with_ties(chain: Chain, s: Any, q: Any, kind: Any, best: Any, worst: Any) -> Answers:
    """Complete answers: an end of [0, 1] ties if it is as good and the slope does not lead away from it."""
    gain, rounding = chain.gain(s, q), ROUNDING * chain.scale(s, Real(0))
    low = high = chain.cost(s, q)
    may = []
    for end, outwards in ENDS:
        ties = (chain.gain(s, end) >= gain - rounding) & (outwards * chain.slope(s, end) >= 0)
        cost = chain.cost(s, end)
        low, high = np.where(ties, np.minimum(low, cost), low), np.where(ties, np.maximum(high, cost), high)
        may.append(ties)
    flat = worst >= best - rounding
    if flat.any():
        for k in Q_GRID:
            cost = chain.cost(s, k)
            low, high = np.where(flat, np.minimum(low, cost), low), np.where(flat, np.maximum(high, cost), high)
    return Answers(s, q, kind, *may, chain.utility(s, q), low, high)


def kinks(chain: Chain, grid: Any, kind: Any, steps: int) -> Any:
    """Both sides of the first and the last change of kind along s, a row a game: s−, s+, s−, s+."""
    changes = np.diff(kind, axis=1) != 0
    first = np.argmax(changes, axis=1)
    last = changes.shape[1] - 1 - np.argmax(changes[:, ::-1], axis=1)
    ends = np.zeros((len(chain), 4), dtype=Real)
    moving = np.flatnonzero(changes.any(axis=1))
    if not len(moving):
        return ends
    rows = chain.rows(moving)
    for pair, k, known in ((0, first, 0), (2, last, 1)):
        k = k[moving][:, None]
        low, high = grid[k], grid[k + 1]
        wanted = np.take_along_axis(kind[moving], k + known, 1)
        for _ in range(steps):
            middle = (low + high) / 2
            same = kinds(rows, middle)[0] == wanted
            to_low = same if known == 0 else ~same
            low, high = np.where(to_low, middle, low), np.where(to_low, high, middle)
        ends[moving, pair], ends[moving, pair + 1] = low[:, 0], high[:, 0]
    return ends


# ---- the provider


@dataclass(frozen=True)
class Found:
    """What the search finds in each game of a batch.

    Attributes:
        cost: least cost of the provider, ties going well.
        weak_cost: infimum of it, ties going badly.
        utility: the user's, at the cheapest commitment.
        preferred: the user's, at the commitment that it would choose.
        on_route_1: the answers to all cascades that were tried.
        on_route_2: the one answer there.
    """

    cost: Any
    weak_cost: Any
    utility: Any
    preferred: Any
    on_route_1: Answers
    on_route_2: Answers


def search(chain: Chain, grid: Any = S_GRID, rounds: int = 12) -> Found:
    """Search every commitment of every game; without rounds of zooming, only roughly."""
    found = answers(chain, np.broadcast_to(grid, (len(chain), len(grid))))
    ends = kinks(chain, grid, found.kind, steps=66 if rounds else 20)
    hair = Real(1e-12)
    beside = np.clip(np.concatenate([ends[:, ::2] * (1 - hair), ends[:, 1::2] * (1 + hair)], axis=1), 0, 1)
    between = ends[:, 1:2] + (ends[:, 2:3] - ends[:, 1:2]) * BETWEEN
    found = found.joined(answers(chain, np.concatenate([ends, beside, between], axis=1))).sorted()
    cheap = _zoomed(chain, found, lambda x: x.low, rounds)
    liked = _zoomed(chain, found, lambda x: -x.utility, rounds // 2)
    second = answers(chain.on_route_2(), np.zeros((len(chain), 1), dtype=Real))
    other = second.column(np.zeros(len(chain), dtype=int))
    return Found(
        cost=np.minimum(cheap.low, other.low),
        weak_cost=np.minimum(found.joined(_column(cheap)).high.min(axis=1), other.high),
        utility=np.where(cheap.low <= other.low, cheap.utility, other.utility),
        preferred=np.maximum(liked.utility, other.utility),
        on_route_1=found,
        on_route_2=second,
    )


def _column(answer: Answers) -> Answers:
    return Answers(*(x[:, None] for x in vars(answer).values()))


def _zoomed(chain: Chain, found: Answers, objective: Any, rounds: int) -> Answers:
    """The best answer after zooming in between the neighbours of the best point, again and again."""
    inside = (np.arange(8) + Real(0.37)) / 8  # never the point that is there already
    for _ in range(rounds):
        k, last = np.argmin(objective(found), axis=1), found.s.shape[1] - 1
        known = [found.column(np.clip(k + step, 0, last)) for step in (-1, 0, 1)]
        left, right = known[0].s[:, None], known[2].s[:, None]
        found = answers(chain, left + (right - left) * inside)
        for answer in known:
            found = found.joined(_column(answer))
        found = found.sorted()
    return found.column(np.argmin(objective(found), axis=1))


def throttled_cost(g: Numbers) -> Any:
    """Least cost over latencies raised to t_k + x V p_k, for several pairs of x; a coarser search."""
    least = np.full(len(g), np.inf, dtype=Real)
    for first, second in RAISES:
        slower = replace(g, t1=g.t1 + first * g.value * g.p1, t2=g.t2 + second * g.value * g.p2)
        least = np.minimum(least, search(Chain.of(slower), COARSE_S_GRID, rounds=0).cost)
    return least


def safe_penalties(chain: Chain, found: Found) -> tuple[Any, Any]:
    """The last penalty at which leaving at once undercuts every commitment: if ties do not count, and if they do.

    Answers do not depend on the penalty, so every commitment costs a straight line in it, and so does leaving.
    Whether leaving is cheaper changes only where a line of leaving crosses another: it is tried between crossings.
    """
    cost, churn = _lines(chain, found)
    leaving = [(chain.c1, chain.a), (chain.c2, chain.b)]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossings = [(cost - c) / (growth - churn) for c, growth in leaving]
        crossings.append((chain.c1 - chain.c2) / (chain.b - chain.a))
    at = np.concatenate([np.zeros((len(chain), 1)), *crossings], axis=1)
    at = np.sort(np.where(np.isfinite(at), np.maximum(at, 0), 0), axis=1)
    middle = (at[:, :-1] + at[:, 1:]) / 2
    committed = np.min(cost[:, None, :] + middle[:, :, None] * churn[:, None, :], axis=2)
    driven_off = np.minimum(*(c + middle * growth for c, growth in leaving))
    narrow = at[:, 1:] <= at[:, :-1] * (1 + 1e-15)
    return tuple(
        np.max(np.where((driven_off < committed * (1 - slack)) & ~narrow, at[:, 1:], 0), axis=1)
        for slack in (TIE, 1e-17)
    )


def _lines(chain: Chain, found: Found) -> tuple[Any, Any]:
    """Cost without a penalty and its growth with it: of users who all stay, or all leave, only the cheapest counts."""
    cost, churn = [], []
    for route, part in ((1, found.on_route_1), (2, found.on_route_2)):
        on = chain if route == 1 else chain.on_route_2()
        free, growth = replace(on, penalty=Real(0)), replace(on, penalty=Real(1), c1=Real(0), c2=Real(0))
        for q, holds in ((Real(0), part.may_stay), (Real(1), part.may_leave)):
            values = np.where(holds, free.cost(part.s, q), np.inf)
            k = np.argmin(values, axis=1)[:, None]
            cost.append(np.take_along_axis(values, k, 1))
            churn.append(growth.cost(np.take_along_axis(part.s, k, 1), q))
        if (part.kind == MIXES).any():
            cost.append(np.where(part.kind == MIXES, free.cost(part.s, part.q), np.inf))
            churn.append(growth.cost(part.s, part.q))
    return np.concatenate(cost, axis=1), np.concatenate(churn, axis=1)


# ---- no commitment


@dataclass(frozen=True)
class Simultaneous:
    """Cost without commitment: `costs` of shape (games, 2), alike unless a tie decides; the most anyone could gain."""

    costs: Any
    gain: Any


def simultaneous(chain: Chain) -> Simultaneous:
    """The cheapest pair of a static route and the answer that it deserves or, if there is none, a mixed pair."""
    second, none = chain.on_route_2(), Real(0)
    sure, possible = [], []
    for own, other, sign in ((chain, second, chain.w1), (second, chain, chain.w2)):
        for q, fits in ((Real(0), sign > 0), (Real(1), sign < 0)):
            mine, theirs = own.cost(none, q), other.cost(none, q)
            deviation = np.minimum(theirs, chain.cost(S_GRID, q).min(axis=1, keepdims=True))
            reply = np.max([own.utility(none, k) for k in Q_GRID], axis=0)
            holds = (mine <= deviation * (1 + TIE)) & (own.utility(none, q) >= reply - TIE * np.abs(reply))
            clear = holds & fits & (mine <= theirs * (1 - TIE))
            possible.append(np.where(holds, mine, np.inf)[:, 0])
            sure.append(np.where(clear, mine, np.inf)[:, 0])
    mixed, gain = _mixed(chain, second)
    costs = [np.where(np.isfinite(least), least, mixed) for least in (np.min(sure, axis=0), np.min(possible, axis=0))]
    pure = np.isfinite(np.min(possible, axis=0))
    return Simultaneous(np.stack(costs, axis=1), np.where(pure, 0, gain))


def _mixed(first: Chain, second: Chain) -> tuple[Any, Any]:
    """Cost of the best of three ways to make both sides indifferent, and the most that either gains by deviating."""
    none = Real(0)
    q = _root(lambda x: first.cost(none, x) - second.cost(none, x), first.p1.shape)
    flat = _root(lambda x: x * first.slope(none, q) + (1 - x) * second.slope(none, q), q.shape)
    cascade = _root(lambda x: first.slope(x, q), q.shape)
    stay, leave = ([c.utility(none, Real(k)) for c in (first, second)] for k in (0, 1))
    even = _root(lambda x: x * (stay[0] - leave[0]) + (1 - x) * (stay[1] - leave[1]), q.shape)
    costs = [[c.cost(none, Real(k)) for c in (first, second)] for k in (0, 1)]
    leaving = _root(lambda x: x * (costs[1][0] - costs[1][1]) + (1 - x) * (costs[0][0] - costs[0][1]), q.shape)

    def routes(weight: Any) -> Any:
        return lambda x: weight * first.utility(none, x) + (1 - weight) * second.utility(none, x)

    def coin(c: Chain, s: Any) -> Any:
        return leaving * c.cost(s, Real(1)) + (1 - leaving) * c.cost(s, Real(0))

    options = []
    for worth, enjoyed, cost in (
        (routes(flat), routes(flat)(q), lambda c, s: c.cost(s, q)),
        (lambda x: first.utility(cascade, x), first.utility(cascade, q), lambda c, s: c.cost(s, q)),
        (routes(even), routes(even)(Real(1)), coin),
    ):
        paid = np.maximum(cost(first, none), cost(second, none))
        least = np.minimum(cost(first, S_GRID).min(axis=1, keepdims=True), cost(second, none))
        better = np.max([worth(k) for k in Q_GRID], axis=0) - enjoyed
        gain = np.maximum((paid - least) / np.maximum(paid, TINY), better / np.maximum(np.abs(enjoyed), TINY))
        options.append((paid[:, 0], gain[:, 0]))
    paid, gain = (np.stack([option[k] for option in options]) for k in (0, 1))
    best = np.argmin(gain, axis=0)[None]
    return np.take_along_axis(paid, best, 0)[0], np.take_along_axis(gain, best, 0)[0]


def _root(function: Any, shape: tuple[int, ...]) -> Any:
    """Where a function changes sign in [0, 1], by bisection; an end where it does not."""
    low, high = np.zeros(shape, dtype=Real), np.ones(shape, dtype=Real)
    ends_positive = function(high) > 0
    for _ in range(140):  # a root may be as small as 1e-23
        middle = (low + high) / 2
        beyond = (function(middle) > 0) == ends_positive
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return (low + high) / 2

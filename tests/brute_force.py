"""An oracle that shares no code with the project: the chain of docs/theory.md, searched by dense grids.

Nothing here knows a theorem. Expected passes come from eliminating the transition equations, derivatives
from a complex step, best responses from a grid over the abandonment probability refined by bisection,
equilibria from a grid over the commitment refined by zooming and by bisection at the user's largest jump.
Games are `Numbers`: plain arrays of one shape.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

Q_GRID = np.linspace(0, 1, 41) ** 2
S_GRID = np.linspace(0, 1, 161) ** 2
COMPLEX_STEP = 1e-30


@dataclass(frozen=True)
class Numbers:
    """The parameters of many games: V, P, p_i, t_i, c_i, arrays of one shape."""

    value: Any
    penalty: Any
    p1: Any
    p2: Any
    t1: Any
    t2: Any
    c1: Any
    c2: Any

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: Any) -> Numbers:
        return Numbers(**{name: np.asarray(x)[index] for name, x in vars(self).items()})

    @classmethod
    def joined(cls, parts: list[Numbers]) -> Numbers:
        """Several batches as one."""
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in vars(parts[0])})

    def columns(self) -> Numbers:
        """The same games as columns, to broadcast against a grid."""
        return self[:, None]

    def exactly(self) -> Numbers:
        """One game with its parameters as rational numbers."""
        return Numbers(**{name: Fraction(float(x)) for name, x in vars(self).items()})


# ---- the chain


def passes(p1: Any, p2: Any, route: int, s: Any, q1: Any, q2: Any) -> tuple[Any, Any]:
    """Expected passes of both models: n = start + n T, T the transitions of section 1, eliminated by hand."""
    from_1_to_1 = (1 - p1) * (1 - q1) * (1 - s)
    from_1_to_2 = (1 - p1) * (1 - q1) * s
    from_2_to_2 = (1 - p2) * (1 - q2)
    n1 = (1 if route == 1 else 0) / (1 - from_1_to_1)
    n2 = ((0 if route == 1 else 1) + n1 * from_1_to_2) / (1 - from_2_to_2)
    return n1, n2


def passes_by_linear_solve(p1: Any, p2: Any, route: Any, s: Any, q1: Any, q2: Any) -> tuple[Any, Any]:
    """Expected passes of both models by solving (I − T)ᵀ n = start, for a whole batch."""
    p1, p2, route, s, q1, q2 = np.broadcast_arrays(p1, p2, route, s, q1, q2)
    transient = np.zeros((*p1.shape, 2, 2))
    transient[..., 0, 0] = (1 - p1) * (1 - q1) * (1 - s)
    transient[..., 0, 1] = (1 - p1) * (1 - q1) * s
    transient[..., 1, 1] = (1 - p2) * (1 - q2)
    start = np.stack([route == 1, route == 2], axis=-1).astype(float)
    n = np.linalg.solve(np.swapaxes(np.eye(2) - transient, -1, -2), start[..., None])[..., 0]
    return n[..., 0], n[..., 1]


def payoffs(g: Numbers, n1: Any, n2: Any, q1: Any, q2: Any) -> dict[str, Any]:
    """S, L, C, U and J from the expected passes, by their definitions."""
    solve_prob = g.p1 * n1 + g.p2 * n2
    latency = g.t1 * n1 + g.t2 * n2
    cost = g.c1 * n1 + g.c2 * n2
    abandoned = (1 - g.p1) * q1 * n1 + (1 - g.p2) * q2 * n2
    return {
        "solve_prob": solve_prob,
        "expected_latency": latency,
        "expected_cost": cost,
        "user_utility": g.value * solve_prob - latency,
        "provider_cost": cost + g.penalty * abandoned,
    }


def utility(g: Numbers, route: int, s: Any, q: Any) -> Any:
    """U: the task's value times the chance of success, less the waiting."""
    return payoffs(g, *passes(g.p1, g.p2, route, s, q, q), q, q)["user_utility"]


def provider_cost(g: Numbers, route: int, s: Any, q: Any) -> Any:
    """J: the passes paid for, and the penalty times the chance of abandonment."""
    return payoffs(g, *passes(g.p1, g.p2, route, s, q, q), q, q)["provider_cost"]


def slope(g: Numbers, route: int, s: Any, q: Any) -> Any:
    """dU/dq, exact to rounding by a complex step."""
    return np.imag(utility(g, route, s, q + 1j * COMPLEX_STEP)) / COMPLEX_STEP


# ---- the user


def best_reply(g: Numbers, route: int, s: Any) -> Any:
    """The user's best abandonment probability: best point of a grid, then bisection on the slope around it.

    Of points that are equally good the one that stays longest is taken.
    """
    shape = np.broadcast_shapes(np.shape(g.value), np.shape(s))
    best, where, rounding = np.full(shape, -np.inf), np.zeros(shape, dtype=int), 1e-13 * g.value
    for k, q in enumerate(Q_GRID):
        now = utility(g, route, s, q)
        better = now > best + rounding
        best, where = np.where(better, now, best), np.where(better, k, where)
    low, high = Q_GRID[np.maximum(where - 1, 0)], Q_GRID[np.minimum(where + 1, len(Q_GRID) - 1)]
    for _ in range(50):
        middle = (low + high) / 2
        rises = slope(g, route, s, middle) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    inside = np.round((low + high) / 2, 14)
    return np.where(utility(g, route, s, inside) >= best - rounding, inside, Q_GRID[where])


def jump(g: Numbers, s: Any, q: Any) -> tuple[Any, Any, Any, Any]:
    """Both sides of the largest change of the answer along `s` on route 1, by bisection: s−, q−, s+, q+.

    Where the user is indifferent between two answers the provider may count on either: both are returned.
    """
    k = np.argmax(np.abs(np.diff(q, axis=1)), axis=1)[:, None]
    low, high = np.take_along_axis(s, k, 1), np.take_along_axis(s, k + 1, 1)
    q_low, q_high = np.take_along_axis(q, k, 1), np.take_along_axis(q, k + 1, 1)
    for _ in range(52):
        middle = (low + high) / 2
        answer = best_reply(g, 1, middle)
        is_low = np.abs(answer - q_low) < np.abs(answer - q_high)
        low, q_low = np.where(is_low, middle, low), np.where(is_low, answer, q_low)
        high, q_high = np.where(is_low, high, middle), np.where(is_low, q_high, answer)
    return low, q_low, high, q_high


def indifferent_cascade(g: Numbers) -> Any:
    """The cascade probability at which staying for good is worth as much as leaving at once."""
    return _root(lambda s: utility(g, 1, s, 0.0) - utility(g, 1, s, 1.0), np.shape(g.value))


# ---- the provider


@dataclass(frozen=True)
class Optimum:
    """The best of all commitments found, one entry a game."""

    objective: Any
    route: Any
    s: Any
    q: Any


def least(g: Numbers, objective: Any) -> Optimum:
    """Least `objective(games, route, s, q)` over every commitment, the user answering at its best.

    Grid over s, both sides of the user's largest jump, then zooms around the best point so far.
    """
    columns, s, q = g.columns(), *_answers(g)
    found = _best_column(objective(columns, 1, s, q), s, q, route=1)
    width = 0.0125
    for _ in range(12):
        s = np.clip(found.s[:, None] + np.linspace(-1, 1, 13) * width, 0, 1)
        q = best_reply(columns, 1, s)
        found = _better(found, _best_column(objective(columns, 1, s, q), s, q, route=1))
        width /= 5
    zero = np.zeros((len(g), 1))
    q = best_reply(columns, 2, zero)
    return _better(found, _best_column(objective(columns, 2, zero, q), zero, q, route=2))


def _answers(g: Numbers) -> tuple[Any, Any]:
    """Cascade probabilities, one row a game: a grid and both sides of the largest jump; the answers."""
    columns, s = g.columns(), np.broadcast_to(S_GRID, (len(g), len(S_GRID)))
    q = best_reply(columns, 1, s)
    s_low, q_low, s_high, q_high = jump(columns, s, q)
    return np.concatenate([s, s_low, s_high], axis=1), np.concatenate([q, q_low, q_high], axis=1)


def _best_column(values: Any, s: Any, q: Any, route: int) -> Optimum:
    k = np.argmin(values, axis=1)[:, None]
    objective, s, q = (np.take_along_axis(x, k, 1)[:, 0] for x in (values, s, q))
    return Optimum(objective, np.full(len(s), route), s, q)


def _better(old: Optimum, new: Optimum) -> Optimum:
    wins = new.objective < old.objective
    pairs = zip(vars(old).values(), vars(new).values(), strict=True)
    return Optimum(*(np.where(wins, y, x) for x, y in pairs))


def equilibrium(g: Numbers) -> Optimum:
    """The provider's cheapest commitment; an indifferent user acts as the provider likes."""
    return least(g, provider_cost)


def user_preferred(g: Numbers) -> Optimum:
    """The commitment the user would choose; the objective is minus its utility."""
    return least(g, lambda *at: -utility(*at))


def throttled_cost(g: Numbers, raises: Any) -> Any:
    """Least cost over latencies raised to t_i + k V p_i, all pairs of k in `raises`, each solved anew."""
    slower = [
        replace(g, t1=g.t1 + first * g.value * g.p1, t2=g.t2 + second * g.value * g.p2)
        for first, second in itertools.product(raises, raises)
    ]
    return np.min([equilibrium(game).objective for game in slower], axis=0)


def safe_penalty(g: Numbers) -> Any:
    """The last penalty at which leaving after one failure undercuts every commitment.

    Answers do not depend on the penalty, so the cost of a commitment is a straight line in it, and so is that of
    leaving. Whether throttling pays changes only where two such lines cross: it is tried between all crossings.
    """
    cost, churn = _cost_lines(g)
    leaving = [(g.c1, 1 - g.p1), (g.c2, 1 - g.p2)]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = [(cost - c[:, None]) / (growth[:, None] - churn) for c, growth in leaving]
    crossings = np.concatenate([np.zeros((len(g), 1)), *crossings], axis=1)
    crossings = np.sort(np.where(np.isfinite(crossings), np.maximum(crossings, 0), 0), axis=1)
    last = np.zeros(len(g))
    for left, right in itertools.pairwise(crossings.T):
        penalty = (left + right) / 2
        committed = np.min(cost + penalty[:, None] * churn, axis=1)
        driven_off = np.minimum(*(c + penalty * growth for c, growth in leaving))
        last = np.where(driven_off < committed * (1 - 1e-10), right, last)
    return last


def _cost_lines(g: Numbers) -> tuple[Any, Any]:
    """Cost without a penalty, and its growth with the penalty, of many commitments (one row a game)."""
    columns, s, q = g.columns(), *_answers(g)
    on_route_2 = np.zeros((len(g), 1))
    q_2 = best_reply(columns, 2, on_route_2)
    free, dear = (
        np.concatenate([provider_cost(at, 1, s, q), provider_cost(at, 2, on_route_2, q_2)], axis=1)
        for at in (replace(columns, penalty=penalty) for penalty in (0.0, 1.0))
    )
    return free, dear - free


# ---- no commitment


@dataclass(frozen=True)
class Nash:
    """A pair of mixed strategies of one game, and the most that either side gains by deviating (relative).

    `kind`: "pure"; "routes" (a mix of static routes against one q); "cascade" (one (1, s) against one q);
    "coin" (a mix of static routes against a user who either always stays or never does).
    """

    kind: str
    cost: float
    provider_gain: float
    user_gain: float

    @property
    def largest_gain(self) -> float:
        return max(self.provider_gain, self.user_gain)


def nash_equilibria(g: Numbers) -> list[Nash]:
    """Every pure equilibrium of one game or, where there is none, the best of three ways to build a mixed."""
    pure = [_judged(g, "pure", {(i, 0.0): 1.0}, {q: 1.0}) for i in (1, 2) for q in (0.0, 1.0)]
    pure = [pair for pair in pure if pair.largest_gain <= 1e-12]
    return pure or [min(_mixed(g), key=lambda pair: pair.largest_gain)]


def _mixed(g: Numbers) -> list[Nash]:
    """Pairs in which each side's mix makes the other indifferent, found by bisection."""
    q = float(_root(lambda q: provider_cost(g, 1, 0.0, q) - provider_cost(g, 2, 0.0, q)))
    leaving = float(_root(lambda w: _coin_cost(g, 1, w) - _coin_cost(g, 2, w)))
    flat = float(_root(lambda w: w * slope(g, 1, 0.0, q) + (1 - w) * slope(g, 2, 0.0, q)))
    even = float(_root(lambda w: w * _gain_of_staying(g, 1) + (1 - w) * _gain_of_staying(g, 2)))
    cascade = float(_root(lambda s: slope(g, 1, s, q)))
    return [
        _judged(g, "routes", {(1, 0.0): flat, (2, 0.0): 1 - flat}, {q: 1.0}),
        _judged(g, "cascade", {(1, cascade): 1.0}, {q: 1.0}),
        _judged(g, "coin", {(1, 0.0): even, (2, 0.0): 1 - even}, {1.0: leaving, 0.0: 1 - leaving}),
    ]


def _coin_cost(g: Numbers, route: int, leaving: Any) -> Any:
    return leaving * provider_cost(g, route, 0.0, 1.0) + (1 - leaving) * provider_cost(g, route, 0.0, 0.0)


def _gain_of_staying(g: Numbers, route: int) -> Any:
    return utility(g, route, 0.0, 0.0) - utility(g, route, 0.0, 1.0)


def _judged(g: Numbers, kind: str, commitments: dict[tuple[int, float], float], answers: dict[float, float]) -> Nash:
    """The cost of a pair of mixed strategies, tried against every pure deviation of a dense grid."""
    grid = np.linspace(0, 1, 2001)
    grid = np.concatenate([grid, grid**3])

    def cost(route: int, s: Any) -> Any:
        return sum(weight * provider_cost(g, route, s, q) for q, weight in answers.items())

    def worth(q: Any) -> Any:
        return sum(weight * utility(g, *commitment, q) for commitment, weight in commitments.items())

    paid = float(sum(weight * cost(*commitment) for commitment, weight in commitments.items()))
    enjoyed = float(sum(weight * worth(q) for q, weight in answers.items()))
    cheapest = min(float(cost(1, grid).min()), float(cost(2, 0.0)))
    return Nash(kind, paid, (paid - cheapest) / paid, float((worth(grid).max() - enjoyed) / g.value))


def _root(function: Any, shape: tuple[int, ...] = ()) -> Any:
    """Where a function changes sign in [0, 1], by bisection; an end where it does not."""
    low, high = np.zeros(shape), np.ones(shape)
    ends_positive = function(high) > 0
    for _ in range(60):
        middle = (low + high) / 2
        beyond = (function(middle) > 0) == ends_positive
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return (low + high) / 2


# ---- exact ties


def exact_answers(g: Numbers, route: int, s: Fraction, grid: list[Fraction]) -> list[Fraction]:
    """Every point of a grid at which the user of one rational game is best off: ties are exact."""
    worth = [utility(g, route, s, q) for q in grid]
    best = max(worth)
    return [q for q, u in zip(grid, worth, strict=True) if u == best]


def exact_costs(g: Numbers, cascades: list[Fraction], grid: list[Fraction]) -> tuple[Fraction, Fraction]:
    """Least cost of one rational game over a grid of commitments: ties go well, ties go badly."""
    well, badly = [], []
    for route, s in [(1, s) for s in cascades] + [(2, Fraction(0))]:
        costs = [provider_cost(g, route, s, q) for q in exact_answers(g, route, s, grid)]
        well.append(min(costs))
        badly.append(max(costs))
    return min(well), min(badly)

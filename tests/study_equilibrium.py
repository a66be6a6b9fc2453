"""Hold the solver against the search of `dense_search` on tens of thousands of games: `make verify`.

Prints, for every stratum of games, the largest relative disagreement of each quantity, and exits 1 if one exceeds
1e-8. Each number is relative to itself, but for the misalignment gap, which is relative to the larger of the two
utilities that it is the difference of; the utility lost by an answer, relative to V S + L; and the answer q,
relative to q + min(p_1, p_2), which decides how long a user stays, and by its distance from the best answers to all
cascades within rounding of s: 4e-16 for every net value, times (V p + t) / |V p − t|.

Where two payoffs differ by less than 1e-12 of themselves a comparison may go either way, and so either of two
equilibria, safe penalties or equilibria without commitment counts as right.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import dense_search
import numpy as np
from brute_force import Numbers
from conftest import REGIMES, draw_numbers, make_game
from dense_search import TIE, TINY, Chain, Found, Real
from tqdm import tqdm

from routegame import best_response, solve
from routegame.agents.exact.best_response import thresholds
from routegame.agents.exact.theorems import theorem_4_penalties

LIMIT = 1e-8
CHUNK = 100
QUANTITIES = [
    "answer q",
    "answer U",
    "cost J*",
    "weak J",
    "liked U",
    "gap",
    "throttled",
    "P_safe",
    "no commit",
]


# ---- strata of games


def random_games(regime: str, count: int, seed: int) -> Numbers:
    """The first half in the paper's order, the second in any order."""
    return Numbers.joined(
        [draw_numbers(regime, count // 2, seed, ordered=True), draw_numbers(regime, count // 2, seed + 1)]
    )


def near_thresholds(count: int, seed: int) -> dict[str, Numbers]:
    """Games within 1e-6 of a threshold, on either side.

    Net values are within 1e-6 but not 1e-7 of 0, or exactly 0: a net value is a difference of two rounded numbers,
    and closer to 0 its own relative error would pass 1e-9. So it is with s_L and s_H, between which q runs from 0 to 1.
    """
    rng, each = np.random.default_rng(seed), -(-count // 12)
    side = rng.choice([-1, 1], (12, each))
    near, nearer = side * 10 ** rng.uniform(-7, -6, (12, each)), side * 10 ** rng.uniform(-12, -6, (12, each))

    def mixed_regimes(k: int) -> Numbers:
        games = Numbers.joined([draw_numbers(r, -(-each // 4), seed + 10 * k + j) for j, r in enumerate(REGIMES)])
        return games[rng.permutation(len(games))[:each]]

    g = [mixed_regimes(k) for k in range(12)]
    first, second = ({"t1": x.value * x.p1 * (1 - near[k])} for k, x in ((0, g[0]), (2, g[2])))
    strata = {
        "xi_1 near 0": replace(g[0], **first),
        "xi_2 near 0": replace(g[1], t2=g[1].value * g[1].p2 * (1 - near[1])),
        "both near 0": replace(g[2], **second, t2=g[2].value * g[2].p2 * (1 - near[3])),
    }
    power, kind = 2.0 ** rng.integers(-3, 5, each), rng.integers(0, 3, each)
    scaled = replace(g[3], value=power, t1=g[3].t1 / g[3].value * power, t2=g[3].t2 / g[3].value * power)
    strata["net value 0"] = replace(
        scaled,
        t1=np.where(kind != 1, power * scaled.p1, scaled.t1),
        t2=np.where(kind != 0, power * scaled.p2, scaled.t2),
    )
    narrow = draw_numbers("value-latency", each, seed + 40)
    strata["s_L near s_H"] = replace(narrow, p2=1 - np.abs(near[4]), t2=narrow.t2 / narrow.p2 * (1 - np.abs(near[4])))
    strata["p_1 near p_2"] = replace(g[5], p2=g[5].p1 * (1 + nearer[5]), t2=g[5].t2 / g[5].p2 * g[5].p1)
    strata["c_1/p_1 near c_2/p_2"] = replace(g[6], c2=g[6].c1 / g[6].p1 * g[6].p2 * (1 + nearer[6]))
    swap = (g[7].c2 - g[7].c1) * (g[7].p2 - g[7].p1) < 0
    turned = replace(g[7], c1=np.where(swap, g[7].c2, g[7].c1), c2=np.where(swap, g[7].c1, g[7].c2))
    price = (turned.c2 - turned.c1) / (turned.p2 - turned.p1)
    strata["P near (c_2-c_1)/(p_2-p_1)"] = replace(turned, penalty=price * (1 + nearer[7]))
    served = draw_numbers("latency-value", each, seed + 80)
    at = theorem_4_penalties(make_game(served))
    penalty = np.where(rng.uniform(size=each) < 0.5, at.to_reasoning, at.to_cascade)
    strata["P near P1 or P2"] = replace(served, penalty=np.maximum(penalty, 0) * (1 + nearer[8]))
    kept = draw_numbers("value-latency", each, seed + 90)
    s_L, a = np.asarray(thresholds(make_game(kept)).s_L), 1 - kept.p1
    cascade = (kept.c1 + a * s_L * kept.c2 / kept.p2) / (kept.p1 + a * s_L)
    one = rng.uniform(size=each) < 0.5
    penalty = np.where(one, (cascade - kept.c1) / a, (cascade - kept.c2) / (1 - kept.p2))
    strata["P where s_L ties"] = replace(kept, penalty=np.maximum(penalty, 0) * (1 + nearer[9]))
    safe = np.asarray(solve(make_game(g[10])).throttling.safe_churn_penalty)
    strata["P near P_safe"] = replace(g[10], penalty=np.where(safe > 0, safe * (1 + nearer[10]), g[10].penalty))
    one = rng.uniform(size=each) < 0.5
    strata["P near a cost of pass"] = replace(
        g[11], penalty=np.where(one, g[11].c1 / g[11].p1, g[11].c2 / g[11].p2) * (1 + nearer[11])
    )
    return strata


def extremes(count: int, seed: int) -> Numbers:
    """p from 1e-9 to 1 − 1e-9, P up to 1e12 and 0, V from 1e-12 to 1e12, costs over twelve decades and 0."""
    rng = np.random.default_rng(seed)

    def decades(low: float, high: float, *shape: int) -> Any:
        return 10 ** rng.uniform(low, high, (*shape, count))

    ends = rng.integers(0, 5, (2, count))
    p = np.choose(
        ends, [decades(-9, 0, 2) * 0.999, 1 - decades(-9, -1, 2), rng.uniform(0.01, 0.99, (2, count)), 1e-9, 1 - 1e-9]
    )
    value, c = decades(-12, 12), decades(-6, 6, 2) * (rng.uniform(size=(2, count)) > 0.05)
    c = np.where(rng.uniform(size=count) < 0.5, c, p * decades(-2, 2, 2))
    worth = rng.uniform(size=(2, count)) < 0.5
    share = np.where(worth, rng.uniform(0, 0.999, (2, count)), 1 + decades(-3, 3, 2))
    penalty = np.choose(
        rng.integers(0, 4, count), [0.0, 1e12, decades(-12, 12), np.max(c / p, axis=0) * decades(-1, 1)]
    )
    return Numbers(value, penalty, *p, *(value * p * share), *c)


def mixing_games(count: int, seed: int, *, paying: bool) -> Numbers:
    """Games with ξ_1 > 0 > ξ_2 over many decades; `paying`: those in which users who mix may be the cheapest."""
    rng = np.random.default_rng(seed)
    p = 1 / (1 + 10 ** rng.uniform(-6 if not paying else -2, 6, (2, count)))
    if paying:
        p = np.sort(p, axis=0)[::-1]
    gain, loss, value = (
        10 ** rng.uniform(-4, 0, count),
        10 ** rng.uniform(-4, 3, count),
        10 ** rng.uniform(-2, 2, count),
    )
    k1 = 10 ** rng.uniform(-2, 2, count)
    k2 = k1 * (10 ** rng.uniform(-3, 0, count) if paying else 10 ** rng.uniform(-3, 1, count))
    penalty = k1 * (rng.uniform(0.7, 1.5, count) if paying else 10 ** rng.uniform(-1, 1, count))
    return Numbers(value, penalty, *p, value * p[0] * (1 - gain), value * p[1] * (1 + loss), k1 * p[0], k2 * p[1])


# ---- one batch


def disagreements(g: Numbers, seed: int) -> dict[str, Any]:
    """Relative disagreement of each quantity, one entry a game."""
    chain, solution = Chain.of(g), solve(make_game(g))
    found = dense_search.search(chain)
    slowed = np.minimum(found.cost, dense_search.throttled_cost(g))
    answer_q, answer_u = _answers(g, chain, seed)
    safe = dense_search.safe_penalties(chain, found)
    together = dense_search.simultaneous(chain)
    assert np.all(together.gain <= 1e-9), "the search has found no equilibrium without commitment"
    apart = [_relative(solution.no_commitment.provider_cost, cost) for cost in together.costs.T]
    return {
        "answer q": answer_q,
        "answer U": answer_u,
        "cost J*": _relative(solution.equilibrium.provider_cost, found.cost),
        "weak J": _relative(solution.weak_provider_cost, found.weak_cost),
        "liked U": _relative(solution.user_preferred.user_utility, found.preferred),
        "gap": _gap(chain, found, solution),
        "throttled": _relative(solution.throttling.provider_cost, slowed),
        "P_safe": np.minimum(*(_relative(solution.throttling.safe_churn_penalty, x) for x in safe)),
        "no commit": np.minimum(*apart),
    }


def _relative(ours: Any, theirs: Any) -> Any:
    return np.abs(np.asarray(ours) - theirs) / np.maximum(np.abs(theirs), TINY)


def _answers(g: Numbers, chain: Chain, seed: int) -> tuple[Any, Any]:
    """Distance of the solver's best responses, and the utility that they lose.

    At cascades in [0, 1], at the solver's thresholds and a millionth beside them, and on route 2.
    """
    game, columns = make_game(g), make_game(g.columns())
    rng, at = np.random.default_rng(seed), thresholds(game)
    s = [np.zeros(len(g)), np.ones(len(g)), rng.uniform(size=len(g)), rng.uniform(size=len(g)) ** 6]
    for edge in (at.s_0, at.s_L, at.s_H):
        s += [np.minimum(np.where(np.isnan(edge), 0.5, edge) * k, 1) for k in (1 - 1e-6, 1, 1 + 1e-6)]
    s = np.stack(s, axis=1)
    worst_q, worst_u = np.zeros(len(g)), np.zeros(len(g))
    with np.errstate(divide="ignore"):
        rounding = 4e-16 * (chain.gross1 / np.abs(chain.w1) + chain.gross2 / np.abs(chain.w2))
    rounding = np.where(rounding < 1, rounding, 0)  # a net value of 0 is exact
    for on, ours, cascade in (
        (chain, best_response(columns, 1, s), s),
        (chain.on_route_2(), best_response(columns, 2, np.zeros_like(s[:, :1])), np.zeros_like(s[:, :1])),
    ):
        cascade, ours = cascade.astype(Real), np.asarray(ours).astype(Real)
        best = dense_search.answers(on, cascade)
        lost = (on.gain(cascade, best.q) - on.gain(cascade, ours)) / np.maximum(on.total(cascade), TINY)
        worst_u = np.maximum(worst_u, lost.max(axis=1))
        beside = [dense_search.answers(on, np.minimum(cascade * (1 + k * rounding), 1)).q for k in (-1, 1)]
        nearest = np.clip(ours, np.minimum(best.q, np.minimum(*beside)), np.maximum(best.q, np.maximum(*beside)))
        distance = np.abs(ours - nearest) / (nearest + np.minimum(chain.p1, chain.p2))
        tie = np.isin(ours, (0, 1)) & np.isin(best.q, (0, 1)) & (lost <= TIE)
        worst_q = np.maximum(worst_q, np.where(tie, 0, distance).max(axis=1))
    return worst_q, worst_u


def _gap(chain: Chain, found: Found, solution: Any) -> Any:
    """The gap at the cheapest commitment found, or at the solver's, if answered well and no dearer."""
    e = solution.equilibrium
    on = chain.by_route(e.route)
    s, q = (np.where(e.route == 2, 0, e.cascade_prob)[:, None].astype(Real), e.abandon_prob[:, None].astype(Real))
    theirs = on.utility(s, q)[:, 0]
    ties = on.cost(s, q)[:, 0] <= found.cost * (1 + TIE)
    ties &= dense_search.answers(on, s).utility[:, 0] - theirs <= TIE * on.total(s)[:, 0]
    gaps = []
    for reached in (found.utility, np.where(ties, theirs, found.utility)):
        scale = np.maximum(np.maximum(np.abs(found.preferred), np.abs(reached)), TINY)
        gaps.append(np.abs(solution.misalignment_gap - (found.preferred - reached)) / scale)
    return np.minimum(*gaps)


# ---- users who mix


def arcs(g: Numbers, count: int = 16) -> tuple[Any, Any, Any]:
    """Visits and cost where users mix, a row a game: for each q the s at which the slope of U vanishes, bisected."""
    chain = Chain.of(g)
    q = np.concatenate([[0], np.geomspace(1e-8, 0.3, count), np.linspace(0.4, 1, 7)]).astype(Real)
    low, high = np.zeros((len(g), len(q)), dtype=Real), np.ones((len(g), len(q)), dtype=Real)
    for _ in range(72):
        middle = (low + high) / 2
        stays = chain.slope(middle, q) < 0
        low, high = np.where(stays, middle, low), np.where(stays, high, middle)
    n1, n2 = chain.visits(high, q)
    return n1, n2, chain.cost(high, q)


def judge_arcs(g: Numbers) -> dict[str, Any]:
    """What `one_game.cheapest_mix` claims of the arcs, and by how much, relatively, each game breaks it."""
    chain = Chain.of(g)
    n1, n2, cost = arcs(g)
    below = np.diff(n1, axis=1) >= 0
    left, middle, right = slice(2, None), slice(1, -1), slice(None, -2)
    width = np.maximum(n1[:, right] - n1[:, left], TINY)
    chord = n2[:, left] + (n2[:, right] - n2[:, left]) * (n1[:, middle] - n1[:, left]) / width
    sag = np.max((chord - n2[:, middle]) / n2.max(axis=1, keepdims=True), axis=1)
    step = np.diff(cost, axis=1)
    step[np.abs(step) <= 1e-11 * cost[:, 1:]] = 0
    rising = np.logical_or.accumulate(step > 0, axis=1)
    falls_again = np.any(rising & (step < 0), axis=1)
    second = chain.on_route_2()
    corners = [chain.cost(Real(0), Real(0)), chain.cost(Real(0), Real(1)), second.cost(Real(0), Real(1)), cost[:, :1]]
    table = np.min(corners, axis=0)[:, 0].astype(float)
    ordered, gain = g.p1 <= g.p2, (table - cost.min(axis=1)) / table
    worth_more = (g.c2 < g.penalty * g.p2) & ~ordered
    solved = np.asarray(solve(make_game(g)).equilibrium.provider_cost)
    return {
        "p_1 <= p_2: cheaper than the four corners": np.where(ordered, np.maximum(gain, 0), 0),
        "p_1 > p_2: n_2 below a chord": np.where(ordered, 0, np.maximum(sag, 0)),
        "p_1 > p_2: J falls again after it rose": (falls_again & worth_more).astype(float),
        "n_1 does not fall along the arc": below.any(axis=1).astype(float),
        "the arc undercuts the solver": np.maximum(1 - np.minimum(cost.min(axis=1), table) / solved, 0),
        "gain": np.where(ordered, 0, np.maximum(gain, 0)),
    }


# ---- the study


def chunks(g: Numbers, size: int = CHUNK) -> Iterator[Numbers]:
    for start in range(0, len(g), size):
        yield g[start : start + size]


def strata(random: int, near: int, extreme: int, mixing: int, seed: int = 0) -> dict[str, Numbers]:
    """All games by stratum: `random` and `near` in all, `random` shared out over the sign regimes."""
    games = {name: random_games(name, random // 4, seed + 1 + 2 * k) for k, name in enumerate(REGIMES)}
    games.update(near_thresholds(near, seed + 1000))
    games["extremes"] = extremes(extreme, seed + 2000)
    games["users may mix"] = mixing_games(mixing, seed + 3000, paying=True)
    return games


def study(games: dict[str, Numbers], progress: Any) -> dict[str, dict[str, float]]:
    """Largest disagreement of each quantity in each stratum."""
    table = {}
    for k, (name, g) in enumerate(games.items()):
        parts = []
        for chunk in chunks(g):
            parts.append(disagreements(chunk, seed=k))
            progress.update(len(chunk))
        table[name] = {q: float(max(part[q].max() for part in parts)) for q in QUANTITIES}
    return table


def study_arcs(count: int, progress: Any, seed: int = 4000) -> tuple[dict[str, float], int]:
    """Largest breach of each claim about users who mix, and in how many games they are the cheapest."""
    g = Numbers.joined([mixing_games(count // 2, seed + k, paying=bool(k)) for k in (0, 1)])
    worst: dict[str, float] = {}
    paying = 0
    for chunk in chunks(g, 500):
        judged = judge_arcs(chunk)
        paying += int(np.sum(judged.pop("gain") > 1e-6))
        worst = {name: max(worst.get(name, 0.0), float(x.max())) for name, x in judged.items()}
        progress.update(len(chunk) / 50)
    return worst, paying


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (
        ("random", 20_000),
        ("near", 2_000),
        ("extreme", 1_000),
        ("mixing", 1_000),
        ("arcs", 100_000),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"number of games (default {default})")
    options, began = parser.parse_args(argv), time.perf_counter()
    games = strata(options.random, options.near, options.extreme, options.mixing)
    with tqdm(total=sum(map(len, games.values())) + options.arcs // 50, unit="game", disable=None) as progress:
        table = study(games, progress)
        breaches, paying = study_arcs(options.arcs, progress)
    width = max(map(len, games))
    print("Largest relative disagreement between solve() and the search:")
    print(f"{'stratum':{width}} {'games':>6}", *(f"{q:>9}" for q in QUANTITIES))
    for name, row in table.items():
        print(f"{name:{width}} {len(games[name]):6}", *(f"{row[q]:9.0e}" for q in QUANTITIES))
    print(
        f"\nUsers who mix: {options.arcs} arcs, in {paying} games they are the cheapest. "
        "Largest relative breach of each claim:"
    )
    for name, breach in breaches.items():
        print(f"{name:45} {breach:9.0e}")
    worst = max([*breaches.values(), *(x for row in table.values() for x in row.values())])
    total = sum(map(len, games.values()))
    print(f"\n{total} games, {time.perf_counter() - began:.0f} s, largest disagreement {worst:.0e}, limit {LIMIT:.0e}")
    return int(not worst <= LIMIT)


if __name__ == "__main__":
    sys.exit(main())

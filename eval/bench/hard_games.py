"""Games that are hard by construction: hardly any commitment is good, and yet the optimum is known exactly.

*Needles* are menus of four to eight models, drawn at random, whose optimum is a mix: on a face of the leader's box, one
model first and two in a row, and on that face where users are about to leave. All of them cost at least
`WORTH_MIXING` less than the best single model does.

*Steep pairs* have an answer of last resort that costs as much as tens of thousands of passes of the cheap model, as a
person does who is called in. Users stay if a failure in a thousand is handed over, and every further one is dear. Here
the box has two dimensions, and what is hard to tell is what a commitment costs: nearly all of it is in rare tasks.

*Crowds* are users of many types, whom one commitment to several models has to serve. Every type leaves at a wait of
its own, so that the cost of commitments has a cliff for each. The optimum is a mix on the near side of one of them,
past which some types are patient for more and others have left before. Every other cliff costs at least
`WORTH_CHOOSING` more, and the next best one no more than `NEAR_BY`.

How rare good commitments are is measured by `python -m routegame.eval.bench.difficulty`.
"""

from __future__ import annotations

import numpy as np

from routegame.agents.exact.solved import solved
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.optimum import Optimum, optimum
from routegame.agents.menus.solved_crowd import SolvedCrowd
from routegame.envs.arrays import FloatArray
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.point_game import Points
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuGame

NEEDLE_SIZES = (4, 5, 6, 8)
"""Numbers of models of needles."""

NEEDLE_KINDS: tuple[Optimum, ...] = ("pair", "chain", "branch")
"""Kinds of optima of needles, a game of each for every number of models."""

NEEDLE_SEED = 18
"""Seed of the draws."""

WORTH_MIXING = 0.1
"""The best single model costs at least this share more than the optimum of a needle."""

CROWD_SIZES = tuple((num_models, num_types) for num_models in (4, 5, 6) for num_types in (3, 6, 12))
"""Numbers of models and of types of crowds."""

WORTH_CHOOSING, NEAR_BY = 0.02, 0.25
"""A crowd's second-best cliff costs at least the first share more than its best one, and no more than the second."""

DIGITS = 4
"""Decimals of drawn numbers."""

STEEP = (
    (0.3, 0.6, 1e-3, 1e4),
    (0.5, 0.9, 1e-3, 1e4),
    (0.1, 0.5, 1e-3, 1e4),
    (0.3, 0.6, 5e-4, 1e5),
    (0.3, 0.9, 1e-3, 1e5),
    (0.6, 0.95, 1e-3, 3e4),
)
"""Steep pairs: p_1, p_2, the cascade s_0 from which on users stay, and (c_2 / p_2) / c_1."""


def needles() -> dict[str, Game]:
    """Return the menus by name; always the same.

    >>> list(needles())[:3]
    ['needle-4-pair', 'needle-4-chain', 'needle-4-branch']
    """
    found: dict[str, Game] = {}
    for num_models in NEEDLE_SIZES:
        rng, left = np.random.default_rng([NEEDLE_SEED, num_models]), set(NEEDLE_KINDS)
        of_kind: dict[str, Game] = {}
        while left:
            game = draw_menu(num_models, rng)
            kind = optimum(solve_free_order(game))
            if kind in left and _worth_mixing(game):
                left.remove(kind)
                of_kind[kind] = game
        found |= {f"needle-{num_models}-{kind}": of_kind[kind] for kind in NEEDLE_KINDS}
    return found


def draw_menu(num_models: int, rng: np.random.Generator) -> Game:
    """Draw a menu: V uniform in [1, 20], p in [0.05, 0.95], c in [0, 1], P in [0, 2] times the largest c/p.

    Every other model or so is worth its wait, which is a share of V p from 0.05 to 0.95; that of the others is V p
    divided by such a share.

    Args:
        num_models: how many.
        rng: the source of chance.
    """
    value, p = round(rng.uniform(1, 20), DIGITS), rng.uniform(0.05, 0.95, num_models).round(DIGITS)
    worth, share = rng.random(num_models) < 0.5, rng.uniform(0.05, 0.95, num_models)
    latency = np.where(worth, value * p * share, value * p / share).round(DIGITS)
    cost = rng.uniform(0, 1, num_models).round(DIGITS)
    penalty = round(rng.uniform(0, 2) * float(np.max(cost / p)), DIGITS)
    return Game(value, penalty, tuple(p.tolist()), tuple(latency.tolist()), tuple(cost.tolist()))


def crowds() -> dict[str, CrowdGame]:
    """Return the crowds by name; always the same.

    >>> list(crowds())[:2]
    ['crowd-4-models-3-types', 'crowd-4-models-6-types']
    """
    found: dict[str, CrowdGame] = {}
    for num_models, num_types in CROWD_SIZES:
        rng = np.random.default_rng([NEEDLE_SEED, num_models, num_types])
        game = draw_crowd(num_models, num_types, rng)
        while not _worth_choosing(game):
            game = draw_crowd(num_models, num_types, rng)
        found[f"crowd-{num_models}-models-{num_types}-types"] = game
    return found


def draw_crowd(num_models: int, num_types: int, rng: np.random.Generator) -> CrowdGame:
    """Draw a crowd: p uniform in [0.05, 0.95], c in [0, 1], waits for a solution t/p from 2 to 50, log-uniform.

    Types are patient for a wait between the shortest and the longest of these, log-uniform, at a latency scale from 0.5
    to 2. To lose a task of theirs costs from 0 to 2 times the largest c/p. How common they are is Dirichlet's, 2 each.

    Args:
        num_models: how many models there are.
        num_types: how many types.
        rng: the source of chance.
    """
    p, cost = rng.uniform(0.05, 0.95, num_models).round(DIGITS), rng.uniform(0, 1, num_models).round(DIGITS)
    wait = np.exp(rng.uniform(np.log(2), np.log(50), num_models))
    patience = np.exp(rng.uniform(np.log(wait.min()), np.log(wait.max()), num_types))
    scale = rng.uniform(0.5, 2, num_types).round(DIGITS)
    numbers = (
        (patience * scale).round(DIGITS),
        (rng.uniform(0, 2, num_types) * float(np.max(cost / p))).round(DIGITS),
        scale,
        rng.dirichlet(np.full(num_types, 2.0)).round(DIGITS) + 10.0**-DIGITS,
        p,
        (wait * p).round(DIGITS),
        cost,
    )
    return CrowdGame(*(tuple(each.tolist()) for each in numbers))


def _worth_choosing(game: CrowdGame) -> bool:
    """Whether a crowd is what the module says: a mix at one cliff of several is clearly best, and others come close."""
    solved_crowd = SolvedCrowd(game)
    best, points = solved_crowd.equilibrium(), solved_crowd.candidates()
    costs, _ = solved_crowd.outcome(Points(points), solved_crowd.best_answer(Points(points)))
    rows = points[:, len(game.cost) :]
    single = (rows > 0).sum(axis=1) == 1
    if costs[single].min() < (1 + WORTH_MIXING) * best.leader_cost or not 0 < best.answer < 1:
        return False
    steps = _best_of_each_wait(game, rows[~single], costs[~single])
    return bool(1 + WORTH_CHOOSING <= steps[1] / steps[0] <= 1 + NEAR_BY)


def _best_of_each_wait(game: CrowdGame, rows: FloatArray, costs: FloatArray) -> FloatArray:
    """Return the least cost of rows of every wait for a solution, ascending: of cliffs that types leave at."""
    wait = (rows @ np.array(game.latency)) / (rows @ np.array(game.success_prob))
    nearest = np.abs(np.log(wait[:, None] / np.array(game.patience))).argmin(axis=1)
    return np.sort([costs[nearest == cliff].min() for cliff in np.unique(nearest)])


def steep_pair(first_prob: float, second_prob: float, threshold: float, ratio: float) -> Game:
    """Return a pair whose users stay from a small cascade on, and whose second model is far dearer than the first.

    The second model is worth ten times its wait, and the first one just so little less than its own that
    s_0 = −ξ_1 / (ξ_2 / p_2 − ξ_1) is as given. A lost user costs three times what it takes to keep one.

    Args:
        first_prob: p_1.
        second_prob: p_2.
        threshold: s_0.
        ratio: (c_2 / p_2) / c_1.

    >>> from routegame import solve
    >>> best = solve(steep_pair(0.3, 0.6, 1e-3, 1e4)).equilibrium
    >>> best.route, round(best.cascade_prob, 9)
    (1, 0.001)
    """
    value, first_cost = 100.0, 0.001
    second_latency = 0.1 * value * second_prob
    lost = threshold / (1 - threshold) * (value - second_latency / second_prob)
    second_cost = ratio * first_cost * second_prob
    staying = (first_cost + threshold * second_cost / second_prob) / first_prob
    return Game(
        value,
        3 * staying / (1 - first_prob),
        (first_prob, second_prob),
        (value * first_prob + lost, second_latency),
        (first_cost, second_cost),
    )


def steep_pairs() -> dict[str, Game]:
    """Return the steep pairs by name."""
    return {f"steep-{k}": steep_pair(*numbers) for k, numbers in enumerate(STEEP, start=1)}


def _worth_mixing(game: Game) -> bool:
    """Whether the optimum costs clearly less than every single model, under users who answer perfectly."""
    closed, alone = solved(MenuGame(game)), np.eye(game.num_models)
    singles = closed.game.commitments(np.hstack([alone, alone]))
    costs, _ = closed.outcome(singles, closed.best_answer(singles))
    return float(costs.min()) >= (1 + WORTH_MIXING) * closed.equilibrium().leader_cost

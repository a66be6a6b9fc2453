"""Suites of games for a benchmark, in groups over which its statistics are read.

    reference  the 25 reference games: four real pairs, the paper's figures and a game of every cell
    paper      points of the paper's figures
    real       pairs of models that people can buy
    cells      a game of every cell: signs, kind of the optimal commitment, whether throttling pays
    menus      13 games of three to eight models in any order: real menus, and one for each kind of optimum
    mixes      tasks that differ: 2, 10, 57, 100 and 1,000 contexts, for users who know theirs and users who do not
    needle     12 menus of four to eight models in which less than 0.001 % of commitments are within 1 %
    steep      6 pairs of which the same is true, and whose costs are in rare tasks
    crowds     9 crowds of 3 to 12 types of users who are served with one commitment to 4 to 6 models
    hard       needle, menus, steep and crowds
    drift      10 games that change on the way: a value, a price or a model is another from some update on
    random     60 drawn games, 5 for each sign regime and distance to the nearest threshold
    held-out   as many, drawn from another seed, for the last look: no default was tuned on them
    unseen     10,000 more, for policies that answer any game: none was trained on them
    classic    games outside routing whose equilibrium is known, see `routegame.envs.classic.catalogue`
    matrices   matrix games with more than two answers of the follower, or several types of followers; security games

In a suite of named games throttling is allowed where it pays, so that a game with it is one in which it matters; in
drawn games it never is, nor outside routing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np

from routegame.agents.exact.cells import CellPlacement, place
from routegame.agents.exact.classic_games import SolvedMatrixGame
from routegame.agents.exact.drawn_games import DISTANCES, REGIMES, draw_games
from routegame.agents.menus.free_order import solve_free_order
from routegame.agents.menus.optimum import optimum
from routegame.envs.checks import as_count
from routegame.envs.classic.catalogue import CLASSICS, MATRICES, Classic, Rules, as_played, random_matrix_game
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.classic.point_game import Points
from routegame.envs.drifting_game import DRIFTS
from routegame.envs.scenarios import suite, unknown_suite
from routegame.envs.stackelberg import StackelbergGame
from routegame.envs.task_mixes import MIXES, SUITE
from routegame.eval.bench.hard_games import crowds, needles, steep_pairs

PER_STRATUM = 5
"""Games of each sign regime and distance in the suites `random` and `held-out`."""

NUM_UNSEEN = 10_000
"""Games in the suite `unseen`."""

UNSEEN_SEED = 1009
"""Seed of the suite `unseen`."""

CLASSIC_NUMBERS_OF_ACTIONS = (2, 3, 4)
"""Numbers of actions of the leader, in the random matrix games of the suite `classic`."""

NUMBERS_OF_ANSWERS = (4, 6)
"""Numbers of actions of either side, in the random games of the suite `matrices`."""

WORTH_MIXING = 0.05
"""In a random matrix game the best pure strategy costs at least this share more than the best mix."""


HARD = ("needle", "menus", "steep", "crowds")
"""Suites of single games in which less than a tenth of uniform searches end within 1 %."""


@dataclass(frozen=True)
class Instance:
    """A game of a suite.

    Attributes:
        name: no other instance of any suite has it, unless it is the same game.
        game: the parameters.
        throttling: whether the provider may slow its models down.
        scenario: the name of the game among the scenarios; None if it was drawn.
        group: what it is one of, for headings and for statistics of a part.
    """

    name: str
    game: Rules
    throttling: bool
    scenario: str | None
    group: str

    @property
    def box(self) -> StackelbergGame:
        """The game as it is played, with the commitments that the leader chooses from."""
        return as_played(self.game, throttling=self.throttling)


@cache
def instances(name: str) -> tuple[Instance, ...]:
    """Return the games of a suite, in order; always the same.

    Raises:
        ParameterError: there is none of that name.

    >>> [instance.name for instance in instances("random")][:2]
    ['random-value-value-near-1', 'random-value-value-near-2']
    """
    if name not in SUITES:
        raise unknown_suite(name, SUITES)
    return SUITES[name]()


def random_games(seed: int, per_stratum: int = PER_STRATUM, prefix: str = "random") -> tuple[Instance, ...]:
    """Draw games of every sign regime, near to the nearest threshold, at a middle distance and far from it.

    V is uniform in [1, 20], p in [0.05, 0.95], c in [0, 1] and P in [0, 2] times the larger c/p; a pass that is worth
    its wait takes a uniform share of V p, another V p divided by one. Half of the games are in the paper's order of
    skill and price, p_1 < p_2 and c_1 < c_2; in such games a mix never is optimal. Numbers have four decimals.

    In each stratum the kinds of optimal commitment take turns, as far as they were drawn: among games drawn at random
    a cascade is optimal in a few of a hundred, and the question is rarely a hard one.

    Args:
        seed: of the draws, from 0.
        per_stratum: games of each sign regime and distance.
        prefix: of their names.

    Raises:
        ParameterError: a seed or a number of games out of range.
    """
    as_count("seed", seed, 2**63 - 1, smallest=0)
    as_count("per_stratum", per_stratum, 1000)
    found = []
    for number, regime in enumerate(REGIMES):
        games, distance = draw_games(regime, np.random.default_rng([seed, number]), per_stratum)
        for name in DISTANCES:
            for k, index in enumerate(np.flatnonzero(distance == name)[:per_stratum], start=1):
                group = f"{regime}, {name}"
                found.append(Instance(f"{prefix}-{regime}-{name}-{k}", games.single(index), False, None, group))
    return tuple(found)


def _unseen() -> tuple[Instance, ...]:
    """Return `NUM_UNSEEN` drawn games, as nearly as many of each stratum as can be: the first strata have one more."""
    strata = len(REGIMES) * len(DISTANCES)
    drawn = random_games(UNSEEN_SEED, -(-NUM_UNSEEN // strata), "unseen")
    spare = len(drawn) - NUM_UNSEEN
    dropped = {found.group: k for k, found in enumerate(drawn)}  # the last of each stratum
    left_out = set(list(dropped.values())[len(dropped) - spare :])
    return tuple(found for k, found in enumerate(drawn) if k not in left_out)


def _named(name: str, group: Callable[[CellPlacement], str]) -> tuple[Instance, ...]:
    """Return the instances of a suite of scenarios, with throttling where it pays."""
    found = []
    for known in suite(name):
        where = place(known.game)
        found.append(Instance(known.name, known.game, bool(where.throttling_pays), known.name, group(where)))
    return tuple(found)


def _menus() -> tuple[Instance, ...]:
    """Return the instances of games of more than two models; slowing one down would pay in none of them."""
    solved = [(known, solve_free_order(known.game)) for known in suite("menus")]
    return tuple(
        Instance(known.name, known.game, False, known.name, f"{known.game.num_models} models, {optimum(solution)}")
        for known, solution in solved
    )


def _needle() -> tuple[Instance, ...]:
    found = []
    for name, game in needles().items():
        _, num_models, kind = name.split("-")
        found.append(Instance(name, game, False, None, f"{num_models} models, {kind}"))
    return tuple(found)


def _steep() -> tuple[Instance, ...]:
    return tuple(Instance(name, game, False, None, "steep pairs") for name, game in steep_pairs().items())


def _crowds() -> tuple[Instance, ...]:
    return tuple(
        Instance(name, game, False, None, f"{len(game.cost)} models, {game.num_answers} types")
        for name, game in crowds().items()
    )


def _drift() -> tuple[Instance, ...]:
    return tuple(
        Instance(known.name, known.game, False, None, f"{known.game.before.num_models} models, {known.field}")
        for known in DRIFTS
    )


def _mixes() -> tuple[Instance, ...]:
    return tuple(
        Instance(known.name, known.game, False, known.name, f"{len(known.mix)} contexts, {known.users}")
        for known in MIXES.values()
    )


def _classic() -> tuple[Instance, ...]:
    return (*map(_of_catalogue, CLASSICS), *(_mixing(m, 2) for m in CLASSIC_NUMBERS_OF_ACTIONS))


def _matrices() -> tuple[Instance, ...]:
    return (*map(_of_catalogue, MATRICES), *(_mixing(m, m) for m in NUMBERS_OF_ANSWERS))


def _of_catalogue(known: Classic) -> Instance:
    return Instance(known.name, known.game, False, None, known.game.KIND)


def _mixing(num_actions: int, num_answers: int) -> Instance:
    """The first random game in which the best mix costs at least `WORTH_MIXING` less than the best pure strategy."""
    for seed in count():
        game = random_matrix_game(num_actions, seed, num_answers)
        solved = SolvedMatrixGame(game)
        pure = Points(np.array([game.point(row) for row in np.eye(num_actions)]))
        cost, best = solved.outcome(pure, solved.best_answer(pure))[0].min(), solved.equilibrium().leader_cost
        if cost - best >= WORTH_MIXING * abs(best):
            return Instance(f"matrix-random-{num_actions}x{num_answers}", game, False, None, MatrixGame.KIND)
    raise AssertionError("there is no end to seeds")


def _regime(where: CellPlacement) -> str:
    return str(where.regime)


def _cell(where: CellPlacement) -> str:
    return f"{where.regime}, {where.commitment}{', throttling' if where.throttling_pays else ''}"


SUITES: dict[str, Callable[[], tuple[Instance, ...]]] = {
    "reference": lambda: _named("reference", _cell),
    "paper": lambda: _named("paper", _regime),
    "real": lambda: _named("real", _regime),
    "cells": lambda: _named("cells", _cell),
    "menus": _menus,
    SUITE: _mixes,
    "needle": _needle,
    "steep": _steep,
    "crowds": _crowds,
    "hard": lambda: tuple(known for name in HARD for known in instances(name)),
    "drift": _drift,
    "random": lambda: random_games(seed=1),
    "held-out": lambda: random_games(seed=2, prefix="held-out"),
    "unseen": _unseen,
    "classic": _classic,
    "matrices": _matrices,
}
"""How the games of each suite are made."""

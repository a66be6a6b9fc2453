"""How rare good commitments are in a game: the share of the leader's box that is within 1 % of the optimum.

    python -m routegame.eval.bench.difficulty needle steep

Commitments are drawn uniformly and judged exactly, under perfect users. 5,000 evaluations by chance nearly always find
what is a thousandth of the box; a suite is called hard where it is below a hundred-thousandth.

The second share is that of *lanes*, where learners look who know which faces of the box are worth a search
(`StackelbergGame.starts`): it says how much of a game's difficulty is in finding those.

    python -m routegame.eval.bench.difficulty crowded-pairs

counts the same for crowds of users of two models, in the order of the paper, and says why crowds have more of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solved import SOLVED, solved
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome
from routegame.envs.game import Game
from routegame.envs.mix_game import MixGame
from routegame.envs.stackelberg import StackelbergGame
from routegame.eval.bench.hard_games import CROWD_SIZES, draw_crowd
from routegame.eval.bench.suites import instances
from routegame.eval.statistics import SUCCESS, Estimate, proportion
from routegame.numerals import percent

NUM_DRAWS = 2_000_000
"""Commitments that are drawn: with no good one among them the share is below 2 in a million, at 95 %."""

MORE_DRAWS = 20_000_000
"""The same in boxes of two dimensions, whose commitments are judged fast."""

QUICK_DRAWS, MOST_NUMBERS = 200_000, 64
"""Numbers that are drawn, for all commitments together, where nobody wants to wait, and numbers of a commitment up to
which that is worth a look."""

BLOCK = 2**16
"""Commitments that are judged at once."""

NUM_CROWDS, STEPS = 200, 10_000
"""Crowds of two models that are drawn for each number of types, and cascade probabilities that are tried in each."""


@dataclass(frozen=True)
class Difficulty:
    """Shares of commitments that are within a relative regret of the optimum.

    Attributes:
        box: of those drawn uniformly from the box, with Wilson's interval at 95 %.
        lanes: of those in a random lane, what is not held drawn uniformly, likewise.
        draws: number of commitments that each of them was counted on.
    """

    box: Estimate
    lanes: Estimate
    draws: int


def difficulty(game: StackelbergGame, *, within: float = SUCCESS, draws: int = NUM_DRAWS, seed: int = 0) -> Difficulty:
    """Count how many random commitments are good.

    Args:
        game: one with a closed form.
        within: relative regret of a good commitment.
        draws: number of commitments, of either kind.
        seed: of the draws.

    Raises:
        ParameterError: there is no closed form.

    >>> from routegame.envs.commitment import RoutingGame
    >>> from routegame.envs.scenarios import scenario
    >>> found = difficulty(RoutingGame(scenario("nano-gpt5").game), draws=10_000)
    >>> round(float(found.box.value), 3), found.draws
    (0.003, 10000)
    """
    rng, closed = np.random.default_rng(seed), solved(game)
    best = closed.equilibrium().leader_cost
    most = best + within * abs(best)

    def good(points: FloatArray) -> int:
        commitments = game.commitments(points)
        costs, _ = closed.outcome(commitments, closed.best_answer(commitments))
        return int((costs <= most).sum())

    found = {"box": 0, "lanes": 0}
    for first in range(0, draws, BLOCK):
        count = min(BLOCK, draws - first)
        found["box"] += good(rng.random((count, game.size)))
        found["lanes"] += good(_in_lanes(game, count, rng))
    return Difficulty(proportion(found["box"], draws), proportion(found["lanes"], draws), draws)


def at_a_glance(game: StackelbergGame) -> Estimate | None:
    """Return the share of good commitments as far as few draws tell it, within seconds; None where they tell nothing.

    That is in games of more than `MOST_NUMBERS` numbers, and in those that have no closed form. A tenth of a second is
    enough in most. Where users are blind each commitment takes a millisecond, and fewer are drawn.

    >>> from routegame.envs.commitment import RoutingGame
    >>> from routegame.envs.scenarios import scenario
    >>> round(float(at_a_glance(RoutingGame(scenario("nano-gpt5").game)).value), 4)
    0.0032
    """
    if game.size > MOST_NUMBERS or game.KIND not in SOLVED:
        return None
    quick = not isinstance(game, MixGame) or game.users == "sighted"
    return difficulty(game, draws=max(QUICK_DRAWS if quick else QUICK_DRAWS // 100, game.size) // game.size).box


def _in_lanes(game: StackelbergGame, count: int, rng: np.random.Generator) -> FloatArray:
    """Draw points whose lanes are those of the game's starts, each as likely, (count, size)."""
    starts = game.starts(np.array([0.5]))
    points = starts[rng.integers(len(starts), size=count)]
    free = ~game.held(points)
    return np.where(free, rng.random(points.shape), points)


def table(suite: str, draws: int | None = None) -> str:
    """Return the difficulties of the games of a suite as Markdown.

    Args:
        suite: its name.
        draws: number of commitments; by default `NUM_DRAWS`, or `MORE_DRAWS` where they are judged fast.
    """
    lines = [
        f"| game of `{suite}` | dimensions | share within 1 % | 95 % interval | in lanes | 95 % interval |",
        "|---|---|---|---|---|---|",
    ]
    for known in instances(suite):
        found = difficulty(known.box, draws=draws or (MORE_DRAWS if known.box.size == 2 else NUM_DRAWS))
        shares = " | ".join(
            f"{float(of.value):.1e} | {float(of.low):.1e} to {float(of.high):.1e}" for of in (found.box, found.lanes)
        )
        lines.append(f"| {known.name} | {known.box.size} | {shares} |")
    return "\n".join(lines)


def crowded_pairs(num_types: int, *, count: int = NUM_CROWDS, steps: int = STEPS, seed: int = 0) -> FloatArray:
    """Return how large a share of commitments is good in crowds of two models, drawn as those of `crowds` are.

    Commitments are those of the paper, either route and cascade probabilities that lie evenly, and good where they cost
    at most 1 % more than the cheapest of them.

    Args:
        num_types: types of users in a crowd.
        count: crowds that are drawn.
        steps: cascade probabilities that are tried.
        seed: of the draws.

    Returns:
        The share in each crowd, (count,).

    >>> shares = crowded_pairs(3, count=5, steps=100)
    >>> shares.shape, bool((shares > 0).all())
    ((5,), True)
    """
    rng, shares = np.random.default_rng([seed, num_types]), []
    route, cascade = np.array([[[1]], [[2]]]), (np.arange(steps) + 0.5) / steps
    for _ in range(count):
        crowd = draw_crowd(2, num_types, rng)
        value, penalty, scale = (
            np.array(each)[:, None] for each in (crowd.task_value, crowd.churn_penalty, crowd.latency_scale)
        )
        latency = tuple(scale * each for each in crowd.latency)
        game = Game(value, penalty, crowd.success_prob, latency, crowd.cost)  # a row a type
        paid = outcome(game, route, cascade, best_response(game, route, cascade)).provider_cost
        costs = np.array(crowd.prior) @ paid  # (2, steps)
        shares.append((costs <= (1 + SUCCESS) * costs.min()).mean())
    return np.array(shares)


def crowded_pairs_table() -> str:
    """Return quantiles of the shares of `crowded_pairs`, a line for each number of types, as Markdown."""
    lines = ["| types | nine in ten crowds | three in four | half | one in four |", "|---|---|---|---|---|"]
    for num_types in sorted({num_types for _, num_types in CROWD_SIZES}):
        shares = np.quantile(crowded_pairs(num_types), (0.1, 0.25, 0.5, 0.75))
        lines.append(f"| {num_types} | " + " | ".join(f"{percent(share, 2)} or more" for share in shares) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    for name in sys.argv[1:] or ("needle", "steep"):
        print(f"{crowded_pairs_table() if name == 'crowded-pairs' else table(name)}\n", flush=True)

"""Learners on games of many models, and random search that plays as much: `make menus`.

Every learner plays every game of the suite `menus` and the menu of 51 models with so many seeds. Random search draws
commitments uniformly from the leader's box, lets each be played by users who answer perfectly, until it has played as
many passes as the learner, and chooses of the sixteen cheapest anew.
"""

from __future__ import annotations

import sys

import numpy as np
from trained import trained

from routegame.agents.exact.solved import solved
from routegame.envs.menu_game import MenuGame
from routegame.envs.stackelberg import StackelbergGame
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train.meter import Meter

LEARNERS = ("evolution", "oracle", "meta_follower")
APART = "polyglot-51"
"""A menu that is too long to be learned in a suite."""

MOST_RANDOM = 1e11
"""Passes that random search is given at the most: it does not get better by more."""

NUM_TASKS, FINAL_TASKS, NUM_FINALISTS = 16384, 2**18, 16


def random_search(game: StackelbergGame, passes: int, seed: int) -> float:
    """Return the relative regret of what random search finds with so many passes."""
    rng, meter, respond = np.random.default_rng(seed), Meter(), solved(game).best_answer
    kept, costs = np.zeros((0, game.size)), np.zeros(0)
    while meter.passes < passes:
        actions = rng.random((256, game.size))
        commitments = game.commitments(actions)
        paid = meter.play(game.play(commitments, respond(commitments), NUM_TASKS, rng)).leader_cost
        kept, costs = np.concatenate([kept, actions]), np.concatenate([costs, paid])
        best = np.argsort(costs, kind="stable")[:NUM_FINALISTS]
        kept, costs = kept[best], costs[best]
    commitments = game.commitments(kept)
    costs = game.play_compared(commitments, respond(commitments), FINAL_TASKS, rng).leader_cost
    return judge_of(game).regret(commitments[int(np.argmin(costs))])


def study(name: str, game: StackelbergGame, label: str, seeds: int) -> None:
    """Let a learner play a game, and say what came of it in a line."""
    regrets, passes, seconds = [], [], []
    judge = judge_of(game)
    for seed in range(seeds):
        ended, took = trained(name, game, seed)
        seconds.append(took)
        regrets.append(judge.regret(ended.commitment))
        passes.append(ended.meter.passes)
    tried = random_search(game, int(min(np.median(passes), MOST_RANDOM)), 0)
    within = sum(regret <= 0.01 for regret in regrets)
    print(
        f"{name:14}{label:20}{within:3} of {seeds} within 1 %, worst {max(regrets):.3%},"
        f" median {np.median(regrets):.4%}, {np.median(passes):.1e} passes, {np.median(seconds):.1f} s;"
        f" random search {tried:.1%}",
        flush=True,
    )


if __name__ == "__main__":
    num_seeds, chosen = int(sys.argv[1]), sys.argv[2:] or LEARNERS
    for learner_name in chosen:
        for instance in instances("menus"):
            study(learner_name, instance.box, instance.name, num_seeds)
        study(learner_name, MenuGame(APART), APART, num_seeds)

"""One policy asked about 10,000 games that it was not trained on, beside random search: `make unseen` prints this.

Random search gets as many passes a game as the policy's training comes to if it is shared out among these games; and
what a policy spends when it answers, none: that is a random commitment. Its users answer perfectly.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from routegame.agents.exact.best_response import best_response
from routegame.envs.game import Game
from routegame.envs.sampling.whole_tasks import draw_tasks
from routegame.eval.policy_judge import as_batch, regret
from routegame.eval.train_policy import games_of, policy_table, run_suite
from routegame.train.runs.policy_directory import load_policy

TRIALS = (8, 32, 128)
"""Commitments that random search tries in a game; the best number for a budget is taken."""


def milliseconds_an_answer(directory: Path, games: list[Game]) -> float:
    """CPU time of asking about one game after another."""
    policy = load_policy(directory)
    policy.answers(games[0])
    started = time.process_time()
    for game in games:
        policy.answers(game)
    return (time.process_time() - started) * 1e3 / len(games)


def random_search(game: Game, passes: float, trials: int, seed: int) -> tuple[np.ndarray, float]:
    """Relative regrets of the cheapest of so many random commitments in each game, and the passes a game it took."""
    rng, size = np.random.default_rng(seed), game.shape[0]
    rows = np.repeat(np.arange(size), trials)
    route, s = rng.integers(1, 3, len(rows)), rng.random(len(rows))
    numbers = [np.broadcast_to(x, game.shape)[rows] for x in game._values()]
    value, penalty, p1, p2, t1, t2, c1, c2 = numbers
    wide = Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))
    answers = np.asarray(best_response(wide, route, s))
    pilot = draw_tasks(wide, route, s, answers, 1, seed)
    each = max(round(passes * size / pilot.passes.sum()), 1)
    played = draw_tasks(wide, route, s, answers, each, seed + 1)
    best = np.argmin(played.provider_cost(wide).reshape(size, trials), axis=1) + trials * np.arange(size)
    return regret(game, route[best], s[best]), float(played.passes.sum()) / size


def main() -> None:
    """Train where that is not done, judge, and compare."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/unseen-amortised-0")
    started = time.process_time()
    result = run_suite("unseen", "amortised", out=out, seed=0)
    print(policy_table(result.document))
    print(f"\n{time.process_time() - started:.0f} CPU-seconds to learn and judge, nothing where it was done before")
    singles = [game for _, game in games_of("unseen")]
    print(f"{milliseconds_an_answer(out, singles):.3f} ms of CPU an answer, one game at a time")
    game, share = as_batch(singles), float(str(result.document["passes"])) / len(singles)
    print(f"mean regret {result.document['mean']:.5f}")
    print("\nrandom search, users at their best: share within 1 %, mean and median regret")
    at_once = regret(
        game, np.random.default_rng(0).integers(1, 3, len(singles)), np.random.default_rng(1).random(10000)
    )
    print(f"  a random commitment, no passes: {np.mean(at_once <= 0.01):.4f}, {at_once.mean():.3f}")
    for passes in (1000.0, share):
        found = [(*random_search(game, passes, trials, 7), trials) for trials in TRIALS]
        best, spent, trials = max(found, key=lambda it: float(np.mean(it[0] <= 0.01)))
        print(
            f"  {spent:.3g} passes a game, the best of {trials} commitments: "
            f"{np.mean(best <= 0.01):.4f}, {best.mean():.3f}, {np.median(best):.4f}"
        )


if __name__ == "__main__":
    main()

"""Do 95 % intervals of a calibration hold the truth in 95 of 100 logs, and is what is sure right? `make recovery`.

Every log is of a game of its own (`routegame.eval.bench.suites.random_games`), of about as many passes, and is read
from a Parquet file as anybody's would be. Its tasks are under a few commitments, or under one, where V cannot be told;
then the set of V that is reported must hold the truth all the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm
from true_regret import Judged, judge, show

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.advice import advise
from routegame.calibrate.estimate.calibration import DECISIVE, Calibration, calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import visits
from routegame.eval.bench.suites import random_games
from routegame.eval.statistics import Estimate

SEVERAL = ((1, 0.0), (1, 0.1), (1, 0.4), (1, 1.0), (2, 0.0))
LEAST, MOST = 0.92, 0.98
ANY_DECISIVE = "one that decides"
FALSE_ALARMS = 0.05
"""Of logs of the game itself, so many at most may be taken for something else."""


def plans(number: int, passes: int, seed: int) -> Iterator[LogPlan]:
    """Plans of logs: every fourth one with a single commitment, the others with five."""
    games = random_games(seed, per_stratum=-(-number // 12))
    rng = np.random.default_rng(seed)
    for k in range(number):
        game = games[k * len(games) // number].game
        temperature = float(game.task_value * np.exp(rng.uniform(np.log(0.01), np.log(0.5))))
        commitments = SEVERAL if k % 4 else ((1, float(rng.uniform(0.05, 0.5))),)
        plan = LogPlan(game, commitments, temperature=temperature, seed=seed + k)
        yield replace(plan, num_tasks=max(int(passes / passes_a_task(plan)), 1))


def passes_a_task(plan: LogPlan) -> float:
    """Expected passes of a task of the plan."""
    route, s = (np.array(column) for column in zip(*plan.commitments, strict=True))
    n = visits(plan.game.success_prob, route, s, quantal_response(plan.game, route, s, plan.temperature))
    return float(np.mean(np.add(n.standard, n.reasoning)))


def covered(plan: LogPlan, found: Calibration) -> dict[str, list[bool]]:
    """Whether each interval of a calibration holds the truth."""
    game, rows = plan.game, {}
    for name in ("success_prob", "latency", "cost"):
        pairs = zip(getattr(found.whole, name), getattr(game, name), strict=True)
        rows[name] = [holds(estimate, truth) for estimate, truth in pairs if not np.isnan(estimate.value)]
    known = found.task_value.identified
    rows["task_value, identified" if known else "task_value, not identified"] = [
        holds(found.task_value.estimate, game.task_value)
    ]
    return rows


def violations(found: Calibration) -> dict[str, bool]:
    """Which checks fail, and whether one does without which there is no recommendation."""
    failed = {check.name: not check.holds for check in found.assumptions}
    return failed | {ANY_DECISIVE: any(failed[name] for name in DECISIVE if name in failed)}


def holds(estimate: Estimate, truth: float) -> bool:
    """Whether an interval holds the truth."""
    return bool(estimate.low <= truth <= estimate.high)


def main() -> int:
    """Print the table; return 1 if a coverage is out of bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logs", type=int, default=200)
    parser.add_argument("--passes", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    total: dict[str, list[bool]] = {}
    judged: list[Judged] = []
    width: list[float] = []
    violated: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        for plan in tqdm(plans(options.logs, options.passes, options.seed), total=options.logs, disable=None):
            write_log(plan, path)
            with open_log(path, insist=True) as log:  # users who all stay are part of the study
                found = calibrate(log, plan.game.churn_penalty)
            judged.append(judge(plan, advise(found, options.draws)))
            for name, held in covered(plan, found).items():
                total.setdefault(name, []).extend(held)
            if found.task_value.identified:
                value = found.task_value.estimate
                width.append((value.high - value.low) / value.value)
            for name, failed in violations(found).items():
                violated.setdefault(name, []).append(failed)
    print(f"{options.logs} logs of about {options.passes:,} passes\n")
    print(f"{'95 % interval of':<30}{'intervals':>10}{'hold the truth':>16}")
    missed = False
    for name, held in sorted(total.items()):
        share = float(np.mean(held))
        missed |= name != "task_value, not identified" and not LEAST <= share <= MOST
        print(f"{name:<30}{len(held):>10}{share:>16.1%}")
    print(f"\nidentified V: median width of the interval {np.median(width):.1%} of V, largest {np.max(width):.0%}")
    print(f"\n{'assumption, which is true':<30}{'logs':>10}{'said to fail':>16}")
    for name, failures in sorted(violated.items()):
        print(f"{name:<30}{len(failures):>10}{np.mean(failures):>16.1%}")
    missed |= show(judged)
    return int(missed or np.mean(violated[ANY_DECISIVE]) > FALSE_ALARMS)


if __name__ == "__main__":
    sys.exit(main())

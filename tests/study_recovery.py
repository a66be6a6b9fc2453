"""Do 95 % intervals of a calibration hold the truth in 95 of 100 logs, and is what is sure right? `make recovery`.

Every log is of a game of its own (`routegame.eval.bench.suites.random_games`), of about as many passes, and is read
from a Parquet file as anybody's would be. Its tasks are under a few commitments, or under one, where V cannot be told;
then the set of V that is reported must hold the truth all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from coverage_study import Record, failures, holds, options_of, show_failures, study
from interval_shares import LEAST, MOST
from true_regret import Judged, judge, show

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.advice import Advice, advise
from routegame.calibrate.estimate.calibration import DECISIVE, Calibration, calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import visits
from routegame.eval.bench.suites import random_games

SEVERAL = ((1, 0.0), (1, 0.1), (1, 0.4), (1, 1.0), (2, 0.0))
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


def main() -> int:
    """Print the table; return 1 if a coverage is out of bounds."""
    options = options_of(__doc__, 200, passes=50_000).parse_args()
    judged: list[Judged] = []
    width: list[float] = []

    def advised(plan: LogPlan, path: Path) -> Advice:
        with open_log(path, insist=True) as log:  # users who all stay are part of the study
            return advise(calibrate(log, plan.game.churn_penalty), options.draws)

    def note(plan: LogPlan, advice: Advice, record: Record) -> None:
        found = advice.calibration
        judged.append(judge(plan, advice))
        record.held, record.failed = covered(plan, found), violations(found)
        record.said = f"{advice.verdict} {judged[-1].regret:.2%} {record.seconds:.1f} s {advice.reason} {record.missed}"
        if found.task_value.identified:
            value = found.task_value.estimate
            width.append((value.high - value.low) / value.value)

    every = plans(options.logs, options.passes, options.seed)
    records = study(every, options.logs, write_log, advised, note, each=options.each)
    print(f"{options.logs} logs of about {options.passes:,} passes\n")
    print(f"{'95 % interval of':<30}{'intervals':>10}{'hold the truth':>16}")
    missed = False
    for name in sorted({name for record in records for name in record.held}):
        held = [each for record in records for each in record.held.get(name, ())]
        share = float(np.mean(held))
        missed |= name != "task_value, not identified" and not LEAST <= share <= MOST
        print(f"{name:<30}{len(held):>10}{share:>16.1%}")
    print(f"\nidentified V: median width of the interval {np.median(width):.1%} of V, largest {np.max(width):.0%}")
    failed = failures(records)
    show_failures(failed, 30)
    missed |= show(judged)
    return int(missed or np.mean(failed[ANY_DECISIVE]) > FALSE_ALARMS)


if __name__ == "__main__":
    sys.exit(main())

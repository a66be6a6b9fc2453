"""Do 95 % intervals of logs of 3 to 5 models hold the truth, and is what is sure right? Part of `make recovery`.

Every log is of a game of its own, of about as many tasks, under three commitments at once, or under one, where V cannot
be told: then the set of V that is reported must hold the truth all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from coverage_study import LEAST_RIGHT, Record, holds, options_of, study
from interval_shares import LEAST, MOST

from routegame.calibrate.decide.advice import Advice, advise
from routegame.calibrate.decide.menu_decision import MenuDecision, best_costs
from routegame.calibrate.decide.menu_offers import worth_of_policy
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.calibration import DECISIVE, Calibration, calibrate
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.game import Game
from routegame.envs.policy import Policy, chain
from routegame.eval.statistics import SUCCESS


def plans(number: int, num_tasks: int, seed: int) -> Iterator[LogPlan]:
    """Plans of logs: every fourth one with a single commitment, the others with three."""
    rng = np.random.default_rng(seed)
    for k in range(number):
        models = int(rng.integers(3, 6))
        p, t = rng.uniform(0.15, 0.7, models), rng.lognormal(1.0, 0.7, models)
        c = rng.lognormal(0.0, 1.0, models)
        value = float(np.quantile(t / p, rng.uniform(0.3, 0.9)) * rng.uniform(0.8, 1.5))
        game = Game(value, float(rng.uniform(1, 10) * c.mean()), tuple(p), tuple(t), tuple(c))
        order = list(rng.permutation(models)[:3])
        policies = (
            chain(order, [float(rng.uniform(0.05, 0.3)), 0.2], models),
            chain(order[::-1], [float(rng.uniform(0.4, 1.0)), 0.6], models),
            Policy.redraw(rng.dirichlet(np.ones(models)), rng.dirichlet(np.ones(models))),
        )
        temperature = float(value * np.exp(rng.uniform(np.log(0.02), np.log(0.4))))
        yield LogPlan(game, policies if k % 4 else policies[2:], num_tasks, temperature, seed=seed + k)


def covered(plan: LogPlan, found: Calibration) -> dict[str, list[bool]]:
    """Whether each interval of a calibration holds the truth."""
    rows = {
        name: [
            holds(estimate, truth)
            for estimate, truth in zip(getattr(found.whole, name), getattr(plan.game, name), strict=True)
        ]
        for name in ("success_prob", "latency", "cost")
    }
    known = found.task_value.identified
    rows["task_value, identified" if known else "task_value, not identified"] = [
        holds(found.task_value.estimate, plan.game.task_value)
    ]
    return rows


def true_regret(plan: LogPlan, advice: Advice) -> float:
    """What a decision costs beyond the best of the true game, under the users who made the log, relative."""
    assert isinstance(advice.decision, MenuDecision)
    truth = [PosteriorDraws("", 1.0, _as_batch(plan.game), np.array([plan.temperature]))]
    best = float(best_costs(truth)[0])
    return float(worth_of_policy(truth, advice.decision.commitment.policy).provider_cost[0]) / best - 1


def _as_batch(game: Game) -> Game:
    one = np.ones(1)
    p, t, c = (tuple(x * one for x in each) for each in (game.success_prob, game.latency, game.cost))
    return Game(game.task_value * one, game.churn_penalty * one, p, t, c)


def main() -> int:
    """Print the tables; return 1 if a coverage is out of bounds, or too much of what is sure is wrong."""
    options = options_of(__doc__, 100, tasks=15_000).parse_args()
    regrets: dict[str, list[float]] = {}
    alarms: list[bool] = []
    width: list[float] = []

    def advised(plan: LogPlan, path: Path) -> Advice:
        models = [str(k + 1) for k in range(plan.game.num_models)]
        with open_log(path, Layout.of(models=models), insist=True) as log:  # users may all stay
            return advise(calibrate(log, plan.game.churn_penalty), options.draws)

    def note(plan: LogPlan, advice: Advice, record: Record) -> None:
        found = advice.calibration
        record.held = covered(plan, found)
        alarms.append(any(not check.holds and check.name in DECISIVE for check in found.assumptions))
        if found.task_value.identified:
            width.append((found.task_value.estimate.high - found.task_value.estimate.low) / plan.game.task_value)
        record.verdict = advice.verdict
        if advice.decision is not None:
            record.regret = true_regret(plan, advice)
            regrets.setdefault(advice.verdict, []).append(record.regret)
        record.said = f"{advice.verdict} {record.regret:.2%} {record.seconds:.1f} s {advice.reason} {record.missed}"

    every = plans(options.logs, options.tasks, options.seed)
    records = study(every, options.logs, write_log, advised, note, each=options.each)
    print(f"{options.logs} logs of {options.tasks:,} tasks, 3 to 5 models\n")
    print(f"{'95 % interval of':<30}{'intervals':>10}{'hold the truth':>16}")
    missed = False
    for name in sorted({name for record in records for name in record.held}):
        held = [each for record in records for each in record.held.get(name, ())]
        share = float(np.mean(held))
        missed |= name != "task_value, not identified" and not LEAST <= share <= MOST
        print(f"{name:<30}{len(held):>10}{share:>16.1%}")
    print(f"\nidentified V: median width of the interval {np.median(width):.1%} of V, largest {np.max(width):.0%}")
    print(f"an assumption that decides, and is true, is said to fail in {np.mean(alarms):.1%} of logs\n")
    print(f"{'verdict':<10}{'logs':>6}{'within 1 % of the best':>24}{'mean regret':>14}{'worst':>10}")
    for verdict, costs in sorted(regrets.items()):
        right = float(np.mean(np.array(costs) <= SUCCESS))
        missed |= verdict == "sure" and right < LEAST_RIGHT
        print(f"{verdict:<10}{len(costs):>6}{right:>24.1%}{np.mean(costs):>14.2%}{np.max(costs):>10.2%}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

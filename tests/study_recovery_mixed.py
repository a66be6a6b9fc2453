"""Users who differ: does the interval of the median V hold the truth, and is what is sure right? `make recovery`.

Values of a task are log-normal over users, with a standard deviation of log V of 0.3 or 0.6, and users answer exactly
or with noise: four kinds of logs. Every log is of a game of its own, under five commitments; every second one says who
its users are. Advice is right if its commitment costs at most 1 % more than the best, both on average over the users
who made the log.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from coverage_study import Record, holds, options_of, study
from interval_shares import LEAST, MOST
from scipy.special import ndtri
from study_recovery import SEVERAL
from true_regret import Judged, show

from routegame.agents.exact.best_response import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.advice import Advice, advise
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import NUM_VALUES, LogPlan, write_log
from routegame.envs.arrays import FloatArray
from routegame.envs.chain import outcome, visits
from routegame.envs.game import Game
from routegame.eval.bench.suites import random_games

SPREADS, NOISES = (0.3, 0.6), (False, True)
NUM_USERS = 1000
MOST_TASKS = 200_000
GRID = np.unique(np.concatenate([np.linspace(0, 1, 201), np.geomspace(1e-4, 1, 200)]))


def plans(number: int, passes: int, seed: int) -> Iterator[LogPlan]:
    """Plans of logs, so many of each of the four kinds."""
    games = random_games(seed, per_stratum=-(-number // 12))
    rng = np.random.default_rng(seed)
    for kind, (spread, noisy) in enumerate(product(SPREADS, NOISES)):
        for k in range(number):
            game = games[k * len(games) // number].game
            noise = float(game.task_value * np.exp(rng.uniform(np.log(0.01), np.log(0.2)))) if noisy else 0.0
            users = NUM_USERS if k % 2 else None
            plan = LogPlan(
                game, SEVERAL, temperature=noise, value_spread=spread, num_users=users, seed=seed + number * kind + k
            )
            each = [_passes(plan, route, s) for route, s in SEVERAL]
            yield replace(plan, num_tasks=min(max(int(passes / np.mean(each)), 1), MOST_TASKS))


def types(plan: LogPlan) -> Game:
    """The users of a plan, a batch of those whom it draws from."""
    ranks, g = (np.arange(NUM_VALUES) + 0.5) / NUM_VALUES, plan.game
    value = g.task_value * np.exp(plan.value_spread * ndtri(ranks))
    return Game(value, g.churn_penalty, g.success_prob, g.latency, g.cost)


def answers(plan: LogPlan, route: int, cascade_prob: FloatArray | float) -> FloatArray:
    """Probabilities that they leave, (…, NUM_VALUES)."""
    s = np.asarray(cascade_prob)[..., None]
    if not plan.temperature:
        return np.asarray(best_response(types(plan), route, s))
    return np.asarray(quantal_response(types(plan), route, s, plan.temperature, rough=True))


def _passes(plan: LogPlan, route: int, s: float) -> float:
    n = visits(plan.game.success_prob, route, s, answers(plan, route, s))
    return float(np.mean(np.add(n.standard, n.reasoning)))


def cost(plan: LogPlan, route: int, cascade_prob: FloatArray | float) -> FloatArray:
    """J of commitments on average over the users of a plan."""
    q = answers(plan, route, cascade_prob)
    found = outcome(types(plan), route, np.asarray(cascade_prob)[..., None], q)
    return np.asarray(found.provider_cost).mean(axis=-1)


def judge(plan: LogPlan, advice: Advice) -> Judged:
    """Hold advice against the truth."""
    decision, known = advice.decision, advice.calibration.task_value.identified
    if decision is None:
        return Judged(advice.verdict, not known, np.nan, np.nan, None)
    second = float(cost(plan, 2, 0.0))
    coarse = cost(plan, 1, GRID)
    k = int(coarse.argmin())
    near = np.linspace(GRID[max(k - 1, 0)], GRID[min(k + 1, len(GRID) - 1)], 101)
    least = min(second, float(coarse.min()), float(cost(plan, 1, near).min()))

    def of(offer: Offer) -> float:
        return float(cost(plan, offer.route, offer.cascade_prob))

    own = of(decision.commitment)
    in_force = float(np.mean([of(Offer(*given)) for given in plan.commitments if not hasattr(given, "matrix")]))
    plug_in = np.nan if decision.plug_in is None else of(decision.plug_in) / least - 1
    saved = decision.saving.low <= in_force - own <= decision.saving.high
    return Judged(advice.verdict, not known, own / least - 1, plug_in, bool(saved))


def main() -> int:
    """Print the table; return 1 if a share is out of bounds."""
    options = options_of(__doc__, 100, passes=50_000, kinds=4).parse_args()
    judged: list[Judged] = []
    spread_held: list[bool] = []
    seen: list[bool] = []

    def advised(plan: LogPlan, path: Path) -> Advice:
        with open_log(path, insist=True) as log:  # users who all stay are part of the study
            return advise(calibrate(log, plan.game.churn_penalty), options.draws)

    def note(plan: LogPlan, advice: Advice, record: Record) -> None:
        found, value = advice.calibration, advice.calibration.task_value
        one = judge(plan, advice)
        judged.append(one)
        kind = f"sd {plan.value_spread}, {'noisy' if plan.temperature else 'exact'} answers"
        held, at = holds(value.estimate, plan.game.task_value), value.estimate
        record.note(f"{kind}{'' if value.identified else ', V open'}", held)
        seen.append(found.value_spread is not None)
        if found.value_spread is not None and value.identified:
            spread_held.append(holds(found.value_spread.log_sd, plan.value_spread))
        record.said = (
            f"{kind:<26}{'users ' if plan.num_users else '      '}V {plan.game.task_value:.4g}: {at.value:.4g}"
            f" ({at.low:.4g} to {at.high:.4g}) {'' if held else 'MISSED'} {'differ' if seen[-1] else 'alike'}"
            f" {one.verdict} {one.regret:.2%} {record.seconds:.1f} s"
            f" {advice.reason if one.verdict == 'refused' else ''}"
        )

    every = plans(options.logs, options.passes, options.seed)
    records = study(every, 4 * options.logs, write_log, advised, note, each=options.each)
    print(f"{len(judged)} logs of about {options.passes:,} passes\n")
    print(f"{'95 % interval of the median V':<40}{'logs':>6}{'hold the truth':>16}")
    of = {
        name: [each for record in records for each in record.held.get(name, ())]
        for name in sorted({name for record in records for name in record.held})
    }
    for name, held in of.items():
        print(f"{name:<40}{len(held):>6}{np.mean(held):>16.1%}")
    pooled = float(np.mean([x for held in of.values() for x in held]))
    known = float(np.mean([x for name, held in of.items() if "open" not in name for x in held]))
    print(f"{'all':<40}{len(judged):>6}{pooled:>16.1%}\n{'all in which V is identified':<46}{known:>16.1%}")
    print(f"{'standard deviation of log V':<40}{len(spread_held):>6}{np.mean(spread_held):>16.1%}")
    print(f"users were seen to differ in {np.mean(seen):.1%}")
    seconds = [record.seconds for record in records]
    print(f"a log took {np.median(seconds):.2f} CPU seconds, the slowest {np.max(seconds):.2f}")
    missed = show(judged)
    return int(missed or not LEAST <= pooled <= MOST)


if __name__ == "__main__":
    sys.exit(main())

"""Tasks that differ and 3 to 5 models: do intervals hold the truth, and is what is sure right? Part of `make recovery`.

Every log is of a mix of its own, of 2 to 5 contexts that users know, under three commitments at once. Advice is right
if its policy costs at most 1 % more than the best of each context, under the users who made the log. The study fails if
intervals of any kind hold the truth too seldom or too often (`interval_shares`), or if what is sure is right in less
than 95 %.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import numpy as np
from interval_shares import shares
from scipy.special import expit
from study_recovery import holds
from tqdm import tqdm

from routegame.calibrate.contexts.advice import MixAdvice, advise_mix
from routegame.calibrate.decide.menu_decision import best_costs
from routegame.calibrate.decide.menu_offers import MenuOffer, worth_of_policy
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.game import Game
from routegame.envs.policy import Policy, chain
from routegame.envs.task_mix import TaskMix
from routegame.eval.statistics import SUCCESS

LEAST_RIGHT = 0.95
CONTEXTS = (2, 3, 5)


def plans(number: int, num_tasks: int, seed: int) -> Iterator[LogPlan]:
    """Plans of logs: success differs over contexts by a normal number of log-odds, latency and cost by a fifth."""
    for k in range(number):
        rng = np.random.default_rng([seed, k])
        contexts, models = CONTEXTS[k % len(CONTEXTS)], int(rng.integers(3, 6))
        shape = (models, contexts)
        p = np.clip(expit(rng.normal(-0.4, 0.7, (models, 1)) + rng.normal(0, 0.7, contexts)), 0.03, 0.95)
        t = rng.lognormal(1.0, 0.6, (models, 1)) * np.exp(rng.normal(0, 0.2, shape))
        c = rng.lognormal(0.0, 1.0, (models, 1)) * np.exp(rng.normal(0, 0.2, shape))
        value = float(np.quantile(t / p, rng.uniform(0.3, 0.9)) * rng.uniform(0.8, 1.5))
        penalty = float(rng.uniform(1, 10) * c.mean())
        mix = TaskMix(rng.dirichlet(np.full(contexts, 2.0)), Game(value, penalty, tuple(p), tuple(t), tuple(c)))
        order = list(map(int, rng.permutation(models)[:3]))
        policies = (
            chain(order, [float(rng.uniform(0.05, 0.3)), 0.2], models),
            chain(order[::-1], [float(rng.uniform(0.4, 1.0)), 0.6], models),
            Policy.redraw(rng.dirichlet(np.ones(models)), rng.dirichlet(np.ones(models))),
        )
        noise = float(value * np.exp(rng.uniform(np.log(0.02), np.log(0.3))))
        yield LogPlan(mix, policies, num_tasks, noise, seed=seed + k)


def main() -> int:
    """Print the table; return 1 if a share is out of bounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logs", type=int, default=60)
    parser.add_argument("--tasks", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--each", action="store_true", help="a line for each log")
    options = parser.parse_args()
    held: list[dict[str, list[bool]]] = []
    verdicts: dict[str, list[float]] = {}
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        every = plans(options.logs, options.tasks, options.seed)
        for plan in tqdm(every, total=options.logs, disable=None):
            write_log(plan, path)
            start = process_time()
            models = [str(k + 1) for k in range(plan.mix.num_models)]
            with open_log(path, Layout.of(models=models), insist=True) as log:  # users may all stay
                found = advise_mix(log, float(np.asarray(plan.mix.games.churn_penalty)[0]), options.draws)
            seconds.append(process_time() - start)
            held.append({})
            regret = judge(plan, found, held[-1])
            verdicts.setdefault(found.verdict, []).append(regret)
            if options.each:
                size = f"{len(plan.mix)} contexts {plan.mix.num_models} models"
                print(f"{size} {found.verdict} {regret:.2%} {seconds[-1]:.1f} s {found.reason}", flush=True)
    print(f"{options.logs} logs of {options.tasks:,} tasks, {min(CONTEXTS)} to {max(CONTEXTS)} contexts\n")
    print(f"{'95 % interval of':<40}{'intervals':>10}{'hold the truth':>16}")
    table = list(shares(held, CAUTIOUS))
    print(*table, sep="\n")
    missed = any(share.off for share in table)
    print(f"\n{'verdict':<12}{'logs':>6}{'right':>9}{'mean regret':>13}{'largest':>10}")
    for verdict, regrets in sorted(verdicts.items()):
        known = np.array([regret for regret in regrets if not np.isnan(regret)])
        said = f"{np.mean(known <= SUCCESS):>9.1%}{known.mean():>13.3%}{known.max():>10.2%}" if len(known) else ""
        print(f"{verdict:<12}{len(regrets):>6}{said}")
        missed |= verdict == "sure" and np.mean(known <= SUCCESS) < LEAST_RIGHT
    print(f"\na log took {np.median(seconds):.1f} CPU seconds, the slowest {np.max(seconds):.1f}")
    return int(missed)


PER_MODEL = ("success_prob", "latency", "cost")

CAUTIOUS = ("gain",)
"""Intervals that may hold the truth more often: often there is next to nothing to gain."""


def judge(plan: LogPlan, found: MixAdvice, held: dict[str, list[bool]]) -> float:
    """Note which intervals hold the truth; return the regret, nan without a decision."""
    at = [plan.contexts.index(name) for name in found.contexts]
    for x, y in enumerate(at):
        for name in PER_MODEL:
            for pooled, truth in zip(getattr(found.passes, name), getattr(plan.mix.games, name), strict=True):
                held.setdefault(name, []).append(holds(pooled.estimate(x), float(np.asarray(truth)[y])))
    d, values = found.decision, found.values
    if values is not None and values.identified:
        kind = "alike" if values.alike else "apart"
        value = float(np.asarray(plan.mix.games.task_value)[0])
        for x in range(1 if values.one_for_all else len(at)):
            held.setdefault(f"task_value, {kind}", []).append(holds(values.estimate(x), value))
        held.setdefault("noise", []).append(holds(values.noise_estimate, plan.temperature))
    if d is None:
        return float("nan")
    truth = [_as_drawn(plan, y) for y in at]
    weights = plan.mix.weights[at] / plan.mix.weights[at].sum()
    own = weights @ [_cost(group, each.commitment) for group, each in zip(truth, d.contexts, strict=True)]
    single = weights @ [_cost(group, d.one_for_all) for group in truth]
    least = weights @ [float(best_costs([group])[0]) for group in truth]
    held.setdefault("gain", []).append(bool(d.gain.low - 1e-9 <= single - own <= d.gain.high + 1e-9))
    held.setdefault("cost of a task", []).append(holds(d.provider_cost, float(own)))
    return float(own / least - 1)


def _as_drawn(plan: LogPlan, context: int) -> PosteriorDraws:
    game, one = plan.mix.game(context), np.ones(1)
    p, t, c = (tuple(x * one for x in each) for each in (game.success_prob, game.latency, game.cost))
    batch = Game(game.task_value * one, game.churn_penalty * one, p, t, c)
    return PosteriorDraws("", 1.0, batch, plan.temperature * one)


def _cost(truth: PosteriorDraws, offer: MenuOffer) -> float:
    """J of a commitment under the users of a plan."""
    return float(worth_of_policy([truth], offer.policy).provider_cost[0])


if __name__ == "__main__":
    sys.exit(main())

"""Tasks that differ and 3 to 5 models: do intervals hold the truth, and is what is sure right? Part of `make recovery`.

Every log is of a mix of its own, of 2 to 5 contexts that users know, under three commitments at once. Advice is right
if its policy costs at most 1 % more than the best of each context, under the users who made the log. The study fails if
intervals of any kind hold the truth too seldom or too often (`interval_shares`), or if what is sure is right in less
than 95 %.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from coverage_study import LEAST_RIGHT, Record, holds, options_of, show_seconds, show_shares, show_verdicts, study
from scipy.special import expit

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

CONTEXTS = (2, 3, 5)
PER_MODEL = ("success_prob", "latency", "cost")

CAUTIOUS = ("gain",)
"""Intervals that may hold the truth more often: often there is next to nothing to gain."""


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
    options = options_of(__doc__, 60, tasks=15_000).parse_args()

    def advised(plan: LogPlan, path: Path) -> MixAdvice:
        models = [str(k + 1) for k in range(plan.mix.num_models)]
        with open_log(path, Layout.of(models=models), insist=True) as log:  # users may all stay
            return advise_mix(log, float(np.asarray(plan.mix.games.churn_penalty)[0]), options.draws)

    every = plans(options.logs, options.tasks, options.seed)
    records = study(every, options.logs, write_log, advised, judge, each=options.each)
    print(f"{options.logs} logs of {options.tasks:,} tasks, {min(CONTEXTS)} to {max(CONTEXTS)} contexts\n")
    off = show_shares(records, CAUTIOUS)
    right = show_verdicts(records)
    print()
    show_seconds(records)
    return int(off or right < LEAST_RIGHT)


def judge(plan: LogPlan, found: MixAdvice, record: Record) -> None:
    """Note which intervals hold the truth, and what the recommendation costs."""
    at = [plan.contexts.index(name) for name in found.contexts]
    for x, y in enumerate(at):
        for name in PER_MODEL:
            for pooled, truth in zip(getattr(found.passes, name), getattr(plan.mix.games, name), strict=True):
                record.note(name, holds(pooled.estimate(x), float(np.asarray(truth)[y])))
    d, values = found.decision, found.values
    if values is not None and values.identified:
        kind = "alike" if values.alike else "apart"
        value = float(np.asarray(plan.mix.games.task_value)[0])
        for x in range(1 if values.one_for_all else len(at)):
            record.note(f"task_value, {kind}", holds(values.estimate(x), value))
        record.note("noise", holds(values.noise_estimate, plan.temperature))
    record.verdict = found.verdict
    if d is not None:
        truth = [_as_drawn(plan, y) for y in at]
        weights = plan.mix.weights[at] / plan.mix.weights[at].sum()
        own = weights @ [_cost(group, each.commitment) for group, each in zip(truth, d.contexts, strict=True)]
        single = weights @ [_cost(group, d.one_for_all) for group in truth]
        least = weights @ [float(best_costs([group])[0]) for group in truth]
        record.note("gain", bool(d.gain.low - 1e-9 <= single - own <= d.gain.high + 1e-9))
        record.note("cost of a task", holds(d.provider_cost, float(own)))
        record.regret = float(own / least - 1)
    size = f"{len(plan.mix)} contexts {plan.mix.num_models} models"
    record.said = f"{size} {found.verdict} {record.regret:.2%} {record.seconds:.1f} s {found.reason}"


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

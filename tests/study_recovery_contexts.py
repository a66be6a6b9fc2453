"""Tasks that differ: do intervals hold the truth, is the gain the true one, is what is sure right? `make recovery`.

Every log is of a mix of its own: 2 to 10 contexts, some of few tasks, with log-odds of success that are normal over
contexts, and one value of a task, or in every third log one for each context. Users know their context and answer with
noise. Advice is right if its policy costs at most 1 % more than the best of each context, under the users who made the
log; its gain is held against what telling contexts apart gains under them. The study fails if intervals of any kind
hold the truth too seldom or too often (`interval_shares`), or if what is sure is right in less than 95 %.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from coverage_study import LEAST_RIGHT, Record, holds, options_of, show_seconds, show_shares, show_verdicts, study
from scipy.special import expit
from study_recovery import SEVERAL

from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.contexts.advice import MixAdvice, advise_mix
from routegame.calibrate.contexts.passes import ContextPasses, context_passes
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.estimate.tally import tally
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import outcome, visits
from routegame.envs.game import Game
from routegame.envs.task_mix import TaskMix

CONTEXTS = (2, 3, 5, 10)
FEW = 30
"""Passes of a model below which a context is looked at by itself, too."""

CAUTIOUS = ("gain", *(f"{name}, under {FEW} passes" for name in ("success_prob", "latency", "cost")))
"""Intervals that may hold the truth more often: next to nothing to gain, or to see."""


def plans(number: int, passes: int, seed: int) -> Iterator[LogPlan]:
    """Plans of logs, of about so many passes each."""
    for k in range(number):
        rng = np.random.default_rng([seed, k])
        contexts = CONTEXTS[k % len(CONTEXTS)]
        odds = rng.normal([-1.2, 0.3], 0.3, 2) + rng.normal(0, 0.8, (contexts, 2))
        p = np.clip(expit(odds), 0.02, 0.97).T
        t = np.array([[1.0], [2.0]]) * np.exp(rng.normal(0, 0.2, (2, contexts)))
        c = np.array([[1.0], [rng.uniform(2, 6)]]) * np.exp(rng.normal(0, 0.2, (2, contexts)))
        value = float((t / p).mean() * rng.uniform(0.8, 2.5))
        values = value * np.exp(rng.normal(0, 0.4, contexts)) if k % 3 == 2 else np.full(contexts, value)
        penalty = float((c / p).mean() * rng.uniform(1, 4))
        weights = rng.dirichlet(np.ones(contexts))
        mix = TaskMix(weights, Game(values, penalty, tuple(p), tuple(t), tuple(c)))
        noise = value * float(np.exp(rng.uniform(np.log(0.02), np.log(0.2))))
        a_task = _passes(mix, noise)
        tasks = max(int(passes / a_task), 1)
        yield LogPlan(mix, SEVERAL, num_tasks=tasks, temperature=noise, seed=seed + k)


def _passes(mix: TaskMix, noise: float) -> float:
    """Mean passes of a task."""
    total = 0.0
    for x in range(len(mix)):
        for route, s in SEVERAL:
            g = mix.game(x)
            n = visits(g.success_prob, route, s, quantal_response(g, route, s, noise))
            total += mix.weights[x] * float(n.standard + n.reasoning) / len(SEVERAL)
    return total


def cost(plan: LogPlan, x: int, offer: Offer) -> float:
    """J of a commitment in a context, under the users of a plan."""
    game = plan.mix.game(x)
    q = quantal_response(game, offer.route, offer.cascade_prob, plan.temperature)
    return float(outcome(game, offer.route, offer.cascade_prob, q).provider_cost)


def main() -> int:
    """Print the table; return 1 if a share is out of bounds."""
    parser = options_of(__doc__, 100, passes=20_000)
    parser.add_argument("--passes-only", action="store_true", help="p, t and c alone: ten times as fast")
    options = parser.parse_args()
    every = plans(options.logs, options.passes, options.seed)

    def advised(plan: LogPlan, path: Path) -> MixAdvice:
        with open_log(path) as log:
            return advise_mix(log, float(np.asarray(plan.mix.games.churn_penalty)[0]), options.draws)

    if options.passes_only:
        records = study(every, options.logs, write_log, _pooled, _judge_passes, each=False)
    else:
        records = study(every, options.logs, write_log, advised, _judge, each=options.each)
    print(f"{options.logs} logs of about {options.passes:,} passes, {min(CONTEXTS)} to {max(CONTEXTS)} contexts\n")
    off = show_shares(records, CAUTIOUS)
    if options.passes_only:
        return int(off)
    right = show_verdicts(records)
    print()
    show_seconds(records)
    return int(off or not right >= LEAST_RIGHT)


def _pooled(_: LogPlan, path: Path) -> tuple[Sequence[str], ContextPasses]:
    """The contexts of a log, and its p, t and c."""
    with open_log(path) as log:
        counted = tally(log)
        return counted.segments, context_passes(counted, np.random.default_rng(0))


def _judge_passes(plan: LogPlan, found: tuple[Sequence[str], ContextPasses], record: Record) -> None:
    """Note which intervals of p, t and c hold the truth."""
    games = plan.mix.games
    contexts, passes = found
    for x, y in enumerate(plan.contexts.index(name) for name in contexts):
        for k in (0, 1):
            for name in ("success_prob", "latency", "cost"):
                truth = float(np.asarray(getattr(games, name)[k])[y])
                answer = holds(getattr(passes, name)[k].estimate(x), truth)
                record.note(name, answer)
                if passes.passes[x, k] < FEW:
                    record.note(f"{name}, under {FEW} passes", answer)


def _judge(plan: LogPlan, found: MixAdvice, record: Record) -> None:
    """Note which intervals hold the truth, and what the recommendation costs."""
    at = [plan.contexts.index(name) for name in found.contexts]
    games, d = plan.mix.games, found.decision
    _judge_passes(plan, (found.contexts, found.passes), record)
    if found.values is not None and found.values.identified:
        values = np.asarray(games.task_value)
        kind = "alike" if np.ptp(values) == 0 else "apart"
        for x, y in enumerate(at[:1] if found.values.one_for_all else at):
            answer = holds(found.values.estimate(x), float(values[y]))
            for name in ("task_value", f"task_value, {kind} in truth"):
                record.note(name, answer)
        record.note("noise", holds(found.values.noise_estimate, plan.temperature))
    record.verdict = found.verdict
    if d is not None:
        weights = plan.mix.weights[at] / plan.mix.weights[at].sum()
        own = np.array([cost(plan, y, each.commitment) for y, each in zip(at, d.contexts, strict=True)])
        single = np.array([cost(plan, y, d.one_for_all) for y in at])
        least = np.array([float(quantal_equilibrium(plan.mix.game(y), plan.temperature).provider_cost) for y in at])
        gain = float(weights @ (single - own))
        record.note("gain", d.gain.low - 1e-9 <= gain <= d.gain.high + 1e-9)
        record.note("cost of a task", holds(d.provider_cost, float(weights @ own)))
        record.regret = float(weights @ own / (weights @ least) - 1)
    about = f"{len(plan.mix)} contexts {found.verdict} {record.regret:.2%} {record.seconds:.1f} s {found.reason}"
    record.said = f"{about} {record.missed}".rstrip()


if __name__ == "__main__":
    sys.exit(main())

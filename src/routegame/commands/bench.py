"""`routegame bench`: learners held against each other, every learner on every game of a suite with every seed."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_number
from routegame.typesetting import markdown

if TYPE_CHECKING:
    from routegame.eval.bench.bench import Bench
    from routegame.eval.bench.local_engine import Engine
    from routegame.eval.bench.suites import Instance

CHEAP = ("hypergradient", "evolution", "oracle")
"""Learners that are compared where none are named: those that take seconds a run."""

SEEDS = 3
"""Number of seeds where none is given."""

FIRST = {"hard": ("random_search", "cmaes", "evolution", "oracle")}
"""Learners in some suites: with two searches that know nothing of games."""

FIRST_SEEDS = {"hard": 2}
"""Number of seeds in the same: a first answer, with intervals, in less than ten minutes on two cores."""

MOST_MEMORY = 1e6
"""GiB that no machine has, and that a system can still be told as a limit."""

FULL_SEEDS = 10
"""Number of seeds of a benchmark that can be read."""


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("--suite", default="reference", metavar="NAME", help="of games (default reference)")
    parser.add_argument("--games", nargs="+", metavar="NAME", help="only these of the suite")
    about = f"default {' '.join(CHEAP)}, other four for the suite hard; all stands for every learner of the project"
    about += ", those of other libraries left out"
    parser.add_argument("--learners", dest="learner", nargs="+", metavar="ID", help=about)
    about = f"0 to N - 1 (default {SEEDS}; {FIRST_SEEDS['hard']} for the suite hard)"
    parser.add_argument("--seeds", type=int, metavar="N", help=about)
    about = "local, or ray: on the cluster that RAY_ADDRESS names, or on this machine (default local)"
    parser.add_argument("--engine", default="local", metavar="NAME", help=about)
    parser.add_argument("--workers", type=int, metavar="N", help="runs at once (default: as many as there are cores)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default runs/bench-SUITE")
    parser.add_argument("--resume", action="store_true", help="make only the runs that the directory does not have")
    about = "of benches whose runs are taken, not made again, where options, limits and version are the same"
    parser.add_argument("--take", nargs="+", type=Path, default=[], metavar="DIR", help=about)
    limits = parser.add_argument_group("limits", "of every run")
    limits.add_argument("--max-passes", type=float, metavar="N", help="passes played")
    limits.add_argument("--target-regret", type=float, metavar="R", help="relative leader regret, measured exactly")
    about = "a run is given up after so many seconds (default 900)"
    limits.add_argument("--timeout", type=float, default=900.0, metavar="S", help=about)
    limits.add_argument("--memory", type=float, default=4.0, metavar="GIB", help="that a run may allocate (default 4)")


def run(options: argparse.Namespace) -> None:
    """Make the runs that are missing, and the table; if it is stopped on the way, of what there is."""
    seeds = FIRST_SEEDS.get(options.suite, SEEDS) if options.seeds is None else options.seeds
    as_number("seeds", seeds, 1, 10_000)
    as_number("memory", options.memory, 0, MOST_MEMORY, closed="neither")
    from tqdm import tqdm

    from routegame.eval.bench.bench import Bench, BenchPlan, provenance
    from routegame.eval.bench.leaderboard import write_leaderboard
    from routegame.eval.report.write import write_report
    from routegame.train.learner import LEARNERS, admit
    from routegame.train.runs.limits import Limits

    quick = FIRST.get(options.suite, CHEAP)
    learners = tuple(LEARNERS) if options.learner == ["all"] else tuple(options.learner or quick)
    for name in learners:
        admit(name)
    engine = _engine(options)
    limits = Limits(options.max_passes, None, options.target_regret)
    games = _games(options.suite, options.games)
    plan = BenchPlan(options.suite, games, learners, range(seeds), limits, int(options.memory * 2**30))
    out = options.out or Path("runs") / f"bench-{options.suite}"
    bench = Bench(out, plan, resume=options.resume, taken=options.take)
    for line in bench.told:
        print(line, file=sys.stderr)
    try:
        for job in bench.run(engine):
            if job.failure_path.exists():
                failure = json.loads(job.failure_path.read_text(encoding="utf-8"))
                tqdm.write(f"{job.directory}: {failure['status']}: {failure['message']}", file=sys.stderr)
    finally:
        path = write_leaderboard(bench, provenance(options.given))
    print(markdown(path.read_text(encoding="utf-8")))
    print(f"leaderboard: {path}", file=sys.stderr)
    print(f"report: {write_report(bench.directory)}", file=sys.stderr)
    if learners == quick:
        _say_what_all_would_take(bench, options, engine.workers)


def _games(suite: str, names: Sequence[str] | None) -> tuple[Instance, ...]:
    """Return the games of a suite, or those of them that were named, in that order."""
    from routegame.eval.bench.suites import instances

    known = {game.name: game for game in instances(suite)}
    for name in names or ():
        if name not in known:
            raise ParameterError("games", f"of {', '.join(known)}", name)
    return tuple(known[name] for name in names or known)


def _engine(options: argparse.Namespace) -> Engine:
    if options.workers is not None:
        as_number("workers", options.workers, 1, 10_000)
    as_number("timeout", options.timeout, 0, inf, closed="neither")
    if options.engine == "local":
        from routegame.eval.bench.local_engine import LocalEngine

        engine = LocalEngine(options.workers or os.cpu_count() or 1, options.timeout)
        engine.start()
        return engine
    if options.engine == "ray":
        from routegame.eval.bench.ray_engine import RayEngine

        return RayEngine(options.workers, options.timeout)
    raise ParameterError("engine", "local or ray", options.engine)


def _say_what_all_would_take(bench: Bench, options: argparse.Namespace, workers: int) -> None:
    """Say how the rest is made, and how long it takes, judging by what was made."""
    from routegame.eval.bench.bench import full_seconds
    from routegame.numerals import duration
    from routegame.train.learner import LEARNERS

    seconds = full_seconds(bench.rows(), bench.plan.instances, tuple(LEARNERS), FULL_SEEDS)
    games = ["--games", *options.games] if options.games else []
    given = ["bench", "--suite", options.suite, *games, "--learners", "all", "--seeds", str(FULL_SEEDS)]
    whole = options.max_passes is None and options.target_regret is None  # or runs that are there are no part of it
    place = ["--out", str(bench.directory), "--resume"] if whole else []
    command = shlex.join(["routegame", *given, *place])
    told = f"about {duration(seconds)} of one core, {duration(seconds / workers)} on {workers} workers"
    print(f"all learners, {FULL_SEEDS} seeds: {told}\n    {command}", file=sys.stderr)

"""Small benches of learners of other people, run on this machine."""

from routegame.eval.bench.bench import Bench, BenchPlan
from routegame.eval.bench.local_engine import LocalEngine
from routegame.eval.bench.row import CLOCK
from routegame.eval.bench.suites import instances
from routegame.train.learner import admit

GAMES = [known for known in instances("reference") if known.name in ("nano-gpt5", "figure-5-throttle")]


def plan(*names, seeds=2, **more):
    learners = [f"plugins:{name}" for name in names]
    for name in learners:
        admit(name)
    return BenchPlan("reference", GAMES, learners, range(seeds), **more)


def bench(directory, planned, workers=2, timeout=60.0, resume=False):
    made = Bench(directory, planned, resume=resume)
    return made, list(made.run(LocalEngine(workers, timeout)))


def timeless(rows):
    return [{name: value for name, value in row.items() if name not in CLOCK} for row in rows]

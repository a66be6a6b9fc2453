"""A bench: learners, games and seeds, every combination a run; what is finished stays finished."""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from routegame.envs.checks import ParameterError
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.document import FileError, checked, read_document
from routegame.envs.menu_game import MenuGame
from routegame.envs.stackelberg import StackelbergGame
from routegame.eval.bench.job import Job, machine
from routegame.eval.bench.local_engine import Engine
from routegame.eval.bench.row import COLUMNS, FINISHED, Row, TakenRun, curve_at, figures, run_path
from routegame.eval.bench.runs_table import Offer
from routegame.eval.bench.suites import Instance
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.learning_curve import LearningCurve
from routegame.numerals import duration, percent, plural
from routegame.train.learner import learner
from routegame.train.runs.limits import Limits
from routegame.train.runs.run_directory import RunConfig, check_same, library_versions, write_json
from routegame.whole_file import WriteError, folder_name, writing

TYPICAL_SECONDS = {
    "independent": 3.0,
    "alternating": 9.0,
    "two_timescale": 13.0,
    "oracle": 2.5,
    "meta_follower": 8.0,
    "response_reward": 3.0,
    "hypergradient": 0.6,
    "bc_hg": 1.2,
    "stackelberg_pg": 7.0,
    "plug_in": 0.4,
    "evolution": 0.6,
    "random_search": 0.15,
    "sobol": 0.15,
    "halving": 0.15,
    "cmaes": 0.3,
    "tpe": 8.0,
    "bayes": 12.0,
    "a2c": 5.0,
    "dqn": 4.0,
    "sac": 13.0,
    "trpo": 9.0,
    "ippo": 30.0,
    "mappo": 30.0,
    "iql": 9.0,
    "qmix": 14.0,
}
"""Seconds of a run of two models by learner, about, on a core of a server of 2024: estimates of a bench start there."""

OF_MENUS = 2.0
"""How many times as long it takes with more models, about, and in crowds."""

CONFIG = "the configuration of a run, as `routegame bench` wrote it; delete its folder to make the run again"
OUTCOME = "what came of a run, as `routegame bench` wrote it; delete it to make the run again"
"""What files of a run may be."""

GUESS = 10.0
"""Seconds that a run of any other learner is taken for before one is done."""


@dataclass(frozen=True)
class BenchPlan:
    """Plan of a bench: games, learners, seeds and limits.

    Attributes:
        suite: name of the suite.
        instances: its games.
        learners: ids.
        seeds: every run has one of them.
        limits: of every run.
        memory: bytes that a run may allocate; None for no limit.

    Raises:
        ParameterError: a game, a learner or a seed that is there twice.
    """

    suite: str
    instances: Sequence[Instance]
    learners: Sequence[str]
    seeds: Sequence[int]
    limits: Limits = field(default_factory=Limits)
    memory: int | None = None

    def __post_init__(self) -> None:
        _check_once("games", [known.name for known in self.instances])
        _check_once("learner", list(map(folder_name, self.learners)))
        _check_once("seeds", list(map(str, self.seeds)))

    def jobs(self, directory: Path) -> list[Job]:
        """Return every run, each with a directory of its own below `directory`; seeds vary slowest."""
        return [
            Job(
                run_path(directory, name, instance.name, seed),
                self._config(name, instance, seed),
                self.memory,
            )
            for seed in self.seeds
            for instance in self.instances
            for name in self.learners
        ]

    def _config(self, name: str, instance: Instance, seed: int) -> RunConfig:
        options = learner(name).OPTIONS()
        return RunConfig(name, instance.name, instance.game, instance.throttling, seed, options, self.limits)


class Bench:
    """A plan and the directory that its runs are in.

    Args:
        directory: new or empty, or that of a bench that goes on.
        plan: what is to be there in the end; runs of earlier plans stay, and are not part of the table.
        resume: whether it goes on.
        taken: directories of other benches, whose runs are taken where they are not there, see `Offer`.

    Attributes:
        told: what is to be said of each of these.

    Raises:
        ParameterError: the directory has a bench and is not resumed, or something else; a run of the plan is there
            with other options; another bench has none of its runs.
        FileError: a run of the plan is there, and one of its files is damaged; or one of another bench is.
    """

    def __init__(self, directory: Path, plan: BenchPlan, *, resume: bool = False, taken: Sequence[Path] = ()) -> None:
        self.directory, self.plan = directory, plan
        with writing(directory):
            present = directory.exists() and any(directory.iterdir())
        if present:
            if not (directory / "bench.json").exists():
                raise ParameterError("out", "a new or empty directory, or one of a bench", str(directory))
            if not resume:
                raise ParameterError("out", "a new directory, or else --resume given", str(directory))
        self.jobs = plan.jobs(directory)
        for job in self.jobs:
            _check_same(job)
        self._groups = {instance.name: instance.group for instance in plan.instances}
        self._there = {job.directory: self._row(job) for job in self.jobs if job.done}
        offers = [Offer.of(other, self.jobs) for other in taken]
        with writing(directory):
            directory.mkdir(parents=True, exist_ok=True)
        write_json(directory / "bench.json", self._document())
        self.told = [offer.take(len(self.jobs)) for offer in offers]
        self._there |= {job.directory: self._row(job) for job in self.jobs if job.taken}

    def run(self, engine: Engine) -> Iterator[Job]:
        """Make the runs that are missing, a progress bar on standard error; yield each as it is done.

        At last a line tells how long they took, and how much of that was their own: the rest is what it takes to start,
        judge and write down.
        """
        missing, started = [job for job in self.jobs if not job.done], time.monotonic()
        pace = _Pace([job for job in self.jobs if job.done], missing, engine.workers)
        bar_format = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"
        total, initial = len(self.jobs), len(self.jobs) - len(missing)
        with tqdm(total=total, initial=initial, desc="bench", bar_format=bar_format, dynamic_ncols=True) as bar:
            bar.set_postfix_str(pace.left())
            try:
                for job in engine.run(missing):
                    pace.done(job)
                    bar.set_postfix_str(f"{pace.left()}, {job.config.learner} on {job.config.scenario}", refresh=False)
                    bar.update()
                    yield job
            except (WriteError, FileError):
                bar.leave = False  # which is told in a line of its own
                raise
        seconds = time.monotonic() - started
        if missing:
            workers = min(engine.workers, len(missing))
            busy = percent(pace.own_seconds / seconds / workers)
            made = f"{plural(len(missing), 'run')} in {seconds:.0f} s"
            told = f"{made}; workers {workers}, {busy} of their time the runs' own"
            print(told, file=sys.stderr)

    def rows(self) -> list[Row]:
        """Read the row of every run that is done, in the order of the plan."""
        return [self._there.get(job.directory) or self._row(job) for job in self.jobs if job.done]

    def curves(self) -> list[LearningCurve | None]:
        """Read the learning curve of every run that is done, in the order of the plan; None where there is none."""
        return [curve_at(job.directory) for job in self.jobs if job.done]

    def sources(self) -> list[dict[str, object]]:
        """Return what the tables were made with that have runs which were taken, and which of `rows` these are."""
        found: dict[tuple[tuple[str, str], ...], list[int]] = {}
        for number, job in enumerate(job for job in self.jobs if job.done):
            if job.taken:
                found.setdefault(tuple(TakenRun.read(job.taken_path).source.items()), []).append(number)
        return [{**dict(source), "runs": len(rows), "rows": rows} for source, rows in found.items()]

    def _row(self, job: Job) -> Row:
        return _row(job, self.plan.suite, self._groups[str(job.config.scenario)])

    def _document(self) -> dict[str, object]:
        plan = self.plan
        return {
            "suite": plan.suite,
            "learners": list(plan.learners),
            "seeds": list(plan.seeds),
            "limits": vars(plan.limits),
            "instances": [
                {"name": known.name, "group": known.group, "throttling": known.throttling, "game": known.game.to_dict()}
                for known in plan.instances
            ],
        }


def typical_seconds(name: str, game: StackelbergGame) -> float:
    """Return how long a run of a learner takes, about, in seconds, before one is done.

    >>> from routegame.envs.menu_game import MenuGame
    >>> typical_seconds("oracle", MenuGame("gpt41-family"))
    5.0
    """
    return TYPICAL_SECONDS.get(name, GUESS) * (OF_MENUS if isinstance(game.now, MenuGame | CrowdGame) else 1)


def full_seconds(rows: Sequence[Row], games: Sequence[Instance], learners: Sequence[str], seeds: int) -> float:
    """Return how long runs of all these learners would take one after another, about, in seconds.

    What a run took says so for others of its learner in that game. For a learner that has none there it is what is
    typical, times how much longer than typical the game's runs took, or all runs if it has none. Learners that do not
    play a game take no time.

    Args:
        rows: of a bench; those of runs that failed, or that a limit ended, say nothing.
        games: that are to be played.
        learners: ids.
        seeds: runs of each learner in each game.
    """
    took: dict[str, dict[str, list[float]]] = {known.name: {} for known in games}
    for row in rows:
        if row["status"] == row["stopped"] == FINISHED and row["instance"] in took:
            took[row["instance"]].setdefault(row["learner"], []).append(row["seconds"])
    found = {name: {who: statistics.fmean(seconds) for who, seconds in own.items()} for name, own in took.items()}
    usual = {known.name: {name: typical_seconds(name, known.box) for name in found[known.name]} for known in games}
    overall = _ratio(
        [x for own in found.values() for x in own.values()], [x for own in usual.values() for x in own.values()], 1.0
    )
    total = 0.0
    for known in games:
        own = found[known.name]
        pace = _ratio(own.values(), usual[known.name].values(), overall)
        for name in learners:
            if learner(name).objection(known.box) is None:
                total += own[name] if name in own else pace * typical_seconds(name, known.box)
    return seeds * total


def _ratio(ours: Collection[float], theirs: Collection[float], otherwise: float) -> float:
    return sum(ours) / sum(theirs) if ours else otherwise


class _Pace:
    """Estimates how long the rest takes, from what runs of the same learner took.

    Attributes:
        own_seconds: of the runs that were done while it watched.
    """

    def __init__(self, done: Sequence[Job], missing: Sequence[Job], workers: int) -> None:
        self._seconds: dict[str, list[float]] = {}
        self._missing = [job.config.learner for job in missing]
        self._typical = {job.config.learner: typical_seconds(job.config.learner, job.config.box) for job in missing}
        self._workers = workers
        self.own_seconds = 0.0
        for job in done:
            self._note(job)

    def done(self, job: Job) -> None:
        self._missing.remove(job.config.learner)
        self.own_seconds += self._note(job)

    def _note(self, job: Job) -> float:
        if job.taken:
            seconds = TakenRun.read(job.taken_path).row["seconds"] or 0.0
        elif job.result_path.exists():
            document = read_document(job.result_path, OUTCOME)
            with checked(job.result_path, OUTCOME):
                seconds = float(document["wall_seconds"])
        else:
            return 0.0
        self._seconds.setdefault(job.config.learner, []).append(seconds)
        return seconds

    def left(self) -> str:
        mean = self._typical | {name: statistics.fmean(seconds) for name, seconds in self._seconds.items()}
        seconds = sum(mean[name] for name in self._missing) / self._workers
        return f" about {duration(seconds)} left"


def _row(job: Job, suite: str, group: str) -> Row:
    config = job.config
    about = {
        "suite": suite,
        "learner": config.learner,
        "instance": config.scenario,
        "group": group,
        "throttling": config.throttling,
        "seed": config.seed,
    }
    if job.taken:
        row = TakenRun.read(job.taken_path).row
        if row["config_hash"] != job.config_hash:
            allowed = "a directory whose taken runs have these options and limits"
            raise ParameterError("out", allowed, str(job.directory))
        return row | about
    about["config_hash"] = job.config_hash
    config_path = job.directory / "config.json"
    if config_path.exists():
        plain = read_document(config_path, CONFIG)
        with checked(config_path, CONFIG):
            about["versions"] = ", ".join(f"{name} {number}" for name, number in plain["versions"].items())
    made: Row = dict.fromkeys(COLUMNS) | about
    path = job.result_path if job.result_path.exists() else job.failure_path
    document = read_document(path, OUTCOME)
    with checked(path, OUTCOME):
        if path == job.failure_path:
            return made | {name: str(document[name]) for name in ("status", "message")}
        return made | figures(document, job.directory, judge_of(config.box))


def provenance(arguments: Sequence[str]) -> dict[str, object]:
    """Return what a table was made with: command, versions, machine and day."""
    return {
        "command": " ".join(["routegame", *arguments]),
        "versions": library_versions(),
        "python": platform.python_version(),
        "machine": machine(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _check_same(job: Job) -> None:
    """Refuse a run that is there with another configuration."""
    path = job.directory / "config.json"
    if path.exists():
        present = {name: value for name, value in read_document(path, CONFIG).items() if name != "versions"}
        check_same(job.directory, present, job.config.to_dict())


def _check_once(parameter: str, names: Sequence[str]) -> None:
    """Refuse names of which one is there twice: its runs would be one and the same."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ParameterError(parameter, "each named once", f"{twice} twice")

"""Benches and runs that were left on disk, read to be shown: plain text and numbers, of which nothing is executed.

A learner is not imported, so that also somebody else's directory can be looked at. Whatever is read is checked and
converted here; what is shown later cannot fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from math import inf, isnan
from pathlib import Path

from routegame.agents.exact.solved_game import Profile
from routegame.envs.classic.catalogue import as_played, game_of
from routegame.envs.document import Document, checked, read_document
from routegame.envs.stackelberg import Single, StackelbergGame
from routegame.eval.bench.measures import MEASURES
from routegame.eval.bench.row import FINISHED, NOT_APPLICABLE, Key, TakenRun, curve_at, figures, run_path
from routegame.eval.judge.judgement import Judge, finite
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.curve_table import read_curves
from routegame.eval.run.diagnosis import MEANINGS
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS

WRITTEN = "as `routegame bench` or `routegame train` wrote it"
"""What a file of theirs may be."""


@dataclass(frozen=True)
class RunRecord:
    """The end of a run of a bench.

    Attributes:
        learner: its id.
        instance: name of the game.
        seed: of the run.
        status: `FINISHED`, or how it failed.
        message: of the failure.
        regret: relative leader regret; inf where it failed.
        score: normalised score; −inf where it failed.
        certified: whether its users are near enough to their best answer.
        follower_gap: relative; what they leave on the table.
        commitment: that it ended with; None where it failed.
        provider_cost: of the commitment under the users' exact best response; 0 where it failed, as is all below.
        measures: what else it was measured by, by column, see `MEASURES`.
        diagnosis: names of what is wrong, or right.
        passes: played, pre-training included.
        seconds: that it took.
        follower: the kind of its users, `LEARNED` or a rule; None where it failed, or nobody says.
        anytime_regret: see `LearningCurve.on_the_way`; None where nobody knows, as are the next two.
        plays: that it learned from.
        cumulative_regret: what these cost above the equilibrium, in costs of a play there.
        passes_to_aim: from which on regret was at most 1 %, as far as it was judged; inf where it ended with more.
        seconds_to_aim: likewise.
    """

    learner: str
    instance: str
    seed: int
    status: str
    message: str = ""
    regret: float = inf
    score: float = -inf
    certified: bool = False
    follower_gap: float = inf
    commitment: Single | None = None
    provider_cost: float = 0.0
    measures: Mapping[str, float | bool] = field(default_factory=dict)
    diagnosis: tuple[str, ...] = ()
    passes: float = 0.0
    seconds: float = 0.0
    follower: str | None = None
    anytime_regret: float | None = None
    plays: int | None = None
    cumulative_regret: float | None = None
    passes_to_aim: float = inf
    seconds_to_aim: float = inf

    @property
    def finished(self) -> bool:
        """Whether it has a result."""
        return self.status == FINISHED

    @property
    def success(self) -> bool:
        """Whether it is certified and within 1 % of the equilibrium."""
        return self.finished and self.certified and self.regret <= SUCCESS

    @classmethod
    def of_row(cls, row: Document, judge: Judge[Profile]) -> RunRecord:
        """Take a row of a leaderboard; `judge` is that of its game."""
        key = str(row["learner"]), str(row["instance"]), int(row["seed"])
        if row["status"] != FINISHED:
            return cls(*key, str(row["status"]), str(row["message"]))
        return cls(
            *key,
            FINISHED,
            regret=_number(row["leader_regret_relative"]),
            score=-_number(-float(row["normalised_score"])),
            certified=bool(row["certified"]),
            follower_gap=_number(row["follower_gap_relative"]),
            commitment=judge.read_commitment(row),
            measures=_measures(row),
            provider_cost=finite(row["equilibrium_provider_cost"]) + finite(row["leader_regret"]),
            diagnosis=tuple(name for name in str(row["diagnosis"]).split("; ") if name),
            passes=finite(row["passes"]),
            seconds=finite(row["seconds"]),
            follower=None if row.get("follower") is None else str(row["follower"]),
            anytime_regret=_known(row, "anytime_regret"),
            plays=None if row.get("plays") is None else int(row["plays"]),
            cumulative_regret=_known(row, "cumulative_regret"),
            passes_to_aim=_number(row["passes_to_1_percent"]),
            seconds_to_aim=_number(row["seconds_to_1_percent"]),
        )

    @classmethod
    def of_result(cls, key: Key, result: Document, directory: Path, judge: Judge[Profile]) -> RunRecord:
        """Take the result of the run in a directory; `judge` is that of its game."""
        names = dict(zip(("learner", "instance", "seed"), key, strict=True))
        return cls.of_row(figures(result, directory, judge) | names, judge)


@dataclass(frozen=True)
class Stage:
    """A game of a bench.

    Attributes:
        name: what it is called.
        group: what it is one of; empty where nobody said.
        game: as it is played.
    """

    name: str
    group: str
    game: StackelbergGame

    @cached_property
    def judge(self) -> Judge[Profile]:
        """The judge of what is played on it."""
        return judge_of(self.game)

    @classmethod
    def of(cls, plain: Document) -> Stage:
        """Take a game from the plan of a bench."""
        game = as_played(game_of(plain["game"]), throttling=bool(plain["throttling"]), form=plain.get("form"))
        return cls(str(plain["name"]), str(plain["group"]), game)


@dataclass(frozen=True)
class About:
    """Circumstances in which a table was made, each as text; empty where nobody wrote it down.

    Those of runs that were made elsewhere are in `taken`, with their number and where their table was.
    """

    command: str = ""
    versions: str = ""
    machine: str = ""
    date: str = ""
    runs: int = 0
    path: str = ""
    taken: tuple[About, ...] = ()

    @classmethod
    def of(cls, plain: Document) -> About:
        """Take it from a leaderboard."""
        versions = {"Python": plain["python"], **plain["versions"]}
        return cls(
            str(plain["command"]),
            ", ".join(f"{name} {number}" for name, number in versions.items()),
            str(plain["machine"]),
            str(plain["date"]),
            taken=tuple(
                cls(
                    command=str(other["command"]),
                    machine=str(other["machine"]),
                    date=str(other["date"]),
                    runs=int(other["runs"]),
                    path=str(other["path"]),
                )
                for other in plain.get("taken", ())
            ),
        )


@dataclass(frozen=True)
class BenchArchive:
    """A bench, finished or not.

    Attributes:
        directory: where it is.
        suite: name of its games.
        learners: ids, in the order of the plan, of those who play any of the games.
        idle: why the others play none, by id.
        stages: its games.
        seeds: of its runs.
        ended: the runs of `learners` that have ended, by learner, game and seed.
        rules: relative regret of rules that learn nothing, by game and rule; of no game before there is a leaderboard.
        about: what the leaderboard was made with.
    """

    directory: Path
    suite: str
    learners: tuple[str, ...]
    idle: Mapping[str, str]
    stages: tuple[Stage, ...]
    seeds: tuple[int, ...]
    ended: Mapping[Key, RunRecord]
    rules: Mapping[str, Mapping[str, float]]
    about: About

    @classmethod
    def open(cls, directory: Path) -> BenchArchive:
        """Read a bench.

        Raises:
            FileError: a file is damaged.
        """
        plan = _read(directory / "bench.json")
        with checked(directory / "bench.json", WRITTEN):
            suite, learners = str(plan["suite"]), tuple(_name(name) for name in plan["learners"])
            seeds = tuple(int(seed) for seed in plan["seeds"])
            stages = tuple(Stage.of(known) for known in plan["instances"])
            keys = list(product(learners, (_name(stage.name) for stage in stages), seeds))
            if not keys or len(set(keys)) < len(keys):
                raise ValueError("no runs, or one twice")
        of = {stage.name: stage for stage in stages}
        ended, rules, about = {}, {}, About()
        path = directory / "leaderboard.json"
        if path.exists():
            board = _read(path)
            with checked(path, WRITTEN):
                about = About.of(board)
                rows = [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]
                runs = [RunRecord.of_row(row, of[row["instance"]].judge) for row in rows if row["instance"] in of]
                ended = {(run.learner, run.instance, run.seed): run for run in runs}
                rules = {
                    str(game): {str(rule): _number(regret) for rule, regret in of.items()}
                    for game, of in board["rules"].items()
                }
        found = {key: ended.get(key) or _ended(directory, key, of[key[1]].judge) for key in keys}
        idle = _idle(found)
        playing = tuple(name for name in learners if name not in idle)
        known = {key: run for key, run in found.items() if run is not None and run.learner not in idle}
        return cls(directory, suite, playing, idle, stages, seeds, known, rules, about)

    @property
    def missing(self) -> int:
        """Number of runs that are still to be made."""
        return len(self.learners) * len(self.stages) * len(self.seeds) - len(self.ended)

    def of(self, learner: str | None = None, game: str | None = None) -> list[RunRecord]:
        """Return the ended runs of a learner, on a game; in the order of the plan."""
        learners = self.learners if learner is None else (learner,)
        games = [stage.name for stage in self.stages] if game is None else [game]
        return [self.ended[key] for key in product(learners, games, self.seeds) if key in self.ended]

    def complete(self) -> tuple[list[str], list[int]]:
        """Return games and seeds that every learner is done with, as many pairs of them as there are."""
        best: tuple[list[str], list[int]] = ([], [])
        for count in range(1, len(self.seeds) + 1):
            seeds = list(self.seeds[:count])
            games = [
                stage.name
                for stage in self.stages
                if all((name, stage.name, seed) in self.ended for name, seed in product(self.learners, seeds))
            ]
            if len(games) * count > len(best[0]) * len(best[1]):
                best = games, seeds
        return best

    @cached_property
    def curves(self) -> dict[Key, LearningCurve]:
        """The learning curve of every run that has one on disk and has not failed, its result the last point.

        Those of runs whose directories are gone, as in what is published of a bench, are in `curves.parquet`.
        """
        published = read_curves(self.directory / "curves.parquet")
        found = {
            key: curve_at(run_path(self.directory, *key)) or published.get(key)
            for key, run in self.ended.items()
            if run.finished
        }
        ends = {key: _with_end(known, self.ended[key]) for key, known in found.items()}
        return {key: known for key, known in ends.items() if known is not None}


@dataclass(frozen=True)
class RunArchive:
    """A run of `routegame train`, or of a bench.

    Attributes:
        directory: where it is.
        stage: its game.
        learner: id.
        seed: of the run.
        options: of the learner; None where nobody wrote them down.
        versions: of the libraries.
        ended: how it ended; None where it has not.
        profiles: learned profile and equilibrium; none where there is no result.
        findings: what is wrong, or right: name and explanation.
        curve: the learning curve, as far as it goes; None where there is none.
    """

    directory: Path
    stage: Stage
    learner: str
    seed: int
    options: Mapping[str, str] | None
    versions: str
    ended: RunRecord | None
    profiles: tuple[Profile, ...]
    findings: Sequence[tuple[str, str]]
    curve: LearningCurve | None

    @classmethod
    def open(cls, directory: Path) -> RunArchive:
        """Read a run.

        Raises:
            FileError: a file is damaged.
        """
        config = _read(directory / "config.json")
        with checked(directory / "config.json", WRITTEN):
            name = str(config["scenario"] or "game")
            stage = Stage.of({**config, "name": name, "group": ""})
            learner, seed = str(config["learner"]), int(config["seed"])
            options = {str(option): str(value) for option, value in config["options"].items()}
            versions = ", ".join(f"{library} {number}" for library, number in config["versions"].items())
        path, ended, findings = directory / "result.json", None, []
        profiles: tuple[Profile, ...] = ()
        if path.exists():
            result = _read(path)
            with checked(path, WRITTEN):
                ended = RunRecord.of_result((learner, name, seed), result, directory, stage.judge)
                profiles = tuple(stage.judge.read_profile(result[side]) for side in ("learned", "equilibrium"))
                findings = [(str(one["name"]), str(one["explanation"])) for one in result["diagnosis"]]
        curve = _with_end(curve_at(directory), ended)
        return cls(directory, stage, learner, seed, options, versions, ended, profiles, findings, curve)

    @classmethod
    def of_bench(cls, bench: BenchArchive, key: Key) -> RunArchive:
        """Take an ended run of a bench: from its own directory, or where that is gone from its row alone.

        Raises:
            FileError: a file is damaged.
        """
        directory, ended = run_path(bench.directory, *key), bench.ended[key]
        if (directory / "config.json").exists():
            return replace(cls.open(directory), ended=ended, curve=_with_end(curve_at(directory), ended))
        stage = next(stage for stage in bench.stages if stage.name == ended.instance)
        findings = [(name, MEANINGS.get(name, "")) for name in ended.diagnosis]
        taken, versions = directory / "taken.json", bench.about.versions
        if taken.exists():
            versions = str(TakenRun.read(taken).row["versions"])
        curve = bench.curves.get(key)
        return cls(directory, stage, ended.learner, ended.seed, None, versions, ended, (), findings, curve)


def _with_end(known: LearningCurve | None, ended: RunRecord | None) -> LearningCurve | None:
    """Return the learning curve of a run, its result the last point; None where there is none."""
    if known is not None and ended is not None:
        known = known.ending(ended.passes, ended.seconds, ended.regret)
    return known if known is not None and len(known) else None


def _ended(directory: Path, key: Key, judge: Judge[Profile]) -> RunRecord | None:
    """Read how a run ended that is not in the table yet, of a game with that judge; None where it has not."""
    own = run_path(directory, *key)
    result, failure, taken = own / "result.json", own / "failure.json", own / "taken.json"
    if result.exists():
        document = _read(result)
        with checked(result, WRITTEN):
            return RunRecord.of_result(key, document, result.parent, judge)
    if failure.exists():
        document = _read(failure)
        with checked(failure, WRITTEN):
            return RunRecord(*key, str(document["status"]), str(document["message"]))
    if taken.exists():
        row = TakenRun.read(taken).row
        with checked(taken, WRITTEN):
            return RunRecord.of_row(row, judge)
    return None


def _read(path: Path) -> Document:
    return read_document(path, WRITTEN)


def _number(value: float | str | None) -> float:
    """Return a number as a loss: inf for None and nan."""
    number = inf if value is None else float(value)
    if number == -inf:
        raise ValueError("no loss")
    return inf if isnan(number) else number


def _known(row: Document, column: str) -> float | None:
    """Return a finite number, None where a row, of an earlier version perhaps, has none."""
    return None if row.get(column) is None else finite(row[column])


def _idle(found: Mapping[Key, RunRecord | None]) -> dict[str, str]:
    """Return why learners play no game at all, by id; of nobody where all of them are like that."""
    why = {run.learner: run.message for run in found.values() if run is not None and run.status == NOT_APPLICABLE}
    busy = {name for (name, _, _), run in found.items() if run is None or run.status != NOT_APPLICABLE}
    return {name: message for name, message in why.items() if busy and name not in busy}


def _measures(row: Document) -> dict[str, float | bool]:
    """Return the `MEASURES` that a row has, by column: true or false, or a finite number."""
    found = {measure.column: row.get(measure.column) for measure in MEASURES}
    return {name: v if isinstance(v, bool) else finite(v) for name, v in found.items() if v is not None}


def _name(value: object) -> str:
    """Return a name that is a part of a path, and stays below it."""
    name = str(value)
    if name in ("", ".", "..") or any(mark in name for mark in "/\\\0"):
        raise ValueError("no name")
    return name

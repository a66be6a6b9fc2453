"""What a bench or a run has left on disk, read to be shown: plain text and numbers, of which nothing is executed.

A learner is not imported, so that also somebody else's directory can be looked at. Whatever is read is checked and
converted here; what is shown later cannot fail.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import inf, isfinite, isnan
from pathlib import Path

from routegame.agents.exact.solved_game import Profile
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import game_of
from routegame.envs.classic.point_game import PointGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.document import Document
from routegame.envs.game import Game
from routegame.eval.bench.measures import MEASURES
from routegame.eval.bench.row import FINISHED, NOT_APPLICABLE, figures, run_path
from routegame.eval.judge.classic_judge import ClassicJudge
from routegame.eval.judge.judgement import Judge
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import SUCCESS

Key = tuple[str, str, int]
"""Learner, game and seed of a run."""


@dataclass(frozen=True)
class RunRecord:
    """How a run of a bench ended.

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
        route: that it commits to; 0 where it failed, as are the numbers below.
        cascade_prob: that it commits to.
        throttled_latency: that it commits to.
        provider_cost: of the commitment under the users' exact best response.
        measures: what else it was measured by, by column, see `MEASURES`.
        coordinates: that it commits to outside routing, where there is neither route nor cascade.
        diagnosis: names of what is wrong, or right.
        passes: played, pre-training included.
        seconds: that it took.
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
    route: int = 0
    cascade_prob: float = 0.0
    throttled_latency: tuple[float, float] = (0.0, 0.0)
    provider_cost: float = 0.0
    measures: Mapping[str, float | bool] = field(default_factory=dict)
    coordinates: tuple[float, ...] = ()
    diagnosis: tuple[str, ...] = ()
    passes: float = 0.0
    seconds: float = 0.0
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
    def of_row(cls, row: Document) -> RunRecord:
        """Take a row of a leaderboard."""
        key = str(row["learner"]), str(row["instance"]), int(row["seed"])
        if row["status"] != FINISHED:
            return cls(*key, str(row["status"]), str(row["message"]))
        return cls(
            *key,
            FINISHED,
            regret=_number(row["leader_regret_relative"]),
            score=-_number(-float(row["normalised_score"])),
            certified=bool(row["certified"]),
            follower_gap=float(row["follower_gap_relative"]),
            **_commitment(row),
            measures=_measures(row),
            provider_cost=_finite(row["equilibrium_provider_cost"]) + _finite(row["leader_regret"]),
            diagnosis=tuple(name for name in str(row["diagnosis"]).split("; ") if name),
            passes=_finite(row["passes"]),
            seconds=_finite(row["seconds"]),
            passes_to_aim=_number(row["passes_to_1_percent"]),
            seconds_to_aim=_number(row["seconds_to_1_percent"]),
        )

    @classmethod
    def of_result(cls, key: Key, result: Document, directory: Path, judge: Judge[Profile]) -> RunRecord:
        """Take the result of the run in a directory; `judge` is that of its game."""
        return cls.of_row(
            figures(result, directory, judge) | dict(zip(("learner", "instance", "seed"), key, strict=True))
        )


@dataclass(frozen=True)
class Stage:
    """A routing game of a bench and whether its models may be slowed down."""

    name: str
    group: str
    throttling: bool
    game: Game

    @cached_property
    def judge(self) -> RoutingJudge:
        """Who judges what is played on it."""
        return RoutingJudge(RoutingGame(self.game, throttling=self.throttling))


@dataclass(frozen=True)
class PointStage:
    """A game of a bench that is none of routing."""

    name: str
    group: str
    game: PointGame

    @cached_property
    def judge(self) -> ClassicJudge:
        """Who judges what is played on it."""
        return ClassicJudge(self.game)


_PROFILE = ("route", "cascade_prob", "abandon_prob", "solve_prob", "provider_cost", "user_utility")
_POINT_PROFILE = ("answer", "provider_cost", "user_utility")


def _stage(plain: Document) -> Stage | PointStage:
    """Take a game from the plan of a bench."""
    name, group, game = str(plain["name"]), str(plain["group"]), game_of(plain["game"])
    if isinstance(game, Game):
        return Stage(name, group, bool(plain["throttling"]), _single(game))
    if isinstance(game, PointGame):
        return PointStage(name, group, game)
    raise ValueError("a game that has no page")


def _check_fits(run: RunRecord | None, stage: Stage | PointStage) -> None:
    """Refuse a run that commits to what is no commitment of its game."""
    if run is not None and run.finished:
        size = stage.game.size if isinstance(stage, PointStage) else 0
        if len(run.coordinates) != size:
            raise ValueError("a commitment of another game")


@dataclass(frozen=True)
class About:
    """What a table was made with, each as text; empty where nobody wrote it down."""

    command: str = ""
    versions: str = ""
    machine: str = ""
    date: str = ""

    @classmethod
    def of(cls, plain: Document) -> About:
        """Take it from a leaderboard."""
        versions = {"Python": plain["python"], **plain["versions"]}
        return cls(
            str(plain["command"]),
            ", ".join(f"{name} {number}" for name, number in versions.items()),
            str(plain["machine"]),
            str(plain["date"]),
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
    stages: tuple[Stage | PointStage, ...]
    seeds: tuple[int, ...]
    ended: Mapping[Key, RunRecord]
    rules: Mapping[str, Mapping[str, float]]
    about: About

    @classmethod
    def open(cls, directory: Path) -> BenchArchive:
        """Read a bench.

        Raises:
            ParameterError: the files are damaged.
        """
        plan = _read(directory / "bench.json")
        with _Checked(directory / "bench.json"):
            suite, learners = str(plan["suite"]), tuple(_name(name) for name in plan["learners"])
            seeds = tuple(int(seed) for seed in plan["seeds"])
            stages = tuple(_stage(known) for known in plan["instances"])
            keys = list(product(learners, (_name(stage.name) for stage in stages), seeds))
            if not keys or len(set(keys)) < len(keys):
                raise ValueError("no runs, or one twice")
        ended, rules, about = {}, {}, About()
        path = directory / "leaderboard.json"
        if path.exists():
            board = _read(path)
            with _Checked(path):
                about = About.of(board)
                rows = [RunRecord.of_row(dict(zip(board["columns"], row, strict=True))) for row in board["rows"]]
                ended = {(row.learner, row.instance, row.seed): row for row in rows}
                rules = {
                    str(game): {str(rule): _number(regret) for rule, regret in of.items()}
                    for game, of in board["rules"].items()
                }
        of = {stage.name: stage for stage in stages}
        found = {key: ended.get(key) or _ended(directory, key, of[key[1]].judge) for key in keys}
        for (_, game, _), run in found.items():
            with _Checked(path):
                _check_fits(run, of[game])
        idle = _idle(found)
        playing = tuple(name for name in learners if name not in idle)
        known = {key: run for key, run in found.items() if run is not None and run.learner not in idle}
        return cls(directory, suite, playing, idle, stages, seeds, known, rules, about)

    @property
    def missing(self) -> int:
        """How many runs are still to be made."""
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
        """The learning curve of every run that has one on disk and has not failed, its result the last point."""
        found = {key: curve(run_path(self.directory, *key), run) for key, run in self.ended.items() if run.finished}
        return {key: known for key, known in found.items() if known is not None}


@dataclass(frozen=True)
class RunArchive:
    """A run of `routegame train`, or of a bench.

    Attributes:
        directory: where it is.
        stage: its game.
        learner: id.
        seed: of the run.
        options: of the learner.
        versions: of the libraries.
        ended: how it ended; None where it has not.
        result: learned profile and equilibrium, figures by name; empty where there is no result.
        findings: what is wrong, or right: name and explanation.
    """

    directory: Path
    stage: Stage | PointStage
    learner: str
    seed: int
    options: Mapping[str, str]
    versions: str
    ended: RunRecord | None
    result: Mapping[str, Mapping[str, float]]
    findings: Sequence[tuple[str, str]]

    @classmethod
    def open(cls, directory: Path) -> RunArchive:
        """Read a run.

        Raises:
            ParameterError: the files are damaged.
        """
        config = _read(directory / "config.json")
        with _Checked(directory / "config.json"):
            name = str(config["scenario"] or "game")
            stage = _stage({**config, "name": name, "group": ""})
            learner, seed = str(config["learner"]), int(config["seed"])
            options = {str(option): str(value) for option, value in config["options"].items()}
            versions = ", ".join(f"{library} {number}" for library, number in config["versions"].items())
        path, ended, profiles, findings = directory / "result.json", None, {}, []
        if path.exists():
            result = _read(path)
            with _Checked(path):
                ended = RunRecord.of_result((learner, name, seed), result, directory, stage.judge)
                _check_fits(ended, stage)
                of = _PROFILE if isinstance(stage, Stage) else _POINT_PROFILE
                for side in ("learned", "equilibrium"):
                    profiles[side] = {column: _finite(result[side][column]) for column in of}
                findings = [(str(one["name"]), str(one["explanation"])) for one in result["diagnosis"]]
        return cls(directory, stage, learner, seed, options, versions, ended, profiles, findings)

    @cached_property
    def curve(self) -> LearningCurve | None:
        """How regret fell, as far as it has."""
        return curve(self.directory, self.ended)


def curve(run: Path, ended: RunRecord | None) -> LearningCurve | None:
    """Read the learning curve of a run, its result the last point; None where there is none on disk."""
    path = run / "metrics.jsonl"
    if not path.exists():
        return None
    known = LearningCurve.read(path)
    if ended is not None:
        known = known.ending(ended.passes, ended.seconds, ended.regret)
    return known if len(known) else None


def _ended(directory: Path, key: Key, judge: Judge[Profile]) -> RunRecord | None:
    """Read how a run ended that is not in the table yet, of a game with that judge; None where it has not."""
    result, failure = (run_path(directory, *key) / name for name in ("result.json", "failure.json"))
    if result.exists():
        document = _read(result)
        with _Checked(result):
            return RunRecord.of_result(key, document, result.parent, judge)
    if failure.exists():
        document = _read(failure)
        with _Checked(failure):
            return RunRecord(*key, str(document["status"]), str(document["message"]))
    return None


def _read(path: Path) -> Document:
    with _Checked(path):
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise TypeError("not an object")
    return document


class _Checked:
    """Turns whatever goes wrong with the content of a file into an error that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(
            error, OSError | ValueError | KeyError | TypeError | AttributeError | OverflowError | RecursionError
        ):
            allowed = f"a directory whose {self._path.name} is as `routegame bench` or `routegame train` wrote it"
            raise ParameterError("directory", allowed, str(self._path.parent)) from None


def _number(value: float | str | None) -> float:
    """A loss: inf for None and nan."""
    number = inf if value is None else float(value)
    if number == -inf:
        raise ValueError("no loss")
    return inf if isnan(number) else number


def _finite(value: float | str) -> float:
    number = float(value)
    if not isfinite(number):
        raise ValueError("not a finite number")
    return number


def _idle(found: Mapping[Key, RunRecord | None]) -> dict[str, str]:
    """Why learners play no game at all, by id; of nobody where all of them are like that."""
    why = {run.learner: run.message for run in found.values() if run is not None and run.status == NOT_APPLICABLE}
    busy = {name for (name, _, _), run in found.items() if run is None or run.status != NOT_APPLICABLE}
    return {name: message for name, message in why.items() if busy and name not in busy}


def _measures(row: Document) -> dict[str, float | bool]:
    """What a row has of `MEASURES`: true or false, or a finite number."""
    found = {measure.column: row.get(measure.column) for measure in MEASURES}
    return {name: v if isinstance(v, bool) else _finite(v) for name, v in found.items() if v is not None}


def _commitment(row: Document) -> Document:
    """What a row commits to: a point in games that have no route."""
    if row.get("coordinates") is not None:
        return {"coordinates": tuple(map(_finite, str(row["coordinates"]).split(", ")))}
    latency = _finite(row["throttled_latency_1"]), _finite(row["throttled_latency_2"])
    cascade_prob = _finite(row["cascade_prob"])
    return {"route": _route(row["route"]), "cascade_prob": cascade_prob, "throttled_latency": latency}


def _single(game: Game) -> Game:
    if game.shape:
        raise ValueError("many games")
    return game


def _route(value: object) -> int:
    if value not in (1, 2):
        raise ValueError("no route")
    return 1 if value == 1 else 2


def _name(value: object) -> str:
    """A name that is a part of a path, and stays below it."""
    name = str(value)
    if name in ("", ".", "..") or any(mark in name for mark in "/\\\0"):
        raise ValueError("no name")
    return name

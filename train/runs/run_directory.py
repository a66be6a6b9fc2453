"""A run on disk: what it was asked to do, what it has learned, what came of it. Text and arrays, nothing executable."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from math import inf
from pathlib import Path

import numpy as np

from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import Rules, as_played, game_of
from routegame.envs.document import Document, checked, read_document, read_text
from routegame.envs.menu_game import Form
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.learner import Learned, learner
from routegame.train.meter import Meter
from routegame.train.options import Options
from routegame.train.runs.limits import Limits
from routegame.whole_file import whole_file, writing

UNFINISHED = ("config.json.part", "taken.json.part")
"""Files that a run may have left which was killed before it, or its being taken, had begun."""

LIBRARIES = ("routegame", "numpy", "torch", "stable-baselines3", "cmaes", "gymnasium", "pettingzoo")


@cache
def library_versions() -> dict[str, str]:
    """Return the versions of what runs depend on, by name."""
    return {name: version(name) for name in LIBRARIES}


@dataclass(frozen=True)
class RunConfig:
    """Everything needed to run it again.

    Attributes:
        learner: its id.
        scenario: the name the game came by; None for a game given by numbers alone.
        game: the game that is played, overrides included.
        throttling: whether the provider may slow its models down; never outside routing.
        seed: of everything random.
        options: of the learner.
        limits: at which it stops, before the learner is through.
        form: how actions say what is committed to, see `routegame.envs.classic.catalogue.as_played`.
    """

    learner: str
    scenario: str | None
    game: Rules
    throttling: bool
    seed: int
    options: Options
    limits: Limits = field(default_factory=Limits)
    form: Form | None = None

    @property
    def box(self) -> StackelbergGame:
        """The game as it is played, with the commitments that the leader chooses from."""
        return as_played(self.game, throttling=self.throttling, form=self.form)

    def to_dict(self) -> dict[str, object]:
        """Return the configuration as plain values, ready for JSON."""
        return {
            "learner": self.learner,
            "scenario": self.scenario,
            "game": self.game.to_dict(),
            "throttling": self.throttling,
            "seed": self.seed,
            "options": asdict(self.options),  # type: ignore[call-overload]
            "limits": asdict(self.limits),
            **({} if self.form is None else {"form": self.form}),
        }

    @classmethod
    def from_dict(cls, plain: Document) -> RunConfig:
        """Make the configuration again; values are checked as if they were typed in."""
        return cls(
            learner=plain["learner"],
            scenario=plain["scenario"],
            game=game_of(plain["game"]),
            throttling=bool(plain["throttling"]),
            seed=int(plain["seed"]),
            options=learner(plain["learner"]).OPTIONS(**plain["options"]),
            limits=Limits(**plain["limits"]),
            form=plain.get("form"),
        )


@dataclass(frozen=True)
class RunFiles:
    """Files that every run has, whatever is learned in it.

    Attributes:
        path: the directory.
    """

    path: Path

    def take(self, asked: Document, present: Callable[[], Document]) -> None:
        """Take the directory for a run, new or left by the same command, and write down what is asked.

        Args:
            asked: the configuration.
            present: reads that of the run that is there, which is to be the same.

        Raises:
            ParameterError: it holds a run of another configuration, or something else.
            WriteError: it cannot be written.
        """
        path = self.path
        with writing(path):
            there = self.config_path.exists()
            if not there and path.exists() and any(left.name not in UNFINISHED for left in path.iterdir()):
                raise ParameterError("out", "a new or empty directory, or one of the same run", str(path))
            if there:
                check_same(path, present(), asked)
            path.mkdir(parents=True, exist_ok=True)
            write_json(self.config_path, {**asked, "versions": library_versions()})  # first: it says whose the rest is
            self.checkpoints.mkdir(exist_ok=True)

    @property
    def config_path(self) -> Path:
        """File of the configuration, config.json."""
        return self.path / "config.json"

    @property
    def metrics_path(self) -> Path:
        """File of what was found on the way, metrics.jsonl: one line an evaluation, or an update."""
        return self.path / "metrics.jsonl"

    @property
    def result_path(self) -> Path:
        """File of the judgement, result.json."""
        return self.path / "result.json"

    @property
    def checkpoints(self) -> Path:
        """Directory of what was learned and of the last checkpoint."""
        return self.path / "checkpoints"

    @property
    def checkpoint_path(self) -> Path:
        """File of the learner's last checkpoint."""
        return self.checkpoints / "latest.safetensors"

    @property
    def finished(self) -> bool:
        """Whether the run has a result."""
        return self.result_path.exists()


@dataclass(frozen=True)
class RunDirectory(RunFiles):
    """The files of one run.

    Attributes:
        path: the directory.
        config: what it was asked to do.
    """

    config: RunConfig

    @classmethod
    def create(cls, path: Path, config: RunConfig) -> RunDirectory:
        """Take a directory for a run, new or left by the same command; the latter's unfinished files make way.

        Raises:
            ParameterError: it holds a run of another configuration, or something else.
            WriteError: it cannot be written.
        """
        run = cls(path, config)
        run.take(config.to_dict(), lambda: cls.open(path).config.to_dict())
        with writing(path):
            if not run.finished and not run.checkpoint_path.exists():
                for left in (*path.glob("events.out.tfevents.*"), run.metrics_path):
                    left.unlink(missing_ok=True)
        return run

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Open a run that is there.

        Raises:
            ParameterError: no run is there.
            FileError: its configuration cannot be read.
        """
        if not (path / "config.json").exists():
            raise ParameterError("run_dir", "a directory that `routegame train` wrote", str(path))
        allowed = "the configuration of a run, as `routegame train` wrote it"
        plain = read_document(path / "config.json", allowed)
        with checked(path / "config.json", allowed):
            config = RunConfig.from_dict(plain)
        return cls(path, config)

    @property
    def picture_path(self) -> Path:
        """The run in one picture."""
        return self.path / "run.png"

    def save(self, learned: Learned, wall_seconds: float, stopped: str) -> None:
        """Write what was learned; a reader sees all of it or none.

        Args:
            learned: what the run ended with.
            wall_seconds: how long it took.
            stopped: "finished", or the limit that it came to.

        Raises:
            ParameterError: the leader could not commit to that.
            WriteError: it cannot be written.
        """
        self.config.box.action(learned.commitment)
        if learned.follower is not None:
            with whole_file(self.checkpoints / "follower.npz") as beside, beside.open("wb") as file:
                np.savez(file, allow_pickle=False, **learned.follower.arrays())
        leader = {
            **asdict(learned.commitment),
            **learned.meter.state(),
            "wall_seconds": wall_seconds,
            "stopped": stopped,
        }
        write_json(self.checkpoints / "leader.json", leader)

    def history(self) -> list[Document]:
        """Read the figures of every update, as far as they are there: lines that are damaged are passed over."""
        try:
            text = read_text(self.metrics_path, errors="replace")
        except OSError:
            return []
        return [figures for figures in map(_figures, text.splitlines()) if figures is not None]

    def load(self) -> tuple[Learned, float, str]:
        """Read what was learned, how long it took in seconds, and why it stopped.

        Raises:
            ParameterError: the run is not finished.
            FileError: its files are damaged.
        """
        path = self.checkpoints / "leader.json"
        if not (path.exists() or self.finished):
            raise ParameterError("run_dir", "the directory of a finished run", str(self.path))
        allowed = "what the leader of a finished run has learned; delete result.json and train again"
        leader = read_document(path, allowed)
        with checked(path, allowed):
            commitment = self.config.box.read(leader)
            self.config.box.action(commitment)  # refuses what the leader could not commit to
            meter, seconds = spent(leader)
            stopped = str(leader["stopped"])
        arrays = self.checkpoints / "follower.npz"
        follower = learner(self.config.learner).USERS.load(arrays, self.config.box) if arrays.exists() else None
        return Learned(commitment, follower, meter), seconds, stopped


def spent(plain: Document) -> tuple[Meter, float]:
    """Return what learning has cost, as a file says it, and how long it took in seconds.

    Raises:
        KeyError, TypeError or ValueError: it says no such thing.
    """
    meter = Meter()
    meter.restore(dict(plain))
    seconds = float(plain["wall_seconds"])
    if not 0 <= seconds < inf:
        raise ValueError(f"wall_seconds {seconds}")
    return meter, seconds


def check_same(directory: Path, present: Document, wanted: Document) -> None:
    """Refuse a directory that has a run of another configuration; say what differs.

    Raises:
        ParameterError: it has.
    """
    there, here = _flat(present), _flat(wanted)
    differing = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    if differing:
        told = "; ".join(f"{name} there {there.get(name)}, here {here.get(name)}" for name in differing[:3])
        more = f"; and {len(differing) - 3} more" if len(differing) > 3 else ""
        allowed = "a directory without a run of another configuration"
        raise ParameterError("out", allowed, f"{directory} ({told}{more})")


def _flat(plain: Document) -> dict[str, str]:
    """Return the values of a configuration as JSON, by name; those of a game or of options by their own names."""
    flat: dict[str, str] = {}
    for name, value in plain.items():
        flat |= _flat(value) if isinstance(value, dict) else {str(name): json.dumps(value)}
    return flat


def _figures(line: str) -> Document | None:
    try:
        figures = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return figures if isinstance(figures, dict) else None


def write_json(path: Path, value: object) -> None:
    """Write a JSON document, so that a reader sees the old one or the new one, never a part."""
    with whole_file(path) as beside:
        beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

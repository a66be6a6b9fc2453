"""A run that learns one policy for a suite, on disk: what it was asked to do, the policy, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from routegame.agents.amortised import AmortisedPolicy
from routegame.envs.checks import ParameterError
from routegame.envs.document import Document, checked, read_document
from routegame.train.meter import Meter
from routegame.train.options import Options
from routegame.train.policy_learners import POLICY_LEARNERS, PolicySnapshot, make, policy_learner
from routegame.train.runs.run_directory import RunFiles, spent, write_json
from routegame.train.state import CHECKPOINT, load, save
from routegame.whole_file import whole_file

CHECKPOINT_SECONDS = 20.0
"""How much of a run is done again after it was stopped, at most, or else one update."""

CONFIG = "the configuration of a run, as `routegame train --suite` wrote it"


def is_policy_run(path: Path) -> bool:
    """Whether a directory is that of a run that learns one policy for a suite; a damaged configuration is no sign."""
    try:
        return "suite" in read_document(path / "config.json", CONFIG)
    except ParameterError:
        return False


@dataclass(frozen=True)
class PolicyConfig:
    """Everything needed to run it again.

    Attributes:
        learner: its id.
        suite: the games that the policy is judged by.
        seed: of everything random.
        options: of the learner.
    """

    learner: str
    suite: str
    seed: int
    options: Options

    def to_dict(self) -> dict[str, object]:
        """Return the configuration as plain values, ready for JSON."""
        options = asdict(self.options)  # type: ignore[call-overload]
        return {"learner": self.learner, "suite": self.suite, "seed": self.seed, "options": options}

    @classmethod
    def from_dict(cls, plain: Document) -> PolicyConfig:
        """Make the configuration again; values are checked as if they were typed in."""
        options = policy_learner(plain["learner"]).OPTIONS(**plain["options"])
        return cls(plain["learner"], str(plain["suite"]), int(plain["seed"]), options)


@dataclass(frozen=True)
class PolicyDirectory(RunFiles):
    """The files of one run.

    Attributes:
        path: the directory.
        config: what it was asked to do.
    """

    config: PolicyConfig

    @classmethod
    def create(cls, path: Path, config: PolicyConfig) -> PolicyDirectory:
        """Take a directory for a run, new or left by the same command.

        Raises:
            ParameterError: it holds a run of another configuration, or something else.
            WriteError: it cannot be written.
        """
        run = cls(path, config)
        run.take(
            config.to_dict(),
            lambda: {name: x for name, x in read_document(run.config_path, CONFIG).items() if name != "versions"},
        )
        return run

    @classmethod
    def open(cls, path: Path) -> PolicyDirectory:
        """Open a run that is there.

        Raises:
            ParameterError: no such run is there.
            FileError: its configuration cannot be read.
        """
        if not (path / "config.json").exists():
            raise ParameterError("run_dir", "a directory that `routegame train --suite` wrote", str(path))
        plain = read_document(path / "config.json", CONFIG)
        with checked(path / "config.json", CONFIG):
            config = PolicyConfig.from_dict(plain)
        return cls(path, config)

    @property
    def updates_done(self) -> int:
        """Updates that the last checkpoint has; 0 where there is none.

        Raises:
            FileError: it is damaged.
        """
        if not self.checkpoint_path.exists():
            return 0
        state = load(self.checkpoint_path)
        with checked(self.checkpoint_path, CHECKPOINT):
            return int(state["learner"]["updates"])

    def train(self, watch: Callable[[PolicySnapshot, int, float], None]) -> None:
        """Train to the end, from where it was stopped, and write the policy down.

        Args:
            watch: called after every update with what it came to, the number of updates so far, and seconds of
                training; what it does has no influence on learning.

        Raises:
            FileError: the checkpoint is damaged.
            WriteError: something cannot be written.
        """
        learner, before = make(self.config.learner, self.config.options, self.config.seed), 0.0
        if self.checkpoint_path.exists():
            state = load(self.checkpoint_path)
            with checked(self.checkpoint_path, CHECKPOINT):
                learner.restore(state["learner"])
                before = float(state["seconds"])
        started = saved = time.monotonic()
        while not learner.finished:
            snapshot = learner.update()
            now = time.monotonic()
            watch(snapshot, learner.updates, before + now - started)
            if now - saved >= CHECKPOINT_SECONDS or learner.finished:
                save(self.checkpoint_path, {"learner": learner.state(), "seconds": before + now - started})
                saved = now
        learned = learner.learned()
        with whole_file(self.checkpoints / "policy.npz") as beside, beside.open("wb") as file:
            np.savez(file, allow_pickle=False, **learned.policy.arrays())
        ended = {**learned.meter.state(), "wall_seconds": before + time.monotonic() - started}
        write_json(self.checkpoints / "meter.json", ended)

    def load(self) -> tuple[AmortisedPolicy, Meter, float]:
        """Read what was learned, what it cost, and how long it took in seconds.

        Raises:
            ParameterError: the run is not finished.
            FileError: its files are damaged.
        """
        policy = load_policy(self.path)
        path, allowed = self.checkpoints / "meter.json", "what learning has cost; train again"
        plain = read_document(path, allowed)
        with checked(path, allowed):
            meter, seconds = spent(plain)
        return policy, meter, seconds


def load_policy(path: Path) -> AmortisedPolicy:
    """Read the policy that a run has learned; nothing is executed, and no learner is imported.

    Raises:
        ParameterError: there is no such run, it learned no policy for a suite, or it has not finished.
        FileError: its files are damaged.
    """
    allowed = "the directory of a finished run of `routegame train --suite`"
    if not (path / "config.json").exists():
        raise ParameterError("policy", allowed, str(path))
    plain = read_document(path / "config.json", CONFIG)
    if "suite" not in plain or plain.get("learner") not in POLICY_LEARNERS:
        raise ParameterError("policy", allowed, f"one of learner {plain.get('learner')}")
    file = path / "checkpoints" / "policy.npz"
    if not file.exists():
        raise ParameterError("policy", allowed, f"one that has not finished, {path}")
    return AmortisedPolicy.load(file)

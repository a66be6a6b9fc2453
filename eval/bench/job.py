"""A run that a bench wants made: what drivers and workers know of it, without what it takes to make it."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from routegame.train.runs.run_directory import RunConfig, write_json
from routegame.whole_file import writing

RAISED, OUT_OF_MEMORY, TIMED_OUT, DIED = "raised", "out of memory", "timed out", "died"
NOT_RESUMABLE = "not resumable"
"""How runs fail."""


@dataclass(frozen=True)
class Job:
    """A run of a bench.

    Attributes:
        directory: where it is written down.
        config: what it is asked to do.
        memory: bytes that it may allocate; None for no limit.
    """

    directory: Path
    config: RunConfig
    memory: int | None = None

    @property
    def config_hash(self) -> str:
        """Twelve hexadecimal digits that tell runs of different configurations apart."""
        return hashlib.sha256(json.dumps(self.config.to_dict(), sort_keys=True).encode()).hexdigest()[:12]

    @property
    def result_path(self) -> Path:
        """File of its result, result.json."""
        return self.directory / "result.json"

    @property
    def failure_path(self) -> Path:
        """File that says why nothing came of it, failure.json."""
        return self.directory / "failure.json"

    @property
    def taken_path(self) -> Path:
        """File that has its row where another bench has made it, taken.json."""
        return self.directory / "taken.json"

    @property
    def done(self) -> bool:
        """Whether it has finished or failed, here or elsewhere; it would do so again."""
        return self.result_path.exists() or self.failure_path.exists() or self.taken

    @property
    def taken(self) -> bool:
        """Whether it is done because another bench has made it."""
        return self.taken_path.exists() and not self.result_path.exists()

    def fail(self, status: str, message: str) -> None:
        """Write down that it failed, and how.

        Raises:
            WriteError: that cannot be written.
        """
        with writing(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
        write_json(self.failure_path, {"status": status, "message": message})


def machine() -> str:
    """Return a description of this machine: system, architecture and processor."""
    return f"{platform.system()} {platform.machine()}, {_processor()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return next(line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):
        return platform.processor() or sys.platform

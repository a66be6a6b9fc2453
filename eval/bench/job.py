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
    except OSError:
        text = ""
    return processor_in(text) or platform.processor() or sys.platform


def processor_in(text: str) -> str:
    r"""Return the processor that Linux describes, with the numbers of its kind: names alone may be those of a vendor.

    Args:
        text: of /proc/cpuinfo.

    >>> processor_in("processor: 0\ncpu family: 25\nmodel: 17\nmodel name: AMD EPYC\n")
    'AMD EPYC, family 25, model 17'
    """
    first, _, _ = text.partition("\n\n")
    facts = {name.strip(): fact.strip() for name, _, fact in (line.partition(":") for line in first.splitlines())}
    kind = [f"{word} {facts[name]}" for word, name in (("family", "cpu family"), ("model", "model")) if name in facts]
    return ", ".join([facts["model name"], *kind]) if facts.get("model name") else ""

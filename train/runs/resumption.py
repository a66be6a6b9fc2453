"""Whether a learner that is taken up from a checkpoint goes on as if it had not been stopped.

Whoever writes a learner says with `parts` what it goes on from. What was forgotten there, a generator of chance more
often than not, is noticed by nobody until a run is stopped, and then by nobody either: it only ends up elsewhere.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import numpy as np

from routegame.envs.checks import Refusal
from routegame.train.learner import Learner, Snapshot
from routegame.train.state import State, load, save


class ResumptionError(Refusal):
    """A learner that would not go on as it was; says which, when, and what differs, in one sentence."""


class Resumption:
    """Stops a learner on the way, in thought: takes up another from its state, and compares their next update.

    That happens after the first update and in the middle of the run. The learner itself is left as it is.

    Args:
        name: of the learner, for errors.
        original: it learns, from its beginning or a checkpoint.
        fresh: makes another like it.
    """

    def __init__(self, name: str, original: Learner, fresh: Callable[[], Learner]) -> None:
        self._name, self._original, self._fresh = name, original, fresh
        self._stops = {1, original.num_updates // 2} - {0, original.num_updates}
        self._other: Learner | None = None

    def look(self, snapshot: Snapshot) -> None:
        """Compare what there is to compare after an update of the original.

        Args:
            snapshot: of that update.

        Raises:
            ResumptionError: the other one goes another way.
        """
        if self._other is not None:
            with _in_silence():
                told = self._other.update()
            self._compare("in the update after that", _facts(self._other, told), _facts(self._original, snapshot))
            self._other = None
        if self._original.updates in self._stops:
            with _in_silence():
                self._other = self._fresh()
                self._other.restore(_stored(self._original))
            self._compare("at once", _stored(self._other), _stored(self._original))

    def _compare(self, when: str, resumed: Mapping[str, object], original: Mapping[str, object]) -> None:
        name = next(_differences(resumed, original), None)
        if name is not None:
            stopped = self._original.updates - (when != "at once")
            told = f"learner {self._name}, stopped after update {stopped} of {self._original.num_updates}"
            why = "is something missing from its parts()?"
            raise ResumptionError(f"{told} and taken up from its state, differs {when} in {name}: {why}")


@contextmanager
def _in_silence() -> Iterator[None]:
    """Let nothing be heard of what the other one prints: the original prints it, too."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        yield


def _facts(learner: Learner, snapshot: Snapshot) -> dict[str, object]:
    """Return what an update came to, by name; statistics are left out, they may tell the time."""
    commitment = None if snapshot.commitment is None else asdict(snapshot.commitment)
    told = {"phase": snapshot.phase, "passes": snapshot.passes, "commitment": commitment}
    return {**told, "state": _stored(learner)}


def _stored(learner: Learner) -> State:
    """Return a learner's state as it comes out of a checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        save(path, learner.state())
        return load(path)


def _differences(one: object, other: object, name: str = "") -> Iterator[str]:
    """Yield the names of leaves that differ; of mappings, those inside them."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*one, *other]):
            inner = f"{name}/{key}" if name else str(key)
            yield from _differences(one[key], other[key], inner) if key in one and key in other else [inner]
    elif not _same(one, other):
        yield name


def _same(one: object, other: object) -> bool:
    """Return whether two leaves are the same; what is not a number is the same as itself."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return repr(one) == repr(other)

"""The state of a learner on disk: arrays and plain values, in a file of which nothing is ever executed.

Learners tell their state as nested dictionaries whose leaves are numpy arrays, numbers, strings, booleans and None. In
the file, which has the safetensors format, arrays are tensors named by their path, and all else is JSON in its header.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save as as_bytes

from routegame.envs.document import checked
from routegame.whole_file import whole_file

State = dict[str, Any]
"""The state of a learner, or of a part of one, at one moment, see the module; whoever wrote a leaf knows what it is."""


class Part(Protocol):
    """A part of a learner that has a state of its own."""

    def state(self) -> State:
        """Return all that the rest of the run depends on."""

    def restore(self, state: State) -> None:
        """Go on from a state."""


FORMAT = "routegame checkpoint 2"
"""Learners of another number have other luck: they would go on, but not as they were."""

CHECKPOINT = f"a {FORMAT}, whole; delete it to start again"
"""What the file of a state may be."""


def save(path: Path, state: State) -> None:
    """Write a state, so that a reader sees the old one or the new one, never a part, whenever the writer is killed."""
    arrays, values = {}, {}
    for name, leaf in _leaves(state, ""):
        if isinstance(leaf, np.ndarray):
            arrays[name] = np.ascontiguousarray(leaf)
        else:
            values[name] = leaf
    with whole_file(path) as beside:
        with beside.open("wb") as file:
            file.write(as_bytes(arrays, metadata={"format": FORMAT, "values": json.dumps(values)}))
            file.flush()
            os.fsync(file.fileno())


def load(path: Path) -> State:
    """Read a state.

    Raises:
        FileError: the file is damaged, or something else.
    """
    state: State = {}
    with checked(path, CHECKPOINT):
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise ValueError(f"{header.get('format', 'a file without a format')}")
            leaves = {**json.loads(header["values"]), **{name: file.get_tensor(name) for name in file.keys()}}
        for name, leaf in leaves.items():
            *parents, last = name.split("/")
            inner = state
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = leaf
    return state


def _leaves(state: State, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in state.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{name}/")
        elif not isinstance(value, dict):
            yield prefix + name, value

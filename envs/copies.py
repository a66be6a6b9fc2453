"""Copies of what plays on: by `copy`, `pickle` or cloudpickle, whole, and as safe from their readers as the original.

A copy of an array can be written to, whatever the original says: pickle and `deepcopy` forget that it is read-only.
What shows its own arrays to others makes those of a copy read-only again.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Self

import numpy as np

OURS = "routegame.envs"
"""Objects of these modules are looked into, all others left as they are."""


class CopiedWhole:
    """Base of what plays on from a state of its own, which `copy.copy` copies as `copy.deepcopy` does.

    A shallow copy would share some of its state with the original and keep some to itself, and both would play on from
    what neither has played.
    """

    def __copy__(self) -> Self:
        """Return a copy that shares nothing with the original."""
        return deepcopy(self)


def with_own_arrays(state: Mapping[str, object]) -> dict[str, Any]:
    """Return a state with copies of its arrays.

    Those that pickle leaves out of its bytes (protocol 5, as in joblib and Ray) lie in buffers that others use as well,
    or that cannot be written to.
    """
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in state.items()}


class ReadOnlyArrays:
    """Base of what holds arrays that are never written to; those of its copies cannot be, either."""

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(state)
        freeze(state)


def freeze(held: object) -> None:
    """Make all arrays read-only that an object holds, however deep: in containers, and in objects of `OURS`."""
    todo, known = [held], set[int]()
    while todo:
        found = todo.pop()
        if id(found) in known:
            continue
        known.add(id(found))
        if isinstance(found, np.ndarray):
            found.setflags(write=False)
        elif isinstance(found, Mapping):
            todo.extend(found.values())
        elif isinstance(found, (list, tuple)):
            todo.extend(found)
        elif type(found).__module__.startswith(OURS):
            todo.extend(_attributes(found))


def _attributes(held: object) -> list[object]:
    """Return the values of an object's attributes, those in slots included."""
    slots = [name for kind in type(held).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*getattr(held, "__dict__", {}).values(), *(getattr(held, name) for name in slots if hasattr(held, name))]

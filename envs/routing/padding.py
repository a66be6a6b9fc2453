"""Spaces that are the same for all agents of `routing_v0`, for learners that take no others.

An agent's observation is filled up with zeros to the length of the longest one. Actions are those of the provider, and
users are given them, too: of choices the second is to leave and all others are to retry; of a box the first number
says which, by the side of 0.5 that it is on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import Float32Array

Info = Mapping[str, object]

MASK = "action_mask"


class Padding:
    """What agents of equal spaces see, may do, and are told.

    Args:
        observations: each agent's own space.
        offers: the provider's space of actions: a box or choices.

    Attributes:
        observation_space: the same for all.
        action_space: likewise.
    """

    def __init__(self, observations: Iterable[spaces.Box], offers: spaces.Box | spaces.Discrete) -> None:
        own = list(observations)
        self._width = max(space.shape[0] for space in own)
        low, high = (
            np.array([self._fill(bound) for bound in bounds])
            for bounds in ([space.low for space in own], [space.high for space in own])
        )
        self.observation_space: spaces.Box = spaces.Box(low.min(axis=0), high.max(axis=0))
        self.action_space: spaces.Box | spaces.Discrete = offers

    def seen(self, observations: Mapping[str, Float32Array]) -> dict[str, Float32Array]:
        """Return observations of some agents at their full length."""
        return {agent: self._fill(seen) for agent, seen in observations.items()}

    def told(self, infos: Mapping[str, Info]) -> dict[str, dict[str, object]]:
        """Return infos of some agents, with masks as long as there are choices; of a box there are none."""
        return {agent: self._masked(info) for agent, info in infos.items()}

    def leaves(self, answer: object) -> bool | None:
        """Return whether a user's answer is to leave; None if it is none."""
        given, space = as_given(answer), self.action_space
        if given.shape != space.shape or given.dtype.kind not in ("biuf" if isinstance(space, spaces.Box) else "biu"):
            return None
        if isinstance(space, spaces.Discrete):
            return bool(given == 1) if 0 <= given < space.n else None
        return bool(given[0] > 0.5) if ((given >= 0) & (given <= 1)).all() else None

    def _fill(self, values: ArrayLike) -> Float32Array:
        filled = np.zeros(self._width, dtype=np.float32)
        filled[: np.size(values)] = values
        filled.setflags(write=False)
        return filled

    def _masked(self, info: Info) -> dict[str, object]:
        facts = dict(info)
        own = facts.pop(MASK, None)
        if isinstance(own, np.ndarray) and isinstance(self.action_space, spaces.Discrete):
            whole = np.zeros(int(self.action_space.n), dtype=own.dtype)
            whole[: len(own)] = own
            whole.setflags(write=False)
            facts[MASK] = whole
        return facts


def as_given(value: object) -> NDArray[Any]:
    """Return what was given as an array, one of no number where it is none."""
    try:
        return np.asarray(value)
    except ValueError:  # lists of different lengths
        return np.asarray(None)

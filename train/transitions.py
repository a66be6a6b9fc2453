"""What a side of a game remembers to learn from: transitions, of which those of long ago are forgotten."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from routegame.envs.arrays import BoolArray, Float32Array, IntArray
from routegame.train.state import State

MINIBATCH = 512
"""Transitions that are learned from at once."""


@dataclass(frozen=True)
class Transitions:
    """What agents of a team chose in a round, and what came of it.

    Attributes:
        seen: by each agent, (num_transitions, num_agents, size); the same before and after.
        known: of the whole team before, (num_transitions, num_known).
        chosen: by each agent, (num_transitions, num_agents).
        reward: of the team in this round, (num_transitions,).
        known_next: of the whole team after, (num_transitions, num_known).
        done: whether nothing comes after, (num_transitions,).
    """

    seen: Float32Array
    known: Float32Array
    chosen: IntArray
    reward: Float32Array
    known_next: Float32Array
    done: BoolArray


class Memory:
    """The last so many transitions.

    Args:
        capacity: how many are remembered.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity, self._kept, self._added = capacity, dict[str, np.ndarray](), 0

    def add(self, new: Transitions) -> None:
        """Remember some, in place of the oldest where there is no room."""
        count = len(new.reward)
        places = (self._added + np.arange(count)) % self._capacity
        for field in fields(new):
            array = getattr(new, field.name)
            if field.name not in self._kept:
                self._kept[field.name] = np.zeros((self._capacity, *array.shape[1:]), dtype=array.dtype)
            self._kept[field.name][places[-self._capacity :]] = array[-self._capacity :]
        self._added += count

    def __len__(self) -> int:
        return min(self._added, self._capacity)

    def sample(self, rng: np.random.Generator) -> Transitions:
        """Draw a minibatch, each as likely as any other."""
        places = rng.integers(0, len(self), MINIBATCH)
        return Transitions(**{name: array[places] for name, array in self._kept.items()})

    def state(self) -> State:
        """Return what is remembered."""
        return {"added": self._added, **{name: array[: len(self)].copy() for name, array in self._kept.items()}}

    def restore(self, state: State) -> None:
        """Remember what another did."""
        self._added, self._kept = int(state["added"]), {}
        for name, array in state.items():
            if name != "added":
                self._kept[name] = np.zeros((self._capacity, *array.shape[1:]), dtype=array.dtype)
                self._kept[name][: len(array)] = array

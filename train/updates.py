"""Learning update after update, whatever is learned: what is left to do, and what it has cost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from routegame.train.meter import Meter

S = TypeVar("S")


class Updates(ABC, Generic[S]):
    """Base of learners: so many updates, one after another, each of which leaves something to look at.

    Attributes:
        meter: what learning has cost so far.
        updates: how many were made.
    """

    def __init__(self) -> None:
        self.meter = Meter()
        self.updates = 0

    @property
    @abstractmethod
    def num_updates(self) -> int:
        """Number of updates that there will be."""

    @abstractmethod
    def learn(self) -> S:
        """Make update number `updates`, counted from 0."""

    @property
    def finished(self) -> bool:
        """Whether all updates are made."""
        return self.updates == self.num_updates

    def update(self) -> S:
        """Make the next update."""
        snapshot = self.learn()
        self.updates += 1
        return snapshot

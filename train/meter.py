"""The meter: what learning has cost so far, passes and queries and money, counted in one place for every learner."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from routegame.envs.stackelberg import Plays
from routegame.train.state import State


class Played(Protocol):
    """Outcomes of playing, as `Plays` or as `Tasks`."""

    @property
    def passes(self) -> NDArray[np.int64]:
        """Passes played, an array whose sum counts."""


P = TypeVar("P", bound=Played)


@dataclass
class Meter:
    """Everything that a budget is made of.

    Attributes:
        passes: of models, in all tasks that were played for learning or for choosing what was learned.
        pretraining: those of them that were played before there was a leader.
        queries: how often a follower was asked what it would answer to a commitment.
        plays: how often the game was played, as far as what was played says so.
        paid: what these plays cost the leader together, in units of cost.
        earlier_plays: those of them that were played before the game changed, where it did.
        earlier_paid: what those cost the leader.
    """

    passes: int = 0
    pretraining: int = 0
    queries: int = 0
    plays: int = 0
    paid: float = 0.0
    earlier_plays: int = 0
    earlier_paid: float = 0.0

    def play(self, played: P, *, pretraining: bool = False) -> P:
        """Count what was played, and hand it on."""
        passes = int(played.passes.sum())
        self.passes += passes
        self.pretraining += passes * pretraining
        if isinstance(played, Plays):
            each = np.broadcast_to(played.num_plays, played.leader_cost.shape)
            plays, paid = int(each.sum()), float(each @ played.leader_cost)
            self.plays += plays
            self.paid += paid
            self.earlier_plays += plays * played.earlier
            self.earlier_paid += paid * played.earlier
        return played

    def state(self) -> State:
        """Return the counts; those of before a change only where there are some."""
        counts = asdict(self)
        if not self.earlier_plays:
            del counts["earlier_plays"], counts["earlier_paid"]
        return counts

    def restore(self, state: State) -> None:
        """Take counts over; states of earlier versions know nothing of plays."""
        self.passes, self.pretraining, self.queries = (
            int(state[name]) for name in ("passes", "pretraining", "queries")
        )
        self.plays, self.paid = int(state.get("plays", 0)), float(state.get("paid", 0.0))
        self.earlier_plays = int(state.get("earlier_plays", 0))
        self.earlier_paid = float(state.get("earlier_paid", 0.0))

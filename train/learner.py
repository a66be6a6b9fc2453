"""What a learner is: options and a box of commitments in, a learned profile out, snapshots on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

from routegame.agents.learned import LearnedFollower
from routegame.envs.commitment import Commitment, CommitmentBox, Commitments
from routegame.envs.game import FloatArray, ParameterError
from routegame.train.options import Options

Response = Callable[[Commitments], FloatArray]
"""Users' abandonment probability under each commitment of a batch, (num_commitments,)."""


@dataclass(frozen=True)
class Snapshot:
    """How far a run is.

    Attributes:
        phase: what is being trained, in one word.
        passes: passes played so far, by whoever learns.
        respond: the users' answers as they are now.
        commitment: the leader's commitment as it is now; None before there is a leader.
        statistics: the learner's own figures, by name.
    """

    phase: str
    passes: int
    respond: Response
    commitment: Commitment | None = None
    statistics: dict[str, float] = field(default_factory=dict)


Watch = Callable[[Snapshot], None]
"""Called after every update; what it does has no influence on learning."""


@dataclass(frozen=True)
class Learned:
    """What a run ends with; `follower` is None where users were played by their exact best response."""

    commitment: Commitment
    follower: LearnedFollower | None
    passes: int


class Learner(Protocol):
    """A module of `routegame.train` that trains one kind of learner."""

    OPTIONS: type[Options]

    def num_updates(self, options: Any) -> int:
        """How many snapshots `learn` will send."""

    def learn(self, box: CommitmentBox, options: Any, seed: int, watch: Watch) -> Learned:
        """Train; the same arguments give the same result, bit for bit on one machine."""


LEARNERS = ("oracle", "meta_follower")


def learner(name: str) -> Learner:
    """Return the learner of that name.

    Raises:
        ParameterError: there is none.
    """
    if name not in LEARNERS:
        raise ParameterError("learner", f"one of {', '.join(LEARNERS)}", name)
    return cast("Learner", import_module(f"routegame.train.{name}"))

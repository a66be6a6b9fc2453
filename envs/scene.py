"""What there is to see of an episode at one moment, and how it reads as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from routegame.envs.game import Game

Status = Literal["waiting", "running", "solved", "abandoned", "cut off"]
"""Of a user's task: before its first pass, failed and to be answered, or over in one of three ways."""


@dataclass(frozen=True)
class UserScene:
    """One user at one moment.

    Attributes:
        game: the user's own single game, at the latencies in force.
        status: of the current task.
        model: of the last pass of the current task, 1 or 2; 0 before the first.
        handed_over: whether the last pass was the first on model 2 after model 1.
        passes: of the current task.
        task: which task this is, from 1.
        num_tasks: how many it has.
        clock: latency of the current task so far, in units of latency.
        waited: total latency in the episode so far, likewise.
        utility: total utility in the episode so far.
        finished: whether the user's episode is over.
    """

    game: Game
    status: Status
    model: int
    handed_over: bool
    passes: int
    task: int
    num_tasks: int
    clock: float
    waited: float
    utility: float
    finished: bool


@dataclass(frozen=True)
class Scene:
    """One moment of an episode.

    Attributes:
        round: steps played so far.
        route: in force, 1 or 2; None before a commitment, or where there is none.
        cascade_prob: likewise.
        committed: whether the provider commits at all, or picks models as it goes.
        compute: what all passes cost the provider so far.
        churn: what all abandonments cost the provider so far.
        tally: tasks solved, abandoned and cut off so far, of all users.
        users: every user, at least one.
        models: names of the two models.
        units: of value and latency, and of cost; for instance ("s", "$").
    """

    round: int
    route: int | None
    cascade_prob: float | None
    committed: bool
    compute: float
    churn: float
    tally: tuple[int, int, int]
    users: tuple[UserScene, ...]
    models: tuple[str, str] = ("model 1", "model 2")
    units: tuple[str, str] = ("", "")

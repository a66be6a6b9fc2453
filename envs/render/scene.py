"""Scenes: plain data of an episode at one moment, and how they read as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.numerals import amount, handed_over
from routegame.typesetting import NO_TERMINAL, labelled, paragraph, table

Status = Literal["waiting", "running", "solved", "abandoned", "cut off"]
"""State of a user's task: before its first pass, failed and to be answered, or over in one of three ways."""

OVER: tuple[Status, ...] = ("solved", "abandoned", "cut off")
"""The three ways in which a task ends, in the order of `Scene.tally`."""

MOST_LINES, FIRST_LINES = 12, 10
"""Most users that get a line each in text, and how many do where there are more."""


@dataclass(frozen=True)
class UserScene:
    """A user at one moment.

    Attributes:
        game: the user's own single game, at the latencies in force.
        status: of the current task.
        model: of the last pass of the current task, from 1; 0 before the first.
        handed_over: whether the task moved from one model to another in this very step.
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
    """A moment of an episode.

    Attributes:
        round: steps played so far.
        route: in force, 1 or 2; None before a commitment, or where there is none.
        cascade_prob: likewise.
        committed: whether the provider commits at all, or picks models as it goes.
        compute: what all passes cost the provider so far.
        churn: what all abandonments cost the provider so far.
        tally: tasks solved, abandoned and cut off so far, of all users.
        users: every user, at least one.
        models: names of the models.
        units: of value and latency, and of cost; for instance ("s", "$").
        shown_cascade_prob: as it is written, where whoever plays the episode knows what users make of it; None to
            write it with all the digits that an action has.
        menu: whether there may be any number of models, in any order: route and cascade_prob are None then.
        policy: in force there; None before a commitment, or where there is none.
    """

    round: int
    route: int | None
    cascade_prob: float | None
    committed: bool
    compute: float
    churn: float
    tally: tuple[int, int, int]
    users: tuple[UserScene, ...]
    models: tuple[str, ...] = ("model 1", "model 2")
    units: tuple[str, str] = ("", "")
    shown_cascade_prob: float | None = None
    menu: bool = False
    policy: Policy | None = None

    @property
    def visited(self) -> tuple[int, ...]:
        """The models, from 0, that the policy in force can lead to, in their order; none without a policy."""
        return () if self.policy is None else tuple(np.flatnonzero(self.policy.visited(True)).tolist())

    @property
    def handed_over(self) -> str:
        """The share of retries on model 1 that are handed over, as it is written; empty before a commitment."""
        if self.cascade_prob is None:
            return ""
        if self.shown_cascade_prob is not None:
            return handed_over(self.shown_cascade_prob)
        in_an_action = float(str(np.float32(self.cascade_prob)))  # as short as tells it from any other
        same = np.float32(self.cascade_prob) == self.cascade_prob
        return handed_over(in_an_action if same else self.cascade_prob)


def as_text(scene: Scene, width: int = NO_TERMINAL) -> str:
    """Say how an episode stands: what the provider does, one line a user, how tasks ended, the provider's money.

    Of more users than `MOST_LINES` the first `FIRST_LINES` are listed and the others are summed up.

    Args:
        scene: the moment.
        width: columns there are.
    """
    shown = scene.users if len(scene.users) <= MOST_LINES else scene.users[:FIRST_LINES]
    rest = scene.users[len(shown) :]
    lines = [
        paragraph(f"Step {scene.round:,}. {commitment_text(scene)}", rest="  ", width=width),
        "",
        *_users(scene, shown, width),
        *([paragraph(_summary(scene, rest), rest="  ", width=width)] if rest else []),
        "",
        labelled("tasks", tally_text(scene), 10, indent=0, width=width),
        labelled("provider", _money_text(scene), 10, indent=0, width=width),
    ]
    return "\n".join(lines)


def commitment_text(scene: Scene) -> str:
    """Say in one sentence what the provider does."""
    if not scene.committed:
        return "The provider picks a model for every pass"
    if scene.policy is not None:
        return _policy_text(scene, scene.policy)
    first, *_, second = scene.models
    if scene.route is None or scene.cascade_prob is None:
        return "The provider has not committed to anything yet"
    if scene.route == 2:
        return f"{second} serves every pass"
    if scene.cascade_prob == 0:
        return f"{first} serves every pass"
    return f"{first} serves first and hands {scene.handed_over} of retries over to {second}"


def share_text(probability: float) -> str:
    """Write a probability of a policy, as short as tells it from any other that an action can say."""
    return handed_over(float(str(np.float32(probability))))


def _policy_text(scene: Scene, policy: Policy) -> str:
    """Say who serves first, and who serves retries after whom: those who serve first before the others."""
    starts = np.flatnonzero(policy.start).tolist()
    visited = [*starts, *(model for model in scene.visited if model not in starts)]
    rows = policy.matrix[visited]
    if len(visited) == 1:
        return f"{scene.models[visited[0]]} serves every pass"
    one = len(starts) == 1
    first = f"{scene.models[starts[0]]} serves first" if one else f"first passes: {_drawn(scene, policy.start)}"
    if (rows == rows[0]).all():
        return f"{first}; retries: {_drawn(scene, rows[0])}"
    moves = {
        model: f"hands {_handed(scene, row, model)}" for model, row in zip(visited, rows, strict=True) if row[model] < 1
    }
    if one and starts[0] in moves:
        first = f"{first} and {moves.pop(starts[0])}"
    return "; ".join([first, *(f"{scene.models[model]} {move}" for model, move in moves.items())])


def _drawn(scene: Scene, shares: FloatArray) -> str:
    """Say with which share each model is drawn."""
    return ", ".join(f"{share_text(shares[k])} {scene.models[k]}" for k in np.flatnonzero(shares))


def _handed(scene: Scene, row: FloatArray, own: int) -> str:
    """Say which share of retries goes to each of the other models."""
    others = [k for k in np.flatnonzero(row).tolist() if k != own]
    return " and ".join(f"{share_text(row[k])} of retries over to {scene.models[k]}" for k in others)


def tally_text(scene: Scene) -> str:
    """Say how many tasks there are and how those that are over ended; a cut-off is told where there was one."""
    ended = [f"{count:,} {status}" for status, count in zip(OVER, scene.tally, strict=True)]
    return f"{', '.join(ended if scene.tally[2] else ended[:2])}, of {sum(user.num_tasks for user in scene.users):,}"


def _users(scene: Scene, users: Sequence[UserScene], width: int) -> list[str]:
    """Return a table with a line for each user; which task it is at is told where one has several."""
    unit, several = scene.units[0], any(user.num_tasks > 1 for user in scene.users)
    columns = {
        "user": [f"user_{number}" for number in range(len(users))],
        "status": ["stopped" if user.finished and user.status == "running" else user.status for user in users],
        "task": [f"{user.task:,} of {user.num_tasks:,}" for user in users],
        "passes": [f"{user.passes:,}" for user in users],
        "last on": [_last_on(scene, user) for user in users],
        "waited": [amount(user.waited, unit) for user in users],
        "utility": [amount(user.utility, unit, signed=True) for user in users],
    }
    shown = [(name, *cells) for name, cells in columns.items() if several or name != "task"]
    texts = [place for place, (name, *_) in enumerate(shown) if name in ("user", "status", "last on")]
    return table(list(zip(*shown, strict=True)), left=texts, gap=2, width=width)


def _last_on(scene: Scene, user: UserScene) -> str:
    if not user.passes:
        return "-"
    return f"{scene.models[user.model - 1]}{', handed over' if user.handed_over else ''}"


def _summary(scene: Scene, users: Sequence[UserScene]) -> str:
    count = Counter(user.status for user in users)
    statuses = ", ".join(f"{count[status]:,} {status}" for status in ("waiting", "running", *OVER) if count[status])
    waited = amount(sum(user.waited for user in users) / len(users), scene.units[0])
    utility = amount(sum(user.utility for user in users) / len(users), scene.units[0], signed=True)
    return f"and {len(users):,} more: {statuses}; on average waited {waited}, utility {utility}"


def _money_text(scene: Scene) -> str:
    total, compute, churn = (
        amount(sum_, scene.units[1]) for sum_ in (scene.compute + scene.churn, scene.compute, scene.churn)
    )
    return f"has paid {total}: {compute} for compute, {churn} for churn"

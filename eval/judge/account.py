"""Words and pictures of a game, as its judge hands them to whoever makes pages and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import Single


@dataclass(frozen=True)
class Account:
    """A game in words.

    Attributes:
        about: what is interesting about it; empty where nobody said.
        numbers: its parameters.
        equilibrium: what is optimal.
    """

    about: str
    numbers: str
    equilibrium: str


@dataclass(frozen=True)
class Aside:
    """A strip beside a picture, for commitments that are not on its line.

    Attributes:
        name: what they have in common.
        levels: costs to draw across it, each after its style.
    """

    name: str
    levels: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class CostPicture:
    """The cost of commitments on a line through the leader's box, to be drawn.

    Styles are those of lines in the pages' style sheet: `exact`, `believed`, `route2` and `slowed`.

    Attributes:
        title: what is drawn.
        about: what there is to see, for who does not see it.
        axis: what the commitments on the line differ in.
        cost_axis: what their cost is of.
        tick: says a position.
        cost_tick: says a cost.
        end: the last position; the first is 0.
        positions: of commitments on the line, (num_points,) ascending.
        curves: their cost, (num_points,), by style.
        best: position and cost of the equilibrium; a position of None is aside, as it is below.
        place: tells the position of any commitment.
        levels: costs to draw from side to side, each after its style.
        aside: what is not on the line; None where everything is.
        legend: what lines mean, each after its style.
        note: what else there is to know about the curves; empty for nothing.
    """

    title: str
    about: str
    axis: str
    cost_axis: str
    tick: Callable[[float], str]
    cost_tick: Callable[[float], str]
    end: float
    positions: FloatArray
    curves: Mapping[str, FloatArray]
    best: tuple[float | None, float]
    place: Callable[[Single], float | None]
    levels: Sequence[tuple[str, float]] = ()
    aside: Aside | None = None
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)
    note: str = ""

"""Two firms choose quantities one after the other (von Stackelberg 1934), and demand has luck.

Both sell the same good. The follower sees how much the leader will bring to the market, then decides how much to bring
itself; the price is what the market pays for both, a − b (x + y), and on each day a little more or less.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import ClassVar

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import as_single
from routegame.envs.classic.point_game import PointGame, Points
from routegame.envs.stackelberg import Batch, Plays


@dataclass(frozen=True)
class Duopoly(PointGame):
    """A market with linear demand, a leader and a follower.

    A point of the leader's box, and an answer, is a quantity as a share of what it would take to press the price down
    to the firm's own cost if it were alone, (a − c) / b. A price below 0 is what it costs to get rid of the rest.

    Args:
        intercept: a > 0, what the first unit sells for on average.
        slope: b > 0, by how much each unit lowers the price.
        cost: c of a unit, the leader's and the follower's, each in [0, a).
        noise: standard deviation of the price from day to day, >= 0.

    Raises:
        ParameterError: a value out of range, or not finite.

    >>> game = Duopoly(intercept=1, slope=1, cost=(0, 0), noise=0.1)
    >>> plays = game.play(game.commitments(np.array([[0.5]])), np.array([0.25]), 10**6, np.random.default_rng(0))
    >>> plays.leader_cost.round(3).tolist(), plays.follower_utility.round(4).tolist()
    ([-0.125], [0.0625])
    """

    intercept: float
    slope: float
    cost: tuple[float, float]
    noise: float

    KIND: ClassVar[str] = "duopoly"

    def __post_init__(self) -> None:
        intercept = as_single("intercept", self.intercept, 0, inf, closed="neither")
        first, second = self.cost
        object.__setattr__(self, "intercept", intercept)
        object.__setattr__(self, "slope", as_single("slope", self.slope, 0, inf, closed="neither"))
        costs = (
            as_single("cost[0]", first, 0, intercept, closed="low"),
            as_single("cost[1]", second, 0, intercept, closed="low"),
        )
        object.__setattr__(self, "cost", costs)
        object.__setattr__(self, "noise", as_single("noise", self.noise, 0, inf, closed="low"))

    @property
    def size(self) -> int:
        """Number of dimensions: a quantity is all."""
        return 1

    @property
    def utility_scale(self) -> float:
        """The follower's profit as a monopolist, (a − c)² / (4 b): the unit of its rates and temperatures."""
        return (self.intercept - self.cost[1]) ** 2 / (4 * self.slope)

    @property
    def capacity(self) -> tuple[float, float]:
        """The quantities that shares are of, the leader's and the follower's."""
        first, second = ((self.intercept - cost) / self.slope for cost in self.cost)
        return first, second

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw the mean price of so many days, see `StackelbergGame`; the same luck is the same at any quantities."""
        x, y = Points.of(commitments).coordinates[:, 0] * self.capacity[0], answers * self.capacity[1]
        luck = self.noise / sqrt(num_plays) * rng.standard_normal(len(x))
        price = self.intercept - self.slope * (x + y) + luck
        return Plays(
            np.full(len(x), num_plays), -(price - self.cost[0]) * x, (price - self.cost[1]) * y, num_plays=num_plays
        )

    def to_dict(self) -> dict[str, object]:
        """Return kind and parameters as plain values."""
        return {"kind": self.KIND, **asdict(self), "cost": list(self.cost)}

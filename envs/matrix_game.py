"""Commitment to a mixed strategy in a matrix game with two actions of the follower (Conitzer & Sandholm 2006).

The leader commits to probabilities of its actions. The follower sees them, not the action that is drawn, and answers
with the probability of its own second action. A play draws both actions and pays what the matrices say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.game import FloatArray, ParameterError
from routegame.envs.points import PointGame, Points
from routegame.envs.stackelberg import IntArray, Plays
from routegame.envs.streams import stream_keys

Payoffs = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class MatrixGame(PointGame):
    """A matrix game, m actions of the leader by two of the follower.

    A point of the leader's box breaks a stick: the first coordinate is the probability of action 1, the next the share
    of what is left that goes to action 2, and so on; the last action has the rest. With m = 2 the only coordinate is
    the probability of action 1.

    Args:
        leader_payoff: what the leader gets, a row for each of its actions; it minimises the negative.
        follower_payoff: what the follower gets, likewise.

    Raises:
        ParameterError: fewer than two rows, rows of other than two finite numbers, shapes that differ, or a follower
            who gets the same whatever happens.

    >>> game = MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1)))
    >>> plays = game.play(game.commitments(np.array([[0.5]])), np.array([1.0]), 10**6, np.random.default_rng(0))
    >>> plays.leader_cost.round(2).tolist(), plays.follower_utility.round(2).tolist()
    ([-3.5], [0.5])
    """

    leader_payoff: Payoffs
    follower_payoff: Payoffs

    KIND: ClassVar[str] = "matrix"

    def __post_init__(self) -> None:
        for name in ("leader_payoff", "follower_payoff"):
            object.__setattr__(self, name, _payoffs(name, getattr(self, name)))
        shapes = np.shape(self.leader_payoff), np.shape(self.follower_payoff)
        if shapes[0] != shapes[1]:
            raise ParameterError("follower_payoff", f"as many rows as leader_payoff has, {shapes[0][0]}", shapes[1][0])
        if np.ptp(self.follower_payoff) == 0:
            raise ParameterError("follower_payoff", "something that depends on what happens", self.follower_payoff)

    @property
    def size(self) -> int:
        """One less than the leader has actions."""
        return len(self.leader_payoff) - 1

    @property
    def utility_scale(self) -> float:
        """The most that can be at stake for the follower: its best payoff less its worst."""
        return float(np.ptp(self.follower_payoff))

    def mixes(self, commitments: Points) -> FloatArray:
        """Return probabilities of the leader's actions, (num_commitments, m)."""
        ones = np.ones((len(commitments), 1))
        left: FloatArray = np.cumprod(np.hstack([ones, 1 - commitments.coordinates]), axis=1, dtype=np.float64)
        return left * np.hstack([commitments.coordinates, ones])

    def point(self, mix: ArrayLike) -> FloatArray:
        """Return the point of the box that stands for probabilities of the leader's actions, (m,) -> (size,)."""
        probs = np.asarray(mix, dtype=np.float64)
        left = np.cumsum(probs[::-1])[::-1]
        shares: FloatArray = np.divide(probs[:-1], left[:-1], out=np.zeros(self.size), where=left[:-1] > 0)
        return shares.clip(0, 1)

    def play(self, commitments: Points, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw how often each pair of actions is played, see `StackelbergGame`."""
        mixes = self.mixes(commitments)
        own = rng.multinomial(num_plays, mixes / mixes.sum(axis=1, keepdims=True))
        second = rng.binomial(own, answers[:, None])
        return self._paid(np.stack([own - second, second], axis=2), num_plays)

    def play_with_luck(self, commitments: Points, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Play one by one: alike commitments and answers lead to the same pair of actions in most plays."""
        from routegame.envs.kernel import draw_pairs

        limits = np.cumsum(self.mixes(commitments), axis=1)[:, :-1]
        counts = np.zeros((len(commitments), len(self.leader_payoff), 2), dtype=np.int64)
        draw_pairs(num_plays, stream_keys(luck, np.arange(len(commitments))), limits, answers, counts)
        return self._paid(counts, num_plays)

    def to_dict(self) -> dict[str, Any]:
        """Return kind and payoffs as plain values."""
        return {
            "kind": self.KIND,
            "leader_payoff": [list(row) for row in self.leader_payoff],
            "follower_payoff": [list(row) for row in self.follower_payoff],
        }

    def _paid(self, counts: IntArray, num_plays: int) -> Plays:
        """Return what pairs of actions paid that were played so often, (num_commitments, m, 2)."""
        leader = np.tensordot(counts, np.array(self.leader_payoff)) / num_plays
        follower = np.tensordot(counts, np.array(self.follower_payoff)) / num_plays
        return Plays(counts.sum(axis=(1, 2)), -leader, follower)


def _payoffs(name: str, given: Sequence[Sequence[float]]) -> Payoffs:
    allowed = "at least two rows of two finite numbers"
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(name, allowed, given) from None
    if array.ndim != 2 or array.shape[0] < 2 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise ParameterError(name, allowed, given)
    return tuple((first, second) for first, second in array.tolist())

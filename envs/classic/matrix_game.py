"""Commitment to a mixed strategy in a matrix game with two actions of the follower (Conitzer & Sandholm 2006).

The leader commits to probabilities of its actions. The follower sees them, not the action that is drawn, and answers
with the probability of its own second action. A play draws both actions and pays what the matrices say.

In Bagwell's (1995) noisy commitment it sees a signal of the action, too, which is sometimes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.classic.point_game import PointGame, Points
from routegame.envs.sampling.streams import stream_keys
from routegame.envs.stackelberg import Batch, Plays

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

    @property
    def likelihood(self) -> FloatArray:
        """Probability of every signal that the follower gets, given the leader's action, (num_signals, m).

        A later signal speaks more for actions against which the follower likes its second one. Here there is no more
        than one, which says nothing.
        """
        return np.ones((1, len(self.leader_payoff)))

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
        """Number of dimensions: one less than the leader has actions."""
        return len(self.leader_payoff) - 1

    @property
    def utility_scale(self) -> float:
        """The most that can be at stake for the follower: its best payoff less its worst."""
        return float(np.ptp(self.follower_payoff))

    @property
    def habits(self) -> FloatArray:
        """Pure strategies, k / n with n signals: what followers earn by mixing them is as mixed."""
        num_signals = len(self.likelihood)
        return np.arange(num_signals + 1) / num_signals

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

    def second_probs(self, answers: FloatArray) -> FloatArray:
        """Return how likely the follower's second action is given the leader's, (num_answers,) -> (num_answers, m).

        An answer of k / n plays it at the last k of n signals, one in between mixes at one signal: of strategies that
        are worth something these are all, see `likelihood`.
        """
        num_signals = len(self.likelihood)
        probs: FloatArray = np.clip(answers[:, None] * num_signals - np.arange(num_signals)[::-1], 0, 1)
        return probs @ self.likelihood

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw how often each pair of actions is played, see `StackelbergGame`."""
        mixes = self.mixes(Points.of(commitments))
        own = rng.multinomial(num_plays, mixes / mixes.sum(axis=1, keepdims=True))
        second = rng.binomial(own, self.second_probs(answers))
        return self._paid(np.stack([own - second, second], axis=2), num_plays)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Play one by one: alike commitments and answers lead to the same pair of actions in most plays."""
        from routegame.envs.sampling.numba_kernel import draw_pairs

        limits = np.cumsum(self.mixes(Points.of(commitments)), axis=1)[:, :-1]
        counts = np.zeros((len(commitments), len(self.leader_payoff), 2), dtype=np.int64)
        keys = stream_keys(luck, np.arange(len(commitments)))
        draw_pairs(num_plays, keys, limits, self.second_probs(answers), counts)
        return self._paid(counts, num_plays)

    def to_dict(self) -> dict[str, object]:
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
        return Plays(counts.sum(axis=(1, 2)), -leader, follower, num_plays=num_plays)


@dataclass(frozen=True)
class NoisyCommitment(MatrixGame):
    """A matrix game, two by two, in which a signal tells the follower what the leader's action is, and errs at times.

    The leader still commits to its mix, and the follower sees that: it weighs what it expects by what it is told. An
    answer of 0 never plays the follower's second action, 1 always does, 0.5 does what the signal says.

    Bagwell's leader does not show its mix, so that the follower has beliefs in its place. If it believes in a pure
    strategy no signal changes its mind, and the only pure equilibrium is that of moving at once; there is a mixed one
    with an outcome close to Stackelberg's (van Damme & Hurkens 1997), with the mix that is best to commit to in his
    example. Beliefs have no best answer to judge by; a mix that is shown has.

    Args:
        leader_payoff: see `MatrixGame`, two rows.
        follower_payoff: likewise; its second action gains more, or loses less, against the leader's second.
        noise: how likely the signal is wrong, in [0, 0.5].

    Raises:
        ParameterError: as in `MatrixGame`, or a noise out of range.

    >>> game = NoisyCommitment(((4, 6), (3, 5)), ((4, 3), (1, 2)), noise=0.1)
    >>> game.second_probs(np.array([0.25, 0.5, 0.75])).round(3).tolist()
    [[0.05, 0.45], [0.1, 0.9], [0.55, 0.95]]
    """

    noise: float

    KIND: ClassVar[str] = "noisy-commitment"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.leader_payoff) != 2:
            raise ParameterError("leader_payoff", "two rows of two finite numbers", self.leader_payoff)
        first, second = np.diff(self.follower_payoff, axis=1)[:, 0]
        if second <= first:
            raise ParameterError(
                "follower_payoff", "more in favour of the second action in row 2 than in row 1", self.follower_payoff
            )
        object.__setattr__(self, "noise", as_single("noise", self.noise, 0, 0.5))

    @property
    def likelihood(self) -> FloatArray:
        """The signals name an action each, the one that is played but for the noise, (2, 2)."""
        return np.array([[1 - self.noise, self.noise], [self.noise, 1 - self.noise]])

    def to_dict(self) -> dict[str, object]:
        """Return kind, payoffs and noise as plain values."""
        return {**super().to_dict(), "noise": self.noise}


def _payoffs(name: str, given: Sequence[Sequence[float]]) -> Payoffs:
    allowed = "at least two rows of two finite numbers"
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(name, allowed, given) from None
    if array.ndim != 2 or array.shape[0] < 2 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise ParameterError(name, allowed, given)
    return tuple((first, second) for first, second in array.tolist())

"""Commitment to a mixed strategy in a matrix game (Conitzer & Sandholm 2006).

The leader commits to probabilities of its actions. The follower sees them, not the action that is drawn, and answers
with an action of its own: of n actions number k, from 0, is the answer k / (n - 1), and an answer in between mixes the
two beside it. Of two actions an answer so is the probability of the second. A play draws both actions and pays what the
matrices say.

In a security game (Kiekintveld et al. 2009) the leader has guards for some of many targets, and the follower sees how
often each is guarded, and attacks one.

In Bagwell's (1995) noisy commitment it sees a signal of the action, too, which is sometimes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_count, as_single
from routegame.envs.classic.point_game import PointGame, Points
from routegame.envs.luck.luck import Chance, Luck
from routegame.envs.sampling.menu_totals import split
from routegame.envs.stackelberg import Batch, Plays

Payoffs = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MatrixGame(PointGame):
    """A matrix game, m actions of the leader by n of the follower.

    A point of the leader's box breaks a stick: the first coordinate is the probability of action 1, the next the share
    of what is left that goes to action 2, and so on; the last action has the rest. With m = 2 the only coordinate is
    the probability of action 1.

    Args:
        leader_payoff: what the leader gets, a row for each of its actions; it minimises the negative.
        follower_payoff: what the follower gets, likewise.

    Raises:
        ParameterError: fewer than two rows or columns, numbers that are not finite, shapes that differ, or a follower
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
        if shapes[0][0] != shapes[1][0]:
            raise ParameterError("follower_payoff", f"as many rows as leader_payoff has, {shapes[0][0]}", shapes[1][0])
        if shapes[0][1] != shapes[1][1]:
            allowed = f"as many columns as leader_payoff has, {shapes[0][1]}"
            raise ParameterError("follower_payoff", allowed, shapes[1][1])
        if np.ptp(self.follower_payoff) == 0:
            raise ParameterError("follower_payoff", "something that depends on what happens", self.follower_payoff)

    @property
    def size(self) -> int:
        """Number of dimensions: one less than the leader has actions."""
        return len(self.leader_payoff) - 1

    @property
    def num_columns(self) -> int:
        """How many actions the follower has."""
        return len(self.follower_payoff[0])

    @property
    def utility_scale(self) -> float:
        """The most that can be at stake for the follower: its best payoff less its worst."""
        return float(np.ptp(self.follower_payoff))

    @property
    def habits(self) -> FloatArray:
        """Pure strategies: what followers earn by mixing them is as mixed."""
        return np.arange(self.num_columns) / (self.num_columns - 1)

    @property
    def deviations(self) -> FloatArray:
        """Pure strategies, of which one is best."""
        return self.habits

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

    def later_probs(self, answers: FloatArray) -> FloatArray:
        """Return how likely the follower plays an action behind each but the last, given the leader's action.

        Args:
            answers: (num_answers,) in [0, 1].

        Returns:
            (num_answers, m, n - 1).
        """
        steps = self.num_columns - 1
        probs: FloatArray = np.clip(answers[:, None] * steps - np.arange(steps), 0, 1)
        return np.repeat(probs[:, None], len(self.leader_payoff), axis=1)

    def column_probs(self, answers: FloatArray) -> FloatArray:
        """Return how likely each action of the follower is, given the leader's, (num_answers, m, n)."""
        probs: FloatArray = -np.diff(self.later_probs(answers), axis=2, prepend=1.0, append=0.0)
        return probs

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw how often each pair of actions is played, see `StackelbergGame`."""
        mixes = self.mixes(Points.of(commitments))
        own = rng.multinomial(num_plays, mixes / mixes.sum(axis=1, keepdims=True))
        return self._paid(self._answered(own, answers, rng), num_plays)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Draw how often each pair is played as quantiles: what is as lucky under close commitments is close."""
        return self._with_luck(commitments, answers, num_plays, Luck(luck))

    def play_equally_lucky(
        self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int, period: int
    ) -> Plays:
        """Draw them all at once."""
        return self._with_luck(commitments, answers, num_plays, Luck(luck, period=period))

    def to_dict(self) -> dict[str, object]:
        """Return kind and payoffs as plain values."""
        return {
            "kind": self.KIND,
            "leader_payoff": [list(row) for row in self.leader_payoff],
            "follower_payoff": [list(row) for row in self.follower_payoff],
        }

    def _with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: Luck) -> Plays:
        own = split(np.full(len(commitments), num_plays), self.mixes(Points.of(commitments)), luck)
        return self._paid(self._answered(own, answers, luck), num_plays)

    def _answered(self, own: IntArray, answers: FloatArray, rng: Chance) -> IntArray:
        """Draw how often the follower plays each of its actions against each of the leader's, (num_commitments, m, n).

        Args:
            own: how often the leader plays each of its own, (num_commitments, m).
            answers: see `later_probs`.
            rng: the source of chance.
        """
        later, counts, left, before = self.later_probs(answers), [], own, np.ones(own.shape)
        for column in range(self.num_columns - 1):
            now = later[:, :, column]
            behind = rng.binomial(left, np.divide(now, before, out=np.zeros(own.shape), where=before > 0))
            counts.append(left - behind)
            left, before = behind, now
        return np.stack([*counts, left], axis=2)

    def _paid(self, counts: IntArray, num_plays: int) -> Plays:
        """Return what pairs of actions paid that were played so often, (num_commitments, m, n)."""
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
    >>> game.later_probs(np.array([0.25, 0.5, 0.75]))[:, :, 0].round(3).tolist()
    [[0.05, 0.45], [0.1, 0.9], [0.55, 0.95]]
    """

    noise: float

    KIND: ClassVar[str] = "noisy-commitment"

    def __post_init__(self) -> None:
        super().__post_init__()
        if np.shape(self.leader_payoff) != (2, 2):
            raise ParameterError("leader_payoff", "two rows of two finite numbers", self.leader_payoff)
        first, second = np.diff(self.follower_payoff, axis=1)[:, 0]
        if second <= first:
            raise ParameterError(
                "follower_payoff", "more in favour of the second action in row 2 than in row 1", self.follower_payoff
            )
        object.__setattr__(self, "noise", as_single("noise", self.noise, 0, 0.5))

    @property
    def likelihood(self) -> FloatArray:
        """Probability of every signal, given the leader's action, (2, 2): they name an action each, and err at times.

        The later signal speaks more for the action against which the follower likes its second one.
        """
        return np.array([[1 - self.noise, self.noise], [self.noise, 1 - self.noise]])

    @property
    def habits(self) -> FloatArray:
        """Pure strategies: never the second action, at the later signal, or always."""
        return np.array([0.0, 0.5, 1.0])

    def later_probs(self, answers: FloatArray) -> FloatArray:
        """Return how likely the second action is, given the leader's, (num_answers,) -> (num_answers, 2, 1).

        An answer of k / 2 plays it at the last k of the signals, one in between mixes at one signal: of strategies that
        are worth something these are all, see `likelihood`.
        """
        probs: FloatArray = np.clip(answers[:, None] * 2 - np.array([1, 0]), 0, 1)
        return (probs @ self.likelihood)[:, :, None]

    def to_dict(self) -> dict[str, object]:
        """Return kind, payoffs and noise as plain values."""
        return {**super().to_dict(), "noise": self.noise}


def security_game(
    guarded: Sequence[tuple[float, float]], exposed: Sequence[tuple[float, float]], num_guards: int = 1
) -> MatrixGame:
    """Return the game of a leader with guards and a follower who attacks one of many targets.

    A row is a choice of targets to guard, in the order of `itertools.combinations`; a column is the target that is
    attacked.

    Args:
        guarded: what leader and follower get when a target is attacked that is guarded, a pair for each target.
        exposed: the same of one that is not.
        num_guards: targets that are guarded at a time, at least one and fewer than there are.

    Raises:
        ParameterError: fewer than two targets, other than one pair for each, or a number of guards out of range.

    >>> security_game([(0, -1), (0, -1)], [(-2, 2), (-1, 1)]).follower_payoff
    ((-1.0, 1.0), (2.0, -1.0))
    """
    inside, outside = np.array(_payoffs("guarded", guarded)), np.array(_payoffs("exposed", exposed))
    for name, pairs in (("guarded", inside), ("exposed", outside)):
        if pairs.shape != (len(inside), 2):
            raise ParameterError(name, "a pair of numbers for each target, the same number of pairs", pairs.tolist())
    as_count("num_guards", num_guards, len(inside) - 1)
    chosen = [np.isin(np.arange(len(inside)), guards) for guards in combinations(range(len(inside)), num_guards)]
    leader, follower = (np.where(chosen, inside[:, side], outside[:, side]).tolist() for side in (0, 1))
    return MatrixGame(leader, follower)


def _payoffs(name: str, given: Sequence[Sequence[float]]) -> Payoffs:
    allowed = "at least two rows of two finite numbers or more, as many in each"
    try:
        array = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(name, allowed, given) from None
    if array.ndim != 2 or min(array.shape) < 2 or not np.isfinite(array).all():
        raise ParameterError(name, allowed, given)
    return tuple(map(tuple, array.tolist()))

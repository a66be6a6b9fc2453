"""One task of a mix at a time, whose context both sides see: what sighted mixes are, taken apart into their contexts.

Whoever learns here learns a function: of what is known of a task, which commitment to make, and of both, what to
answer. Rows of a batch are tasks of different contexts, many of each played under one commitment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.commitment import DEVIATIONS
from routegame.envs.document import Document
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.luck.luck import Chance, Luck
from routegame.envs.mix_game import MixCommitments
from routegame.envs.sampling.menu_totals import draw_counts
from routegame.envs.sampling.totals import draw_totals
from routegame.envs.stackelberg import Batch, Plays, Single, StackelbergGame
from routegame.envs.task_mix import TaskMix

TINY = 1e-9
"""What the logarithm of a smaller number is taken of."""


@dataclass(frozen=True)
class Offer(Single):
    """A commitment to two models in one context.

    Attributes:
        context: its number, from 0.
        route: 1 or 2.
        cascade_prob: of a failed, continued task on model 1.
    """

    context: int
    route: int
    cascade_prob: float

    def alone(self) -> Offers:
        """Return the commitment as a batch of one."""
        return Offers(np.array([self.context]), np.array([self.route == 2]), np.array([self.cascade_prob]))


@dataclass(frozen=True)
class Offers(Batch):
    """Many commitments, each in a context of its own, as arrays that are not checked again.

    Attributes:
        context: (num_commitments,), from 0.
        second: whether the second model goes first, (num_commitments,).
        cascade_prob: (num_commitments,).
    """

    context: IntArray
    second: BoolArray
    cascade_prob: FloatArray

    def __len__(self) -> int:
        return len(self.context)

    def __getitem__(self, index: int) -> Offer:
        return Offer(int(self.context[index]), 1 + int(self.second[index]), float(self.cascade_prob[index]))

    def take(self, indices: IntArray) -> Offers:
        """Return these commitments, in this order, as often as they are named."""
        return Offers(self.context[indices], self.second[indices], self.cascade_prob[indices])

    @classmethod
    def at(cls, context: IntArray, actions: FloatArray) -> Offers:
        """Return what points of the box commit to in contexts: route and cascade probability, see `ContextGame`."""
        return cls(context, actions[:, 0] > 0.5, actions[:, 1])

    @classmethod
    def of_policies(cls, commitments: MixCommitments) -> Offers:
        """Return commitments over contexts one context after another, (num_commitments · C,)."""
        count, contexts = commitments.start.shape[:2]
        second, moves = commitments.start[:, :, 1] == 1, commitments.rows[:, :, 0, 1]
        return cls(np.tile(np.arange(contexts), count), second.reshape(-1), moves.reshape(-1))


class ContextGame(StackelbergGame):
    """A mix of tasks of two models, whose users are sighted, as a game about one task of a context that both see.

    An action is (route, cascade probability), as in `routegame.envs.commitment.RoutingGame`.

    Args:
        mix: the contexts, of two models.

    Attributes:
        mix: as given.
        known: what is known of a task of each context, (C, num_known), each column with mean 0 and standard deviation
            1: the features of the mix if it has some, else orders of magnitude of the numbers of each context that
            differ between contexts, log-odds of success and logarithms of all others.
        centre: means of what `known` was before, (num_known,).
        spread: standard deviations of it.

    >>> mix = TaskMix([3, 1], Game(10, 5, ([0.6, 0.2], [0.8, 0.5]), (1, 2), (1, 2)))
    >>> ContextGame(mix).known.round(3).tolist()
    [[1.0, 1.0], [-1.0, -1.0]]
    """

    KIND: ClassVar[str] = "context"

    def __init__(self, mix: TaskMix) -> None:
        self.mix = mix
        told = magnitudes(mix.games) if mix.features is None else mix.features
        told = told[:, np.ptp(told, axis=0) > TINY]
        self.centre, self.spread = told.mean(axis=0), told.std(axis=0)
        self.known: FloatArray = (told - self.centre) / self.spread
        games = mix.games
        self._p, self._t, self._c = (
            np.ascontiguousarray(np.stack([np.asarray(x, dtype=np.float64) for x in getattr(games, name)], axis=-1))
            for name in PER_MODEL
        )
        self._value, self._penalty = (np.asarray(x, np.float64) for x in (games.task_value, games.churn_penalty))

    @property
    def num_contexts(self) -> int:
        """C, the number of contexts."""
        return len(self.mix)

    @property
    def size(self) -> int:
        """Number of dimensions: route and cascade probability."""
        return 2

    @property
    def num_switches(self) -> int:
        """The route is one."""
        return 1

    @property
    def deviations(self) -> FloatArray:
        """Abandonment probabilities that users may turn to in any context, see `DEVIATIONS`."""
        return DEVIATIONS

    @property
    def utility_scale(self) -> float:
        """V p of each context's best model, on average, in units of latency."""
        return float(self.mix.weights @ (self._value * self._p.max(axis=1)))

    def contexts(self, count: int, rng: np.random.Generator) -> IntArray:
        """Draw the contexts of so many tasks."""
        return rng.choice(self.num_contexts, size=count, p=self.mix.weights)

    def commitments(self, actions: FloatArray) -> Offers:
        """Return what the rows of `actions` commit to, of the contexts in turn; `Offers.at` has others."""
        return Offers.at(np.arange(len(actions)) % self.num_contexts, actions)

    def actions(self, commitments: Batch) -> FloatArray:
        """Return route and cascade probability of commitments, (num_commitments, 2)."""
        offered = Offers.of(commitments)
        return np.stack([offered.second.astype(np.float64), offered.cascade_prob], axis=1)

    def action(self, commitment: Single) -> NDArray[np.float32]:
        """Return route and cascade probability of one commitment, (2,) float32."""
        action: NDArray[np.float32] = self.actions(Offer.of(commitment).alone())[0].astype(np.float32)
        return action

    def read(self, plain: Document) -> Offer:
        """Return the commitment whose `dataclasses.asdict` this is, see `StackelbergGame`."""
        return Offer(int(plain["context"]), int(plain["route"]), float(plain["cascade_prob"]))

    def seen(self, commitments: Batch) -> FloatArray:
        """Return what is known of the tasks, (num_commitments, num_known)."""
        found: FloatArray = self.known[Offers.of(commitments).context]
        return found

    def play(self, commitments: Batch, answers: FloatArray, num_plays: int, rng: np.random.Generator) -> Plays:
        """Draw totals of so many tasks of each row's context, see `routegame.envs.sampling.menu_totals`."""
        return self.play_many(Offers.of(commitments), answers, np.full(len(commitments), num_plays), rng)

    def play_many(self, offered: Offers, answers: FloatArray, num_plays: IntArray, rng: Chance) -> Plays:
        """Draw totals of tasks, (num_commitments,) of them, at least one each."""
        at = offered.context
        p, start = self._p[at], np.stack([~offered.second, offered.second], axis=-1).astype(np.float64)
        rows = np.zeros((len(at), 2, 2))
        rows[:, 0, 0], rows[:, 0, 1], rows[:, 1, 1] = 1 - offered.cascade_prob, offered.cascade_prob, 1.0
        passes, solved = draw_counts(p, start, rows, answers, num_plays, rng)
        cost = (passes * self._c[at]).sum(axis=1) + self._penalty[at] * (num_plays - solved)
        utility = self._value[at] * solved - (passes * self._t[at]).sum(axis=1)
        return Plays(passes, cost / num_plays, utility / num_plays, num_plays=num_plays)

    def play_with_luck(self, commitments: Batch, answers: FloatArray, num_plays: int, luck: int) -> Plays:
        """Draw totals as quantiles: what is as lucky under close commitments is close."""
        offered = Offers.of(commitments)
        at = offered.context
        game = Game(self._value[at], self._penalty[at], *(tuple(x[at].T) for x in (self._p, self._t, self._c)))
        tasks = draw_totals(game, 1 + offered.second, offered.cascade_prob, answers, num_plays, Luck(luck))
        return Plays(tasks.passes, tasks.provider_cost(game), tasks.user_utility(game), num_plays=tasks.group_size)

    def starts(self, shares: FloatArray, extra: float = 0.0) -> FloatArray:
        """Return actions to start from: each share as a cascade on route 1, then one on route 2."""
        return np.array([*((0.0, share) for share in shares), (1.0, 0.5)])

    def figures(self, commitments: Batch) -> dict[str, float]:
        """Return how many of the tasks start with the second model."""
        return {"start_2": float(Offers.of(commitments).second.mean())}

    def to_dict(self) -> dict[str, object]:
        """Return kind and mix as plain values, ready for JSON."""
        return {"kind": self.KIND, "mix": self.mix.to_dict()}


def magnitudes(games: Game) -> FloatArray:
    """Return orders of magnitude of the numbers of games, (num_games, 2 + 3 K).

    They are log-odds of success of each model, and logarithms of latencies, of costs, of V and of P.
    """
    p, t, c = (np.stack([np.asarray(x, dtype=np.float64) for x in getattr(games, name)], axis=-1) for name in PER_MODEL)
    rest = np.stack([np.asarray(games.task_value), np.asarray(games.churn_penalty)], axis=-1)
    inside = np.clip(p, TINY, 1 - TINY)
    odds = np.log(inside) - np.log1p(-inside)
    return np.hstack([odds, *(np.log(np.maximum(x, TINY)) for x in (t, c, rest))])

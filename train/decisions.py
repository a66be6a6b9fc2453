"""Games decision by decision, as methods need them that follow the gradient of a policy.

A provider that commits to models with given probabilities decides at random who serves the first pass, and after every
failure whose user stays who serves the next one. So its commitment is a policy: a softmax over options wherever there
is something to decide. Its users decide, too, after every failure. An `Episodes` says of each of many tasks how often
either side took each of its options, which is all that the likelihood of a task, and its derivatives, depend on:

    d log P(task) / d logit of an option = how often it was taken − how often it could have been · its probability.

All of that is seen by whoever plays: nothing is computed from the game's probabilities of success.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.classic.matrix_game import MatrixGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.sampling.menu_totals import draw_menu_totals
from routegame.envs.sampling.simulator import Tasks
from routegame.envs.sampling.totals import draw_totals
from routegame.envs.stackelberg import Plays, Single, StackelbergGame
from routegame.train.meter import Meter


@dataclass(frozen=True)
class Policy:
    """What a leader does: a softmax at each of its decisions, and how slow it makes models, the same in all tasks.

    Attributes:
        probs: of the options of each decision, one array (num_options,) for each.
        slow_downs: shares of what is allowed, (num_extras,).
    """

    probs: tuple[FloatArray, ...]
    slow_downs: FloatArray

    def scores(self, taken: tuple[IntArray, ...]) -> FloatArray:
        """Derivatives of the log-likelihood of episodes in the logits of all options, (num_episodes, num_logits)."""
        return np.hstack([score(counts, probs) for counts, probs in zip(taken, self.probs, strict=True)])


@dataclass(frozen=True)
class Episodes:
    """Plays of a game one by one.

    Attributes:
        cost: of the leader, (num_episodes,).
        utility: of the follower, (num_episodes,).
        utility_slopes: derivatives of the utility in the leader's slow-downs, (num_episodes, num_extras).
        taken: how often the leader took each option, of each of its decisions, arrays (num_episodes, num_options).
        answered: how often the follower took each of its own, (num_episodes, num_options).
    """

    cost: FloatArray
    utility: FloatArray
    utility_slopes: FloatArray
    taken: tuple[IntArray, ...]
    answered: IntArray


class DecisionGame(ABC):
    """A game whose plays are taken apart into decisions.

    Attributes:
        game: the game itself.
        options: how many options the leader has at each of its decisions.
        num_replies: how many the follower has.
    """

    game: StackelbergGame
    options: tuple[int, ...]
    num_replies: int

    @abstractmethod
    def commitment(self, policy: Policy) -> Single:
        """Return the commitment that a policy is; where the game wants one option for sure, to the likeliest."""

    @abstractmethod
    def answers(self, reply_probs: FloatArray, num_episodes: int, rng: np.random.Generator) -> FloatArray:
        """Return what a follower answers in episodes who takes its options so often, (num_episodes,)."""

    @abstractmethod
    def answer(self, reply_probs: FloatArray) -> float:
        """Return the answer that stands for such a follower; for the likeliest option where there is none."""

    @abstractmethod
    def play(self, policy: Policy, answers: FloatArray, rng: np.random.Generator, meter: Meter) -> Episodes:
        """Play an episode with each answer, (num_episodes,), and count them."""

    @abstractmethod
    def worth(
        self, policy: Policy, answers: FloatArray, num_plays: int, rng: np.random.Generator, meter: Meter
    ) -> FloatArray:
        """Return the follower's mean utility of plays with each answer, (num_answers,), and count them.

        So many are played with each answer from each of the leader's first options, which count as they are likely.
        """


def score(taken: IntArray, probs: FloatArray) -> FloatArray:
    """Derivatives of the log-likelihood of decisions in the logits of their options, (num_episodes, num_options).

    Args:
        taken: how often each option was, (num_episodes, num_options).
        probs: of the options, (num_options,).
    """
    found: FloatArray = taken - taken.sum(axis=1, keepdims=True) * probs
    return found


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities of options with these logits.

    >>> softmax(np.array([0.0, np.log(3)])).tolist()
    [0.25, 0.75]
    """
    likely = np.exp(logits - logits.max())
    probs: FloatArray = likely / likely.sum()
    return probs


def mean_of_others(values: FloatArray, group: IntArray) -> FloatArray:
    """Mean of the values of all others in a group, for each of its members; of all others where it is alone.

    Shapes: (num_values,), (num_values,) -> (num_values,).

    >>> mean_of_others(np.array([1.0, 2, 3, 10]), np.array([0, 0, 0, 1])).tolist()
    [2.5, 2.0, 1.5, 2.0]
    """
    others = np.bincount(group)[group] - 1
    among = (np.bincount(group, weights=values)[group] - values) / np.maximum(others, 1)
    anywhere = (values.sum() - values) / (len(values) - 1)
    return np.where(others > 0, among, anywhere)


class TaskDecisions(DecisionGame):
    """Tasks of the game with models: who serves the first pass, who the next one, and whether the user stays."""

    num_replies = 2

    def __init__(self, game: RoutingGame | MenuGame) -> None:
        self.game, self._rules, self._throttling = game, game.game, game.throttling
        self._room = np.array(game.max_latency) - np.array(game.game.latency, dtype=np.float64)

    def answers(self, reply_probs: FloatArray, num_episodes: int, rng: np.random.Generator) -> FloatArray:
        """Users leave after every failure with the same probability."""
        return np.full(num_episodes, reply_probs[1])

    def answer(self, reply_probs: FloatArray) -> float:
        """Users answer with the probability of leaving."""
        return float(reply_probs[1])

    def play(self, policy: Policy, answers: FloatArray, rng: np.random.Generator, meter: Meter) -> Episodes:
        """Play a task with each answer."""
        first = rng.choice(len(policy.probs[0]), len(answers), p=policy.probs[0])
        tasks = self._tasks(policy, first, answers, 1, rng)
        cost, utility = self._paid(policy, tasks, meter)
        left = 1 - tasks.solved
        stayed = tasks.passes.sum(axis=0) - 1
        began = np.eye(len(policy.probs[0]), dtype=np.int64)[first]
        taken = began, self._retries(tasks.passes.T, began)
        slopes = -tasks.passes.T[:, : len(policy.slow_downs)] * self._room[: len(policy.slow_downs)]
        return Episodes(cost, utility, slopes, taken, np.column_stack([stayed, left]))

    def worth(
        self, policy: Policy, answers: FloatArray, num_plays: int, rng: np.random.Generator, meter: Meter
    ) -> FloatArray:
        """Play tasks with each answer."""
        start = policy.probs[0]
        first, each = np.repeat(np.arange(len(start)), len(answers)), np.tile(answers, len(start))
        _, utility = self._paid(policy, self._tasks(policy, first, each, num_plays, rng), meter)
        mean: FloatArray = start @ utility.reshape(len(start), -1)
        return mean

    @abstractmethod
    def _tasks(
        self, policy: Policy, first: IntArray, answers: FloatArray, num_plays: int, rng: np.random.Generator
    ) -> Tasks:
        """Play tasks that start on given models."""

    @abstractmethod
    def _retries(self, passes: IntArray, began: IntArray) -> IntArray:
        """Return how often each model was chosen after a failure, both arguments (num_episodes, num_models)."""

    def _paid(self, policy: Policy, tasks: Tasks, meter: Meter) -> tuple[FloatArray, FloatArray]:
        """Count tasks, and return what they cost, and what they were worth at the latencies in force."""
        latency = np.array(self._rules.latency, dtype=np.float64)
        if self._throttling:
            latency = latency + policy.slow_downs * self._room
        cost = tasks.provider_cost(self._rules)
        utility = tasks.user_utility(self._rules.with_latency(tuple(latency.tolist())))
        meter.play(Plays(tasks.passes, cost, utility, num_plays=tasks.group_size))
        return cost, utility


class RoutingDecisions(TaskDecisions):
    """Tasks of two models: the route, and after each failure of the first model whether the second is asked.

    Args:
        game: with or without throttling.
    """

    options = (2, 2)

    def __init__(self, game: RoutingGame) -> None:
        super().__init__(game)
        self._game = game

    def commitment(self, policy: Policy) -> Single:
        """Return the commitment to the likelier route."""
        route, cascade = policy.probs
        return self._game.at([float(np.argmax(route)), float(cascade[1]), *policy.slow_downs.tolist()])

    def _tasks(
        self, policy: Policy, first: IntArray, answers: FloatArray, num_plays: int, rng: np.random.Generator
    ) -> Tasks:
        return draw_totals(self._rules, 1 + first, policy.probs[1][1], answers, num_plays, rng)

    def _retries(self, passes: IntArray, began: IntArray) -> IntArray:
        """On the first model all passes but the first one were chosen, and the second one at most once."""
        standard = began[:, 0]
        again: IntArray = np.column_stack([passes[:, 0] - standard, standard * (passes[:, 1] > 0)])
        return again


class MenuDecisions(TaskDecisions):
    """Tasks of any number of models: who serves the first pass, and who every other one, whichever model failed.

    Args:
        game: in compact form.
    """

    def __init__(self, game: MenuGame) -> None:
        super().__init__(game)
        self._game = game
        self.options = game.num_models, game.num_models

    def commitment(self, policy: Policy) -> Single:
        """Return the commitment to both softmaxes."""
        weights = [probs / probs.max() for probs in policy.probs]
        return self._game.at(np.concatenate([*weights, policy.slow_downs]).tolist())

    def _tasks(
        self, policy: Policy, first: IntArray, answers: FloatArray, num_plays: int, rng: np.random.Generator
    ) -> Tasks:
        models = self._game.num_models
        start, row = np.eye(models)[first], np.broadcast_to(policy.probs[1], (len(first), 1, models))
        return draw_menu_totals(np.array(self._rules.success_prob), start, row, answers, num_plays, rng)

    def _retries(self, passes: IntArray, began: IntArray) -> IntArray:
        return passes - began


class MatrixDecisions(DecisionGame):
    """Plays of a matrix game: either side takes one of its actions.

    Args:
        game: without a signal of what the leader does.
    """

    def __init__(self, game: MatrixGame) -> None:
        self.game = self._game = game
        self.options, self.num_replies = (game.size + 1,), game.num_columns
        self._pure = np.array([game.point(row) for row in np.eye(game.size + 1)])

    def commitment(self, policy: Policy) -> Single:
        """Return the commitment to the softmax."""
        return self._game.commitments(self._game.point(policy.probs[0])[None])[0]

    def answers(self, reply_probs: FloatArray, num_episodes: int, rng: np.random.Generator) -> FloatArray:
        """Draw an action of the follower for each play."""
        return self._game.habits[rng.choice(self.num_replies, num_episodes, p=reply_probs)]

    def answer(self, reply_probs: FloatArray) -> float:
        """Of two actions an answer is the probability of the second; of more there is none for a mix."""
        return float(reply_probs[1] if self.num_replies == 2 else self._game.habits[np.argmax(reply_probs)])

    def play(self, policy: Policy, answers: FloatArray, rng: np.random.Generator, meter: Meter) -> Episodes:
        """Play once with each answer, which is an action."""
        own = rng.choice(self.options[0], len(answers), p=policy.probs[0])
        played = meter.play(self._game.play(self._game.commitments(self._pure[own]), answers, 1, rng))
        replies = np.rint(answers * (self.num_replies - 1)).astype(np.int64)
        taken, answered = np.eye(self.options[0], dtype=np.int64)[own], np.eye(self.num_replies, dtype=np.int64)
        none = np.zeros((len(answers), 0))
        return Episodes(played.leader_cost, played.follower_utility, none, (taken,), answered[replies])

    def worth(
        self, policy: Policy, answers: FloatArray, num_plays: int, rng: np.random.Generator, meter: Meter
    ) -> FloatArray:
        """Play with each answer against each action."""
        own, each = np.repeat(np.arange(self.options[0]), len(answers)), np.tile(answers, self.options[0])
        played = meter.play(self._game.play(self._game.commitments(self._pure[own]), each, num_plays, rng))
        mean: FloatArray = policy.probs[0] @ played.follower_utility.reshape(self.options[0], -1)
        return mean


def decisions(game: StackelbergGame) -> DecisionGame:
    """Return a game as decisions; see `objection` for which games there are."""
    if isinstance(game, RoutingGame):
        return RoutingDecisions(game)
    if isinstance(game, MenuGame):
        return MenuDecisions(game)
    assert isinstance(game, MatrixGame)
    return MatrixDecisions(game)


def objection(game: StackelbergGame) -> str | None:
    """Return why a game is none of decisions, in one line; None where it is."""
    if isinstance(game, MenuGame) and game.form == "matrix":
        return "its policy has one row for all models that can fail, the compact form"
    if game.KIND in (RoutingGame.KIND, MenuGame.KIND, MatrixGame.KIND):
        return None
    return "it is for games in which a leader's move is one of finitely many options that users do not see beforehand"

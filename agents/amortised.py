"""One policy for all games of two models: a game's own parameters in, a commitment out, in one pass of two networks.

Five commitments are candidates: start with model 1 and never hand on, or hand every failure on, or as many as one
network says, in two ways: the least that makes users stay, and the most that they put up with; or start with model 2.
For each of them another network predicts how tasks end after a first failure, and the provider takes the one that its
own prices make cheapest. Nothing else is computed when it answers, and nothing but the game's parameters goes in: no
threshold, cost or answer of users. The networks see ratios only, so that games that differ in the units of time or
money alone are one game to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routegame.agents.network import Network
from routegame.agents.task_model import NUM_ENDS, TaskModel
from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError
from routegame.envs.document import read_arrays
from routegame.envs.game import Game
from routegame.envs.scenarios import GameLike, as_two_model_game

NUM_INPUTS = 12
"""Inputs of the networks, see `game_inputs`."""

CASCADES = 2
"""Candidates whose cascade probability is learned: the least that makes users stay, and the most they put up with."""

ROUTES = np.array([1, 1, 1, 1, 2])
"""Routes of the candidates: never hand on, the two learned cascades, hand every failure on, and model 2 at once."""

FINEST = 0.002
"""How fine ratios near 1 are seen: by so much a ratio has to differ from 1 to look like it, about."""

LAST_ODDS = 50.0
"""Log-odds beyond these are as good as certain, whatever a network says of games unlike all that it was shown."""

SMALLEST, LARGEST = 1e-9, 1e3
"""Ratios beyond these look alike to the network."""


BUILT_IN = (
    "Inputs are orders of magnitude of success, failure and of the ratio t / (V p) of each model, finer where that is "
    "near 1: there a pass is just worth its wait.",
    "Five commitments are candidates; of two of them the cascade probability is learned, in odds relative to the "
    "success probability of model 1.",
    "A margin to the safe side of the learned edges.",
    "How tasks end is learned as probabilities, and what cannot come about has probability 0. A success of model k "
    "costs c_k / p_k, so a candidate's cost is predicted as those probabilities times the game's own prices.",
    "Random games to learn from are drawn by sign regime and by their exact distance to the nearest edge.",
)
"""What the policy and its learner are given before anything is learned."""

NOT_BUILT_IN = (
    "No threshold, cost, weight of a mix or best response was computed by formula or fed in, neither in training nor "
    "in answering: users are those of a model of tasks that was learned from sampled passes."
)
"""What they are not given."""


@dataclass(frozen=True)
class Ratios:
    """The numbers of games without their units; arrays (num_games,), pairs of arrays with the first model first.

    Attributes:
        success_prob: p_k.
        waits: t_k / (V p_k), what a success takes its user by model k alone, in units of what it is worth.
        prices: c_k, in units of the largest of c_1, c_2 and P.
        penalty: P, in the same unit.
        unit: of these prices, in the game's.
    """

    success_prob: FloatArray
    waits: FloatArray
    prices: FloatArray
    penalty: FloatArray
    unit: FloatArray

    @classmethod
    def of(cls, game: Game) -> Ratios:
        """Return those of a game, or of every game of a batch."""
        shape = (max(int(np.prod(game.shape)), 1),)
        p1, p2, t1, t2, c1, c2, value, penalty = (
            np.broadcast_to(x, shape)
            for x in (*game.success_prob, *game.latency, *game.cost, game.task_value, game.churn_penalty)
        )
        p, prices = np.stack([p1, p2]), np.stack([c1, c2])
        unit = np.maximum(np.maximum(c1, c2), penalty)
        unit = np.where(unit > 0, unit, 1.0)
        return cls(p, np.stack([t1, t2]) / value / p, prices / unit, penalty / unit, unit)


def game_inputs(ratios: Ratios) -> Float32Array:
    """Describe games to the networks, (num_games, 12) float32.

    They are orders of magnitude, also of how far ratios of time to value are from 1.

    Prices are no part of it: what users do, and how tasks end, does not depend on them once a commitment is made.
    """
    columns = []
    for p, wait in zip(ratios.success_prob, ratios.waits, strict=True):
        size = np.log(np.clip(wait, SMALLEST, LARGEST))
        lesser = np.exp(-np.abs(size))
        columns += [np.log(p), np.log(1 - p), np.maximum(size, 0), lesser]
        columns += [np.log(FINEST + 1 - lesser), np.tanh(size / FINEST)]
    return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Answers:
    """Answers of a policy to games.

    Attributes:
        route: (num_games,) of 1 and 2.
        cascade_prob: (num_games,); 0 on route 2.
        predicted_cost: J that the policy expects, in the game's unit of cost, (num_games,).
    """

    route: IntArray
    cascade_prob: FloatArray
    predicted_cost: FloatArray


@dataclass(frozen=True)
class AmortisedPolicy:
    """A policy that was learned once and answers any game of two models, see the module.

    Attributes:
        edges: network from `game_inputs` to log-odds of the learned cascades relative to p_1, and to whether there is
            an edge of that kind at all, positive where there is.
        ends: network from `game_inputs` to logits of the ends of tasks under each candidate, three for each.
        tasks: the model of tasks that both were learned in, with the users.
    """

    edges: Network
    ends: Network
    tasks: TaskModel

    def answers(self, game: GameLike) -> Answers:
        """Return a commitment for a game, or for every game of a batch.

        Raises:
            ParameterError: a game of more than two models.
        """
        known = _two_models(game)
        ratios = Ratios.of(known)
        inputs = game_inputs(ratios)
        edges = self.edges(inputs).astype(np.float64)
        odds, there = edges[:, :CASCADES], edges[:, CASCADES:] > 0
        s, ends = in_full(odds, ratios.success_prob[0]), self._ends(inputs, odds)
        start, each = ROUTES - 1, [*(ratios.prices / ratios.success_prob), ratios.penalty]
        costs = ratios.prices[start].T + (1 - ratios.success_prob[start]).T * sum(
            ends[:, :, k] * price[:, None] for k, price in enumerate(each)
        )
        costs[:, 1 : 1 + CASCADES][~there] = np.inf
        best, rows = np.argmin(costs, axis=1), np.arange(len(inputs))
        return Answers(ROUTES[best], s[rows, best] * (ROUTES[best] == 1), costs[rows, best] * ratios.unit)

    def _ends(self, inputs: Float32Array, odds: FloatArray) -> FloatArray:
        """Predict how tasks end after their first failure under each candidate, (num_games, 5, 3).

        The more likely a learned cascade, the more likely model 2: its log-odds are added there, and the network says
        what else there is to it.
        """
        logits = self.ends(inputs).reshape(len(inputs), len(ROUTES), NUM_ENDS).astype(np.float64)
        logits[:, 1 : 1 + CASCADES, 1] += odds
        likely = np.exp(logits - logits.max(axis=2, keepdims=True))
        shares: FloatArray = likely / likely.sum(axis=2, keepdims=True)
        return shares

    def abandon_prob(self, game: GameLike, answers: Answers) -> FloatArray:
        """Probability with which the learned users leave after a failure under these commitments, (num_games,)."""
        ratios = Ratios.of(_two_models(game))
        return self.tasks.abandon_prob(ratios.success_prob, ratios.waits, answers.route, answers.cascade_prob)

    def arrays(self) -> dict[str, Float32Array]:
        """Return the arrays that it consists of, by name."""
        return {**self.edges.arrays("edges"), **self.ends.arrays("ends"), **self.tasks.arrays()}

    @classmethod
    def load(cls, path: Path) -> AmortisedPolicy:
        """Read a policy that was saved as an .npz file of `arrays`.

        Raises:
            FileError: the file is damaged, or something else.
        """
        with read_arrays(path, "an .npz file with the arrays of an amortised policy") as named:
            arrays = {name: named[name] for name in named}
            edges = Network.from_arrays(arrays, "edges", NUM_INPUTS, 2 * CASCADES)
            ends = Network.from_arrays(arrays, "ends", NUM_INPUTS, NUM_ENDS * len(ROUTES))
            return cls(edges, ends, TaskModel.from_arrays(arrays))


def in_full(odds: FloatArray, first_chance: FloatArray) -> FloatArray:
    """Return the cascade probability of every candidate, (num_games, 5).

    Args:
        odds: log-odds of the learned cascades relative to p_1, (num_games, 2): how many of the tasks that model 1 would
            have solved in time are handed over.
        first_chance: p_1, (num_games,).
    """
    shares = np.exp(np.clip(odds, -LAST_ODDS, LAST_ODDS)) * first_chance[:, None]
    s = np.zeros((len(odds), len(ROUTES)))
    s[:, 1 : 1 + CASCADES], s[:, 1 + CASCADES :] = shares / (1 + shares), 1.0
    return s


def _two_models(game: GameLike) -> Game:
    known = as_two_model_game(game)
    if len(known.shape) > 1:
        raise ParameterError("game", "one game or a batch of shape (num_games,)", f"shape {known.shape}")
    return known

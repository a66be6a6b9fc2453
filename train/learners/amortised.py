"""`amortised`: one policy for all games of two models, learned on random games and asked about others.

First users learn what becomes of tasks. Tasks of random models are played under random cascades by users with random
habits, and a network learns how they end: `routegame.agents.task_model`. Users then do what is worth most to them in
what they have learned, whatever their game is.

Then the provider learns from random games, of every sign regime and every distance to the nearest edge. In each it
looks for the edge: how many failures it has to hand on for the learned users to stay, or may hand on before they begin
to leave, found by halving. Two more networks learn the place of the edge, a margin to the safe side of it, and how
tasks end there and under the other candidates: `routegame.agents.amortised`. They never see a price: costs of
candidates are compared when the policy is asked, with the prices of the game at hand.

Games and tasks are drawn once, and the networks are fitted to all of them by L-BFGS: they are small, and have to be
accurate to a hundredth of an edge's odds.

What is built in: inputs are logarithms of ratios, finer near 1 where a pass is just worth its wait; five candidates;
the margin; ends of tasks that cannot come about have probability 0; a pass of model k solves with the game's p_k. What
is not: thresholds, costs, weights of a mix and best responses, neither when it learns nor when it answers. The exact
solution only decides which random games are drawn, so that near ones are no rarer than far ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from routegame.agents.amortised import (
    CASCADES,
    NUM_INPUTS,
    ROUTES,
    AmortisedPolicy,
    Ratios,
    game_inputs,
    in_full,
)
from routegame.agents.exact.drawn_games import DISTANCES, REGIMES, draw_games
from routegame.agents.network import Network
from routegame.agents.task_model import NUM_ENDS, TaskModel, certainties, task_inputs
from routegame.agents.task_model import NUM_INPUTS as NUM_TASK_INPUTS
from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.game import Game
from routegame.envs.sampling.whole_tasks import draw_tasks
from routegame.train.options import Options, option
from routegame.train.policy_learners import LearnedPolicy, PolicyLearner, PolicySnapshot
from routegame.train.state import Part, State

TASK_HIDDEN, EDGE_HIDDEN, END_HIDDEN = (24,), (48, 48), (24, 24)
"""Widths of the hidden layers of each network."""

HISTORY = 30
"""Steps that L-BFGS remembers."""

DECAY = 1e-8
"""What squares of weights cost, so that what is certain does not need weights without bound."""

WIDEST_ODDS = 4.6
"""Log-odds of success of models in games that are drawn widely: 1 % to 99 %."""

FURTHEST = 7.0
"""Log-odds of cascades relative to p_1 between which tasks are played, and edges looked for."""

HALVINGS = 16

RAREST = 0.01
"""Kinds of tasks that nearly always end the same way count for more, up to 1 / this: rare ends matter, too."""

GAMES_AT_ONCE = 1000
"""Games of a stratum that are drawn together."""

LABEL_HABITS = np.array([0.0, 0.001, 0.01, 0.1, 0.3, 0.6, 1.0])
"""Habits that users choose from while an edge is looked for."""

Arrays = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class AmortisedOptions(Options):
    """Options of `amortised`."""

    kinds: int = option(40000, "kinds of tasks that are played", low=1)
    tasks: int = option(8192, "tasks played of each kind", low=1)
    per_stratum: int = option(2000, "games of each sign regime and distance that the leader learns from", low=1)
    margin: float = option(0.01, "handed on more than the least that makes users stay, in log-odds of a cascade", low=0)
    spare: float = option(0.03, "handed on less than the most that users put up with, likewise", low=0)
    iterations: int = option(50, "steps of L-BFGS in an update", low=1)
    task_updates: int = option(10, "updates of the model of tasks", low=1)
    edge_updates: int = option(32, "updates of the network that says where edges are", low=1)
    end_updates: int = option(2, "updates of the network that says how tasks end", low=1)


class Fitted:
    """A network that is fitted to data, in double precision.

    Args:
        widths: of all layers, inputs and outputs included.
        generator: of its first weights.
    """

    def __init__(self, widths: tuple[int, ...], generator: torch.Generator) -> None:
        layers: list[nn.Module] = []
        for k, (inputs, outputs) in enumerate(pairwise(widths)):
            linear = nn.Linear(inputs, outputs, dtype=torch.float64)
            with torch.no_grad():
                linear.weight.normal_(0, inputs**-0.5, generator=generator)
                linear.bias.zero_()
                if k == len(widths) - 2:
                    linear.weight.zero_()  # the shortcut learns what it can before the rest does
            layers += [linear] if k == len(widths) - 2 else [linear, nn.Tanh()]
        self._dense = nn.Sequential(*layers)
        self._shortcut = nn.Parameter(torch.zeros(widths[-1], widths[0], dtype=torch.float64))
        self._parameters = [*self._dense.parameters(), self._shortcut]

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs, (num_rows, inputs) -> (num_rows, outputs)."""
        outputs: torch.Tensor = self._dense(inputs) + inputs @ self._shortcut.T
        return outputs

    def fit(self, loss: Callable[[], torch.Tensor], iterations: int) -> float:
        """Go down a loss by L-BFGS, from where it is; return where that ends."""
        method = torch.optim.LBFGS(
            self._parameters,
            max_iter=iterations,
            history_size=HISTORY,
            line_search_fn="strong_wolfe",
            tolerance_grad=1e-11,
            tolerance_change=1e-13,
        )

        def closure() -> torch.Tensor:
            method.zero_grad()
            value = loss() + DECAY * sum(((x**2).sum() for x in self._parameters), torch.zeros(()))
            value.backward()  # type: ignore[no-untyped-call]
            return value

        method.step(closure)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            return float(loss())

    def network(self) -> Network:
        """Return what it is now, as arrays in single precision."""
        *arrays, shortcut = [parameter.detach().numpy().astype(np.float32) for parameter in self._parameters]
        return Network(tuple(zip(arrays[::2], arrays[1::2], strict=True)), shortcut)

    def state(self) -> State:
        """Return the weights."""
        return {str(k): value.detach().numpy() for k, value in enumerate(self._parameters)}

    def restore(self, state: State) -> None:
        """Take weights over."""
        with torch.no_grad():
            for k, parameter in enumerate(self._parameters):
                parameter.copy_(torch.from_numpy(state[str(k)]))


class Amortised(PolicyLearner):
    """See the module.

    Args:
        options: of this learner.
        seed: of everything random.
    """

    OPTIONS = AmortisedOptions

    def __init__(self, options: AmortisedOptions, seed: int) -> None:
        super().__init__()
        self._options = options
        chance, first_weights = np.random.SeedSequence(seed).spawn(2)
        self._rng = np.random.default_rng(chance)
        generator = torch.Generator().manual_seed(int(first_weights.generate_state(1)[0]))
        widths = {
            "tasks": (NUM_TASK_INPUTS, *TASK_HIDDEN, NUM_ENDS),
            "edges": (NUM_INPUTS, *EDGE_HIDDEN, 2 * CASCADES),
            "ends": (NUM_INPUTS, *END_HIDDEN, NUM_ENDS * len(ROUTES)),
        }
        self._networks = {name: Fitted(each, generator) for name, each in widths.items()}
        self._data: Arrays = {}

    @property
    def num_updates(self) -> int:
        """Number of updates that there will be: those of the model of tasks, of edges, and of ends."""
        return self._options.task_updates + self._options.edge_updates + self._options.end_updates

    def learn(self) -> PolicySnapshot:
        """Make the next update."""
        first, second = self._options.task_updates, self._options.task_updates + self._options.edge_updates
        if self.updates == 0:
            self._data = self._played()
        if self.updates == first:
            self._data = self._lessons(self._some_games())
        phase = "tasks" if self.updates < first else "edges" if self.updates < second else "ends"
        steps = {"tasks": self._learn_tasks, "edges": self._learn_edges, "ends": self._learn_ends}
        statistics = steps[phase]({name: torch.from_numpy(array) for name, array in self._data.items()})
        return PolicySnapshot(phase, self.meter.passes, statistics)

    def learned(self) -> LearnedPolicy:
        """Return what the run would end with now."""
        edges, ends = self._networks["edges"].network(), self._networks["ends"].network()
        return LearnedPolicy(AmortisedPolicy(edges, ends, self._task_model()), copy(self.meter))

    def state(self) -> State:
        """Return all that the rest of the run depends on."""
        parts = {name: part.state() for name, part in self._parts().items()}
        rng = self._rng.bit_generator.state
        return {"updates": self.updates, "rng": rng, "data": dict(self._data), **parts}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self.updates, self._data = int(state["updates"]), dict(state.get("data", {}))
        self._rng.bit_generator.state = state["rng"]
        for name, part in self._parts().items():
            part.restore(state[name])

    def _parts(self) -> Mapping[str, Part]:
        return {"meter": self.meter, **self._networks}

    def _task_model(self) -> TaskModel:
        return TaskModel(self._networks["tasks"].network())

    def _played(self) -> Arrays:
        """Play tasks of random models under random cascades by users of random habits; return how they ended."""
        size, first = self._options.kinds, self._options.tasks
        p1, p2 = _some_chances(self._rng, size), _some_chances(self._rng, size)
        s, q = _some_cascades(self._rng, p1), _some_habits(self._rng, size)
        seed = int(self._rng.integers(2**62))
        played = draw_tasks(Game(1.0, 0.0, (p1, p2), (0.0, 0.0), (0.0, 0.0)), 1, s, q, first, seed)
        self.meter.play(played, pretraining=True)
        n1, n2 = played.passes
        return {
            "inputs": task_inputs(p1, p2, s, q).astype(np.float64),
            "certainties": certainties(s, q).astype(np.float64),
            "ends": np.stack([p1 * (n1 - first), p2 * n2, first - played.solved], axis=1) / first,
        }

    def _learn_tasks(self, data: Mapping[str, torch.Tensor]) -> dict[str, float]:
        """Fit the model of tasks to how they ended."""
        network = self._networks["tasks"]

        def likely() -> torch.Tensor:
            return torch.log_softmax(network(data["inputs"]) + data["certainties"], dim=1)

        with torch.no_grad():
            spread = 1 - (likely().exp() ** 2).sum(dim=1)
        weights = 1 / spread.clamp(min=RAREST) if self.updates else torch.ones_like(spread)
        loss = network.fit(lambda: -(weights * (data["ends"] * likely()).sum(dim=1)).mean(), self._options.iterations)
        return {"loss": loss}

    def _learn_edges(self, data: Mapping[str, torch.Tensor]) -> dict[str, float]:
        """Fit the network of edges to where they are, and to whether there is one."""
        network, there = self._networks["edges"], data["there"]

        def wrong() -> torch.Tensor:
            return (network(data["inputs"])[:, :CASCADES] - data["odds"]) * there

        def loss() -> torch.Tensor:
            outputs = network(data["inputs"])
            off = (outputs[:, :CASCADES] - data["odds"]) * there
            unsure = nn.functional.binary_cross_entropy_with_logits(outputs[:, CASCADES:], there)
            return 10 * (off**2).mean() + 0.01 * unsure

        value = network.fit(loss, self._options.iterations)
        with torch.no_grad():
            off = float(wrong().abs().sum() / there.sum())
        return {"loss": value, "off_edge": off}

    def _learn_ends(self, data: Mapping[str, torch.Tensor]) -> dict[str, float]:
        """Fit the network of ends to how tasks end under each candidate."""
        network = self._networks["ends"]

        def loss() -> torch.Tensor:
            logits = with_odds(network(data["inputs"]), data["odds"])
            surprise = -(data["ends"] * torch.log_softmax(logits, dim=2)).sum(dim=2)
            return (surprise * data["asked"]).mean()

        return {"loss": network.fit(loss, self._options.iterations)}

    def _some_games(self) -> Ratios:
        """Draw games of every stratum, and a third as many from wider ranges."""
        found, size = [], self._options.per_stratum
        for regime in REGIMES:
            taken = 0
            while taken < size:
                part = min(size - taken, GAMES_AT_ONCE)
                games, distance = draw_games(regime, self._rng, part)
                rows = np.concatenate([np.flatnonzero(distance == name)[:part] for name in DISTANCES])
                ratios = Ratios.of(games)
                found.append((ratios.success_prob[:, rows], ratios.waits[:, rows]))
                taken += part
        wide = size * len(DISTANCES) * len(REGIMES) // 3
        odds = self._rng.uniform(-WIDEST_ODDS, WIDEST_ODDS, (2, wide))
        away = np.exp(self._rng.uniform(np.log(0.004), np.log(4), (2, wide))) * self._rng.choice([-1, 1], (2, wide))
        found.append((1 / (1 + np.exp(-odds)), np.exp(away)))
        p, waits = (np.concatenate(parts, axis=1) for parts in zip(*found, strict=True))
        return Ratios(p, waits, np.zeros_like(p), np.zeros(p.shape[1]), np.ones(p.shape[1]))

    def _lessons(self, ratios: Ratios) -> Arrays:
        """Look for the edges of games, and let the learned users answer the candidates."""
        log_p1 = np.log(ratios.success_prob[0])
        low, high = log_p1 - FURTHEST, log_p1 + FURTHEST
        stays_low, stays_high = self._stay(ratios, low), self._stay(ratios, high)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            as_low = self._stay(ratios, middle) == stays_low
            low, high = np.where(as_low, middle, low), np.where(as_low, high, middle)
        there = np.stack([stays_high & ~stays_low, stays_low & ~stays_high], axis=1)
        odds = np.stack([high + self._options.margin, low - self._options.spare], axis=1) - log_p1[:, None]
        odds = np.where(there, odds, 0.0)
        offered = in_full(odds, ratios.success_prob[0])
        ends = np.stack([self._ends(ratios, s) for s in offered.T], axis=1)
        self.meter.queries += (HALVINGS + 2 + offered.shape[1]) * len(odds)
        asked = np.ones(offered.shape)
        asked[:, 1 : 1 + CASCADES] = there
        lessons = {"inputs": game_inputs(ratios), "odds": odds, "there": there, "ends": ends, "asked": asked}
        return {name: array.astype(np.float64) for name, array in lessons.items()}

    def _stay(self, ratios: Ratios, log_odds: FloatArray) -> BoolArray:
        """Whether the learned users never leave under cascades on route 1."""
        _, best = self._worth(ratios, 1 / (1 + np.exp(-log_odds)))
        stays: BoolArray = best == 0
        return stays

    def _ends(self, ratios: Ratios, cascade_prob: FloatArray) -> FloatArray:
        """How tasks end after model 1 has failed once, under the learned users' answers, (num_games, 3)."""
        ends, best = self._worth(ratios, cascade_prob)
        chosen: FloatArray = ends[np.arange(len(best)), best]
        return chosen

    def _worth(self, ratios: Ratios, cascade_prob: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
        """How tasks end under every habit, (num_games, num_habits, 3), and which of them is worth most to users."""
        size, habits = len(cascade_prob), len(LABEL_HABITS)
        p1, p2, s = (np.repeat(x, habits) for x in (*ratios.success_prob, cascade_prob))
        q = np.tile(LABEL_HABITS, size)
        with torch.no_grad():
            inputs, certain = (torch.from_numpy(x).double() for x in (task_inputs(p1, p2, s, q), certainties(s, q)))
            shares = torch.softmax(self._networks["tasks"](inputs) + certain, dim=1).numpy()
        ends = shares.reshape(size, habits, NUM_ENDS)
        worth = ends[:, :, 0] * (1 - ratios.waits[0])[:, None] + ends[:, :, 1] * (1 - ratios.waits[1])[:, None]
        return ends, np.argmax(worth, axis=1)


def with_odds(outputs: torch.Tensor, odds: torch.Tensor) -> torch.Tensor:
    """Return logits of ends under each candidate, as `routegame.agents.amortised.AmortisedPolicy` computes them."""
    logits = outputs.reshape(len(outputs), -1, NUM_ENDS).clone()
    logits[:, 1 : 1 + CASCADES, 1] += odds
    return logits


def _some_chances(rng: np.random.Generator, size: int) -> FloatArray:
    """Success probabilities: half of them uniform, half with uniform log-odds."""
    odds = rng.uniform(-WIDEST_ODDS, WIDEST_ODDS, size)
    chances: FloatArray = np.where(rng.random(size) < 0.5, rng.uniform(0.04, 0.96, size), 1 / (1 + np.exp(-odds)))
    return chances


def _some_cascades(rng: np.random.Generator, p1: FloatArray) -> FloatArray:
    """Cascade probabilities with uniform log-odds relative to p_1, and a few that are 0 or 1; shape as p_1."""
    odds = p1 * np.exp(rng.uniform(-FURTHEST, FURTHEST, p1.shape))
    kind = rng.random(p1.shape)
    chosen: FloatArray = np.where(kind < 0.05, 0.0, np.where(kind > 0.95, 1.0, odds / (1 + odds)))
    return chosen


def _some_habits(rng: np.random.Generator, size: int) -> FloatArray:
    """Probabilities of leaving: a third of them 0, a third near 0, a third anywhere."""
    kind, share = rng.random(size), rng.random(size)
    chosen: FloatArray = np.where(kind < 1 / 3, 0.0, np.where(kind < 2 / 3, share**3, share))
    return chosen

"""The leader of a mix whose users are sighted: a PPO policy from what is known of a task to a commitment.

It is one network that observes what is known of a task, and which of a few members plays; members start at different
commitments, the same in all contexts. A member tries several commitments in a context with the same luck, and each is
paid by its standing among these, so that contexts count alike however dear they are. Exploration shrinks as that of the
leader of a single game does, and keeps away from edges by a few times its width while it does.

A network that is wrong about an edge by little loses much. So when leaders are refined they pay what tasks cost once
users have tried staying and leaving as well, and do what paid: a leader no longer gains by what its users misjudge.
"""

from __future__ import annotations

import numpy as np
import torch

from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.mix_game import PolicyFunction
from routegame.envs.stackelberg import Response
from routegame.train.meter import Meter
from routegame.train.ppo.choice_in_contexts import costs_once_users_know
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv, standings
from routegame.train.state import State
from routegame.train.torch_state import layers_of

STARTS: FloatArray = np.array([[0.25, 0.05], [0.25, 0.3], [0.25, 0.8], [0.75, 0.5]])
"""Commitments that members start at, in every context."""

NUM_KEPT = 2
"""Members that are refined."""

KNOWING_TASKS, KNOWING_BATCHES, EXTREMES = 2**14, 8, np.array([0.0, 1.0])
"""Tasks in each of so many batches, and other answers, by which users find out what is best for them."""

NUM_TRIALS = 4
"""How many commitments of a member are tried in a context with the same luck."""

HIDDEN = 64
"""Units of each of two hidden layers."""

FITTED_TO, FITTING_STEPS, FITTING_RATE = 64, 100, 1e-2
"""Contexts at the most, steps and learning rate of the fit of the first network to `STARTS`."""


class LeaderInContexts(OneStepVecEnv):
    """The game as the leader of a mix plays it: see a task's context, commit, and pay for a sample of such tasks.

    Attributes:
        playing: indices of the members that play, which share the batch evenly.
        costs: what each of them paid for a task in the last batch.
        respond: what users answer.
        reconsider: whether leaders pay what tasks cost once users have found a better answer.
    """

    def __init__(self, game: ContextGame, batch: int, num_tasks: int, rng: np.random.Generator, meter: Meter) -> None:
        super().__init__(batch, game.known.shape[1] + len(STARTS), game.size)
        self._game, self._num_tasks, self._rng, self._meter = game, num_tasks, rng, meter
        self.respond: Response | None = None
        self.reconsider = False
        self.keep(np.arange(len(STARTS)))

    def keep(self, members: IntArray) -> None:
        """Let only these members play from now on."""
        self.playing, self.costs = members, np.full(len(members), np.nan)

    def observe(self) -> Float32Array:
        """Draw contexts, and return what is known of their tasks and which member plays."""
        groups = self.num_envs // NUM_TRIALS
        self._contexts = self._game.contexts(groups, self._rng)
        member = np.repeat(self.playing, groups // len(self.playing))
        return np.repeat(observed(self._game, self._contexts, member), NUM_TRIALS, axis=0)

    def pay(self, actions: Float32Array) -> Float32Array:
        """Play a sample of tasks under each commitment and return its standing among those tried beside it."""
        assert self.respond is not None
        each = ((1 + actions.astype(np.float64)) / 2).reshape(-1, NUM_TRIALS, 2)
        luck, costs = int(self._rng.integers(2**63)), []
        for trial in range(NUM_TRIALS):
            offers = Offers.at(self._contexts, each[:, trial])
            self._meter.queries += len(offers)
            costs.append(self._cost(offers, self.respond(offers), luck))
        cost = np.stack(costs, axis=1)
        self.costs = cost.reshape(len(self.playing), -1).mean(axis=1)
        return standings(-cost)

    def _cost(self, offers: Offers, answers: FloatArray, luck: int) -> FloatArray:
        if not self.reconsider:
            played = self._game.play_with_luck(offers, answers, self._num_tasks, luck)
            return self._meter.play(played).leader_cost
        tasks = np.full(len(offers) * KNOWING_BATCHES, KNOWING_TASKS)
        return costs_once_users_know(self._game, offers, answers, EXTREMES, tasks, self._rng, self._meter)[0]


def observed(game: ContextGame, contexts: IntArray, members: IntArray) -> Float32Array:
    """Return what is known of tasks, and one-hot which member plays, (num_tasks, num_known + num_members)."""
    return np.hstack([game.known[contexts], np.eye(len(STARTS))[members]]).astype(np.float32)


class ContextualLeader:
    """Members that learn side by side which commitment is cheapest in which context, against a given response.

    Args:
        game: the mix, as tasks of one context each.
        batch: commitments an update.
        num_tasks: tasks under each of them.
        rate: learning rate, in units of the current exploration.
        seeds: of everything random.
        meter: counts what is played.
    """

    def __init__(
        self,
        game: ContextGame,
        batch: int,
        num_tasks: int,
        rate: float,
        seeds: np.random.SeedSequence,
        meter: Meter,
    ) -> None:
        self._game, self._rate = game, rate
        self._rng = np.random.default_rng(seeds)
        self._side = LeaderInContexts(game, batch, num_tasks, self._rng, meter)
        self._ppo = OneStepPPO(
            self._side,
            int(seeds.generate_state(1)[0]),
            minibatches=2,
            n_epochs=6,
            clip_range=0.3,
            reach=2.0,
            policy={"net_arch": {"pi": [HIDDEN, HIDDEN], "vf": []}, "activation_fn": torch.nn.ReLU},
        )
        self._ppo.policy.explore(0.3)
        self._begin()

    def _begin(self) -> None:
        """Fit the network to what members start at, in every context."""
        policy, members = self._ppo.policy, np.arange(len(STARTS))
        contexts = np.linspace(0, self._game.num_contexts - 1, min(FITTED_TO, self._game.num_contexts)).astype(np.int64)
        seen = observed(self._game, np.tile(contexts, len(members)), np.repeat(members, len(contexts)))
        target = torch.as_tensor(np.repeat(2 * STARTS - 1, len(contexts), axis=0) / policy.bound, dtype=torch.float32)
        layers = [*policy.mlp_extractor.policy_net.parameters(), *policy.action_net.parameters()]
        optimizer, inputs = torch.optim.Adam(layers, FITTING_RATE), torch.as_tensor(seen)
        for _ in range(FITTING_STEPS):
            loss = (policy.action_net(policy.mlp_extractor.policy_net(inputs)) - target).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def update(self, respond: Response, exploration: float) -> dict[str, float]:
        """Play one batch against `respond`, learn from it, and return figures to log."""
        self._side.respond = respond
        return self._ppo.update(exploration, self._rate * exploration)

    def keep_the_cheapest(self) -> None:
        """Let only the members go on that paid least in the last batch, and users reconsider from now on."""
        self._side.reconsider = True
        cheapest = np.argsort(self._side.costs, kind="stable")[:NUM_KEPT]
        self._side.keep(self._side.playing[np.sort(cheapest)])

    @property
    def best(self) -> int:
        """The member that paid least in the last batch; the first one before there was one."""
        costs = self._side.costs
        return int(self._side.playing[0 if np.isnan(costs).any() else costs.argmin()])

    def actions(self) -> FloatArray:
        """Return what each playing member commits to in every context, (num_playing, C, 2) in [0, 1]."""
        contexts = np.arange(self._game.num_contexts)
        return np.stack([self.function(int(member)).actions(self._told(contexts)) for member in self._side.playing])

    def _told(self, contexts: IntArray) -> FloatArray:
        told: FloatArray = self._game.known[contexts] * self._game.spread + self._game.centre
        return told

    def function(self, member: int) -> PolicyFunction:
        """Return a member's policy as a function of what is known of a task, exploration left out."""
        policy = self._ppo.policy
        found = layers_of([*policy.mlp_extractor.policy_net, policy.action_net])
        layers = [(weights.astype(np.float64), biases.astype(np.float64)) for weights, biases in found]
        (weights, biases), known = layers[0], self._game.known.shape[1]
        layers[0] = weights[:, :known], biases + weights[:, known + member]
        return PolicyFunction.of(self._game.centre, self._game.spread, layers, policy.bound)

    def near(self, count: int, rng: np.random.Generator) -> Offers:
        """Draw commitments around those of playing members, 0.001 to 0.03 away, in contexts as they come."""
        contexts, actions = self._game.contexts(count, rng), self.actions()
        around = actions[rng.integers(len(actions), size=count), contexts]
        width = 10 ** (-1.5 - 1.5 * rng.random(count))
        around[:, 1] = np.clip(around[:, 1] + width * rng.standard_normal(count), 0, 1)
        return Offers.at(contexts, around)

    def state(self) -> State:
        """Return what was learned, who plays, and chance."""
        return {
            "ppo": self._ppo.state(),
            "rng": self._rng.bit_generator.state,
            "playing": self._side.playing,
            "costs": self._side.costs,
            "reconsider": self._side.reconsider,
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._ppo.restore(state["ppo"])
        self._rng.bit_generator.state = state["rng"]
        self._side.keep(state["playing"])
        self._side.costs, self._side.reconsider = state["costs"], bool(state["reconsider"])

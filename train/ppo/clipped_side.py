"""One side of a game that learns by TorchRL's clipped PPO: a policy, a critic, and what they learn from.

Networks, distributions and loss are the library's. Returns are whole and nothing is discounted, so that an advantage is
what came of a decision less what the critic had expected.
"""

from __future__ import annotations

from itertools import chain

import numpy as np
import torch
from tensordict import TensorDict
from tensordict.nn import InteractionType, NormalParamExtractor, TensorDictModule
from torch import nn
from torchrl.modules import MLP, ProbabilisticActor, TanhNormal, ValueOperator
from torchrl.objectives import ClipPPOLoss

from routegame.agents.users.learned import Layers
from routegame.envs.arrays import Float32Array, IntArray
from routegame.train.state import State
from routegame.train.torch_state import as_arrays, as_tensors, layers_of

CELLS = [64, 64]
"""Sizes of the hidden layers of policies and critics."""

CLIP_EPSILON, LARGEST_GRADIENT = 0.2, 5.0
"""How far the odds of what was done may move in an update; the norm that gradients are cut down to."""

MINIBATCH = 1024
"""Decisions in a step, or all of them if they are fewer."""


class ClippedSide:
    """A policy over a box or over choices, and its critic.

    Args:
        num_seen: numbers that the policy sees.
        num_known: numbers that the critic sees.
        size: dimensions of the box [0, 1]^size, or number of choices.
        choices: whether they are choices.
    """

    def __init__(self, num_seen: int, num_known: int, size: int, *, choices: bool) -> None:
        if choices:
            self._network, keys = _network(num_seen, size), ["logits"]
            distribution, facts = torch.distributions.Categorical, {}
        else:
            self._network, keys = nn.Sequential(_network(num_seen, 2 * size), NormalParamExtractor()), ["loc", "scale"]
            distribution, facts = TanhNormal, {"low": 0.0, "high": 1.0}
        self._policy = ProbabilisticActor(
            TensorDictModule(self._network, in_keys=["seen"], out_keys=keys),
            in_keys=keys,
            out_keys=["action"],
            distribution_class=distribution,
            distribution_kwargs=facts,
            return_log_prob=True,
            log_prob_key="log_prob",
            default_interaction_type=InteractionType.RANDOM,
        )
        self._critic = ValueOperator(_network(num_known, 1), in_keys=["known"])
        self._loss = ClipPPOLoss(
            self._policy,
            self._critic,
            clip_epsilon=CLIP_EPSILON,
            entropy_bonus=False,
            loss_critic_type="l2",
            normalize_advantage=True,
            functional=False,
        )
        self._loss.set_keys(sample_log_prob="log_prob")
        self._parameters = list(chain(self._policy.parameters(), self._critic.parameters()))
        self._optimiser = torch.optim.Adam(self._parameters)

    @torch.no_grad()
    def draw(self, seen: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Return points that are drawn from the box, and the logarithms of their densities.

        Shapes: (num_seen, size_seen) -> (num_seen, size), (num_seen,).
        """
        drawn = self._policy(TensorDict({"seen": torch.as_tensor(seen)}, [len(seen)]))
        return drawn["action"].numpy(), drawn["log_prob"].numpy()

    @torch.no_grad()
    def middle(self, seen: Float32Array) -> Float32Array:
        """Return the middle of what is drawn from the box, (num_seen, size)."""
        loc, scale = self._network(torch.as_tensor(seen))
        found: Float32Array = TanhNormal(loc, scale, low=0.0, high=1.0).deterministic_sample.numpy()
        return found

    @torch.no_grad()
    def log_probs(self, seen: Float32Array) -> Float32Array:
        """Return logarithms of the probabilities of all choices, (num_seen, size)."""
        found: Float32Array = self._network(torch.as_tensor(seen)).log_softmax(-1).numpy()
        return found

    def learn(
        self,
        seen: Float32Array,
        known: Float32Array,
        done: Float32Array | IntArray,
        log_probs: Float32Array,
        returns: Float32Array,
        *,
        epochs: int,
        rate: float,
    ) -> dict[str, float]:
        """Learn from decisions and what came of them; return figures to log.

        Args:
            seen: what the policy saw, (num_decisions, num_seen).
            known: what the critic sees, (num_decisions, num_known).
            done: points of the box, (num_decisions, size), or choices, (num_decisions,).
            log_probs: of these, when they were drawn, (num_decisions,).
            returns: what came of each, (num_decisions,).
            epochs: how often each is learned from; of each epoch what is left of a minibatch is left out.
            rate: of learning.
        """
        arrays = {"seen": seen, "known": known, "action": done, "log_prob": log_probs, "value_target": returns[:, None]}
        batch = TensorDict({name: torch.as_tensor(array) for name, array in arrays.items()}, [len(seen)])
        with torch.no_grad():
            batch["advantage"] = batch["value_target"] - self._critic(batch.select("known"))["state_value"]
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        figures: dict[str, list[float]] = {"loss_critic": [], "kl_approx": [], "clip_fraction": []}
        size = min(MINIBATCH, len(seen))
        for _ in range(epochs):
            order = torch.randperm(len(seen))
            for start in range(0, len(seen) - size + 1, size):
                told = self._loss(batch[order[start : start + size]])
                self._optimiser.zero_grad()
                (told["loss_objective"] + told["loss_critic"]).backward()
                nn.utils.clip_grad_norm_(self._parameters, LARGEST_GRADIENT)
                self._optimiser.step()
                for name, values in figures.items():
                    values.append(told[name].item())
        return {name: float(np.mean(values)) for name, values in figures.items()}

    def layers(self) -> Layers:
        """Return (weights, biases) of the policy's network."""
        return layers_of(self._network.modules())

    def state(self) -> State:
        """Return what was learned, and the moments of gradients."""
        return {name: as_arrays(part.state_dict()) for name, part in self._parts().items()}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        for name, part in self._parts().items():
            part.load_state_dict(as_tensors(part.state_dict(), state.get(name, {})))

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {"policy": self._network, "critic": self._critic, "optimiser": self._optimiser}


def _network(num_inputs: int, num_outputs: int) -> MLP:
    return MLP(num_inputs, num_outputs, num_cells=CELLS, activation_class=nn.Tanh)

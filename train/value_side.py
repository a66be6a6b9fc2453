"""One side of a game that learns values of choices by TorchRL: Q-learning of one agent, or of a team with QMIX.

Networks, mixers, loss and targets are the library's. Nothing is discounted.
"""

from __future__ import annotations

import torch
from tensordict import TensorDict
from tensordict.nn import TensorDictModule, TensorDictSequential
from torch import nn
from torchrl.modules import MLP, QValueModule
from torchrl.modules.models.multiagent import QMixer, VDNMixer
from torchrl.objectives import SoftUpdate
from torchrl.objectives.multiagent import QMixerLoss

from routegame.agents.users.learned import Layers
from routegame.envs.arrays import Float32Array
from routegame.train.state import State
from routegame.train.torch_state import as_arrays, as_tensors, layers_of
from routegame.train.transitions import Transitions

CELLS, MIXED = [64, 64], 32
"""Sizes of the hidden layers of values, and of what a mixer mixes them through."""

TAU, LARGEST_GRADIENT = 0.01, 5.0
"""Share of a step by which targets follow; the norm that gradients are cut down to."""


class ValueSide:
    """Values of the choices of every agent of a team, and what a team's values come to together.

    Args:
        num_seen: numbers that an agent sees.
        num_known: numbers that are known of the whole team.
        num_choices: choices of an agent.
        num_agents: of a team; what one has is its own.
        rate: of learning.
    """

    def __init__(self, num_seen: int, num_known: int, num_choices: int, num_agents: int, rate: float) -> None:
        self._network = MLP(num_seen, num_choices, num_cells=CELLS, activation_class=nn.Tanh)
        value, chosen = ("agents", "action_value"), ("agents", "chosen_action_value")
        values = TensorDictSequential(
            TensorDictModule(self._network, in_keys=[("agents", "seen")], out_keys=[value]),
            QValueModule(
                action_space="categorical", action_value_key=value, out_keys=[("agents", "action"), value, chosen]
            ),
        )
        mixer = (
            VDNMixer(n_agents=1, device="cpu") if num_agents == 1 else QMixer((num_known,), MIXED, num_agents, "cpu")
        )
        mixed = TensorDictModule(
            mixer, in_keys=[chosen, "known"] if mixer.needs_state else [chosen], out_keys=["chosen_action_value"]
        )
        self._loss = QMixerLoss(values, mixed, action_space="categorical", delay_value=True)
        self._loss.make_value_estimator(gamma=1.0)
        self._targets = SoftUpdate(self._loss, tau=TAU)
        self._parameters = [parameter for parameter in self._loss.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.Adam(self._parameters, lr=rate)

    @torch.no_grad()
    def values(self, seen: Float32Array) -> Float32Array:
        """Return the values of all choices, (num_seen, num_choices)."""
        found: Float32Array = self._network(torch.as_tensor(seen)).numpy()
        return found

    def learn(self, found: Transitions) -> float:
        """Make a step; return the loss before it."""
        seen, done = torch.as_tensor(found.seen), torch.as_tensor(found.done)[:, None]
        batch = TensorDict(
            {
                "agents": {"seen": seen, "action": torch.as_tensor(found.chosen)},
                "known": torch.as_tensor(found.known),
                "next": {
                    "agents": {"seen": seen},
                    "known": torch.as_tensor(found.known_next),
                    "reward": torch.as_tensor(found.reward)[:, None],
                    "done": done,
                    "terminated": done,
                },
            },
            [len(found.chosen)],
        )
        loss = self._loss(batch)["loss"]
        self._optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, LARGEST_GRADIENT)
        self._optimiser.step()
        self._targets.step()
        return float(loss.item())

    def layers(self) -> Layers:
        """Return (weights, biases) of the network of an agent's values."""
        return layers_of(self._network.modules())

    def state(self) -> State:
        """Return what was learned, targets included, and the moments of gradients."""
        return {"loss": as_arrays(self._loss.state_dict()), "optimiser": as_arrays(self._optimiser.state_dict())}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._loss.load_state_dict(as_tensors(self._loss.state_dict(), state["loss"]))
        self._optimiser.load_state_dict(as_tensors(self._optimiser.state_dict(), state.get("optimiser", {})))

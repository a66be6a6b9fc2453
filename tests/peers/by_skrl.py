"""IPPO of skrl on both sides."""

from __future__ import annotations

import numpy as np
import torch
from skrl.memories.torch import RandomMemory
from skrl.models.torch import CategoricalMixin, DeterministicMixin, GaussianMixin, Model
from skrl.multi_agents.torch.ippo import IPPO
from skrl.trainers.torch import SequentialTrainer
from skrl.utils import set_seed
from torch import nn

from peers.played import Ended, env_of, game_of
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.adapters.skrl import RoutingVecEnv

NUM_ENVS, ROUNDS, UPDATES = 256, 32, 40
NUM_SAMPLED = 512


def network(num_inputs: int, num_outputs: int) -> nn.Sequential:
    """Two hidden layers: skrl has no networks of its own."""
    return nn.Sequential(nn.Linear(num_inputs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, num_outputs))


class Offers(GaussianMixin, Model):
    """A Gaussian that starts in the middle of the box."""

    def __init__(self, **spaces):
        Model.__init__(self, device="cpu", **spaces)
        GaussianMixin.__init__(self)
        size = spaces["action_space"].shape[0]
        self.net = network(spaces["observation_space"].shape[0], size)
        self.log_std = nn.Parameter(torch.full((size,), np.log(0.5)))

    def compute(self, inputs, role):
        """Return means and deviations."""
        return (self.net(inputs["observations"]) + 1) / 2, {"log_std": self.log_std}


class Answers(CategoricalMixin, Model):
    """Stay or leave."""

    def __init__(self, **spaces):
        Model.__init__(self, device="cpu", **spaces)
        CategoricalMixin.__init__(self)
        self.net = network(spaces["observation_space"].shape[0], 2)

    def compute(self, inputs, role):
        """Return logits."""
        return self.net(inputs["observations"]), {}


class Value(DeterministicMixin, Model):
    """What an agent expects."""

    def __init__(self, **spaces):
        Model.__init__(self, device="cpu", **spaces)
        DeterministicMixin.__init__(self)
        self.net = network(spaces["observation_space"].shape[0], 1)

    def compute(self, inputs, role):
        """Return values."""
        return self.net(inputs["observations"]), {}


def learn(learner: str, name: str, seed: int) -> Ended:
    """Let both sides learn, by the library's defaults but for what the game and the budget ask for."""
    set_seed(seed)
    instance = game_of(name)
    env = RoutingVecEnv(instance.game, num_envs=NUM_ENVS, num_users=1, throttling=instance.throttling, seed=seed)
    agents, models = env.possible_agents, {}
    for agent, policy in zip(agents, (Offers, Answers), strict=True):
        spaces = {
            "observation_space": env.observation_spaces[agent],
            "state_space": env.state_spaces[agent],
            "action_space": env.action_spaces[agent],
        }
        models[agent] = {"policy": policy(**spaces), "value": Value(**spaces)}
    kwargs = ["learning_rate_scheduler", "observation_preprocessor", "state_preprocessor", "value_preprocessor"]
    ippo = IPPO(
        possible_agents=agents,
        models=models,
        memories={agent: RandomMemory(memory_size=ROUNDS, num_envs=NUM_ENVS, device="cpu") for agent in agents},
        observation_spaces=env.observation_spaces,
        state_spaces=env.state_spaces,
        action_spaces=env.action_spaces,
        device="cpu",
        cfg={
            "discount_factor": 1.0,  # nothing is discounted
            "gae_lambda": 1.0,  # all failures look alike: a return is what the task brought to its end
            "rollouts": ROUNDS,
            "learning_epochs": 4,
            "mini_batches": 8,
            "experiment": {"write_interval": 0, "checkpoint_interval": 0},
            # Empty dictionaries are its defaults, and refused.
            **{f"{argument}_kwargs": {agent: {} for agent in agents} for argument in kwargs},
        },
    )
    settings = {"headless": True, "disable_progressbar": True, "close_environment_at_exit": False}
    SequentialTrainer(env=env, agents=ippo, cfg={"timesteps": ROUNDS * UPDATES, **settings}).train()
    return ended(models, name, env.passes)


def ended(models: dict[str, dict[str, Model]], name: str, passes: int) -> Ended:
    """Ask the policies what they have come to."""
    scale = Normalized(env_of(game_of(name)))
    begins = {"observations": torch.ones(NUM_SAMPLED, 2)}
    with torch.no_grad():
        sampled, outputs = models["provider"]["policy"].act(begins, role="policy")

    def leaves(seen: np.ndarray) -> np.ndarray:
        shown = {"observations": torch.as_tensor(scale.seen_as("user_0", seen))}
        with torch.no_grad():
            return models["user_0"]["policy"].compute(shown, "policy")[0].softmax(-1)[:, 1].numpy()

    point = outputs["mean_actions"][0].numpy().astype(np.float64)
    return Ended(point.clip(0, 1), sampled.numpy().astype(np.float64).clip(0, 1), leaves, passes)

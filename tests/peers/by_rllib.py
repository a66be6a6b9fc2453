"""PPO of RLlib on both sides, a policy for each."""

from __future__ import annotations

import logging

import numpy as np
import ray
import torch
from pettingzoo.utils import BaseParallelWrapper
from ray.rllib.algorithms.algorithm import Algorithm
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv
from ray.tune.registry import register_env

from peers.played import Ended, env_of, game_of
from routegame.envs.adapters.normalized import Normalized

NUM_ENVS, NUM_USERS, ROUNDS, UPDATES = 64, 4, 32, 12
NUM_SAMPLED = 512


class Counted(BaseParallelWrapper):
    """Counts the passes that are played in all environments: one for each user in a round, but for those who leave."""

    played = 0

    def step(self, actions):
        """Play a round."""
        users = self.env.agents[1:]
        told = self.env.step(actions)
        Counted.played += sum(not told[4][user]["abandoned"] for user in users)
        return told


def policy_of(agent: str, *_, **__) -> str:
    """Return whose policy an agent has: users share one."""
    return "provider" if agent == "provider" else "users"


def learn(learner: str, name: str, seed: int) -> Ended:
    """Let both sides learn, by the library's defaults but for what the game and the budget ask for."""
    instance, Counted.played = game_of(name), 0
    logging.disable(logging.WARNING)
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, ignore_reinit_error=True)

    def made(_: object) -> ParallelPettingZooEnv:
        return ParallelPettingZooEnv(Counted(Normalized(env_of(instance, num_users=NUM_USERS))))

    register_env("routing", made)
    config = (
        PPOConfig()
        .environment("routing")
        .multi_agent(policies=["provider", "users"], policy_mapping_fn=policy_of)
        .env_runners(num_env_runners=0, num_envs_per_env_runner=NUM_ENVS, rollout_fragment_length=ROUNDS)
        .learners(num_learners=0)
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[64, 64], fcnet_activation="tanh"))
        .training(
            gamma=1.0,  # nothing is discounted
            lambda_=1.0,  # all failures look alike: a return is what the task brought to its end
            lr=1e-3,
            train_batch_size_per_learner=NUM_ENVS * ROUNDS,
            minibatch_size=256,
            num_epochs=4,
        )
        .debugging(seed=seed, log_level="ERROR")
    )
    algorithm = config.build_algo()
    for _ in range(UPDATES):
        algorithm.train()
    found = ended(algorithm, name)
    algorithm.stop()
    return found


def ended(algorithm: Algorithm, name: str) -> Ended:
    """Ask the policies what they have come to."""
    scale = Normalized(env_of(game_of(name)))

    def made_of(policy: str, seen: np.ndarray) -> torch.Tensor:
        with torch.no_grad():
            answer = algorithm.get_module(policy).forward_inference({Columns.OBS: torch.as_tensor(seen)})
        return answer[Columns.ACTION_DIST_INPUTS]

    def leaves(seen: np.ndarray) -> np.ndarray:
        return made_of("users", scale.seen_as("user_0", seen)).softmax(-1)[:, 1].numpy()

    mean, log_std = made_of("provider", np.ones((1, 2), dtype=np.float32))[0].double().chunk(2)
    noise = np.random.default_rng(0).standard_normal((NUM_SAMPLED, len(mean)))
    # RLlib takes [-1, 1] to the box, and what is outside of it to its edge.
    point, sampled = mean.numpy(), mean.numpy() + log_std.exp().numpy() * noise
    return Ended(((point + 1) / 2).clip(0, 1), ((sampled + 1) / 2).clip(0, 1), leaves, Counted.played)

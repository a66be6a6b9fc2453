"""A2C, DQN and SAC of stable-baselines3 and TRPO of sb3-contrib as providers, of users who answer at their best."""

from __future__ import annotations

import gymnasium
import numpy as np
import torch
from gymnasium.wrappers.vector import RescaleAction, TransformAction, TransformReward
from sb3_contrib import TRPO
from stable_baselines3 import A2C, DQN, SAC
from stable_baselines3.common.base_class import BaseAlgorithm

from peers.played import Ended, env_of, game_of, levels
from routegame.envs import Sb3VecEnv
from routegame.envs.adapters.normalized import Normalized
from routegame.eval.bench.suites import Instance

NUM_ENVS, NUM_TASKS, STEPS = 64, 256, {"a2c": 200_000, "trpo": 200_000, "dqn": 20_000, "sac": 20_000}
NUM_SAMPLED = 512


class Counted(gymnasium.vector.VectorWrapper):
    """Counts the passes that were played."""

    passes = 0.0

    def step(self, actions):
        """Make a commitment in every row."""
        told = self.env.step(actions)
        self.passes += told[4]["final_info"]["passes"].sum() * NUM_TASKS
        return told


def learn(learner: str, name: str, seed: int) -> Ended:
    """Let a provider learn, by the library's defaults but for what episodes of one step ask for."""
    kind, instance = learner.removeprefix("sb3-"), game_of(name)
    scale = Normalized(env_of(instance)).units["provider"]
    options = {"game": instance.game, "throttling": instance.throttling, "num_tasks": NUM_TASKS}
    counted = Counted(gymnasium.make_vec("routegame:routegame/Leader-v0", NUM_ENVS, "vector_entry_point", **options))
    paid = TransformReward(counted, lambda rewards: rewards / np.float32(scale))
    settings = {"gamma": 1.0, "seed": seed, "device": "cpu"}
    if kind == "dqn":
        env, points = as_choices(paid, instance)
    else:
        env, points = RescaleAction(paid, np.float32(-1), np.float32(1)), None
    algorithm = made(kind, Sb3VecEnv(env), settings)
    algorithm.learn(STEPS[kind])
    return ended(algorithm, points, int(counted.passes))


def made(kind: str, env: Sb3VecEnv, settings: dict) -> BaseAlgorithm:
    """Make a learner."""
    if kind == "a2c":
        return A2C("MlpPolicy", env, n_steps=1, gae_lambda=1.0, **settings)
    if kind == "trpo":
        return TRPO("MlpPolicy", env, n_steps=8, batch_size=512, gae_lambda=1.0, **settings)
    if kind == "dqn":
        return DQN("MlpPolicy", env, learning_starts=1000, train_freq=1, gradient_steps=8, **settings)
    return SAC("MlpPolicy", env, learning_starts=1000, train_freq=1, gradient_steps=8, **settings)


def as_choices(env: gymnasium.vector.VectorEnv, instance: Instance) -> tuple[gymnasium.vector.VectorEnv, np.ndarray]:
    """Make the points of a grid one choice, as `routing_v0` does with `flat=True`."""
    routing = env_of(instance, grid=levels(instance), flat=True)
    space = routing.action_space("provider")
    points = np.array([routing.coordinates(choice) for choice in range(space.n)], dtype=np.float32)
    return TransformAction(env, lambda choices: points[choices], single_action_space=space), points


def ended(algorithm: BaseAlgorithm, points: np.ndarray | None, passes: int) -> Ended:
    """Ask the policy what it has come to."""
    seen = algorithm.get_env().reset()[:1]
    torch.manual_seed(0)
    best, _ = algorithm.predict(seen, deterministic=True)
    tried, _ = algorithm.predict(np.repeat(seen, NUM_SAMPLED, axis=0), deterministic=False)
    if points is not None:
        return Ended(points[best[0]].astype(np.float64), points[tried].astype(np.float64), None, passes)
    box = [((np.asarray(part, dtype=np.float64) + 1) / 2).clip(0, 1) for part in (best[0], tried)]
    return Ended(box[0], box[1], None, passes)

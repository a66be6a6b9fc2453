"""How fast stable-baselines3's PPO learns as a whole, on users of the game and on its own environments of CartPole-v1.

Networks, settings and number of environments are the same, those one would choose for this many environments. Most of
the time is PPO's own: its policy is asked once for every step of all environments, and the update is what it is. The
environment that does nothing at all tells how much: nothing can be learned on faster. What a batch of users can do and
a list of environments cannot is to be wide at no cost: rollouts as long, of sixteen times as many users, ask the policy
a sixteenth as often.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecEnv, VecMonitor

from routegame.envs.sb3_vec_env import Sb3VecEnv
from routegame.envs.scenarios import scenario
from routegame.envs.vector_env import FollowerVectorEnv
from speed.turns import Ratio, Table, compared, cpu_seconds, in_turns
from speed.vector_env import equilibrium

NUM_ENVS, MANY_ENVS = 64, 1024
STEPS = 8192
BATCH = 4096
OURS, RANDOM = "users of nano-gpt5", "the same, a random commitment for every task"
WIDE = f"{MANY_ENVS:,} users, a random commitment for every task"
NOTHING, CART = "environments that do nothing", "stable-baselines3's DummyVecEnv of CartPole-v1"


class Nothing(VectorEnv[Any, Any, Any]):
    """Rows that show the same thing for ever, with episodes that never end."""

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, num_envs: int) -> None:
        self.num_envs = num_envs
        self.single_observation_space = spaces.Box(0, 1, (5,))
        self.single_action_space = spaces.Discrete(2)
        self._seen, self._paid = np.zeros((num_envs, 5), np.float32), np.zeros(num_envs, np.float32)
        self._ended = np.zeros(num_envs, np.bool_)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        return self._seen, {}

    def step(self, actions: Any) -> Any:
        return self._seen, self._paid, self._ended, self._ended, {}


def measure() -> list[Table]:
    """Learn in turns, and step the environments alone in turns."""
    torch.set_num_threads(1)
    game = scenario("nano-gpt5").game
    envs: dict[str, VecEnv] = {
        OURS: VecMonitor(Sb3VecEnv(FollowerVectorEnv(game, NUM_ENVS, equilibrium()))),
        RANDOM: VecMonitor(Sb3VecEnv(FollowerVectorEnv(game, NUM_ENVS, "random"))),
        CART: make_vec_env("CartPole-v1", NUM_ENVS),
        NOTHING: VecMonitor(Sb3VecEnv(Nothing(NUM_ENVS))),
    }
    stepped = in_turns("stepping", {name: _stepper(env, 200) for name, env in envs.items() if name != NOTHING})
    envs = {WIDE: VecMonitor(Sb3VecEnv(FollowerVectorEnv(game, MANY_ENVS, "random"))), **envs}
    tables = [Table(f"Steps of {NUM_ENVS} environments by its interface", compared(stepped, {}))]
    for epochs in (4, 1):
        learners = {name: Timed(env, epochs) for name, env in envs.items()}
        learned = in_turns("learning", {name: learner.learn for name, learner in learners.items()})
        shares = [
            Ratio(
                name, 100 * learner.update, unit=f"% of it in updates, {100 * learner.stepping:.1f} % in environments"
            )
            for name, learner in learners.items()
        ]
        settings = f"rollouts of {STEPS:,} steps, batches of {BATCH:,}, epochs: {epochs}"
        tables.append(Table(f"PPO.learn as a whole, {settings}", [*compared(learned, {CART: 3.0}), *shares]))
    return tables


class Timed:
    """A learner that knows what its time went into.

    Attributes:
        update: share of CPU time spent in updates.
        stepping: share of CPU time spent in environments.
    """

    def __init__(self, env: VecEnv, epochs: int) -> None:
        rollout = {"n_steps": STEPS // env.num_envs, "batch_size": BATCH, "n_epochs": epochs}
        self._ppo = PPO("MlpPolicy", env, **rollout, seed=0, device="cpu")
        self._whole, self._parts = 0.0, {"train": 0.0, "step": 0.0}
        for owner, name in ((self._ppo, "train"), (env, "step")):
            setattr(owner, name, self._timed(name, getattr(owner, name)))

    @property
    def update(self) -> float:
        return self._parts["train"] / self._whole

    @property
    def stepping(self) -> float:
        return self._parts["step"] / self._whole

    def learn(self) -> int:
        """Collect and update twice."""
        self._whole += cpu_seconds(lambda: self._ppo.learn(2 * STEPS))
        return 2 * STEPS

    def _timed(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            started = time.process_time()
            result = method(*args)
            self._parts[name] += time.process_time() - started
            return result

        return timed


def _stepper(env: VecEnv, steps: int) -> Callable[[], int]:
    env.reset()
    actions = np.zeros(NUM_ENVS, dtype=np.int64)

    def work() -> int:
        for _ in range(steps):
            env.step(actions)
        return steps * NUM_ENVS

    return work

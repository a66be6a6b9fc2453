"""How much of the game a follower has played when it has learned: this project's learners beside PPO on a list.

Both are PPO with the same network and epochs. One is stable-baselines3's and steps sixty-four single users one after
another, `DummyVecEnv` of `FollowerEnv`, who answer failure by failure; the other is trained as `meta_follower` trains
it, on commitments answered once for a thousand tasks each. A sample is an answer that was learned from.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.envs.single_agent import FollowerEnv
from routegame.train.meter import Meter
from routegame.train.ppo.follower import FollowerLearner, FollowerOptions, random_commitments
from speed.turns import Table, compared, in_turns

NUM_ENVS, ROLLOUT, EPOCHS, MINIBATCHES = 64, 4096, 4, 8


def measure() -> list[Table]:
    """Learn in turns; count passes of models, then answers."""
    torch.set_num_threads(1)
    passes, answers = {}, {}
    for name, learn in {"meta_follower's follower": ours(), "PPO on DummyVecEnv of FollowerEnv": theirs()}.items():
        passes[name] = lambda learn=learn: learn()[0]
        answers[name] = lambda learn=learn: learn()[1]
    target = {"PPO on DummyVecEnv of FollowerEnv": 3.0}
    return [
        Table("Passes of models learned from", compared(in_turns("training", passes), target)),
        Table("Answers learned from", compared(in_turns("training", answers), {})),
    ]


def ours() -> Callable[[], tuple[int, int]]:
    """Return what makes one update and says how many passes and answers it took."""
    box, meter = RoutingGame(scenario("nano-gpt5").game), Meter()
    anywhere, options = random_commitments(box), FollowerOptions(follower_batch=ROLLOUT)
    follower = FollowerLearner(box, options, anywhere, np.random.SeedSequence(0), meter)

    def learn() -> tuple[int, int]:
        before = meter.passes
        follower.update(anywhere, 1.0, 3e-3)
        return meter.passes - before, ROLLOUT

    return learn


def theirs() -> Callable[[], tuple[int, int]]:
    """The same for a list of single users; every answer is a pass but for those that leave."""
    env = DummyVecEnv([lambda: FollowerEnv("nano-gpt5") for _ in range(NUM_ENVS)])
    settings = {"n_steps": ROLLOUT // NUM_ENVS, "batch_size": ROLLOUT // MINIBATCHES, "n_epochs": EPOCHS}
    network = {"net_arch": [64, 64], "activation_fn": torch.nn.ReLU}
    ppo = PPO("MlpPolicy", env, **settings, gamma=1.0, gae_lambda=1.0, policy_kwargs=network, seed=0, device="cpu")

    def learn() -> tuple[int, int]:
        ppo.learn(ROLLOUT, reset_num_timesteps=False)
        return ROLLOUT, ROLLOUT

    return learn

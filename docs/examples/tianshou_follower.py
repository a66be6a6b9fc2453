"""Tianshou: DQN for a user who sees which model failed, on the Gymnasium view of its side.

With gpt-4.1 and o3 such a user stays with the first and leaves the second, unless so many failures are handed over
that it leaves at once. What it sees says all that matters of a task's past, so that values can be learned step by step.
Without it all failures look alike, and Q-learning would be wrong: see the policy gradients of the other examples.

(Tianshou's wrapper of PettingZoo environments wants one space of actions for all agents; provider and users have
two.)

    python docs/examples/tianshou_follower.py [--seed 0] [--epochs 4]
"""

import argparse
import sys

import gymnasium
import numpy as np
import torch
from gymnasium.wrappers import RescaleObservation, TransformReward
from tianshou.algorithm.modelfree.dqn import DQN, DiscreteQLearningPolicy
from tianshou.algorithm.optim import AdamOptimizerFactory
from tianshou.data import Batch, Collector, VectorReplayBuffer
from tianshou.env import DummyVectorEnv
from tianshou.trainer import OffPolicyTrainerParams
from tianshou.utils.net.common import Net

from routegame import scenario
from routegame.agents import model_response
from routegame.envs import outcome

SCENARIO = "gpt41-o3"
GAME = scenario(SCENARIO).game
NUM_ENVS = 16


def make_env() -> gymnasium.Env:
    """A user's side, under commitments drawn at random; all that is learned from is of the size of 1."""
    env = gymnasium.make("routegame:routegame/Follower-v0", game=SCENARIO, information="model")
    return TransformReward(RescaleObservation(env, 0, 1), lambda reward: reward / GAME.task_value)


def train(seed: int, num_epochs: int) -> DiscreteQLearningPolicy:
    """Let users learn, and return their policy."""
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002, Tianshou draws from it
    envs = DummyVectorEnv([make_env for _ in range(NUM_ENVS)])
    envs.seed(seed)
    one = make_env()
    net = Net(state_shape=one.observation_space.shape, action_shape=2, hidden_sizes=(64, 64))
    policy = DiscreteQLearningPolicy(
        model=net, action_space=one.action_space, observation_space=one.observation_space, eps_training=0.5
    )
    algorithm = DQN(policy=policy, optim=AdamOptimizerFactory(lr=1e-3), gamma=1.0, target_update_freq=200)
    collector = Collector(algorithm, envs, VectorReplayBuffer(200_000, NUM_ENVS), exploration_noise=True)
    algorithm.run_training(
        OffPolicyTrainerParams(
            training_collector=collector,
            max_epochs=num_epochs,
            epoch_num_steps=10_000,
            collection_step_num_env_steps=160,
            update_step_num_gradient_steps_per_sample=0.1,
            batch_size=512,
            verbose=False,
            show_progress=False,
        )
    )
    return policy


def judge(policy: DiscreteQLearningPolicy) -> float:
    """Hold what was learned against the exact best response; return the share of its gain that is achieved."""
    cascade = np.linspace(0, 1, 101)
    high = make_env().unwrapped.observation_space.high
    answers = []
    for failed in (1, 2):
        seen = np.stack([np.broadcast_to(x, cascade.shape) for x in (1, 1, cascade, *GAME.latency, failed)], axis=1)
        with torch.no_grad():
            answers.append(policy(Batch(obs=(seen / high).astype(np.float32), info={})).act.astype(float))
    learned, best = (answers[0], answers[1]), model_response(GAME, 1, cascade)
    worth, most, least = (outcome(GAME, 1, cascade, q).user_utility for q in (learned, best, 1.0))
    share = float((worth - least).sum() / (most - least).sum())
    for name, (after_standard, after_reasoning) in (("learned", learned), ("best   ", best)):
        print(
            f"{name}  after a failure of gpt-4.1 stay while less than {(after_standard == 0).sum()} % are handed over;"
            f" after one of o3 leave {after_reasoning.mean():.0%} of the time"
        )
    print(f"over all commitments to route 1  users gain {share:.1%} of what there is to gain by not leaving at once")
    return share


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if judge(train(options.seed, options.epochs)) < 0.9:
        sys.exit("not learned: users gain less than 90 % of that")

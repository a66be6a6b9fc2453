"""RLlib: the provider and its users learn at the same time, two policies of one PPO.

Users like the standard model and dislike to wait for the reasoning model, but find that out by trying only. The
provider finds out, by what it pays, that it should hand nothing over to a model that users leave.

    python docs/examples/rllib_both_sides.py [--seed 0] [--updates 20]
"""

import argparse
import logging
import sys
from typing import Any

import numpy as np
import ray
import torch
from ray.rllib.algorithms.algorithm import Algorithm
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv
from ray.tune.registry import register_env

from routegame import Game, best_response, solve
from routegame.envs import RoutingGame, outcome, routing_v0

GAME = Game(task_value=10, churn_penalty=6, success_prob=(0.4, 0.6), latency=(2, 7), cost=(1, 2.5))


def policy_of(agent: str, *_: Any, **__: Any) -> str:
    """Users share a policy."""
    return "provider" if agent == "provider" else "users"


def train(seed: int, num_updates: int) -> Algorithm:
    """Let both sides learn, in this process, and return what they learned."""
    register_env("routing", lambda _: ParallelPettingZooEnv(routing_v0.parallel_env(GAME, num_users=4)))
    config = (
        PPOConfig()
        .environment("routing")
        .multi_agent(policies=["provider", "users"], policy_mapping_fn=policy_of)
        # Short fragments: a runner goes through all episodes of its fragment again at every step. Not
        # batch_mode="complete_episodes": that seeds the environment anew for every episode, always with the same seed.
        .env_runners(num_env_runners=0, num_envs_per_env_runner=8, rollout_fragment_length=25)
        .learners(num_learners=0)
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[64, 64], fcnet_activation="tanh"))
        # Tasks are undiscounted, and all failures look alike to a user: a return is what the task brought to its end.
        .training(
            gamma=1.0,
            lambda_=1.0,
            lr=3e-3,
            train_batch_size_per_learner=800,
            minibatch_size=256,
            num_epochs=4,
            vf_clip_param=float("inf"),
            grad_clip=0.5,
            use_kl_loss=False,
        )
        .debugging(seed=seed, log_level="ERROR")
    )
    algorithm = config.build_algo()
    for _ in range(num_updates):
        algorithm.train()
    return algorithm


def parameters_at(algorithm: Algorithm, policy: str, observation: list[float]) -> torch.Tensor:
    """What a policy's network makes of an observation: means and deviations, or logits."""
    with torch.no_grad():
        answer = algorithm.get_module(policy).forward_inference({Columns.OBS: torch.tensor([observation])})
    return answer[Columns.ACTION_DIST_INPUTS][0]


def judge(algorithm: Algorithm) -> bool:
    """Hold what was learned against the exact solution; True if it is close."""
    mean = parameters_at(algorithm, "provider", [1.0, 1.0])[:2].numpy()
    made = RoutingGame(GAME).commitment(np.clip((mean + 1) / 2, 0, 1))  # RLlib maps [-1, 1] to the box
    best = best_response(GAME, made.route, made.cascade_prob)
    seen = [1.0, made.route, made.cascade_prob, *GAME.latency]
    learned = parameters_at(algorithm, "users", seen).softmax(-1)[1].item()
    cost = outcome(GAME, made.route, made.cascade_prob, best).provider_cost
    equilibrium = solve(GAME).equilibrium
    print(
        f"provider  commits to route {made.route}, cascade probability {made.cascade_prob};"
        f" in equilibrium {equilibrium.route}, {equilibrium.cascade_prob};"
        f" regret {cost / equilibrium.provider_cost - 1:.1%}"
    )
    print(f"users     leave with probability {learned:.3f}; best response {best:.3f}")
    return cost / equilibrium.provider_cost < 1.1 and abs(learned - best) < 0.1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--updates", type=int, default=20)
    options = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    if not judge(train(options.seed, options.updates)):
        sys.exit("not learned: regret above 10 %, or users further than 0.1 from their best response")

"""stable-baselines3: PPO for a provider, against users who always give their best response.

On gpt-4.1-nano and gpt-5 users leave unless one failure in 12 is handed over to the larger model. The provider has to
find that edge from what tasks cost it: a hair below, it pays 70 % more; far above, it pays for more than users ask for.

    python docs/examples/sb3_leader.py [--seed 0] [--steps 250000]
"""

import argparse
import sys

import gymnasium
import numpy as np
import torch
from gymnasium.wrappers.vector import RescaleAction
from stable_baselines3 import PPO

from routegame import best_response, scenario, solve
from routegame.envs import RoutingGame, Sb3VecEnv, outcome

SCENARIO = "nano-gpt5"
GAME = scenario(SCENARIO).game


def train(seed: int, num_steps: int) -> PPO:
    """Let the provider make so many commitments, and learn from a thousand tasks under each."""
    providers = gymnasium.make_vec(
        "routegame:routegame/Leader-v0",
        num_envs=256,
        vectorization_mode="vector_entry_point",
        game=SCENARIO,
        num_tasks=1000,
    )
    # A Gaussian policy starts around 0, which is to be the middle of the box and not its edge.
    env = RescaleAction(providers, np.float32(-1), np.float32(1))
    ppo = PPO(
        "MlpPolicy",
        Sb3VecEnv(env),
        n_steps=1,  # an episode is one commitment long
        batch_size=256,
        n_epochs=4,
        learning_rate=lambda left: 1e-2 * left,
        gamma=1.0,
        gae_lambda=1.0,
        seed=seed,
        device="cpu",
    )
    return ppo.learn(num_steps)


def judge(ppo: PPO) -> float:
    """Hold what was learned against the equilibrium; return the relative regret."""
    action, _ = ppo.predict(ppo.get_env().reset(), deterministic=True)
    made, equilibrium = RoutingGame(GAME).commitment((action[0] + 1) / 2), solve(GAME).equilibrium
    best = best_response(GAME, made.route, made.cascade_prob)
    regret = outcome(GAME, made.route, made.cascade_prob, best).provider_cost / equilibrium.provider_cost - 1
    print(
        f"provider  commits to route {made.route}, cascade probability {made.cascade_prob};"
        f" in equilibrium {equilibrium.route}, {equilibrium.cascade_prob}; regret {regret:.1%}"
    )
    return float(regret)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=250_000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if judge(train(options.seed, options.steps)) > 0.05:
        sys.exit("not learned: regret above 5 %")

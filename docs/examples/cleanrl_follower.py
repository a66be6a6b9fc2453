"""In the manner of CleanRL: PPO in one file of plain PyTorch, for users, hundreds of them side by side.

With gpt-4.1 and o3 a user who does not see which model answers would like to stay with the first and to leave the
second. How often it leaves then depends on how many failures are handed over, and in between it tosses a coin. Users
learn that answer to every commitment at once, from tasks under commitments drawn at random.

    python docs/examples/cleanrl_follower.py [--seed 0] [--steps 600000]
"""

import argparse
import sys

import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical

from routegame import best_response, scenario
from routegame.envs import FollowerVectorEnv, outcome

GAME = scenario("gpt41-o3").game
NUM_ENVS, NUM_STEPS = 256, 32
EPOCHS, MINIBATCHES = 4, 4
LEARNING_RATE, CLIP = 3e-3, 0.2


class Agent(nn.Module):
    """Logits of retrying and abandoning, and what the rest of the task is worth."""

    def __init__(self, highest: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("scale", 1 / torch.as_tensor(highest))
        self.actor, self.critic = (self.network(len(highest), outputs) for outputs in (2, 1))

    @staticmethod
    def network(inputs: int, outputs: int) -> nn.Sequential:
        """Two hidden layers."""
        return nn.Sequential(nn.Linear(inputs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, outputs))

    def policy(self, seen: torch.Tensor) -> Categorical:
        """How likely either answer is."""
        return Categorical(logits=self.actor(seen * self.scale))

    def value(self, seen: torch.Tensor) -> torch.Tensor:
        """The baseline of returns."""
        return self.critic(seen * self.scale)[..., 0]


def train(seed: int, num_steps: int) -> Agent:
    """Let users learn for so many steps, all of them counted together."""
    torch.manual_seed(seed)
    env = FollowerVectorEnv(GAME, NUM_ENVS, "random")
    agent = Agent(env.single_observation_space.high)
    optimiser = torch.optim.Adam(agent.parameters(), eps=1e-5)
    num_updates = max(1, num_steps // (NUM_ENVS * NUM_STEPS))
    shape = (NUM_STEPS, NUM_ENVS)
    seen, actions, log_probs = torch.zeros(*shape, 5), torch.zeros(shape), torch.zeros(shape)
    rewards, ended, decides = torch.zeros(shape), torch.zeros(shape), torch.zeros(shape, dtype=torch.bool)
    now, infos = env.reset(seed=seed)
    for update in range(num_updates):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * (1 - update / num_updates)
        for t in range(NUM_STEPS):
            seen[t] = torch.as_tensor(now)
            decides[t] = torch.as_tensor(infos["action_mask"][:, 1] == 1)  # a first pass cannot be declined
            with torch.no_grad():
                policy = agent.policy(seen[t])
                actions[t] = policy.sample()
                log_probs[t] = policy.log_prob(actions[t])
            now, reward, terminated, truncated, infos = env.step(actions[t].long().numpy())
            rewards[t] = torch.as_tensor(reward / GAME.task_value)
            ended[t] = torch.as_tensor(terminated | truncated)

        # All failures of a task look alike, and tasks are undiscounted: nothing but the whole return will do, and the
        # critic is a baseline, but for tasks that are still under way when the rollout ends.
        with torch.no_grad():
            returns, rest = torch.zeros(shape), agent.value(torch.as_tensor(now))
            for t in reversed(range(NUM_STEPS)):
                returns[t] = rest = rewards[t] + (1 - ended[t]) * rest
            advantages = returns - agent.value(seen)
        batch = [x[decides] for x in (seen, actions, log_probs, returns, advantages)]

        for _ in range(EPOCHS):
            for rows in torch.randperm(len(batch[0])).chunk(MINIBATCHES):
                s, a, old_log_prob, ret, advantage = (x[rows] for x in batch)
                policy = agent.policy(s)
                advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
                ratio = (policy.log_prob(a) - old_log_prob).exp()
                gain = torch.min(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage).mean()
                loss = 0.5 * (agent.value(s) - ret).square().mean() - gain
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
                optimiser.step()
    return agent


def judge(agent: Agent) -> float:
    """Hold what was learned against the exact best response; return the share of its gain that is achieved."""
    cascade = np.linspace(0, 1, 101)
    seen = [np.broadcast_to(x, cascade.shape) for x in (1, 1, cascade, *GAME.latency)]
    with torch.no_grad():
        learned = agent.policy(torch.as_tensor(np.stack(seen, axis=1), dtype=torch.float32)).probs[:, 1].double()
    best = best_response(GAME, 1, cascade)
    worth, most, least = (outcome(GAME, 1, cascade, q).user_utility for q in (learned.numpy(), best, 1.0))
    share = float((worth - least).sum() / (most - least).sum())
    for k in (10, 30, 50):
        print(f"of {k} % handed over  users leave with probability {learned[k]:.2f}, best response {best[k]:.2f}")
    print(f"over all commitments to route 1  users gain {share:.1%} of what there is to gain by not leaving at once")
    return share


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=600_000)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if judge(train(options.seed, options.steps)) < 0.9:
        sys.exit("not learned: users gain less than 90 % of that")

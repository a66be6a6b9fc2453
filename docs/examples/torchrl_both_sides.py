"""TorchRL: the provider and its users learn at the same time, each side with a PPO of its own.

Users like the standard model and dislike to wait for the reasoning model, but find that out by trying only. The
provider finds out, by what it pays, that it should hand nothing over to a model that users leave.

    python docs/examples/torchrl_both_sides.py [--seed 0] [--updates 16]
"""

import argparse
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from pettingzoo.utils import BaseParallelWrapper
from tensordict import TensorDict
from tensordict.nn import NormalParamExtractor, TensorDictModule, TensorDictSequential
from torch import nn
from torch.distributions import Categorical
from torchrl.collectors import Collector
from torchrl.envs import PettingZooWrapper
from torchrl.modules import ProbabilisticActor, TanhNormal, ValueOperator
from torchrl.objectives import ClipPPOLoss
from torchrl.objectives.value import GAE

from routegame import Game, best_response, solve
from routegame.envs import RoutingGame, outcome, routing_v0

GAME = Game(task_value=10, churn_penalty=6, success_prob=(0.4, 0.6), latency=(2, 7), cost=(1, 2.5))
GROUPS = {"provider": ["provider"], "users": [f"user_{k}" for k in range(8)]}


class ForTorchRL(BaseParallelWrapper):
    """TorchRL acts for users who are gone, too, and makes tensors of infos: keep both from it."""

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """Start an episode, without infos."""
        observations, infos = self.env.reset(seed, options)
        return observations, {agent: {} for agent in infos}

    def step(self, actions: Mapping[str, Any]) -> Any:
        """Play the actions of those who are there, and return no infos."""
        *played, infos = self.env.step({agent: actions[agent] for agent in self.env.agents})
        return *played, {agent: {} for agent in infos}


class Side:
    """The agents of one group: their policy, the baseline of its returns, and PPO."""

    def __init__(self, env: PettingZooWrapper, group: str) -> None:
        size = env.observation_spec[group, "observation"].shape[-1]
        seen, value, action, log_prob = ((group, name) for name in ("observation", "value", "action", "log_prob"))
        if group == "provider":  # a box: route and cascade probability, both in [0, 1]
            net, params = nn.Sequential(network(size, 4), NormalParamExtractor()), [(group, "loc"), (group, "scale")]
            chance = {"distribution_class": TanhNormal, "distribution_kwargs": {"low": 0.0, "high": 1.0}}
        else:  # retry or abandon
            net, params = network(size, 2), [(group, "logits")]
            chance = {"distribution_class": Categorical}
        self.group = group
        self.policy = ProbabilisticActor(
            TensorDictModule(net, [seen], params),
            in_keys=params,
            out_keys=[action],
            spec=env.full_action_spec[group, "action"],
            return_log_prob=True,
            log_prob_key=log_prob,
            **chance,
        )
        critic = ValueOperator(network(size, 1), [seen], [value])
        # Tasks are undiscounted, and all failures look alike to a user: a return is what the task brought to its end.
        self.returns = GAE(gamma=1.0, lmbda=1.0, value_network=critic)
        self.loss = ClipPPOLoss(self.policy, critic, entropy_coeff=0.0, critic_coeff=0.5, normalize_advantage=True)
        keys = {"advantage": (group, "advantage"), "value_target": (group, "value_target"), "value": value}
        self.returns.set_keys(**{name: (group, name) for name in ("reward", "done", "terminated")}, **keys)
        self.loss.set_keys(action=action, sample_log_prob=log_prob, **keys)
        self.optimiser = torch.optim.Adam(self.loss.parameters(), lr=1e-2)

    def learn(self, played: TensorDict) -> None:
        """Improve the policy by what was played, with a few passes over the decisions that had an effect."""
        with torch.no_grad():
            self.returns(played)
        # The first number that either side sees: has the provider a task to bind, has the user's task begun? Users who
        # are gone are masked.
        decides = played[self.group, "mask"] & (played[self.group, "observation"][..., 0] > 0)
        decisions = played[self.group].exclude("done", "terminated", "truncated")[decides]
        for _ in range(4):
            for rows in torch.randperm(len(decisions)).chunk(4):
                loss = self.loss(TensorDict({self.group: decisions[rows]}, len(rows)))
                self.optimiser.zero_grad()
                (loss["loss_objective"] + loss["loss_critic"]).backward()
                nn.utils.clip_grad_norm_(self.loss.parameters(), 0.5)
                self.optimiser.step()

    def parameters_at(self, observation: list[float]) -> torch.Tensor:
        """What the policy's network makes of an observation: locations, or logits."""
        seen = TensorDict({self.group: {"observation": torch.tensor([observation])}}, [])
        with torch.no_grad():
            answer = self.policy[0](seen)[self.group]
        return answer["loc" if self.group == "provider" else "logits"][0]


def network(num_inputs: int, num_outputs: int) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(nn.Linear(num_inputs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, num_outputs))


def train(seed: int, num_updates: int) -> tuple[Side, Side]:
    """Let both sides learn, and return them."""
    torch.manual_seed(seed)
    base = ForTorchRL(routing_v0.parallel_env(GAME, num_users=len(GROUPS["users"])))
    warnings.filterwarnings("ignore", "PettingZoo in TorchRL is tested using version == 1.24.3")
    # Users leave one by one: the episode goes on until all are gone.
    env = PettingZooWrapper(base, group_map=GROUPS, use_mask=True, done_on_any=False, seed=seed)
    provider, users = Side(env, "provider"), Side(env, "users")
    policy = TensorDictSequential(provider.policy, users.policy)
    rollouts = Collector(
        env, policy, frames_per_batch=600, total_frames=600 * num_updates, auto_register_policy_transforms=False
    )
    for played in rollouts:
        provider.learn(played)
        users.learn(played)
    return provider, users


def judge(provider: Side, users: Side) -> bool:
    """Hold what was learned against the exact solution; True if it is close."""
    action = (torch.tanh(provider.parameters_at([1.0, 1.0])) + 1) / 2
    made = RoutingGame(GAME).commitment(action.numpy())
    best = best_response(GAME, made.route, made.cascade_prob)
    learned = users.parameters_at([1.0, made.route, made.cascade_prob, *GAME.latency]).softmax(-1)[1].item()
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
    parser.add_argument("--updates", type=int, default=16)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not judge(*train(options.seed, options.updates)):
        sys.exit("not learned: regret above 10 %, or users further than 0.1 from their best response")

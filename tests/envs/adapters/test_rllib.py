"""RLlib takes the game by its own wrapper, and trains a policy for each side."""

import logging

import pytest
import ray
import torch
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv
from ray.tune.registry import register_env

from routegame import Game
from routegame.envs import routing_v0
from routegame.envs.adapters.normalized import Normalized

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
POLICIES = ("provider", "users")


@pytest.fixture(scope="module", autouse=True)
def started():
    """Start Ray; it waits 30 s for its daemon, which may be too short where other programs run."""
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    yield
    ray.shutdown()


def weights_of(algorithm):
    return {
        policy: [value.detach().clone() for value in algorithm.get_module(policy).parameters()] for policy in POLICIES
    }


def made(options):
    return ParallelPettingZooEnv(Normalized(routing_v0.parallel_env(GAME, num_users=3, **options)))


@pytest.mark.parametrize("options", [{}, {"grid": 5, "flat": True}, {"max_passes": 2}])
def test_both_sides_train(options):
    register_env("routing", made)
    config = (
        PPOConfig()
        .environment("routing", env_config=options)
        .multi_agent(
            policies=list(POLICIES),
            policy_mapping_fn=lambda agent, *_, **__: "provider" if agent == "provider" else "users",
        )
        .env_runners(num_env_runners=0, num_envs_per_env_runner=4, rollout_fragment_length=20)
        .learners(num_learners=0)
        .rl_module(model_config=DefaultModelConfig(fcnet_hiddens=[16]))
        .training(gamma=1.0, lr=1e-3, train_batch_size_per_learner=80, minibatch_size=40, num_epochs=2)
        .debugging(seed=0, log_level="ERROR")
    )
    algorithm = config.build_algo()
    before = weights_of(algorithm)
    told = algorithm.train()["env_runners"]
    after = weights_of(algorithm)
    algorithm.stop()
    rounds, steps = told["num_env_steps_sampled"], told["num_agent_steps_sampled"]
    assert rounds >= 80 and steps["provider"] == rounds
    assert all(0 < steps[user] < rounds for user in ("user_0", "user_1", "user_2")), "who is gone is not asked"
    for policy in POLICIES:
        moved = [not torch.equal(old, new) for old, new in zip(before[policy], after[policy], strict=True)]
        assert all(moved), policy


def test_an_episode_ends_a_round_late_if_its_last_users_are_neither_all_cut_off_nor_none():
    env, late = made({"max_passes": 2}), 0
    for seed in range(40):
        env.reset(seed=seed)
        while env.par_env.agents:
            stay = {agent: 0 for agent in env.par_env.agents if agent != "provider"}
            _, _, terminated, truncated, _ = env.step({"provider": env.action_space["provider"].low} | stay)
        if terminated["__all__"] or truncated["__all__"]:
            continue
        late += 1
        assert not any(terminated[agent] == truncated[agent] for agent in terminated if agent != "__all__")
        seen, rewards, terminated, truncated, _ = env.step({})
        assert terminated["__all__"] and truncated["__all__"] and not seen and not rewards
    assert 0 < late < 40

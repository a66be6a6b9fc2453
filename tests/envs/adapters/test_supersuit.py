"""SuperSuit makes one policy's environments of all agents, where their spaces are the same, and PPO learns it."""

import numpy as np
import pytest
import torch
from stable_baselines3 import PPO
from supersuit import black_death_v3, concat_vec_envs_v1, pad_action_space_v0, pad_observations_v0
from supersuit import pettingzoo_env_to_vec_env_v1 as vec_env

from routegame import Game
from routegame.envs import routing_v0

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
FLAT = {"grid": 5, "flat": True}
COMMITMENT = 1
"""Of the grid: route 1, and a quarter of all failures handed over. Users do not leave by it if it is not theirs."""


def made(num_users=3, **options):
    return routing_v0.parallel_env(GAME, num_users=num_users, **options)


def padded_by_us(num_users=3):
    return made(num_users, padded=True, **FLAT)


def padded_by_supersuit():
    return pad_action_space_v0(pad_observations_v0(made(**FLAT)))


@pytest.mark.parametrize("make", [padded_by_us, padded_by_supersuit])
def test_agents_who_are_gone_see_zeros_and_are_paid_nothing(make):
    env, plain = make(), make()
    many, agents = vec_env(black_death_v3(env)), env.possible_agents
    assert many.num_envs == 4
    assert all(many.observation_space == env.observation_space(agent) for agent in agents)
    assert all(many.action_space == env.action_space(agent) for agent in agents)
    seen, _ = many.reset(seed=3)
    expected, _ = plain.reset(seed=3)
    acts, gone = np.array([COMMITMENT, 0, 0, 0]), 0
    while plain.agents:
        np.testing.assert_array_equal(seen, [expected.get(agent, np.zeros(5)) for agent in agents])
        playing = {agent: act for agent, act in zip(agents, acts, strict=True) if agent in plain.agents}
        expected, paid, *_, told = plain.step(playing)
        seen, rewards, *flags, infos = many.step(acts)
        np.testing.assert_array_equal(rewards, [paid.get(agent, 0) for agent in agents])
        assert not np.any(flags)
        for info, agent in zip(infos, agents, strict=True):
            if agent in told:
                np.testing.assert_array_equal(info["action_mask"], told[agent]["action_mask"])
            else:
                assert info == {}
                gone += 1
    assert gone > 3


def test_an_episode_ends_a_round_late_with_zeros_unless_all_agents_end_at_once():
    many = vec_env(black_death_v3(padded_by_us()))
    many.reset(seed=3)
    acts = np.array([COMMITMENT, 0, 0, 0])
    while many.par_env.unwrapped.agents:
        _, rewards, terminated, truncated, _ = many.step(acts)
        assert not terminated.any() and not truncated.any()
    assert rewards.any()
    seen, rewards, terminated, truncated, infos = many.step(acts)
    assert not rewards.any() and terminated.all() and truncated.all()
    assert seen[0, 0] == 1, "the next episode has begun"
    assert not any(info["terminal_observation"].any() for info in infos)

    one = vec_env(padded_by_us(num_users=1))
    one.reset(seed=3)
    ends = [one.step(np.array([COMMITMENT, 0]))[1:4] for _ in range(100)]
    decided = [rewards for rewards, terminated, _ in ends if terminated.all()]
    assert len(decided) > 3 and all(solved > 0 for _, solved in decided)
    assert not any(truncated.any() for *_, truncated in ends)


@pytest.mark.parametrize("options", [FLAT, {}])
def test_stable_baselines3_learns(options):
    torch.manual_seed(0)
    one = vec_env(black_death_v3(made(padded=True, **options)))
    many = concat_vec_envs_v1(one, 4, base_class="stable_baselines3")
    assert many.num_envs == 16
    model = PPO("MlpPolicy", many, n_steps=16, batch_size=64, n_epochs=2, device="cpu")
    before = [value.clone() for value in model.policy.parameters()]
    model.learn(512)
    assert model.num_timesteps == 512
    assert not any(torch.equal(old, new) for old, new in zip(before, model.policy.parameters(), strict=True))


def test_a_seed_is_given_to_the_environments_not_to_stable_baselines3():
    many = concat_vec_envs_v1(vec_env(black_death_v3(padded_by_us())), 2, base_class="stable_baselines3")
    with pytest.raises(AttributeError, match="no attribute 'seed'"):
        PPO("MlpPolicy", many, n_steps=16, batch_size=32, device="cpu", seed=0)
    told = []
    for _ in range(2):
        many.venv.reset(seed=0)
        told.append([many.step(np.full(8, COMMITMENT))[1] for _ in range(10)])
    np.testing.assert_array_equal(*told)


def test_limits():
    with pytest.raises(AssertionError, match="same general shape"):
        pad_action_space_v0(made())  # a box beside choices
    with pytest.raises(AssertionError, match="observation spaces not consistent"):
        vec_env(made(**FLAT))
    with pytest.raises(AssertionError, match="action spaces not consistent"):
        vec_env(pad_observations_v0(made()))
    many = vec_env(padded_by_us())
    many.reset(seed=3)
    with pytest.raises(AssertionError, match="varying numbers of active agents"):
        for _ in range(50):
            many.step(np.array([COMMITMENT, 0, 0, 0]))

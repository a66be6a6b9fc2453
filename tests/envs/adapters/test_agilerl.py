"""AgileRL takes one environment of one user, or many in arrays, and trains on both sides."""

import numpy as np
import pytest
import torch
from agilerl.algorithms import IPPO
from agilerl.training.train_multi_agent_on_policy import train_multi_agent_on_policy
from agilerl.vector import PzDummyVecEnv

from routegame import Game
from routegame.envs import routing_v0
from routegame.envs.adapters.agilerl import RoutingVecEnv
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.routing_v0 import ABANDON

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
LEVELS = 2


def one(num_users=1, infos=False, **options):
    return PzDummyVecEnv(Normalized(routing_v0.parallel_env(GAME, num_users=num_users, **options), infos=infos))


def many(num_envs=4, num_users=2, game=GAME, **options):
    return RoutingVecEnv(game, num_envs=num_envs, num_users=num_users, seed=0, **options)


def ippo(env, **settings):
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002, AgileRL draws from it
    seen, acts = ([of(agent) for agent in env.agents] for of in (env.single_observation_space, env.single_action_space))
    return IPPO(seen, acts, env.agents, gamma=1.0, gae_lambda=1.0, **settings)


def trained(env):
    """Let AgileRL's own loop train; return what the algorithm has become, and what it was given to learn from."""
    algorithm, given = ippo(env, learn_step=64, batch_size=32), []
    learn = algorithm.learn
    algorithm.learn = lambda experiences: given.append(experiences) or learn(experiences)
    settings = {"max_steps": 128, "evo_steps": 64, "eval_steps": 40, "verbose": False}
    ([algorithm], fitness) = train_multi_agent_on_policy(env, "routing", "IPPO", [algorithm], **settings)
    assert np.isfinite(fitness).all()
    return algorithm, given


@pytest.mark.parametrize("make", [one, lambda: one(grid=5, flat=True), many, lambda: many(grid=5), lambda: many(1, 1)])
def test_both_sides_train(make):
    env = make()
    before = {agent: [v.clone() for v in actor.parameters()] for agent, actor in ippo(env).actors.items()}
    algorithm, given = trained(env)
    assert len(given) == 2 and set(before) == set(env.agents)
    for agent, actor in algorithm.actors.items():
        after = list(actor.parameters())
        assert all(value.isfinite().all() for value in after), agent
        assert not any(torch.equal(old, new) for old, new in zip(before[agent], after, strict=True)), agent


def rollout(algorithm, env, seen, num_steps):
    """Play on; return what `IPPO.learn` takes, and what is seen at last."""
    fields = [{agent: [] for agent in env.agents} for _ in range(6)]
    ended = dict.fromkeys(env.agents, np.zeros(env.num_envs))
    for _ in range(num_steps):
        acts, log_probs, _, values = algorithm.get_action(seen)
        then, paid, terminated, truncated, _ = env.step(acts)
        for field, by_agent in zip(fields, (seen, acts, log_probs, paid, ended, values), strict=True):
            for agent in env.agents:
                field[agent].append(by_agent[agent])
        ended = {agent: (terminated[agent] | truncated[agent]).astype(float) for agent in env.agents}
        seen = then
    return (*fields, seen, ended), seen


@pytest.mark.parametrize("cheap", [1, 2])
@pytest.mark.parametrize("value,leaves", [(1, True), (30, False)])
def test_both_sides_learn_from_what_they_are_paid(value, leaves, cheap):
    """A user's answer is best whatever is offered, and the provider had better take the cheap route."""
    game = Game(value, 0, (0.3, 0.3), (1, 1), (1, 9) if cheap == 1 else (9, 1))
    env = many(num_envs=32, game=game, grid=LEVELS)
    algorithm = ippo(env, lr=1e-2, batch_size=128, ent_coef=0.0)
    seen, _ = env.reset()
    for _ in range(12):
        experiences, seen = rollout(algorithm, env, seen, num_steps=12)
        algorithm.learn(experiences)
    begins, playing = (np.array([agent] * 64, dtype=np.float32) for agent in ([1, 1], [1, 0.5, 0.5, 1, 1]))
    acts, *_ = algorithm.get_action({"provider": begins, "user0": playing, "user1": playing})
    assert (acts["provider"] // LEVELS == cheap - 1).mean() > 0.8
    for user in ("user0", "user1"):
        assert ((acts[user] == ABANDON) == leaves).mean() > 0.8


def test_environments_in_arrays_play_the_same_as_one():
    plain = Normalized(routing_v0.parallel_env(GAME, num_users=3))
    env = RoutingVecEnv(GAME, num_envs=2, num_users=3)
    offer = np.array([0.0, 0.25], dtype=np.float32)
    expected, _ = plain.reset(seed=5)
    seen, infos = env.reset(seed=5)
    rounds, gone = 0, 0
    for _ in range(3):
        while plain.agents:
            for agent, name in zip(plain.possible_agents, env.agents, strict=True):
                np.testing.assert_allclose(seen[name][0], expected.get(agent, np.zeros(5)), rtol=1e-6)
                assert env.single_observation_space(name).contains(seen[name][0])
            playing = list(plain.agents)
            expected, paid, ended, *_ = plain.step({agent: offer if agent == "provider" else 0 for agent in playing})
            acts = {name: np.tile(offer, (2, 1)) if name == "provider" else np.zeros(2) for name in env.agents}
            seen, rewards, terminated, truncated, infos = env.step(acts)
            rounds += 1
            for agent, name in zip(plain.possible_agents, env.agents, strict=True):
                np.testing.assert_allclose(rewards[name][0], paid.get(agent, 0), rtol=1e-6)
                assert terminated[name][0] == ended.get(agent, True) and not truncated[name].any()
                assert rewards[name].shape == (2,) and infos[name] == {}
                gone += agent not in playing
        expected, _ = plain.reset()
    assert env.passes > 3 * rounds and gone > 3


def test_actions_outside_the_box_count_as_the_nearest():
    seen = []
    for low, high in ((0.0, 1.0), (-3.0, 1.5)):
        env = many(num_envs=2, num_users=1)
        env.reset()
        then, *_ = env.step({"provider": np.array([[low, 0.5], [0.5, high]]), "user0": np.zeros(2)})
        seen.append(np.concatenate(list(then.values()), axis=1))
    np.testing.assert_array_equal(*seen)


def test_what_was_handed_out_stays_as_it_was():
    env = many()
    acts = {"provider": np.full((4, 2), 0.25), "user0": np.full(4, ABANDON), "user1": np.zeros(4)}
    told = [env.reset()[0], *(part for _ in range(2) for part in env.step(acts)[:4])]
    kept = [{agent: array.copy() for agent, array in part.items()} for part in told]
    for _ in range(20):
        env.step(acts)
    for part, copies in zip(told, kept, strict=True):
        for agent in env.agents:
            np.testing.assert_array_equal(part[agent], copies[agent])


def test_a_seed_brings_the_same_episodes_again():
    env, paid = many(num_envs=8), []
    acts = {"provider": np.full((8, 2), 0.25), "user0": np.zeros(8), "user1": np.zeros(8)}
    for _ in range(2):
        env.reset(seed=7)
        paid.append([np.stack(list(env.step(acts)[1].values())) for _ in range(20)])
    np.testing.assert_array_equal(*paid)


@pytest.mark.parametrize("make", [one, lambda: many(num_envs=16)])
def test_its_loop_forgets_the_ends_of_all_environments_when_an_episode_of_one_is_over(make):
    """It clears the marks of all of them when all agents of one have ended at once, which they always do at last."""
    env, ends = make(), 0
    step = env.step

    def counted(actions):
        nonlocal ends
        told = step(actions)
        ends += int((told[2]["provider"] | told[3]["provider"]).sum())
        return told

    env.step = counted
    _, given = trained(env)
    assert ends > 2
    for *_, dones, _, _, _ in given:
        assert not np.any(dones["provider"])


def test_limits():
    assert set(ippo(one(num_users=2)).actors) == {"provider", "user"}, "users share a policy"
    with pytest.raises(routing_v0.ActionError, match="it is not playing"):
        trained(one(num_users=3))
    with pytest.raises(RuntimeError, match="nan"):
        trained(one(num_users=3, ignore_ended=True))
    with pytest.raises(ValueError, match="ambiguous"):
        trained(one(infos=True))


def test_gaussians_begin_with_a_deviation_of_1_at_the_least():
    algorithm = ippo(many(num_envs=1, num_users=1), action_std_init=0.0)
    seen = {"provider": np.ones((2000, 2), dtype=np.float32), "user0": np.ones((2000, 5), dtype=np.float32)}
    assert algorithm.get_action(seen)[0]["provider"].std() > 0.9

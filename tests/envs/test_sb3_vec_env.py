"""stable-baselines3's view of the vector environments: endings, wrappers, and PPO on games with an obvious answer."""

import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from stable_baselines3 import PPO
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.vec_env import VecMonitor, VecNormalize

from routegame import Game, ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.routing_v0 import RETRY, ActionError
from routegame.envs.sb3_vec_env import Sb3VecEnv
from routegame.envs.vector_env import FollowerVectorEnv, LeaderVectorEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
CASCADE = Commitment.unthrottled(GAME, route=1, cascade_prob=0.25)
HOPELESS = Game(1, 1, (0.1, 0.1), (1, 1), (1, 1))
STANDARD = Commitment.unthrottled(HOPELESS, route=1, cascade_prob=0)
DEAR = Game(10, 0, (0.5, 0.5), (1, 1), (1, 9))
NUM = 8


def users(**options):
    return FollowerVectorEnv(GAME, NUM, CASCADE, information="history", max_passes=3, **options)


def stay(game, commitments):
    return np.zeros(len(commitments))


def test_it_says_what_gymnasium_says():
    env, gym = Sb3VecEnv(users()), users()
    env.seed(4)
    assert np.array_equal(env.reset(), gym.reset(seed=4)[0])
    rng, kinds = np.random.default_rng(0), set()
    for _ in range(40):
        actions = (rng.random(NUM) < 0.2).astype(np.int64)
        observations, rewards, dones, infos = env.step(actions)
        seen, paid, terminations, truncations, gym_infos = gym.step(actions)
        assert np.array_equal(observations, seen) and np.array_equal(rewards, paid)
        assert dones.tolist() == (terminations | truncations).tolist()
        for row, info in enumerate(infos):
            if not dones[row]:
                assert info == {}
                continue
            assert np.array_equal(info["terminal_observation"], gym_infos["final_obs"][row])
            assert info["TimeLimit.truncated"] is bool(truncations[row])
            assert info["passes"] == gym_infos["final_info"]["passes"][row]
            kinds.add((info["solved"], info["abandoned"], info["TimeLimit.truncated"]))
    assert kinds == {(True, False, False), (False, True, False), (False, False, True)}


def test_a_seed_is_used_once():
    env = Sb3VecEnv(FollowerVectorEnv(GAME, NUM, "random"))

    def begun() -> np.ndarray:
        env.reset()
        return env.step(np.full(NUM, RETRY))[0]

    env.seed(4)
    first, second = begun(), begun()
    assert not np.array_equal(first, second)
    env.seed(4)
    assert np.array_equal(begun(), first)


def test_a_leaders_every_step_ends_an_episode():
    env = Sb3VecEnv(LeaderVectorEnv(GAME, NUM, stay, num_tasks=10))
    env.reset()
    _, _, dones, infos = env.step(np.full((NUM, 2), 0.5, dtype=np.float32))
    assert dones.all()
    assert all(not info["TimeLimit.truncated"] and 0 <= info["solve_share"] <= 1 for info in infos)
    assert all(len(info["passes"]) == 2 for info in infos)


def test_vec_monitor_adds_up_episodes():
    env = VecMonitor(Sb3VecEnv(users()), info_keywords=("solved", "passes"))
    env.reset()
    episodes, returns, told = np.zeros(NUM), np.zeros(NUM), 0
    for _ in range(30):
        _, rewards, dones, infos = env.step(np.zeros(NUM, dtype=np.int64))
        returns += rewards
        episodes += 1
        for row in np.flatnonzero(dones):
            episode = infos[row]["episode"]
            assert episode["r"] == pytest.approx(returns[row], abs=1e-5)
            assert episode["l"] == episodes[row] == episode["passes"]
            told += 1
        returns[dones], episodes[dones] = 0, 0
    assert told


def test_vec_normalize_normalises_last_observations_too():
    env = VecNormalize(Sb3VecEnv(users()))
    env.reset()
    for _ in range(20):
        observations, _, dones, infos = env.step(np.zeros(NUM, dtype=np.int64))
        assert np.isfinite(observations).all()
        for row in np.flatnonzero(dones):
            assert (np.abs(infos[row]["terminal_observation"]) <= env.clip_obs).all()


def test_attributes_are_those_of_the_whole():
    env = Sb3VecEnv(users())
    assert env.get_attr("max_passes") == [3] * NUM
    assert env.get_attr("game", indices=[1, 4]) == [GAME] * 2
    assert env.env_is_wrapped(VecMonitor, indices=0) == [False]
    for refused in (lambda: env.set_attr("game", DEAR), lambda: env.env_method("reset")):
        with pytest.raises(NotImplementedError, match="of their own"):
            refused()


def test_bad_actions_and_other_restarts_are_refused():
    env = Sb3VecEnv(users())
    env.reset()
    with pytest.raises(ActionError, match="user of environment 2"):
        env.step(np.array([0, 0, 5, 0, 0, 0, 0, 0]))
    with pytest.raises(ParameterError, match="restarts in the step that ends"):
        Sb3VecEnv(users(autoreset_mode=AutoresetMode.NEXT_STEP))


def learner(env, **settings):
    torch.set_num_threads(1)
    env.seed(0)
    return PPO("MlpPolicy", env, n_steps=16, batch_size=256, learning_rate=0.01, seed=0, device="cpu", **settings)


def test_ppo_learns_to_leave_a_hopeless_task():
    """A pass costs ten times what it brings: leaving after the first failure earns −0.9, staying about −8.6."""
    env = VecMonitor(Sb3VecEnv(FollowerVectorEnv(HOPELESS, 64, STANDARD, max_passes=20)))
    ppo = learner(env)
    before, _ = evaluate_policy(ppo, env, n_eval_episodes=300, deterministic=False)
    ppo.learn(64 * 16 * 4)
    after, _ = evaluate_policy(ppo, env, n_eval_episodes=300, deterministic=False)
    assert before < -1.5
    assert after > -1.05


def test_ppo_learns_to_route_to_the_cheaper_model():
    """Users stay whatever happens: a task costs 2 on the standard model and 18 on the reasoning one."""
    env = VecMonitor(Sb3VecEnv(LeaderVectorEnv(DEAR, 64, stay, num_tasks=50)))
    ppo = learner(env)
    ppo.learn(64 * 16 * 6)
    action, _ = ppo.predict(env.reset(), deterministic=True)
    assert (action[:, 0] <= 0.5).all()


def test_masks_are_there_for_maskable_algorithms():
    """sb3-contrib looks for an attribute and calls a method of every row."""
    env = Sb3VecEnv(users())
    assert env.has_attr("action_masks") and not Sb3VecEnv(LeaderVectorEnv(DEAR, NUM, stay)).has_attr("action_masks")
    env.seed(0)
    env.reset()
    assert np.array_equal(np.stack(env.env_method("action_masks")), [[True, False]] * NUM)
    env.step(np.full(NUM, RETRY))
    masks = np.stack(env.env_method("action_masks"))
    assert np.array_equal(masks, env.env.action_masks()) and masks[:, 1].any()
    assert np.array_equal(env.env_method("action_masks", indices=[2, 5]), masks[[2, 5]])

"""Accounts of an episode: money, time and endings as scenes show them, against the rewards and infos of its rounds."""

from typing import Any

import numpy as np
import pytest
from routing_episodes import HARD, STANDARD, TYPES

from routegame.envs import routing_v0
from routegame.envs.routing.rounds import Commits
from routegame.envs.routing_v0 import ABANDON, RETRY


def test_a_clock_is_of_one_task_and_the_wait_of_all() -> None:
    env = routing_v0.parallel_env(HARD, num_tasks=2, render_mode="ansi")
    env.reset(seed=0)
    clocks, waits = [], []
    for answer in (RETRY, RETRY, ABANDON, RETRY, RETRY):
        env.step({"provider": STANDARD, "user_0": answer})
        (user,) = env.scene().users
        clocks.append(user.clock)
        waits.append(user.waited)
    assert clocks == [1, 2, 2, 1, 2] and waits == [1, 2, 2, 3, 4]
    assert (env.scene().tally, env.scene().compute, env.scene().churn) == ((0, 1, 0), 4.0, 20.0)


@pytest.mark.parametrize("commits", ["episode", "task", "never"])
def test_a_scene_adds_up(commits: Commits) -> None:
    env = routing_v0.parallel_env(TYPES, num_tasks=4, commits=commits, render_mode="ansi", max_passes=30)
    size = env.action_space("provider").shape[0]
    rewards, waited = dict.fromkeys(env.possible_agents, 0.0), dict.fromkeys(env.possible_agents, 0.0)
    ended, handed_over, models = np.zeros(3, dtype=int), 0, dict.fromkeys(env.possible_agents, 0)
    env.reset(seed=3)
    answers = np.random.default_rng(0)
    while env.agents:
        actions: dict[str, Any] = {agent: int(answers.random() < 0.15) for agent in env.agents}
        _, paid, _, truncations, infos = env.step(actions | {"provider": np.full(size, 0.4)})
        scene = env.scene()
        for agent, reward in paid.items():
            rewards[agent] += reward
        moved = 0
        for user, info in infos.items():
            if user == "provider":
                continue
            waited[user] += info["latency"]
            ended += [info["solved"], info["abandoned"], truncations[user]]
            if info["passes"] > 1 and (models[user], info["model"]) == (1, 2):
                moved += 1
            models[user] = info["model"]
        assert sum(user.handed_over for user in scene.users) == moved
        handed_over += moved
        assert scene.tally == tuple(ended)
        assert -rewards["provider"] == pytest.approx(scene.compute + scene.churn)
        for user, name in zip(scene.users, env.possible_agents[1:], strict=True):
            assert (user.waited, user.utility) == pytest.approx((waited[name], rewards[name]))
            assert user.clock <= user.waited
            assert user.finished == (name not in env.agents)
    assert ended[0] > 0 < ended[1]
    assert (handed_over > 0) == (commits != "never")

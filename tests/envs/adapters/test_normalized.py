"""Numbers of about 1: the same episodes in other units."""

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test
from routing_episodes import CASCADE, GAME, MENU, TYPES, always, play

from routegame.envs import routing_v0
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.game import Game
from routegame.envs.routing_v0 import RETRY


def made(*args, infos=True, **options):
    return Normalized(routing_v0.parallel_env(*args, **options), infos=infos)


def test_an_episode_is_the_same_in_other_units():
    options = {"num_users": 2, "information": "history"}
    own, env = routing_v0.parallel_env(GAME, **options), made(GAME, **options)
    expected, episode = (play(one, CASCADE, always(RETRY), seed=3) for one in (own, env))
    assert env.units == {"provider": 2 * 10.0, "user_0": 9.0, "user_1": 9.0}
    for (seen, rewards, *flags, infos), (plain, paid, *plain_flags, told) in zip(
        episode.steps, expected.steps, strict=True
    ):
        assert rewards == {agent: reward / env.units[agent] for agent, reward in paid.items()}
        assert flags == plain_flags and infos.keys() == told.keys()
        for agent, view in seen.items():
            space = env.observation_space(agent)
            assert view in space and space.high.max() == 1
            np.testing.assert_allclose(view * own.observation_space(agent).high, plain[agent], rtol=1e-6)
            np.testing.assert_array_equal(env.seen_as(agent, plain[agent]), view)
    assert env.state() in env.state_space and env.state().any()


@pytest.mark.parametrize("game,units", [(TYPES, (30.0, 10.0)), (MENU, (10 / 3, 9.0)), (GAME, (10.0, 9.0))])
def test_units_are_those_of_a_task(game, units):
    env = made(game)
    assert env.units["user_0"] == units[1]
    assert env.units["provider"] == pytest.approx(units[0] if game is not MENU else 0.7 / 0.2)


def test_passes_that_cost_nothing_are_measured_by_the_churn_penalty():
    free = Game(9, 20, (0.1, 0.3), (1, 2), (0, 0))
    assert made(free).units["provider"] == 20
    assert made(Game(9, 0, (0.1, 0.3), (1, 2), (0, 0))).units["provider"] == 1


def test_infos_are_left_out_on_request():
    env = made(GAME, infos=False, num_users=2)
    _, infos = env.reset(seed=0)
    assert infos == {"provider": {}, "user_0": {}, "user_1": {}}
    assert env.step({"provider": CASCADE, "user_0": RETRY, "user_1": RETRY})[4] == infos


def test_bounds_below_zero_and_bounds_that_coincide_are_scaled_too():
    env = made(GAME, padded=True, num_users=2)
    assert env.observation_space("provider").shape == (5,)
    seen, _ = env.reset(seed=0)
    assert seen["provider"].tolist() == [1, 0.5, 0, 0, 0], "the second is half of the largest route"


@pytest.mark.parametrize("options", [{}, {"padded": True, "grid": 4, "flat": True}, {"commits": "never"}])
def test_pettingzoo_finds_no_fault(options):
    parallel_api_test(made(GAME, num_users=2, **options), num_cycles=40)
    parallel_seed_test(lambda: made(GAME, num_users=2, **options), num_cycles=20)

"""Environments as Gymnasium makes them: the other side plays well unless one says otherwise."""

import gymnasium
import numpy as np

import routegame
from routegame import makers, scenario


def test_options_reach_the_environment():
    made = gymnasium.make("routegame:routegame/Leader-v0", game="gpt41-o3")
    assert made.unwrapped.routing.game == scenario("gpt41-o3").game
    many = gymnasium.make_vec("routegame/Leader-v0", num_envs=3, game="gpt41-o3")
    assert many.num_envs == 3 and many.unwrapped.game == scenario("gpt41-o3").game


def test_users_of_a_leader_are_at_their_best():
    """At (1, 0) of nano-gpt5 those are gone after one failure; on route 2 they stay to the end."""
    assert routegame.best_response("nano-gpt5", 1, 0.0) == 1 and routegame.best_response("nano-gpt5", 2, 0.0) == 0
    for route, leave in ((0.0, True), (1.0, False)):
        env = makers.leader_env("nano-gpt5", num_users=200)
        env.reset(seed=0)
        _, reward, *_ = env.step(np.array([route, 0.0], dtype=np.float32))
        game = scenario("nano-gpt5").game
        passes = game.cost[int(route)]
        most = 200 * passes + 200 * game.churn_penalty
        assert (-reward < most) and (leave == (-reward > 200 * passes + 0.5 * 200 * game.churn_penalty))


def test_whoever_says_otherwise_is_heard():
    env = makers.leader_env("nano-gpt5", num_users=50, users=lambda *_: 0.0)
    env.reset(seed=0)
    assert env.step(np.zeros(2, dtype=np.float32))[1] > -50 * scenario("nano-gpt5").game.churn_penalty

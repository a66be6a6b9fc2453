"""Users at their best, as environments ask for them: the exact best response, of one user or of many."""

import numpy as np
import pytest

from routegame import Game, best_response
from routegame.agents.perfect import answers_at_their_best, at_their_best
from routegame.envs import routing_v0
from routegame.envs.commitment import Commitments, RoutingGame

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # users leave before s_0 = 0.0411


@pytest.mark.parametrize("route,s,leaves", [(1, 0.03, 1.0), (1, 0.05, 0.0), (1, 0.0, 1.0), (2, 0.03, 0.0)])
def test_one_user_answers_what_it_sees(route, s, leaves):
    seen = np.array([1, route, s, 1, 2], dtype=np.float32)
    assert at_their_best(GAME, seen) == leaves
    assert at_their_best(GAME, np.append(seen, 3)) == leaves, "what it remembers besides does not matter"


def test_one_user_answers_to_latencies_in_force():
    """Model 2 at 2.8 is worth no wait: 9 * 0.3 < 2.8."""
    assert at_their_best(GAME, np.array([1, 1, 0.05, 1, 2.8], dtype=np.float32)) == 1
    assert at_their_best(GAME, np.array([1, 2, 0.05, 1, 2.8], dtype=np.float32)) == 1


def test_what_an_environment_shows_can_be_answered():
    env = routing_v0.parallel_env(GAME, num_users=1)
    observations, _ = env.reset(seed=0)
    box = RoutingGame(GAME)
    offer = box.at([0.0, 0.3])
    action = box.action(offer).astype(np.float32)
    observations, *_ = env.step({agent: action if agent == "provider" else 0 for agent in env.agents})
    assert at_their_best(GAME, observations["user_0"]) == best_response(GAME, offer.route, offer.cascade_prob)


def test_many_users_answer_as_one_by_one():
    rng = np.random.default_rng(0)
    box = RoutingGame(GAME, throttling=True)
    offers = box.commitments(rng.random((200, box.size)))
    found = answers_at_their_best(GAME, offers)
    expected = [
        float(best_response(GAME, offer.route, offer.cascade_prob, offer.throttled_latency))
        for offer in (offers[k] for k in range(200))
    ]
    np.testing.assert_array_equal(found, expected)
    assert {0.0, 1.0} <= set(found.tolist()) and found.dtype == np.float64
    assert answers_at_their_best(GAME, Commitments.unthrottled(GAME, [1, 2], [0.0, 0.0])).tolist() == [1, 0]

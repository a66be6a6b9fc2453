"""The routing game in closed form: the chain, brute force over answers, and latencies that are in force."""

import numpy as np
import pytest

from routegame import Game, solve
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.agents.users.kinds import follower
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.scenarios import scenario

GAME = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))
ACTIONS = np.random.default_rng(0).random((60, 4)) ** (1, 4, 1, 1) * (1, 0.5, 0.02, 0.02)


@pytest.fixture(scope="module")
def known():
    return SolvedRouting(RoutingGame(GAME, throttling=True))


def test_outcomes_are_those_at_the_latencies_in_force(known):
    offers, answers = known.game.commitments(ACTIONS), np.linspace(0, 1, 60)
    cost, utility = known.outcome(offers, answers)
    for k in range(60):
        offer = offers[k]
        found = outcome(GAME.with_latency(offer.throttled_latency), offer.route, offer.cascade_prob, answers[k])
        assert (cost[k], utility[k]) == pytest.approx((found.provider_cost, found.user_utility))


def test_no_answer_is_better_than_the_best(known):
    offers = known.game.commitments(ACTIONS)
    best = known.best_answer(offers)
    _, utility = known.outcome(offers, best)
    for answer in np.linspace(0, 1, 101):
        assert (known.outcome(offers, np.full(60, answer))[1] <= utility + 1e-12).all()
    assert {0.0, 1.0} < set(best), "users stay, leave, and mix"


@pytest.mark.parametrize("throttling", [False, True])
def test_the_equilibrium_slows_models_down_where_that_is_allowed(throttling):
    game = scenario("figure-5-throttle").game
    best = SolvedRouting(RoutingGame(game, throttling=throttling)).equilibrium()
    assert best == solve(game, throttling=throttling).equilibrium
    assert (tuple(best.throttled_latency) != tuple(game.latency)) == throttling


def test_a_profile_has_the_latencies_of_its_commitment(known):
    offer = Commitment(1, 0.25, (0.75, 3.0))
    profile = known.profile(offer, 0.5)
    found = outcome(GAME.with_latency((0.75, 3.0)), 1, 0.25, 0.5)
    assert (profile.leader_cost, profile.follower_utility) == (found.provider_cost, found.user_utility)
    assert profile.throttled_latency == (0.75, 3.0) and profile.follower_answer == 0.5


def test_much_is_the_larger_of_utility_and_what_a_pass_may_bring(known):
    offers = known.game.commitments(np.array([[0, 0.5, 0, 0], [1, 0, 0, 0], [0, 0.5, 0, 0]]))
    assert known.scale(offers, np.array([-0.2, 1.0, -3.0])) == pytest.approx([0.65, 1.95, 3.0])


def test_users_of_any_rule_answer(known):
    offers = known.game.commitments(ACTIONS)
    exact, hot = (known.response(follower(kind))(offers) for kind in ("exact", "quantal:1"))
    assert exact.tolist() == known.best_answer(offers).tolist() != hot.tolist()
    assert ((hot > 0) & (hot < 1)).all()

"""Rules that learn nothing: what they commit to, and that the ceilings are ceilings."""

from itertools import product

import numpy as np
import pytest
from two_models import TWO_MODELS

from routegame import Game, ParameterError, best_response, solve
from routegame.agents.rules import RULES, analytic, cost_of_pass_route, grid
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.scenarios import scenario

REVERSED = Game(10, 5, (0.6, 0.2), (4, 1), (1.2, 1))


def provider_cost(game, commitment):
    """Of a commitment under the exact best response."""
    route, s, latency = commitment.route, commitment.cascade_prob, commitment.throttled_latency
    answer = best_response(game, route, s, latency)
    return float(outcome(game.with_latency(latency), route, s, answer).provider_cost)


def made(rule, game, **options):
    return RULES[rule](RoutingGame(game, **options))


@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("name", TWO_MODELS)
def test_analytic_reaches_the_equilibrium_and_nothing_beats_it(name, throttling):
    game = scenario(name).game
    best = solve(game, throttling=throttling).equilibrium.provider_cost
    costs = {rule: provider_cost(game, made(rule, game, throttling=throttling)) for rule in RULES}
    assert costs.pop("analytic") == pytest.approx(best, rel=1e-12)
    assert min(costs.values()) >= best * (1 - 1e-12)
    assert costs["grid"] <= min(costs.values()) * (1 + 1e-12)


@pytest.mark.parametrize("name", ["figure-5-throttle", "figure-5-switch", "latency-value-reasoning-throttle"])
def test_users_leave_a_slowed_model_also_if_the_latency_went_through_an_action(name):
    box = RoutingGame(scenario(name).game, throttling=True)
    rounded = box.commitment(box.action(analytic(box)))
    least = solve(box.game, throttling=True).equilibrium
    assert provider_cost(box.game, rounded) == pytest.approx(least.provider_cost)
    slowed, wanted = rounded.throttled_latency, least.throttled_latency
    assert slowed == pytest.approx(wanted, rel=2e-6)
    worth = tuple(t / (1 + 2e-12) if t > own else t for t, own in zip(wanted, box.game.latency, strict=True))
    answers = [best_response(box.game, least.route, 0, latency) for latency in (worth, wanted, slowed)]
    assert answers == [0, 1, 1]  # at V p they would stay


def test_analytic_refuses_a_box_in_which_users_cannot_be_driven_off():
    game = scenario("figure-5-throttle").game
    with pytest.raises(ParameterError, match=r"max_latency must be at least \(0\.8\d*, 1\.5\), .* got \(0\.7, 9\.0\)"):
        analytic(RoutingGame(game, throttling=True, max_latency=(0.7, 9)))
    assert analytic(RoutingGame(game, throttling=True, max_latency=(0.9, 1.5))).route == 1


@pytest.mark.parametrize("throttling, parts", [(False, 100), (True, 20)])
def test_grid_is_the_best_of_its_points(throttling, parts):
    """Found again one by one, on every fifth point of each axis; the whole grid can only be better."""
    box = RoutingGame(scenario("gpt41-o3").game, throttling=throttling)
    chosen = box.actions(_as_batch(grid(box)))[0]
    assert chosen * parts == pytest.approx(np.round(chosen * parts), abs=1e-9)
    step = np.linspace(0, 1, parts // 5 + 1)
    coarse = [provider_cost(box.game, box.at(point)) for point in product((0.0, 1.0), *[step] * (box.size - 1))]
    assert provider_cost(box.game, grid(box)) <= min(coarse)


def _as_batch(commitment):
    box = RoutingGame(Game(1, 1, (0.5, 0.5), commitment.throttled_latency, (1, 1)))
    return box.commitments(np.array([[commitment.route - 1, commitment.cascade_prob]]))


def test_grid_finds_the_cheapest_point_beyond_the_cliff():
    game = scenario("figure-4-left-cascade").game
    assert made("grid", game) == Commitment(1, 0.05, (1.0, 2.0))
    assert provider_cost(game, made("grid", game)) == pytest.approx((1 + 0.045 * 11) / 0.145)


@pytest.mark.parametrize(
    "rule, game, route, cascade_prob",
    [
        ("static_cheap", scenario("figure-4-left-cascade").game, 1, 0),
        ("static_strong", scenario("figure-4-left-cascade").game, 2, 0),
        ("cost_of_pass", scenario("figure-4-left-cascade").game, 1, 0),
        ("cost_of_pass", scenario("figure-4-left-reasoning").game, 2, 0),
        ("always_cascade", scenario("figure-4-left-cascade").game, 1, 1),
        ("static_cheap", REVERSED, 2, 0),
        ("static_strong", REVERSED, 1, 0),
        ("cost_of_pass", REVERSED, 1, 0),
        ("always_cascade", REVERSED, 1, 1),
        ("static_cheap", Game(10, 5, (0.2, 0.2), (1, 1), (1, 1)), 1, 0),
        ("static_strong", Game(10, 5, (0.2, 0.2), (1, 1), (1, 1)), 2, 0),
    ],
)
def test_rules_of_thumb(rule, game, route, cascade_prob):
    for throttling in (False, True):
        chosen = made(rule, game, throttling=throttling)
        assert chosen == Commitment(route, cascade_prob, game.latency)


def test_the_habit_of_ignoring_users_can_cost_any_amount():
    """The threshold rule takes the cheap model, which users leave: its regret grows with the penalty without end."""
    game = scenario("figure-4-left-cascade").game
    for penalty in (15, 150, 1500):
        dear = Game(9, penalty, game.success_prob, game.latency, game.cost)
        assert provider_cost(dear, made("cost_of_pass", dear)) == pytest.approx(1 + 0.9 * penalty)
        assert provider_cost(dear, made("analytic", dear)) == pytest.approx(
            11 - 0.1 / (0.1 + 0.9 * 0.1 / (0.7 / 0.3 + 0.1))
        )


def test_threshold_rule_follows_cost_of_pass():
    game = Game(1, 1, (0.1, 0.2), (1, 1), (np.array([0.9, 1.0, 1.1]), 2.0))
    assert cost_of_pass_route(game).tolist() == [1, 1, 2]

"""Users within δ of their best: against dense grids over the answer that know the chain of docs/theory.md alone."""

from dataclasses import fields

import numpy as np
import pytest
from quick_regimes import either_model_first

from routegame import Game, ParameterError, best_response, solve
from routegame.agents.exact.best_response import thresholds
from routegame.agents.users.robust import robust_equilibrium, robust_provider_cost, robust_response
from routegame.envs.chain import outcome

REGIMES = {"value-value": "++", "value-latency": "+-", "latency-value": "-+", "latency-latency": "--"}
FIG_4_LEFT = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
S_0 = 0.1 / (0.7 / 0.3 + 0.1)


def random_game(regime, count, seed):
    """`count` games of a sign regime, the models in any order."""
    rng = np.random.default_rng([seed, *map(ord, REGIMES[regime])])
    value, p, c = rng.uniform(1, 20, count), rng.uniform(0.05, 0.95, (2, count)), rng.uniform(0, 1, (2, count))
    positive = np.array([[sign == "+"] for sign in REGIMES[regime]])
    share = np.where(positive, rng.uniform(0.02, 0.98, (2, count)), 1 / rng.uniform(0.05, 0.98, (2, count)))
    penalty = rng.uniform(0, 2, count) * np.max(c / p, axis=0)
    return Game(value, penalty, tuple(p), tuple(value * p * share), tuple(c))


def entry(game, index):
    numbers = (game.task_value, game.churn_penalty, *game.success_prob, *game.latency, *game.cost)
    value, penalty, p1, p2, t1, t2, c1, c2 = (np.broadcast_to(x, game.shape)[index] for x in numbers)
    return Game(value, penalty, (p1, p2), (t1, t2), (c1, c2))


def random_slack(game, rng, low=1e-6):
    """δ from next to nothing to more than there is to forgo."""
    scale = np.max(np.abs(game.net_value), axis=0) / np.min(game.success_prob, axis=0)
    return scale * np.exp(rng.uniform(np.log(low), np.log(2), game.shape))


@pytest.fixture(scope="module", params=either_model_first(REGIMES))
def regime(request):
    return request.param


# ---- oracle


def payoffs(game, route, s, q):
    """U and J by the transitions of docs/theory.md, eliminated by hand."""
    (p1, p2), (t1, t2), (c1, c2) = game.success_prob, game.latency, game.cost
    n1 = np.where(route == 1, 1.0, 0.0) / (1 - (1 - p1) * (1 - q) * (1 - s))
    n2 = (np.where(route == 1, 0.0, 1.0) + n1 * (1 - p1) * (1 - q) * s) / (1 - (1 - p2) * (1 - q))
    left = (1 - p1) * q * n1 + (1 - p2) * q * n2
    utility = (game.task_value * p1 - t1) * n1 + (game.task_value * p2 - t2) * n2
    return utility, c1 * n1 + c2 * n2 + game.churn_penalty * left


def greatest(objective, shape, zooms):
    """Greatest value over q in [0, 1] by a dense grid and zooms around its best point; also the point."""
    low, high = np.zeros(shape), np.ones(shape)
    for zoom in range(zooms):
        share = np.linspace(0, 1, 2001 if zoom == 0 else 41).reshape(-1, *(1,) * len(shape))
        q = low + (high - low) * (share**2 * (3 - 2 * share) if zoom == 0 else share)
        values = objective(q)
        best = values.argmax(axis=0)[None]
        low, high = (np.take_along_axis(q, np.clip(best + k, 0, len(q) - 1), axis=0)[0] for k in (-1, 1))
    return np.take_along_axis(values, best, axis=0)[0]


def worst_cost(game, route, s, slack):
    """Greatest J over all answers that forgo no more than the slack."""
    shape = np.broadcast_shapes(game.shape, np.shape(s), np.shape(slack))
    best = greatest(lambda q: np.broadcast_to(payoffs(game, route, s, q)[0], (*q.shape[:1], *shape)), shape, 5)

    def cost_if_allowed(q):
        utility, cost = payoffs(game, route, s, q)
        return np.where(utility >= best - slack - 1e-13 * np.abs(best), cost, -np.inf)

    return greatest(cost_if_allowed, shape, 7)


# ---- a commitment


def test_worst_cost_is_brute_force(regime):
    rng, game = np.random.default_rng(1), random_game(regime, 400, seed=2)
    route = np.where(rng.random(400) < 0.8, 1, 2)
    s = np.where(rng.random(400) < 0.3, rng.integers(0, 2, 400), rng.random(400) ** 2)
    slack = random_slack(game, rng)
    got, wanted = robust_provider_cost(game, route, s, slack), worst_cost(game, route, s, slack)
    np.testing.assert_allclose(got, wanted, rtol=1e-6)
    assert np.mean(got > outcome(game, route, s, best_response(game, route, s)).provider_cost * 1.001) > 0.1


def test_the_worst_answer_is_allowed_and_as_dear_as_the_densest_grid_finds(regime):
    rng, game = np.random.default_rng(18), random_game(regime, 400, seed=19)
    route = np.where(rng.random(400) < 0.8, 1, 2)
    s = np.where(rng.random(400) < 0.3, rng.integers(0, 2, 400), rng.random(400) ** 2)
    slack = random_slack(game, rng)
    answer = robust_response(game, route, s, slack)
    assert np.all((answer >= 0) & (answer <= 1))
    utility, cost = payoffs(game, route, s, answer)
    best = greatest(lambda q: np.broadcast_to(payoffs(game, route, s, q)[0], (len(q), 400)), (400,), 5)
    assert np.all(utility >= best - slack * (1 + 1e-9) - 1e-9 * np.abs(best))
    np.testing.assert_allclose(cost, worst_cost(game, route, s, slack), rtol=1e-6)
    np.testing.assert_allclose(cost, robust_provider_cost(game, route, s, slack), rtol=1e-12)


def test_of_equally_dear_answers_it_is_the_best():
    """Where P = c_1/p_1, up to rounding, it is all the same to the provider how long a user stays with model 1."""
    p1, penalty = np.random.default_rng(20).uniform(0.05, 0.95, (2, 100))
    game = Game(9, penalty, (p1, 0.3), (np.where(p1 > 0.5, 10, 0.1), 2), (penalty * p1, 3.6))
    np.testing.assert_allclose(robust_provider_cost(game, 1, 0, 0.1), penalty, rtol=1e-12)
    np.testing.assert_array_equal(robust_response(game, 1, 0, 0.1), p1 > 0.5)


@pytest.mark.parametrize("name", ["s_0", "s_L", "s_H"])
def test_worst_cost_around_the_thresholds(name):
    game = random_game("latency-value" if name == "s_0" else "value-latency", 60, seed=3)
    at, slack = getattr(thresholds(game), name), random_slack(game, np.random.default_rng(4))
    for step in (-1e-3, -1e-6, 0, 1e-6, 1e-3):
        s = np.clip(at * (1 + step), 0, 1)
        np.testing.assert_allclose(robust_provider_cost(game, 1, s, slack), worst_cost(game, 1, s, slack), rtol=1e-6)


def test_worst_cost_is_never_below_that_of_the_best_response(regime):
    game, s = random_game(regime, 100, seed=5), np.linspace(0, 1, 21)[:, None]
    for route in (1, 2):
        best = outcome(game, route, s, best_response(game, route, s)).provider_cost
        assert np.all(robust_provider_cost(game, route, s, 0.0) >= best)


def test_worst_cost_grows_with_delta(regime):
    game, s = random_game(regime, 100, seed=6), np.linspace(0, 1, 21)[:, None, None]
    slack = np.concatenate([[0], np.geomspace(1e-9, 1e3, 60)])[:, None]
    for route in (1, 2):
        costs = robust_provider_cost(game, route, s, slack)
        assert costs.shape == ((21, 61, 100))
        assert np.all(np.diff(costs, axis=1) >= -1e-12 * costs[:, 1:])


def test_nothing_is_forgone_without_slack(regime):
    """Away from ties the answer is the best response alone."""
    game, s = random_game(regime, 100, seed=7), np.linspace(0, 1, 22)[:, None] ** 1.5
    got = robust_provider_cost(game, 1, s, 0.0)
    wanted = outcome(game, 1, s, best_response(game, 1, s)).provider_cost
    np.testing.assert_allclose(got, np.broadcast_to(wanted, got.shape), rtol=2e-5)


def test_anything_goes_with_slack_enough(regime):
    game, rng = random_game(regime, 50, seed=8), np.random.default_rng(9)
    s, q = rng.random(50), np.linspace(0, 1, 4001)[:, None]
    for route in (1, 2):
        most = payoffs(game, route, s, q)[1].max(axis=0)
        np.testing.assert_allclose(robust_provider_cost(game, route, s, 1e6), most, rtol=1e-6)


def test_the_jump_at_s_0():
    """ξ = (−0.1, 0.7): a hair beyond s_0 a user who may forgo a hair leaves at once, for 1 + 15 · 0.9 = 14.5."""
    stays = outcome(FIG_4_LEFT, 1, S_0, 0.0).provider_cost
    assert robust_provider_cost(FIG_4_LEFT, 1, S_0, 0) == pytest.approx(14.5)
    assert robust_provider_cost(FIG_4_LEFT, 1, S_0 + 1e-6, 0) == pytest.approx(stays, rel=1e-4)
    assert robust_provider_cost(FIG_4_LEFT, 1, S_0 + 1e-6, 1e-3) == pytest.approx(14.5)
    assert robust_provider_cost(FIG_4_LEFT, 1, S_0 + 1e-3, 1e-3) == pytest.approx(stays, rel=0.1)


def test_route_2_by_hand():
    """ξ_2 = 0.7, n_2 = 10/3 at best: forgoing 0.7 is one pass less, and 0.3 · 7/3 of the tasks are solved."""
    solved = 0.3 * 7 / 3
    wanted = 3.6 * 7 / 3 + 15 * (1 - solved)
    assert robust_provider_cost(FIG_4_LEFT, 2, 0.5, 0.7) == pytest.approx(wanted)
    assert robust_provider_cost(FIG_4_LEFT, 2, 0.5, 0) == pytest.approx(12)
    assert robust_provider_cost(FIG_4_LEFT, 2, 0.5, 99) == pytest.approx(3.6 + 15 * 0.7)


# ---- the commitment to make


def test_no_commitment_is_cheaper_at_worst(regime):
    rng, game = np.random.default_rng(10), random_game(regime, 300, seed=11)
    slack = random_slack(game, rng, low=1e-9)
    found = robust_equilibrium(game, slack)
    np.testing.assert_array_equal(
        found.provider_cost, robust_provider_cost(game, found.route, found.cascade_prob, slack)
    )
    even = np.linspace(0, 1, 400)
    s = np.concatenate([even, even**4, 1 - even**4, rng.random(400)])[:, None]
    for part in np.array_split(s, 4):
        assert np.all(found.provider_cost <= robust_provider_cost(game, 1, part, slack).min(axis=0) * (1 + 1e-10))
    assert np.all(found.provider_cost <= robust_provider_cost(game, 2, 0, slack) * (1 + 1e-10))


def test_the_cost_of_the_commitment_is_brute_force(regime):
    rng, game = np.random.default_rng(12), random_game(regime, 150, seed=13)
    slack = random_slack(game, rng, low=1e-4)
    found = robust_equilibrium(game, slack)
    # brute force cannot tell a jump from a hair beyond it: it is asked a little further on
    s = np.where(found.cascade_prob > 0, np.minimum(found.cascade_prob * (1 + 1e-8), 1), 0)
    np.testing.assert_allclose(found.provider_cost, worst_cost(game, found.route, s, slack), rtol=2e-6)


@pytest.mark.quick_cases(1)
def test_the_cost_grows_with_delta_from_the_weak_value(regime):
    game = random_game(regime, 30, seed=14)
    slack = np.concatenate([[0], np.geomspace(1e-12, 1e3, 25)])[:, None]
    cost, weak = robust_equilibrium(game, slack).provider_cost, solve(game).weak_provider_cost
    assert np.all(np.diff(cost, axis=0) >= -1e-10 * cost[1:])
    np.testing.assert_allclose(cost[0], weak, rtol=1e-9)
    np.testing.assert_allclose(cost[1], weak, rtol=1e-4)


# Exactly representable: V p_1 = 2, V p_2 = 4, so that a latency equal to it makes the net value exactly 0.
LATENCY_OF = ({"+": 1.0, "0": 2.0, "-": 3.0}, {"+": 2.5, "0": 4.0, "-": 5.5})


@pytest.mark.parametrize("signs", ["0+", "0-", "+0", "-0", "00"])
def test_without_slack_it_is_the_weak_value_at_zero_net_values(signs):
    rng = np.random.default_rng([15, *map(ord, signs)])
    latency = tuple(table[sign] for table, sign in zip(LATENCY_OF, signs, strict=True))
    game = Game(8.0, rng.uniform(0, 12, 40), (0.25, 0.5), latency, tuple(rng.uniform(0, 4, (2, 40))))
    weak = solve(game).weak_provider_cost
    np.testing.assert_allclose(robust_equilibrium(game, 0).provider_cost, weak, rtol=1e-8)
    np.testing.assert_allclose(robust_equilibrium(game, 1e-12).provider_cost, weak, rtol=1e-4)  # like √δ


def test_the_margin_beyond_s_0():
    """The commitment keeps users δ away from leaving, U(q=0) − U(q=1) > δ, and not by much."""
    slack = np.array([0, 1e-9, 1e-6, 1e-3])
    s = robust_equilibrium(FIG_4_LEFT, slack).cascade_prob
    margin = outcome(FIG_4_LEFT, 1, s, 0.0).user_utility - outcome(FIG_4_LEFT, 1, s, 1.0).user_utility
    assert np.all(margin > slack) and np.all(margin < slack + 1e-9)
    assert np.all(s > S_0)


def test_more_slack_may_call_for_a_margin_inside():
    """At δ = 0.1 the least cost is not at the jump: users must also lose enough by leaving now and then."""
    found = robust_equilibrium(FIG_4_LEFT, 0.1)
    margin = outcome(FIG_4_LEFT, 1, found.cascade_prob, [0.0, 1.0]).user_utility
    assert margin[0] - margin[1] > 0.5
    around = robust_provider_cost(FIG_4_LEFT, 1, found.cascade_prob + np.array([-1e-3, 1e-3]), 0.1)
    assert np.all(around > found.provider_cost)


# ---- form


def test_a_batch_is_its_games_one_at_a_time(regime):
    game = random_game(regime, 12, seed=16)
    slack = random_slack(game, np.random.default_rng(17))
    together = robust_equilibrium(game, slack)
    for k in range(12):
        alone = robust_equilibrium(entry(game, k), slack[k])
        assert [type(getattr(alone, field.name)) for field in fields(alone)] == [float, int, float, float]
        for field in fields(alone):
            assert getattr(together, field.name)[k] == getattr(alone, field.name), field.name


def test_shapes_broadcast():
    game = Game(np.linspace(7, 12, 3)[:, None], 15, (0.1, 0.3), (1, 2), (1, np.linspace(1, 4, 4)))
    slack = np.linspace(0, 1, 5)[:, None, None]
    found = robust_equilibrium(game, slack)
    assert {np.shape(getattr(found, field.name)) for field in fields(found)} == {(5, 3, 4)}
    assert robust_provider_cost(game, [1, 2, 1, 2], 0.3, slack).shape == (5, 3, 4)
    assert robust_response(game, [1, 2, 1, 2], 0.3, slack).shape == (5, 3, 4)
    assert type(robust_provider_cost(FIG_4_LEFT, 1, 0.3, 0.1)) is float
    assert type(robust_response(FIG_4_LEFT, 1, 0.3, 0.1)) is float
    assert robust_equilibrium(Game([], 15, (0.1, 0.3), (1, 2), (1, 3)), 0.1).provider_cost.shape == (0,)


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("p1", [1e-9, 0.5, 1 - 1e-9])
@pytest.mark.parametrize("p2", [1e-9, 0.5, 1 - 1e-9])
def test_extreme_games_have_finite_answers(p1, p2):
    slack = np.array([0, 1e-9, 1, 1e9])
    for share1, share2 in ((0, 0), (0.5, 0.5), (0.5, 2), (2, 0.5), (1, 1), (1e9, 1e-9)):
        game = Game(1, 3, (p1, p2), (share1 * p1, share2 * p2), (1, 2))
        found = robust_equilibrium(game, slack)
        assert np.isfinite(found.provider_cost).all()
        assert np.all(np.diff(found.provider_cost) >= -1e-9 * found.provider_cost[1:])
        assert found.provider_cost[0] >= solve(game).equilibrium.provider_cost * (1 - 1e-9)


@pytest.mark.parametrize("delta", [-1e-9, np.nan, np.inf])
def test_not_a_slack(delta):
    with pytest.raises(ParameterError, match="delta"):
        robust_provider_cost(FIG_4_LEFT, 1, 0.5, delta)
    with pytest.raises(ParameterError, match="delta"):
        robust_equilibrium(FIG_4_LEFT, delta)


@pytest.mark.parametrize("route,s", [(3, 0.5), (1, -0.1), (1, 1.1)])
def test_not_a_commitment(route, s):
    with pytest.raises(ParameterError):
        robust_provider_cost(FIG_4_LEFT, route, s, 0.1)

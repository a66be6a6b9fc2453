"""Quantal users: against Gauss-Legendre panels that know the chain of docs/theory.md alone, and in their limits."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from quick_regimes import either_model_first

from routegame import Game, ParameterError, best_response, solve
from routegame.agents.exact.best_response import thresholds
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response, quantal_slopes
from routegame.envs.chain import outcome

FIG_4_LEFT = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))  # ξ = (−0.1, 0.7)
FIG_4_RIGHT = Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3))  # ξ = (0.15, −0.55)
S_0 = 0.1 / (0.7 / 0.3 + 0.1)


@pytest.fixture
def games(draw, as_game):
    return lambda regime, count, seed: as_game(draw(regime, count, seed))


@pytest.fixture(
    scope="module", params=either_model_first(["value-value", "value-latency", "latency-value", "latency-latency"])
)
def regime(request):
    return request.param


# ---- oracle


def utility(game, route, s, q):
    """U by the transitions of docs/theory.md, eliminated by hand."""
    (p1, p2), (t1, t2) = game.success_prob, game.latency
    n1 = np.where(route == 1, 1.0, 0.0) / (1 - (1 - p1) * (1 - q) * (1 - s))
    n2 = (np.where(route == 1, 0.0, 1.0) + n1 * (1 - p1) * (1 - q) * s) / (1 - (1 - p2) * (1 - q))
    return (game.task_value * p1 - t1) * n1 + (game.task_value * p2 - t2) * n2


def gibbs_mean(game, route, s, tau, peak):
    """Mean of q by 16 Gauss-Legendre points on each of many panels, which shrink towards 0, the peak and 1."""
    shrinking = np.geomspace(1e-15, 1, 90)
    panels = np.sort(
        np.clip(np.concatenate([[0, peak], shrinking, 1 - shrinking, peak - shrinking, peak + shrinking]), 0, 1)
    )
    nodes, weights = np.polynomial.legendre.leggauss(16)
    width = np.diff(panels)[:, None]
    q = panels[:-1, None] + width * (nodes + 1) / 2
    worth = utility(game, route, s, q)
    likely = width * weights * np.exp((worth - worth.max()) / tau)
    return np.sum(likely * q) / np.sum(likely)


# ---- an answer


def test_answers_are_brute_force(regime, games):
    rng, game = np.random.default_rng(1), games(regime, 60, 2)
    route = np.where(rng.random(60) < 0.85, 1, 2)
    s = np.where(rng.random(60) < 0.2, rng.integers(0, 2, 60), rng.random(60) ** 2)
    if regime == "value-latency":  # most of them where best responses mix
        at = thresholds(game)
        s = np.where(rng.random(60) < 0.7, at.s_L + rng.random(60) * (at.s_H - at.s_L), s)
    tau = game.task_value * 10 ** rng.uniform(-6, 2, 60)
    got, best = quantal_response(game, route, s, tau), best_response(game, route, s)
    wanted = [gibbs_mean(game.single(k), route[k], s[k], tau[k], best[k]) for k in range(60)]
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)
    assert regime != "value-latency" or np.mean((best > 0) & (best < 1)) > 0.4


def test_cold_users_answer_at_their_best(regime, games):
    game, s = games(regime, 200, 3), np.random.default_rng(4).random(200) ** 2
    best = best_response(game, 1, s)
    other = outcome(game, 1, s, np.where(best > 0.5, 0.0, 1.0)).user_utility
    unique = outcome(game, 1, s, best).user_utility - other > 1e-3 * game.task_value
    assert unique.mean() > 0.8
    errors = [
        np.abs(quantal_response(game, 1, s, tau * game.task_value) - best)[unique].max() for tau in (1e-4, 1e-8, 1e-12)
    ]
    assert errors[1] < 0.1 * errors[0] and errors[2] < 1e-4


def test_cold_users_mix():
    """Between s_L and s_H, where a choice between 0 and 1 alone would be far off."""
    best = best_response(FIG_4_RIGHT, 1, 0.1)
    assert 0.3 < best < 0.4
    assert quantal_response(FIG_4_RIGHT, 1, 0.1, [1e-6, 1e-9]) == pytest.approx(best, abs=1e-4)


def test_cold_users_stay_or_leave_for_good_to_the_last_bit():
    assert quantal_response(FIG_4_LEFT, 1, [0.0, 0.5], 1e-200).tolist() == [1.0, 0.0]
    assert quantal_response(FIG_4_LEFT, 2, 0.5, 1e-200) == 0.0


def test_at_a_tie_cold_users_choose_by_how_flat_the_peaks_are():
    """At s_0 U(0) = U(1): each peak of the density is exponential, and as heavy as U is flat there."""
    n1, n2 = 1 / (0.1 + 0.9 * S_0), 0.9 * S_0 / (0.1 + 0.9 * S_0) / 0.3
    steepness = []
    for q in (0.0, 1.0):
        step = 1e-7 if q == 0 else -1e-7
        steepness.append(abs(utility(FIG_4_LEFT, 1, S_0, q + step) - utility(FIG_4_LEFT, 1, S_0, q)) / 1e-7)
    assert -0.1 * n1 + 0.7 * n2 == pytest.approx(-0.1)
    wanted = (1 / steepness[1]) / (1 / steepness[0] + 1 / steepness[1])
    assert quantal_response(FIG_4_LEFT, 1, S_0, 1e-7) == pytest.approx(wanted, rel=1e-4)


def test_hot_users_do_anything(regime, games):
    """q = 1/2 in the limit; before it, 1/2 plus the covariance of q and U over τ."""
    game, s = games(regime, 100, 5), np.random.default_rng(6).random(100)
    tau = 1e4 * np.asarray(game.task_value) / np.min(game.success_prob, axis=0) * np.max(game.latency, axis=0)
    q = (np.arange(20_000)[:, None] + 0.5) / 20_000
    slope = np.mean((q - 0.5) * utility(game, 1, s, q), axis=0)
    assert quantal_response(game, 1, s, 1e12) == pytest.approx(0.5, abs=1e-9)
    np.testing.assert_allclose((quantal_response(game, 1, s, tau) - 0.5) * tau, slope, rtol=1e-2, atol=1e-6)


PROBS = st.floats(0.01, 0.99)


@given(
    PROBS, PROBS, st.floats(0, 20), st.floats(0, 20), st.floats(0, 10), st.sampled_from([1, 2]), st.floats(0, 1),
    st.floats(1e-3, 1e3),
)  # fmt: skip
def test_slowing_down_never_makes_users_stay_longer(p1, p2, t1, t2, slower, route, s, tau):
    latencies = np.array([t1, t1 + slower, t1]), np.array([t2, t2, t2 + slower])
    before, *after = quantal_response(Game(10, 1, (p1, p2), latencies, (1, 1)), route, s, tau)
    assert 0 <= before <= 1
    assert all(answer >= before - 1e-8 for answer in after)


@given(PROBS, PROBS, st.floats(0, 20), st.floats(0, 20), st.floats(0, 1), st.floats(1e-3, 1e3), st.floats(-20, 20))
def test_the_unit_of_latency_does_not_matter(p1, p2, t1, t2, s, tau, power):
    unit = 2.0 ** round(power)
    one = quantal_response(Game(10, 1, (p1, p2), (t1, t2), (1, 1)), 1, s, tau)
    other = quantal_response(Game(10 * unit, 1, (p1, p2), (t1 * unit, t2 * unit), (1, 1)), 1, s, tau * unit)
    assert one == other


# ---- the commitment to make


@pytest.mark.slow
def test_no_commitment_is_cheaper(regime, games):
    game = games(regime, 12, 7)
    tau = np.array([1e-6, 1e-3, 0.03, 1])[:, None] * game.task_value
    found = quantal_equilibrium(game, tau)
    assert found.abandon_prob == pytest.approx(
        quantal_response(game, found.route, found.cascade_prob, tau), rel=1e-12, abs=0
    )
    s = np.linspace(0, 1, 300)
    for route, cascades in ((1, np.concatenate([s, s**4, 1 - s**4])), (2, np.zeros(1))):
        cascades = cascades[:, None, None]
        cost = outcome(game, route, cascades, quantal_response(game, route, cascades, tau)).provider_cost
        assert np.all(found.provider_cost <= np.min(cost, axis=0) * (1 + 1e-9))


@pytest.mark.quick_cases(1)
def test_against_cold_users_it_costs_what_the_equilibrium_costs(regime, games):
    """Or what some q costs at s_0, where the answers of cold users take every value."""
    game = games(regime, 40, 8)
    solution, q = solve(game), np.linspace(0, 1, 2001)[:, None]
    s_0 = solution.thresholds.s_0
    on_the_way = outcome(game, 1, np.nan_to_num(s_0), q).provider_cost.min(axis=0)
    wanted = np.fmin(solution.equilibrium.provider_cost, np.where(np.isnan(s_0), np.inf, on_the_way))
    cold = quantal_equilibrium(game, 1e-12 * np.asarray(game.task_value)).provider_cost
    np.testing.assert_allclose(cold, wanted, rtol=1e-5)
    assert np.any(wanted < solution.equilibrium.provider_cost * 0.999) == (regime == "latency-value")


def test_the_margin_beyond_s_0_grows_with_temperature():
    tau = np.array([1e-6, 1e-4, 1e-2])
    found = quantal_equilibrium(FIG_4_LEFT, tau)
    assert found.route.tolist() == [1, 1, 1]
    margin = found.cascade_prob - S_0
    assert np.all(margin > 0) and np.all(margin[1:] > 10 * margin[:-1])


# ---- form


def test_a_batch_is_its_games_one_at_a_time(regime, games):
    game, rng = games(regime, 6, 9), np.random.default_rng(10)
    tau, s = np.asarray(game.task_value) * 10 ** rng.uniform(-4, 1, 6), rng.random(6)
    together, answers = quantal_equilibrium(game, tau), quantal_response(game, 1, s, tau)
    for k in range(6):
        alone = quantal_equilibrium(game.single(k), tau[k])
        assert type(alone.provider_cost) is float and type(alone.route) is int
        assert quantal_response(game.single(k), 1, s[k], tau[k]) == pytest.approx(answers[k], rel=1e-13)
        for field in fields(alone):
            value = np.transpose(getattr(together, field.name))[k]
            np.testing.assert_allclose(value, getattr(alone, field.name), rtol=1e-6, err_msg=field.name)


def test_shapes_broadcast():
    game = Game(np.linspace(7, 12, 3)[:, None], 15, (0.1, 0.3), (1, 2), (1, np.linspace(1, 4, 4)))
    tau = np.array([0.1, 1])[:, None, None]
    assert np.shape(quantal_response(game, [1, 2, 1, 2], 0.3, tau)) == (2, 3, 4)
    assert np.shape(quantal_equilibrium(game, tau).provider_cost) == (2, 3, 4)
    assert type(quantal_response(FIG_4_LEFT, 1, 0.3, 0.1)) is float
    assert quantal_response(FIG_4_LEFT, 1, [], 0.1).shape == (0,)


@pytest.mark.parametrize("p1", [1e-9, 0.5, 1 - 1e-9])
@pytest.mark.parametrize("p2", [1e-9, 0.5, 1 - 1e-9])
def test_extreme_games_have_answers(p1, p2):
    tau = np.array([5e-324, 1e-9, 1, 1e300])[:, None]
    s = np.array([0, 1e-300, 1e-12, 0.5, 1])
    for share1, share2 in ((0, 0), (0.5, 2), (2, 0.5), (1, 1), (1e9, 1e-9)):
        game = Game(1, 3, (p1, p2), (share1 * p1, share2 * p2), (1, 2))
        for route in (1, 2):
            answer = quantal_response(game, route, s, tau)
            assert np.all((answer >= 0) & (answer <= 1))
            np.testing.assert_allclose(answer[-1], 0.5, rtol=1e-9)


@pytest.mark.parametrize("temperature", [0, -1, np.nan, np.inf, "cold"])
def test_not_a_temperature(temperature):
    with pytest.raises(ParameterError, match="temperature"):
        quantal_response(FIG_4_LEFT, 1, 0.5, temperature)
    with pytest.raises(ParameterError, match="temperature"):
        quantal_equilibrium(FIG_4_LEFT, temperature)


@pytest.mark.parametrize("route,s", [(3, 0.5), (1, -0.1), (1, 1.1)])
def test_not_a_commitment(route, s):
    with pytest.raises(ParameterError):
        quantal_response(FIG_4_LEFT, route, s, 0.1)


def test_rough_answers_are_near_enough_to_be_averaged():
    rng = np.random.default_rng(3)
    p, t = rng.uniform(0.01, 0.99, (2, 2000)), rng.uniform(0, 1, (2, 2000))
    game = Game(rng.uniform(0, 4, 2000), 1.0, tuple(p), tuple(t), (0.0, 0.0))
    given = (rng.integers(1, 3, 2000), rng.uniform(0, 1, 2000), np.exp(rng.uniform(-11, 2, 2000)))
    off = np.abs(quantal_response(game, *given, rough=True) - quantal_response(game, *given))
    assert 0 < off.max() < 1e-3 and off.mean() < 1e-5


def test_slopes_are_those_of_the_response():
    """With every number, on both routes, where users stay, leave and mix."""
    rng = np.random.default_rng(3)
    number = 300
    given = np.stack(
        [
            rng.uniform(1, 12, number),
            *rng.uniform(0.05, 0.95, (2, number)),
            *rng.uniform(0.3, 3, (2, number)),
            rng.uniform(0.01, 0.99, number),
        ]
    )
    route, tau = rng.integers(1, 3, number), np.exp(rng.uniform(-4, 2, number))

    def answer(numbers):
        value, p1, p2, t1, t2, s = numbers
        return quantal_response(Game(value, 1, (p1, p2), (t1, t2), (1, 1)), route, s, tau)

    value, p1, p2, t1, t2, s = given
    found, slopes = quantal_slopes(Game(value, 1, (p1, p2), (t1, t2), (1, 1)), route, s, tau)
    assert found == pytest.approx(answer(given), abs=1e-3)
    for k, slope in enumerate(slopes):
        step = 1e-6 * np.eye(len(given))[k][:, None]
        exact = (answer(given + step) - answer(given - step)) / 2e-6
        assert slope == pytest.approx(exact, rel=0.02, abs=5e-3), k


def test_answers_do_not_hang_on_how_many_are_found_at_once(games, regime, monkeypatch):
    game, s = games(regime, 300, 5), np.random.default_rng(6).uniform(0, 1, 300)

    def answers():
        slopes = np.concatenate([x.ravel() for x in quantal_slopes(game, 1, s, 0.3)])
        return np.concatenate([quantal_response(game, 1, s, 0.3), slopes])

    expected = answers()
    for size in (3 * 291, 23 * 291, 50 * 291):
        monkeypatch.setattr("routegame.agents.users.quantal.BLOCK", size)
        assert np.array_equal(answers(), expected)

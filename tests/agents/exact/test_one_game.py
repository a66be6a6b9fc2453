"""One game in plain floats: against what the library says of arrays, and users who truly mix against their utility.

Utility says where it is flat, and a dense search of the curve of best responses what is cheapest there.
"""

import numpy as np
import pytest
from solution_leaves import leaves
from study_equilibrium import mixing_games

from routegame import Game, solve
from routegame.agents.exact import equilibrium
from routegame.agents.exact.best_response import mixed_response, thresholds
from routegame.agents.exact.one_game import cascade_that_mixes, cheapest_mix, ratio
from routegame.agents.exact.solution import RoutingProfile

RNG = np.random.default_rng(0)
P1, P2 = RNG.uniform(0.02, 0.98, (2, 400))
XI1, XI2 = RNG.uniform(0.01, 3, 400), -RNG.uniform(0.01, 3, 400)


def utility(q, s, xi1=XI1, xi2=XI2, p1=P1, p2=P2):
    """U of a user on route 1 who leaves with probability q: passes by geometric series."""
    n1 = 1 / (1 - (1 - p1) * (1 - q) * (1 - s))
    n2 = n1 * (1 - p1) * (1 - q) * s / (1 - (1 - p2) * (1 - q))
    return xi1 * n1 + xi2 * n2


def slope(q, s):
    """dU/dq by a complex step, exact to rounding."""
    return utility(q + 1e-30j, s).imag / 1e-30


@pytest.mark.parametrize("s", [0.001, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_the_response_is_the_best_of_all(s):
    """No answer of a grid is better; inside, the utility is flat there."""
    q = mixed_response(XI1, XI2, P1, P2, s)
    assert ((q >= 0) & (q <= 1)).all()
    best = utility(q, s)
    for other in np.linspace(0, 1, 201):
        assert (utility(other, s) <= best + 1e-9 * np.abs(best)).all()
    inside = (q > 1e-6) & (q < 1 - 1e-6)
    assert np.abs(slope(q, s)[inside]).max(initial=0) < 1e-6 * np.abs(best[inside]).max(initial=1)


def test_all_three_kinds_of_answers_occur():
    q = np.stack([mixed_response(XI1, XI2, P1, P2, s) for s in (0.001, 0.3, 0.999)])
    assert (q == 0).any() and (q == 1).any() and ((q > 0) & (q < 1)).any()


@pytest.mark.parametrize("q", [0.0, 1e-6, 0.25, 0.5, 0.9, 1.0])
def test_the_cascade_that_makes_an_answer_best_is_found_again(q):
    s = cascade_that_mixes(XI1, XI2, P1, P2, q)
    assert ((s > 0) & (s < 1)).all()
    np.testing.assert_allclose(mixed_response(XI1, XI2, P1, P2, s), q, atol=1e-6)
    scale = np.abs(XI1) / np.square(P1)
    assert (np.abs(slope(q, s)) < 1e-9 * scale / np.minimum(P1, P2)).all()


def test_more_cascade_drives_more_users_off():
    s = np.stack([cascade_that_mixes(XI1, XI2, P1, P2, q) for q in np.linspace(0, 1, 50)])
    assert (np.diff(s, axis=0) > 0).all()
    np.testing.assert_allclose(s[-1], XI1 / (XI1 - XI2), rtol=1e-12)  # s_H: the first retry is worth nothing


def test_extreme_probabilities_cancel_nothing():
    """Success next to 0 and next to 1."""
    for p1, p2 in ((1e-9, 1e-9), (1e-9, 1 - 1e-9), (1 - 1e-9, 1e-9), (1 - 1e-9, 1 - 1e-9)):
        for q in (0.0, 0.5, 1.0):
            s = float(cascade_that_mixes(1.0, -1.0, p1, p2, q))
            assert 0 < s < 1
            assert float(mixed_response(1.0, -1.0, p1, p2, s)) == pytest.approx(q, abs=1e-5)


# ---- the provider


def games(count=4000, seed=1):
    """Games in which the dear model is the one that users do not want, so that some mix is worth something."""
    rng = np.random.default_rng(seed)
    p2, p1 = np.sort(rng.uniform(0.05, 0.95, (2, count)), axis=0)
    xi1, xi2 = rng.uniform(0.01, 3, count), -rng.uniform(0.01, 3, count)
    c1 = rng.uniform(0.5, 1, count)
    c2, penalty = c1 * p2 / p1 * rng.uniform(0, 1, count), c1 / p1 * rng.uniform(0, 4, count)
    return xi1, xi2, p1, p2, c1, c2, penalty


def cost_of(q, xi1, xi2, p1, p2, c1, c2, penalty):
    s = cascade_that_mixes(xi1, xi2, p1, p2, q)
    n1 = 1 / (1 - (1 - p1) * (1 - q) * (1 - s))
    n2 = n1 * (1 - p1) * (1 - q) * s / (1 - (1 - p2) * (1 - q))
    return c1 * n1 + c2 * n2 + penalty * q * ((1 - p1) * n1 + (1 - p2) * n2)


def cheapest_mixes(numbers):
    """Cascade, abandonment and cost of each game; (3, num_games)."""
    return np.array([cheapest_mix(*row) for row in np.array(numbers).T.tolist()]).T


def test_the_cheapest_mix_is_that_of_a_dense_search():
    numbers = games()
    cascade, abandon, cost = cheapest_mixes(numbers)
    found = np.isfinite(cost)
    assert 10 < found.sum() < 2000
    xi1, xi2, p1, p2, c1, c2, penalty = (x[found] for x in numbers)
    dense = np.concatenate([[0.0], np.geomspace(1e-9, 1, 2000)])[:, None]
    least = cost_of(dense, xi1, xi2, p1, p2, c1, c2, penalty).min(axis=0)
    np.testing.assert_allclose(cost[found], np.minimum(least, cost[found]), rtol=1e-12)
    assert (cost[found] >= least * (1 - 1e-4)).all()
    np.testing.assert_allclose(cost_of(abandon[found], xi1, xi2, p1, p2, c1, c2, penalty), cost[found], rtol=1e-9)
    np.testing.assert_allclose(cascade[found], cascade_that_mixes(xi1, xi2, p1, p2, abandon[found]))


def test_what_is_left_out_is_never_the_cheapest():
    """There (1, 0), model 2 that is left at once, leaving at once or an end of the curve costs no more than any mix."""
    numbers = games(seed=2)
    cost = cheapest_mixes(numbers)[2]
    xi1, xi2, p1, p2, c1, c2, penalty = (x[np.isinf(cost)] for x in numbers)
    dense = np.concatenate([[0.0], np.geomspace(1e-9, 1, 400)])[:, None]
    mixes = cost_of(dense, xi1, xi2, p1, p2, c1, c2, penalty)
    static = np.minimum.reduce([c1 / p1, c1 + penalty * (1 - p1), c2 + penalty * (1 - p2), mixes[0], mixes[-1]])
    assert (mixes.min(axis=0) >= static * (1 - 1e-9)).all()


# ---- one game and arrays of games


def alike(one, other):
    for (path, mine), (_, theirs) in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=path, strict=True)


def every_kind(count=1_250):
    """Games of which a fifth ties in every way, a fifth is extreme, and in a fifth users may truly mix."""
    rng = np.random.default_rng(5)
    eighths = rng.integers(1, 8, (8, count // 5)) / 8
    extreme = 10.0 ** rng.uniform(-8, 8, (8, count // 5))
    extreme[2:4] = rng.uniform(0, 1, (2, count // 5)) ** 9
    mixing = np.array(list(vars(mixing_games(count // 5, 6, paying=True)).values()))
    uniform = rng.uniform(0.02, 0.98, (8, 2 * count // 5)) * np.array([20, 20, 1, 1, 5, 5, 5, 5])[:, None]
    value, churn, p1, p2, t1, t2, c1, c2 = np.concatenate([eighths, extreme, mixing, uniform], axis=1)
    return Game(value, churn, (p1, p2), (t1, t2), (c1, c2))


@pytest.mark.parametrize("throttling", [False, True])
def test_a_batch_that_is_compiled_has_the_bits_of_one_that_is_not(monkeypatch, throttling):
    """Across blocks, too, the last of which is shorter."""
    batch = every_kind()
    for name in ("FEW", "FEW_UNLOADED"):
        monkeypatch.setattr(equilibrium, name, batch.shape[0])
    in_python = solve(batch, throttling=throttling)
    assert {0, 1} <= set(np.asarray(in_python.equilibrium.abandon_prob)) and in_python.throttling.pays.any()
    q = in_python.equilibrium.abandon_prob
    assert ((q > 0) & (q < 1)).any(), "some truly mix"
    for name in ("FEW", "FEW_UNLOADED"):
        monkeypatch.setattr(equilibrium, name, 0)
    monkeypatch.setattr(equilibrium, "BLOCK", 600)
    alike(solve(batch, throttling=throttling), in_python)


@pytest.mark.parametrize("throttling", [False, True])
def test_numbers_of_one_game_are_pythons_own(throttling):
    """As JSON wants them, also where users mix."""
    batch = every_kind(50)
    for k in range(batch.shape[0]):
        values = [np.broadcast_to(x, batch.shape)[k] for x in (batch.task_value, batch.churn_penalty)]
        pairs = [
            tuple(float(np.broadcast_to(x, batch.shape)[k]) for x in pair)
            for pair in (batch.success_prob, batch.latency, batch.cost)
        ]
        solution = solve(Game(*map(float, values), *pairs), throttling=throttling)
        assert {type(value) for _, value in leaves(solution)} <= {float, int, bool}


@pytest.mark.parametrize("throttling", [False, True])
def test_what_arrays_say_is_said_to_the_bit(throttling):
    """Net values, thresholds and what a commitment and its answer bring about are written once for arrays, too."""
    batch = every_kind()
    solution = solve(batch, throttling=throttling)
    for mine, theirs in zip(solution.net_value, batch.net_value, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    alike(solution.thresholds, thresholds(batch))
    for profile in (solution.equilibrium, solution.user_preferred):
        in_force = batch.with_latency(profile.throttled_latency)
        alike(profile, RoutingProfile.of(in_force, profile.route, profile.cascade_prob, profile.abandon_prob))


def test_a_large_batch_takes_little_memory_and_keeps_its_shape(monkeypatch):
    """Broadcast in any way; games of one block after another."""
    for name in ("FEW", "FEW_UNLOADED"):
        monkeypatch.setattr(equilibrium, name, 0)
    monkeypatch.setattr(equilibrium, "BLOCK", 7)
    batch = Game(np.linspace(1, 30, 3)[:, None], 12, (np.linspace(0.1, 0.4, 4), 0.3), (1, 2), (1, np.ones((2, 1, 1))))
    found = solve(batch)
    assert {np.shape(value) for _, value in leaves(found)} == {(2, 3, 4)}
    held = {id(value.base): value.base.nbytes for _, value in leaves(found) if value.base is not None}
    assert sum(held.values()) < 24 * 1_000
    numbers = [np.broadcast_to(x, batch.shape)[1, 2, 3] for x in (batch.task_value, batch.success_prob[0])]
    alone = solve(Game(float(numbers[0]), 12, (float(numbers[1]), 0.3), (1, 2), (1, 1)))
    for (path, one), (_, many) in zip(leaves(alone), leaves(found), strict=True):
        assert np.array_equal(one, many[1, 2, 3], equal_nan=True), path


@pytest.mark.parametrize("part,whole", [(1.0, 0.0), (-1.0, 0.0), (1.0, -0.0), (0.0, 0.0), (3.0, 2.0), (0.0, 2.0)])
def test_quotients_are_those_of_arrays(part, whole):
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.array_equal(ratio(part, whole), np.float64(part) / np.float64(whole), equal_nan=True)


def test_games_of_equal_models_without_a_pure_equilibrium_divide_by_nothing():
    """p_1 = p_2 is where the mix that makes the provider indifferent has no denominator."""
    rng = np.random.default_rng(3)
    for _ in range(50):
        p, t, c = float(rng.uniform(0.1, 0.9)), rng.uniform(0, 5, 2).tolist(), rng.uniform(0, 5, 2).tolist()
        solution = solve(Game(3, float(rng.uniform(0, 9)), (p, p), tuple(t), tuple(c)))
        assert solution.no_commitment.pure and np.isfinite(solution.throttling.safe_churn_penalty)

"""The closed forms equal the linear solve of the absorbing chain, and rational arithmetic at the extremes."""

import itertools
from fractions import Fraction

import brute_force
import numpy as np
import pytest

from routegame import Game, ParameterError
from routegame.envs.chain import outcome, visits

FIELDS = ("solve_prob", "expected_latency", "expected_cost", "user_utility", "provider_cost")
GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
TOLERANCE = 1e-10


def commitments(count, seed):
    """Random routes, cascade and abandonment probabilities, a quarter of the probabilities 0 or 1."""
    rng = np.random.default_rng(seed)
    probabilities = rng.uniform(size=(3, count))
    ends = rng.integers(0, 2, size=(3, count)).astype(float)
    s, q1, q2 = np.where(rng.random((3, count)) < 0.25, ends, probabilities)
    return rng.integers(1, 3, count), s, q1, q2


def assert_same_outcome(got, wanted, numbers):
    """Equal to a relative 1e-10; utility, a difference, relative to what it is the difference of."""
    scale = dict(wanted, user_utility=numbers.value * wanted["solve_prob"] + wanted["expected_latency"])
    for field in FIELDS:
        error = np.abs(getattr(got, field) - wanted[field])
        assert np.all(error <= TOLERANCE * np.abs(scale[field])), field


@pytest.mark.parametrize("route", [1, [1, 1], [1, 2], [[1], [1], [1]], [[1], [2], [1]]])
def test_shapes_are_those_of_all_arguments(route):
    """Routes give theirs even where all of them begin with the same model."""
    shape = np.broadcast_shapes(np.shape(route), (2,))
    assert {np.shape(x) for x in vars(visits((0.1, 0.3), route, 0.5, 0.2)).values()} == {np.shape(route)}
    assert {np.shape(x) for x in vars(visits((0.1, 0.3), route, [0.5, 0.6], 0.2)).values()} == {shape}


def test_one_answer_to_both_models(stratum):
    route, s, q, _ = commitments(len(stratum.numbers), seed=3)
    n = brute_force.passes_by_linear_solve(stratum.numbers.p1, stratum.numbers.p2, route, s, q, q)
    wanted = brute_force.payoffs(stratum.numbers, *n, q, q)
    assert_same_outcome(outcome(stratum.game, route, s, q), wanted, stratum.numbers)


def test_one_answer_to_each_model(stratum):
    route, s, q1, q2 = commitments(len(stratum.numbers), seed=4)
    n = brute_force.passes_by_linear_solve(stratum.numbers.p1, stratum.numbers.p2, route, s, q1, q2)
    wanted = brute_force.payoffs(stratum.numbers, *n, q1, q2)
    assert_same_outcome(outcome(stratum.game, route, s, (q1, q2)), wanted, stratum.numbers)


def test_visits_are_the_expected_passes(stratum):
    g = stratum.numbers
    route, s, q1, q2 = commitments(len(g), seed=5)
    n = visits((g.p1, g.p2), route, s, (q1, q2))
    n1, n2 = brute_force.passes_by_linear_solve(g.p1, g.p2, route, s, q1, q2)
    np.testing.assert_allclose(n.standard, n1, rtol=TOLERANCE)
    np.testing.assert_allclose(n.reasoning, n2, rtol=TOLERANCE)


def test_definitions_tie_the_fields_together(stratum):
    route, s, q1, q2 = commitments(len(stratum.numbers), seed=6)
    g, o = stratum.numbers, outcome(stratum.game, route, s, (q1, q2))
    np.testing.assert_allclose(o.user_utility, g.value * o.solve_prob - o.expected_latency, atol=1e-9, rtol=1e-9)
    np.testing.assert_allclose(o.provider_cost, o.expected_cost + g.penalty * (1 - o.solve_prob), rtol=1e-10)
    assert np.all((o.solve_prob >= 0) & (o.solve_prob <= 1 + 1e-15))


@pytest.mark.parametrize("p1,p2", list(itertools.product([1e-9, 0.5, 1 - 1e-9], repeat=2)))
def test_extremes_in_rational_arithmetic(p1, p2):
    numbers = brute_force.Numbers(9.0, 20.0, p1, p2, 1.0, 2.0, 1.0, 3.0)
    game, exact = Game(9, 20, (p1, p2), (1, 2), (1, 3)), numbers.exactly()
    for route, s, q1, q2 in itertools.product([1, 2], [0, 1e-9, 0.3, 1], [0, 1e-9, 0.4, 1], [0, 1e-9, 1]):
        fractions = [Fraction(x) for x in (s, q1, q2)]
        n = brute_force.passes(exact.p1, exact.p2, route, *fractions)
        wanted = brute_force.payoffs(exact, *n, *fractions[1:])
        wanted = {name: float(value) for name, value in wanted.items()}
        assert_same_outcome(outcome(game, route, s, (q1, q2)), wanted, numbers)


def test_a_user_who_never_leaves_costs_no_penalty_however_large():
    dear = Game(9, 1e18, (1e-9, 1e-9), (1, 2), (1, 3))
    for route, s in itertools.product([1, 2], [0.0, 0.3, 1.0]):
        o = outcome(dear, route, s, 0.0)
        assert o.solve_prob == 1 and o.provider_cost == o.expected_cost


@pytest.mark.parametrize("route,s,q,wanted", [(1, 0, 0, 10), (2, 0, 0, 10 / 3), (1, 1, 1, 1), (2, 1, 1, 1)])
def test_passes_by_hand(route, s, q, wanted):
    n = visits((0.1, 0.3), route, s, q)
    assert n.standard + n.reasoning == pytest.approx(wanted, rel=1e-15)


def test_the_answer_after_a_model_that_never_ran_does_not_matter():
    assert outcome(GAME, 2, 0.5, (0.0, 0.4)) == outcome(GAME, 2, 0.0, (1.0, 0.4))
    assert outcome(GAME, 1, 0.0, (0.4, 0.0)) == outcome(GAME, 1, 0.0, (0.4, 1.0))


def test_shapes_broadcast_with_those_of_the_game():
    batch = Game(np.full((5, 1, 1, 1), 9.0), 20, (0.1, 0.3), (1, 2), (1, 3))
    o = outcome(batch, np.array([1, 2])[:, None, None], np.linspace(0, 1, 3)[:, None], np.linspace(0, 1, 4))
    assert o.user_utility.shape == (5, 2, 3, 4)
    single = outcome(GAME, 2, 0.5, 1 / 3)
    assert o.user_utility[3, 1, 1, 1] == single.user_utility
    assert o.provider_cost[1, 1, 1] == single.provider_cost


@pytest.mark.parametrize("bad", [-1e-9, 1 + 1e-9, float("nan"), float("inf"), "half", None, [0.5, 2]], ids=repr)
@pytest.mark.parametrize("name", ["cascade_prob", "abandon_prob"])
def test_probabilities_out_of_range_are_refused(name, bad):
    given = {"route": 1, "cascade_prob": 0.5, "abandon_prob": 0.5, name: bad}
    with pytest.raises(ParameterError) as caught:
        outcome(GAME, **given)
    assert caught.value.parameter == name


@pytest.mark.parametrize("bad", [(0.5, 2), (-1, 0.5), (0.5,), (0.1, 0.2, 0.3), ()], ids=repr)
def test_pairs_of_answers_out_of_range_or_of_the_wrong_length_are_refused(bad):
    with pytest.raises(ParameterError) as caught:
        outcome(GAME, 1, 0.5, bad)
    assert caught.value.parameter.startswith("abandon_prob")


@pytest.mark.parametrize("bad", [0, 3, 1.5, -1, float("nan"), "1", "one", None, [1, 3]], ids=repr)
def test_routes_other_than_1_and_2_are_refused(bad):
    with pytest.raises(ParameterError) as caught:
        outcome(GAME, bad, 0.5, 0.5)
    assert caught.value.parameter == "route"

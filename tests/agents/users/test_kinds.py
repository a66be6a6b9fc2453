"""The kinds of users: one interface to answers that are tested elsewhere, and what a leader can reach against each."""

import json
import pickle

import numpy as np
import pytest

from routegame import Game, ParameterError, best_response, solve
from routegame.agents.users.kinds import (
    FOLLOWERS,
    ExactFollower,
    QuantalFollower,
    RobustFollower,
    follower,
    follower_optimum,
)
from routegame.agents.users.quantal import quantal_response
from routegame.agents.users.robust import robust_equilibrium, robust_provider_cost, robust_response
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import SCENARIOS, scenario

KINDS = [ExactFollower(), QuantalFollower(0.5), RobustFollower(0.5)]
RANGES = (
    "nano-gpt5",
    "gpt41-o3",
    "figure-3-mix",
    "figure-4-left-cascade",
    "figure-4-right-cascade",
    "figure-5-throttle",
)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def kind(request):
    return request.param


def anywhere(game, count, seed=0):
    """Random commitments, half of them at the edges of the box in some dimension."""
    points = np.random.default_rng(seed).random((count, game.size))
    points[::2] = np.clip(1.5 * points[::2] - 0.25, 0, 1)
    return game.commitments(points)


def cost(game, commitments, q):
    return outcome(commitments.in_force(game.game), commitments.route, commitments.cascade_prob, q).provider_cost


# ---- answers


def test_answers_are_those_at_the_latencies_in_force():
    box = RoutingGame(scenario("gpt41-o3").game, throttling=True)
    made = anywhere(box, 300)
    at = (made.in_force(box.game), made.route, made.cascade_prob)
    np.testing.assert_array_equal(ExactFollower()(box.game, made), best_response(*at))
    np.testing.assert_array_equal(QuantalFollower(2)(box.game, made), quantal_response(*at, 2))
    np.testing.assert_array_equal(RobustFollower(3)(box.game, made), robust_response(*at, 3))


def test_users_who_are_slowed_down_leave(kind):
    """Each pass is worth 0.8 to 1.2 units, or costs as much net of what it is worth."""
    game = Game(8, 5, (0.2, 0.3), (0.8, 1.2), (1, 2))
    box = RoutingGame(game, throttling=True)
    fast, slow = (box.commitments(np.array([[0, 0.5, slower, slower]] * 3)) for slower in (0, 1))
    assert np.all(kind(game, fast) < 0.35) and np.all(kind(game, slow) > 0.65)


def test_a_batch_is_its_commitments_one_at_a_time(kind):
    box = RoutingGame(scenario("figure-3-mix").game, throttling=True)
    points = np.random.default_rng(1).random((40, 4))
    together = kind(box.game, box.commitments(points))
    assert together.shape == (40,) and together.dtype == np.float64
    for k in range(40):
        alone = kind(box.game, box.commitments(points[k : k + 1]))
        assert alone == pytest.approx(together[k : k + 1], rel=1e-12, abs=1e-15)


def test_each_commitment_may_have_a_game_of_its_own(kind):
    games = [SCENARIOS[name].game for name in RANGES]
    columns = [np.array([getattr(game, name) for game in games]).T for name in ("task_value", "churn_penalty")]
    pairs = [tuple(np.array([getattr(game, name) for game in games]).T) for name in ("success_prob", "latency", "cost")]
    made = Commitments(np.tile([1, 2], 3), np.linspace(0, 1, 6), pairs[1])
    together = kind(Game(*columns, *pairs), made)
    for k, game in enumerate(games):
        alone = kind(game, Commitments.unthrottled(game, made.route[k], made.cascade_prob[k]))
        assert alone == pytest.approx(together[k : k + 1], rel=1e-12)


@pytest.mark.parametrize("p", [(1e-9, 0.5), (1 - 1e-9, 1e-9), (0.5, 1 - 1e-9)])
def test_extreme_games_have_answers(kind, p):
    for share in ((0, 0), (0.5, 2), (2, 0.5), (1, 1)):
        box = RoutingGame(Game(1, 3, p, (share[0] * p[0], share[1] * p[1]), (1, 2)), throttling=True)
        answer = kind(box.game, anywhere(box, 50))
        assert np.all((answer >= 0) & (answer <= 1))
        assert np.isfinite(follower_optimum(box, kind).provider_cost)


def test_no_commitments_have_no_answers(kind):
    game = scenario("figure-3-mix").game
    assert kind(game, Commitments(np.ones(0, dtype=np.int64), np.zeros(0), (np.zeros(0), np.zeros(0)))).shape == (0,)


# ---- names


@pytest.mark.parametrize("spec", ["exact", "quantal:0.1", "robust:0.0", "quantal:1e-300", "robust:12345.678901234567"])
def test_a_kind_is_its_name(spec):
    made = follower(spec)
    assert (
        follower(str(made)) == made == follower(json.loads(json.dumps(str(made)))) == pickle.loads(pickle.dumps(made))
    )
    assert made.KIND == spec.partition(":")[0]
    assert type(made) is FOLLOWERS[made.KIND]


def test_numbers_become_floats():
    assert str(QuantalFollower(1)) == "quantal:1.0" and str(RobustFollower(np.float64(2))) == "robust:2.0"


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "perfect",
        "Exact",
        "exact:",
        "exact:1",
        "quantal",
        "quantal:",
        "quantal:cold",
        "quantal:1:2",
        "robust: :",
        None,
        3,
    ],
)
def test_not_a_kind(spec):
    with pytest.raises(ParameterError, match="follower must be exact, quantal:TEMPERATURE or robust:DELTA"):
        follower(spec)


@pytest.mark.parametrize("number", ["0", "-1", "nan", "inf"])
def test_not_a_temperature(number):
    with pytest.raises(ParameterError, match=r"temperature must be a finite number in \(0, inf\)"):
        follower(f"quantal:{number}")


@pytest.mark.parametrize("number", ["-1e-9", "nan", "inf"])
def test_not_a_slack(number):
    with pytest.raises(ParameterError, match=r"delta must be a finite number in \[0, inf\)"):
        follower(f"robust:{number}")


def test_not_a_single_number():
    with pytest.raises(ParameterError, match="temperature"):
        QuantalFollower([1, 2])
    with pytest.raises(ParameterError, match="delta"):
        RobustFollower([1, 2])


# ---- what a leader can reach


@pytest.mark.quick_cases(18)
@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("name", RANGES)
def test_no_commitment_of_the_box_is_cheaper(kind, name, throttling):
    box = RoutingGame(scenario(name).game, throttling=throttling)
    optimum, made = follower_optimum(box, kind), anywhere(box, 6000)
    assert np.min(cost(box, made, kind(box.game, made))) >= optimum.provider_cost * (1 - 1e-9)


def test_the_optimum_is_a_commitment_with_its_answer(kind):
    for name in RANGES:
        box = RoutingGame(scenario(name).game, throttling=True)
        optimum = follower_optimum(box, kind)
        t1, t2 = optimum.throttled_latency
        made = Commitments(
            np.array([optimum.route]), np.array([optimum.cascade_prob]), (np.array([t1]), np.array([t2]))
        )
        assert np.all((box.actions(made) >= 0) & (box.actions(made) <= 1))
        assert kind(box.game, made) == pytest.approx([optimum.abandon_prob], rel=1e-9, abs=1e-12)
        assert cost(box, made, optimum.abandon_prob) == pytest.approx([optimum.provider_cost], rel=1e-12)
        assert [type(value) for value in (optimum.route, optimum.cascade_prob, optimum.abandon_prob)] == [
            int,
            float,
            float,
        ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind,count", [(ExactFollower(), 40), (QuantalFollower(0.3), 1), (RobustFollower(0.3), 8)], ids=str
)
def test_to_slow_down_all_the_way_or_not_at_all_is_enough(kind, count, stratum):
    """In boxes that reach less or more far than V p, against a lattice of latencies with the best s at each."""
    rng, share = np.random.default_rng(2), np.linspace(0, 1, 4)
    for k in rng.choice(500, count, replace=False):
        game = stratum.game.single(k)
        worth = game.task_value * np.array(game.success_prob) * rng.choice([0.9, 1.3, 2], 2)
        box = RoutingGame(game, throttling=True, max_latency=tuple(np.maximum(game.latency, worth)))
        axes = [t + share * (most - t) for t, most in zip(game.latency, box.max_latency, strict=True)]
        lattice = kind.equilibrium(game.with_latency(tuple(np.meshgrid(*axes, indexing="ij"))))
        assert np.min(lattice.provider_cost) >= follower_optimum(box, kind).provider_cost * (1 - 1e-9)


def test_against_exact_users_it_is_the_equilibrium(stratum):
    for k in range(0, 500, 25):
        game = stratum.game.single(k)
        for throttling in (False, True):
            optimum = follower_optimum(RoutingGame(game, throttling=throttling), ExactFollower())
            wanted = solve(game, throttling=throttling).equilibrium
            assert optimum.provider_cost == pytest.approx(wanted.provider_cost, rel=1e-11)
    assert follower_optimum(RoutingGame(game), ExactFollower()) == solve(game).equilibrium


def test_against_robust_users_it_is_the_robust_equilibrium():
    game = scenario("figure-4-left-cascade").game
    found, optimum = robust_equilibrium(game, 0.5), follower_optimum(RoutingGame(game), RobustFollower(0.5))
    assert (optimum.route, optimum.cascade_prob) == (found.route, found.cascade_prob)
    assert optimum.provider_cost == pytest.approx(found.provider_cost, rel=1e-12)
    assert optimum.provider_cost == pytest.approx(robust_provider_cost(game, found.route, found.cascade_prob, 0.5))


def test_a_batch_of_games_has_a_batch_of_equilibria(kind, stratum):
    game = next(stratum.game.blocks(5))
    alone = [kind.equilibrium(game.single(k)).provider_cost for k in range(5)]
    np.testing.assert_allclose(kind.equilibrium(game).provider_cost, alone, rtol=1e-9)

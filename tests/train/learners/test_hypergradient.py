"""The gradient through users, held against differences of the exact chain; whole runs are in test_learners.py too."""

import numpy as np
import pytest

from routegame.envs.chain import outcome
from routegame.envs.commitment import HABITS, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.train.learners.hypergradient import Hypergradient, HypergradientOptions, estimate, first_places, gradient
from routegame.train.meter import Meter

MANY = 2**26
STEP = 1e-5


def exact(game, commitments):
    """U and J of every habit under every commitment."""
    t1, t2 = (t[:, None] for t in commitments.throttled_latency)
    in_force = game.with_latency((t1, t2))
    played = outcome(in_force, commitments.route[:, None], commitments.cascade_prob[:, None], HABITS)
    return played.user_utility, played.provider_cost


def smooth_cost(game, commitments, temperature):
    utility, cost = exact(game, commitments)
    shares = np.exp((utility - utility.max(axis=1, keepdims=True)) / temperature)
    return (shares * cost).sum(axis=1) / shares.sum(axis=1)


def differences(function, game, actions):
    """Of a function of commitments, in every coordinate but the route: one-sided, of second order, inside the box."""
    slopes = []
    for k in range(1, actions.shape[1]):
        side = np.where(actions[:, k] > 0.5, -STEP, STEP)
        at = []
        for times in range(3):
            moved = actions.copy()
            moved[:, k] += times * side
            at.append(function(game.commitments(moved)))
        across = side.reshape(-1, *[1] * (at[0].ndim - 1))
        slopes.append((4 * at[1] - 3 * at[0] - at[2]) / (2 * across))
    return np.stack(slopes)


CASES = ["nano-gpt5", "figure-4-right-cascade", "figure-5-throttle"]


@pytest.fixture(params=CASES)
def case(request):
    """A box, points of it, the ends of cascades among them, and what tasks under them tell."""
    box = RoutingGame(scenario(request.param).game, throttling=True)
    points = [[route, s, *slow] for route in (0, 1) for s in (0, 0.05, 0.6, 1) for slow in ((0.0, 0.0), (0.3, 0.1))]
    actions = np.array(points, dtype=float)
    found = estimate(box.game, box.commitments(actions), MANY, np.random.default_rng(0), Meter())
    return box, actions, found


def in_actions(game, slopes):
    """Slopes in s and latencies as slopes in actions."""
    room = [slowest - t for t, slowest in zip(game.game.latency, game.max_latency, strict=True)]
    return slopes * np.array([1.0, *room]).reshape(3, *[1] * (slopes.ndim - 1))


def test_slopes_of_cost_and_utility_with_every_habit(case):
    box, actions, found = case
    utility, cost = exact(box.game, box.commitments(actions))
    for sampled, known, slopes, which in (
        (found.utility, utility, found.utility_slopes, 0),
        (found.cost, cost, found.cost_slopes, 1),
    ):
        scale = abs(known).max()
        assert sampled == pytest.approx(known, abs=2e-3 * scale)
        wanted = differences(lambda commitments, which=which: exact(box.game, commitments)[which], box, actions)
        error = abs(in_actions(box, slopes) - wanted)
        assert (error < 0.01 * (abs(wanted) + scale)).all()


@pytest.mark.parametrize("share", [0.3, 0.03])
def test_the_total_derivative_counts_what_users_do(case, share):
    box, actions, found = case
    temperature = share * box.game.task_value * max(box.game.success_prob)
    wanted = differences(lambda commitments: smooth_cost(box.game, commitments, temperature), box, actions)
    have = gradient(found, temperature)
    scale = abs(have.cost).max()
    assert have.cost == pytest.approx(smooth_cost(box.game, box.commitments(actions), temperature), rel=0.02)
    assert (abs(in_actions(box, have.slopes) - wanted) < 0.03 * (abs(wanted) + scale)).all()
    alone = (have.shares * found.cost_slopes).sum(axis=2)
    assert (abs(in_actions(box, alone) - wanted) > 0.1 * scale).any(), "through users, not only at once"


def run(name, throttling=False, **options):
    learner = Hypergradient(
        RoutingGame(scenario(name).game, throttling=throttling), HypergradientOptions(**options), seed=0
    )
    while not learner.finished:
        last = learner.update()
    return RoutingJudge(learner.box).judge(learner.learned().commitment, last.respond, everywhere=False)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "name", ["nano-gpt5", "gpt41-o3", "figure-4-left-cascade", "figure-4-right-cascade", "value-latency-mixed"]
)
def test_it_ends_a_little_on_the_safe_side_of_an_edge(name):
    judgement = run(name, steps=300)
    side = -1 if name in ("gpt41-o3", "figure-4-right-cascade") else 1
    assert side * judgement.cascade_margin > -0.01
    assert judgement.leader_regret_relative < 0.02


def test_users_who_stay_hot_are_another_game():
    hot = run("figure-4-left-cascade", steps=300, last_temperature=0.3)
    assert hot.leader_regret_relative > 0.03


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "name", ["figure-5-throttle", "figure-5-switch", "latency-value-reasoning-throttle", "nano-gpt5"]
)
def test_it_throttles_where_that_pays_and_nowhere_else(name):
    judgement = run(name, throttling=True, steps=300)
    assert judgement.best_abandon_prob == judgement.equilibrium.abandon_prob
    assert judgement.leader_regret_relative < 0.02


@pytest.mark.parametrize("throttling", [False, True])
def test_members_start_on_both_routes_and_all_over_the_range(throttling):
    box = RoutingGame(scenario("nano-gpt5").game, throttling=throttling)
    route, place = first_places(box)
    assert place.shape == (len(route), box.size - 1)
    assert set(route) == {0.0, 1.0}
    assert place[:, 0].min() < -5 and place[:, 0].max() > 5

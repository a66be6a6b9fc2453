"""Distances are to all equilibria at once: they vanish where nothing is lost, and say what is lost elsewhere."""

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.rules import analytic
from routegame.agents.users.robust import robust_equilibrium, robust_provider_cost
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import CELLS, scenario, suite
from routegame.eval.bench.suites import random_games
from routegame.eval.judge.distance import SLIGHT, Distance
from routegame.eval.judge.routing_judge import DELTA, RoutingJudge

REFERENCE = [known.name for known in suite("reference")]


def judge_of(name, *, throttling=False):
    return RoutingJudge(RoutingGame(scenario(name).game, throttling=throttling))


def distance(judge, commitment, respond=None):
    return Distance.of(judge, judge.judge(commitment, respond or judge.best_answer, everywhere=False))


def on_route(judge, route, cascade_prob, latency=None):
    return distance(judge, Commitment(route, cascade_prob, latency or judge.routing.game.latency))


@pytest.mark.quick_cases(15)
@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("name", REFERENCE)
def test_the_equilibrium_is_at_no_distance(name, throttling):
    judge = judge_of(name, throttling=throttling)
    found = distance(judge, analytic(judge.routing))
    assert found.route_right and found.kind_right and found.kind == found.best_kind
    assert found.cascade_distance == 0
    assert (found.throttle_right, found.throttle_distance) == ((True, 0) if throttling else (None, None))
    assert found.misalignment_gap == pytest.approx(
        found.best_misalignment_gap, abs=1e-4 * judge.routing.game.task_value
    )
    if judge.solution.thresholds.s_0 != judge.solution.equilibrium.cascade_prob:
        assert found.weak_regret_relative == pytest.approx(0, abs=1e-9)


def test_at_s_0_itself_users_may_leave():
    """The strong regret is 0, the weak one the whole jump, and a hair beyond neither is much."""
    judge = judge_of("figure-4-left-cascade")
    s_0 = judge.solution.thresholds.s_0
    at, beyond = (judge.judge(Commitment(1, s, (1, 2)), judge.best_answer) for s in (s_0, s_0 * (1 + 1e-6)))
    jump = 1 + 0.9 * 15 - judge.solution.equilibrium.provider_cost
    assert at.leader_regret == pytest.approx(0, abs=1e-9)
    assert Distance.of(judge, at).weak_regret == pytest.approx(jump)
    assert Distance.of(judge, beyond).weak_regret == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("name", REFERENCE)
def test_regrets_grow_with_what_users_may_do(name):
    """No commitment costs less if users may do more, and none has less than no regret."""
    judge = judge_of(name)
    rng = np.random.default_rng(0)
    for _ in range(8):
        commitment = judge.routing.commitment(rng.random(2))
        judgement = judge.judge(commitment, judge.best_answer, everywhere=False)
        found = Distance.of(judge, judgement)
        weak = found.weak_regret + judge.solution.weak_provider_cost
        robust = found.robust_regret + judge.robust_optimum.provider_cost
        strong = judgement.leader_regret + judgement.equilibrium.provider_cost
        assert strong <= weak * (1 + 1e-9) and weak <= robust * (1 + 1e-9)
        assert min(found.weak_regret_relative, found.robust_regret_relative) >= -1e-9


def test_robust_regret_by_hand():
    game = scenario("nano-gpt5").game
    judge = judge_of("nano-gpt5")
    delta = 0.01 * 120 * 0.0311
    assert judge.delta == pytest.approx(delta) and DELTA == 0.01
    found, best = on_route(judge, 1, 0.2), robust_equilibrium(game, delta)
    assert found.robust_delta == judge.delta
    assert found.robust_regret == pytest.approx(robust_provider_cost(game, 1, 0.2, delta) - best.provider_cost)
    assert found.robust_regret_relative == pytest.approx(found.robust_regret / best.provider_cost)
    assert on_route(judge, best.route, best.cascade_prob).robust_regret == pytest.approx(0, abs=1e-12)


def test_the_robust_optimum_is_found_once():
    judge = judge_of("figure-5-throttle", throttling=True)
    assert judge.robust_optimum is judge.robust_optimum
    best = judge.robust_optimum
    commitment = Commitment(best.route, best.cascade_prob, best.throttled_latency)
    assert distance(judge, commitment).robust_regret == pytest.approx(0, abs=1e-12)


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize("name", REFERENCE)
def test_a_cascade_is_at_no_distance_exactly_where_it_costs_no_more(name):
    judge = judge_of(name)
    game, best = judge.routing.game, judge.solution.equilibrium
    for s in np.linspace(0, 1, 21):
        cost = outcome(game, best.route, s, best_response(game, best.route, s)).provider_cost
        optimal = cost <= best.provider_cost * (1 + 1e-9)
        assert (on_route(judge, best.route, s).cascade_distance == 0) == optimal, s


def test_the_distance_is_to_the_nearest_that_is_optimal():
    leave = judge_of("figure-4-right-leave")
    s_H = leave.solution.thresholds.s_H
    assert on_route(leave, 1, s_H / 2).cascade_distance == pytest.approx(s_H / 2)
    left = judge_of("figure-4-left-standard")
    s_0 = left.solution.thresholds.s_0
    assert on_route(left, 1, 0.5).cascade_distance == pytest.approx(0.5 - s_0)
    cascade = judge_of("figure-4-left-cascade")
    assert on_route(cascade, 1, 0.5).cascade_distance == pytest.approx(0.5 - s_0)
    assert on_route(cascade, 1, 0.0).cascade_distance == pytest.approx(s_0)


def test_on_the_wrong_route_there_is_no_distance():
    found = on_route(judge_of("figure-4-left-cascade", throttling=True), 2, 0.04)
    assert not found.route_right and not found.kind_right
    assert (found.kind, found.best_kind) == ("reasoning", "cascade")
    assert found.cascade_distance is found.throttle_distance is found.throttle_right is None


@pytest.mark.quick_cases(9)
@pytest.mark.parametrize("name", REFERENCE)
def test_throttling_that_costs_no_more_is_right(name):
    """On the right route, the first of 4,000 random commitments and slow-downs that are as cheap as the equilibrium."""
    judge = judge_of(name, throttling=True)
    best = judge.solution.equilibrium
    points = np.random.default_rng(1).random((4000, 4)) ** np.array([1, 1, 3, 3])
    points[:, 0] = best.route - 1
    points[:2000, 1] = best.cascade_prob
    points[1000:3000, 3] = 0
    drawn = judge.routing.commitments(points)
    cheap = np.flatnonzero(judge.regrets(drawn) < 1e-9)
    for k in cheap[:15]:
        found = distance(judge, drawn[k])
        assert found.throttle_right and found.throttle_distance == pytest.approx(0, abs=1e-9), drawn[k]
        assert found.cascade_distance == pytest.approx(0, abs=1e-12), drawn[k]
        assert found.kind_right, drawn[k]
    if best.abandon_prob in (0, 1) and not 0 < best.cascade_prob < 1:
        assert len(cheap) > 15


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("throttling", [False, True])
def test_no_distance_is_no_regret_and_the_other_way_round(throttling):
    for instance in random_games(9, per_stratum=1):
        judge = RoutingJudge(RoutingGame(instance.game, throttling=throttling))
        best = judge.solution.equilibrium
        points = np.random.default_rng(3).random((2000, judge.routing.size))
        points[:, 0], points[:1000, 1], points[500:1500, 3:] = best.route - 1, best.cascade_prob, 0
        drawn = judge.routing.commitments(points)
        regret = judge.regrets(drawn)
        for k in (*np.flatnonzero(regret < 1e-9)[:8], *np.flatnonzero(regret > 1e-3)[:8]):
            found = distance(judge, drawn[int(k)])
            at_none = found.cascade_distance == 0 and (found.throttle_distance or 0) < 1e-9
            assert at_none == (regret[k] < 1e-9), (instance.name, drawn[int(k)])


def test_too_little_and_too_much_throttling():
    slow, serve = (judge_of(f"figure-5-{name}", throttling=True) for name in ("throttle", "serve"))
    found = on_route(slow, 1, 0.0, (0.7, 1.5))  # V p = 0.8 is where users leave
    assert not found.throttle_right
    assert found.throttle_distance == pytest.approx(0.1 / 0.8)
    assert on_route(slow, 1, 0.0, (1.6, 4.8)).throttle_right
    assert on_route(serve, 1, 0.0, (0.8 * (1 + SLIGHT / 2), 1.5)).throttle_right
    found = on_route(serve, 1, 0.0, (1.6, 1.5))
    assert not found.throttle_right and found.throttle_distance == pytest.approx(1)


@pytest.mark.parametrize("name", CELLS.values())
def test_small_slips_do_not_change_the_kind(name):
    """A learner stops beside 0 and beside thresholds; on the right side of a jump it has seen what is right."""
    judge = judge_of(name)
    best, at = judge.solution.equilibrium, judge.solution.thresholds
    s = float(best.cascade_prob)
    slips = {at.s_0: (1.01, 1.5), at.s_L: (0.99, 0.7, 1.0001)}.get(s, ())
    for slipped in (s, *(s * slip for slip in slips), *((0.01,) if s == 0 else ()), *((0.97,) if s == 1 else ())):
        assert on_route(judge, best.route, slipped).kind_right, slipped


@pytest.mark.parametrize(
    "name, route, cascade_prob, kind",
    [
        ("figure-4-left-cascade", 1, 0.04, "standard"),
        ("figure-4-left-cascade", 1, 0.042, "cascade"),
        ("figure-4-left-standard", 1, 0.042, "cascade"),
        ("figure-4-right-cascade", 1, 0.02, "standard"),
        ("figure-4-right-cascade", 1, 0.1, "mixed"),
        ("figure-4-right-cascade", 1, 0.3, "leave"),
        ("figure-4-right-leave", 1, 0.05, "cascade"),
        ("figure-5-serve", 1, 0.9, "cascade"),
        ("figure-5-serve", 1, 0.1, "standard"),
        ("figure-5-serve", 2, 0.0, "reasoning"),
        ("latency-latency-reasoning", 1, 0.9, "standard"),
    ],
)
def test_kinds_by_hand(name, route, cascade_prob, kind):
    found = on_route(judge_of(name), route, cascade_prob)
    assert found.kind == kind
    assert found.kind_right == (kind == found.best_kind)


def test_the_misalignment_gap_is_that_of_the_learned_pair():
    """Figure 4 left: users would like to start with model 2, for ξ_2/p_2; learned users may stay for too little."""
    judge = judge_of("figure-4-left-cascade")
    game = judge.routing.game
    learned = outcome(game, 1, 0.01, 0.3).user_utility
    found = distance(judge, Commitment(1, 0.01, game.latency), lambda commitments: np.full(len(commitments), 0.3))
    assert found.misalignment_gap == pytest.approx(0.7 / 0.3 - learned)
    assert found.best_misalignment_gap == solve(game).misalignment_gap == pytest.approx(0.7 / 0.3 + 0.1)


def test_distances_are_plain_values():
    found = on_route(judge_of("figure-5-serve", throttling=True), 1, 0.0).to_dict()
    assert {type(value) for value in found.values()} <= {float, bool, str, type(None)}


def test_nothing_to_lose():
    """A game in which every task is free has no cost to be relative to."""
    judge = RoutingJudge(RoutingGame(Game(10, 0, (0.2, 0.6), (1, 4), (0, 0))))
    found = on_route(judge, 1, 0.5)
    assert found.weak_regret_relative == found.robust_regret_relative == 0


def test_regrets_of_many_are_those_of_each():
    judge = judge_of("gpt41-o3")
    drawn = judge.routing.commitments(np.random.default_rng(2).random((50, 2)))
    wanted = [judge.judge(drawn[k], judge.best_answer).leader_regret_relative for k in range(50)]
    assert judge.regrets(drawn) == pytest.approx(wanted, rel=1e-12, abs=1e-15)
    assert [judge.regret(drawn[k]) for k in range(50)] == pytest.approx(wanted, rel=1e-12, abs=1e-15)

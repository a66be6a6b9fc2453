"""Judgements are exact: known profiles get the marks that they deserve."""

import numpy as np
import pytest
from two_models import TWO_MODELS

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_judge import RoutingJudge


def exactly(judge):
    return judge.best_answer


def always(q):
    return lambda commitments: np.full(len(commitments), float(q))


def committed(profile):
    return Commitment(profile.route, profile.cascade_prob, profile.throttled_latency)


@pytest.mark.parametrize("name", TWO_MODELS)
@pytest.mark.parametrize("throttling", [False, True])
def test_the_equilibrium_has_no_regret(name, throttling):
    judge = RoutingJudge(RoutingGame(scenario(name).game, throttling=throttling))
    if judge.solution.throttling.pays and throttling:
        pytest.skip("at the least latency users are indifferent, and stay: tested below")
    best = judge.solution.equilibrium
    judgement = judge.judge(committed(best), exactly(judge))
    assert judgement.leader_regret_relative == pytest.approx(0, abs=1e-12)
    assert judgement.normalised_score == pytest.approx(1)
    assert judgement.follower_gap == judgement.follower_gap_random == 0
    assert judgement.certified


def test_a_hair_beyond_the_least_throttled_latency_has_no_regret():
    judge = RoutingJudge(RoutingGame(scenario("figure-5-throttle").game, throttling=True))
    best = judge.solution.equilibrium
    t1, t2 = best.throttled_latency
    judgement = judge.judge(Commitment(best.route, 0.0, (t1 * 1.001, t2)), exactly(judge))
    assert judgement.leader_regret_relative == pytest.approx(0, abs=1e-12)


def test_a_hair_short_of_the_cliff_pays_the_whole_jump():
    judge = RoutingJudge(RoutingGame(scenario("nano-gpt5").game))
    s_0 = judge.solution.thresholds.s_0
    short, beyond = (
        judge.judge(Commitment(1, s_0 * (1 + side), (6.09, 39.77)), exactly(judge)) for side in (-1e-6, 1e-6)
    )
    assert short.leader_regret_relative == pytest.approx(0.7057, abs=1e-3)
    assert short.cascade_margin < 0 < beyond.cascade_margin
    assert beyond.leader_regret_relative < 1e-6


def test_followers_who_do_not_know_better_are_found_out():
    """A follower that stays below s_0 makes the leader look better than the optimum; the judge is not fooled."""
    judge = RoutingJudge(RoutingGame(scenario("nano-gpt5").game))
    judgement = judge.judge(Commitment(1, 0.01, (6.09, 39.77)), always(0))
    assert judgement.learned.provider_cost < judgement.equilibrium.provider_cost
    assert judgement.leader_regret_relative > 0.7
    assert judgement.follower_gap > 10
    assert not judgement.certified


@pytest.mark.parametrize("q", [0.0, 0.3, 1.0])
def test_gap_and_scale_by_hand(q):
    game = scenario("gpt41-o3").game
    judgement = RoutingJudge(RoutingGame(game)).judge(Commitment(1, 0.3, game.latency), always(q))
    best = outcome(game, 1, 0.3, best_response(game, 1, 0.3)).user_utility
    gap = best - outcome(game, 1, 0.3, q).user_utility
    assert judgement.follower_gap == pytest.approx(gap)
    assert judgement.follower_gap_relative == pytest.approx(gap / max(abs(best), 120 * 0.2))
    assert judgement.certified == (gap / max(abs(best), 120 * 0.2) <= 0.01)


def test_throttled_games_are_judged_against_the_throttled_equilibrium():
    game = scenario("figure-5-throttle").game
    assert RoutingJudge(RoutingGame(game, throttling=True)).solution.equilibrium.provider_cost == pytest.approx(5.5)
    assert RoutingJudge(RoutingGame(game)).solution.equilibrium.provider_cost == solve(game).equilibrium.provider_cost

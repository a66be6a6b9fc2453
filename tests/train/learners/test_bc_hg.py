"""The gradient through users at a temperature, from samples, against derivatives of the exact smooth game."""

import numpy as np
import pytest
from exact_policies import GAMES, payoffs, place_in, policy_at, slopes, standard_errors_off

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train.decisions import decisions, softmax
from routegame.train.learners.bc_hg import BcHg, BcHgOptions, hypergradient
from routegame.train.meter import Meter

NUM, BATCHES = 1000, 40


def smooth_cost(game, place, temperature):
    """What a play costs whose follower is at a temperature."""
    cost, utility = payoffs(game, place, game.habits)
    return softmax(utility / temperature) @ cost


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize("share", [1.0, 0.1])
@pytest.mark.parametrize("name", GAMES)
def test_it_is_the_total_derivative_within_4_standard_errors(name, share):
    game, rng = GAMES[name], np.random.default_rng(0)
    place, played, temperature = place_in(game, 1), decisions(game), share * game.utility_scale
    policy, shares = policy_at(game, place), softmax(payoffs(game, place, game.habits)[1] / temperature)
    found = []
    for _ in range(BATCHES):
        habit = rng.choice(len(shares), NUM, p=shares)
        found.append(hypergradient(policy, played.play(policy, game.habits[habit], rng, Meter()), habit, temperature))
    wanted = slopes(lambda at: smooth_cost(game, at, temperature), place)
    assert (abs(standard_errors_off(found, wanted)) < 4).all()


@pytest.mark.parametrize("name", ["routing-throttled", "matrix-3x2"])
def test_what_users_do_about_it_is_part_of_it(name):
    """Without the covariance the estimate is off by more than chance."""
    game, rng, temperature = GAMES[name], np.random.default_rng(0), 0.1 * GAMES[name].utility_scale
    place, played = place_in(game, 1), decisions(game)
    policy, shares = policy_at(game, place), softmax(payoffs(game, place, game.habits)[1] / temperature)
    wanted, alone = slopes(lambda at: smooth_cost(game, at, temperature), place), []
    for _ in range(BATCHES):
        habit = rng.choice(len(shares), NUM, p=shares)
        episodes = played.play(policy, game.habits[habit], rng, Meter())
        alone.append(hypergradient(policy, episodes, habit, 1e9 * temperature))
    assert (abs(standard_errors_off(alone, wanted)) > 4).any()


def ended(game, **options):
    learner = BcHg(game, BcHgOptions(**options), seed=0)
    while not learner.finished:
        learner.update()
    learned = learner.learned()
    return judge_of(game).judge(learned.commitment, learned.follower.abandon_prob, everywhere=False)


@pytest.mark.slow
def test_hot_users_keep_it_from_the_edge_and_colder_ones_let_it_come_closer():
    """Both end on the safe side of s_0, and users who are not at their best do not pass for such."""
    game = RoutingGame(scenario("nano-gpt5").game)
    hot, warm = (ended(game, steps=100, temperature=t, user_tasks=2**12) for t in (0.05, 0.02))
    assert hot.cascade_margin > 1.3 * warm.cascade_margin > 0
    assert hot.leader_regret_relative > warm.leader_regret_relative > 0
    assert hot.follower_gap > warm.follower_gap


@pytest.mark.slow
def test_it_mixes_in_a_matrix_game():
    game = next(known.game for known in instances("classic") if known.name == "matrix-textbook")
    judged = ended(game, steps=200)
    assert judged.leader_regret_relative < 0.05 and judged.certified

"""Users who try: they come to their best answer, from scratch, and pay for it in tasks."""

import numpy as np
import pytest

from routegame import ParameterError
from routegame.agents.exact.best_response import best_response, thresholds
from routegame.agents.exact.solved import solved
from routegame.agents.users.adapting import GIVEN_UP, AdaptedFollower, Crowd
from routegame.agents.users.quantal import quantal_response
from routegame.envs.chain import outcome
from routegame.envs.classic.catalogue import CLASSICS
from routegame.envs.classic.point_game import Points
from routegame.envs.commitment import HABITS, Commitments, RoutingGame
from routegame.envs.scenarios import scenario, suite


def users(game, num_tasks=2**14, throttling=False, rates=(3, 13, 55, 234, 1000)):
    worth = game.task_value * max(game.success_prob)
    return AdaptedFollower(RoutingGame(game, throttling=throttling), np.array(rates) / worth, num_tasks, seed=0)


@pytest.mark.parametrize("known", suite("reference"), ids=lambda known: known.name)
def test_they_lose_little_wherever_they_are(known):
    """Against their best response, over all cascades on both routes, by what a pass is worth."""
    game, cascades = known.game, np.linspace(0, 1, 101)
    for route in (1, 2):
        commitments = Commitments.unthrottled(game, route, cascades)
        answers = users(game, num_tasks=2**16).abandon_prob(commitments)
        best = best_response(game, route, cascades)
        lost = outcome(game, route, cascades, best).user_utility - outcome(game, route, cascades, answers).user_utility
        worth = game.task_value * max(game.success_prob)
        assert np.max(lost) < 0.1 * worth
        assert np.mean(lost) < 0.01 * worth


def test_between_leaving_and_staying_they_mix():
    game = scenario("figure-4-right-cascade").game
    at = thresholds(game)
    between = np.linspace(at.s_L, at.s_H, 7)[1:-1]
    answers = users(game, num_tasks=2**18).abandon_prob(Commitments.unthrottled(game, 1, between))
    assert answers == pytest.approx(best_response(game, 1, between), abs=0.15)


def test_latencies_in_force_count():
    game = scenario("figure-5-throttle").game
    crowd = users(game, throttling=True)
    commitments = crowd.game.commitments(np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]))
    assert crowd.abandon_prob(commitments).round(2).tolist() == [0, 1]


def test_one_round_makes_users_at_a_temperature():
    """The quantal users of `agents.users.quantal` have the same density on the whole interval, not on a few habits."""
    game, s = scenario("figure-4-left-cascade").game, 0.3
    utility = outcome(game, 1, s, HABITS).user_utility
    shares = np.exp(utility / 0.5)
    one_round = AdaptedFollower(RoutingGame(game), np.array([2.0]), 2**24, seed=0)
    (answer,) = one_round.abandon_prob(Commitments.unthrottled(game, 1, [s]))
    assert answer == pytest.approx(shares @ HABITS / shares.sum(), abs=1e-3)
    assert answer < quantal_response(game, 1, s, 0.5), "more of the habits are small"


def test_they_keep_nothing_and_a_batch_gets_the_same_answers():
    game = scenario("gpt41-o3").game
    crowd, commitments = users(game, num_tasks=64), Commitments.unthrottled(game, 1, np.linspace(0, 1, 20))
    assert np.array_equal(crowd.abandon_prob(commitments), crowd.abandon_prob(commitments))
    stages = list(crowd.adapting(commitments, np.random.default_rng(0), lambda tasks: tasks))
    assert len(stages) == 1 + len(crowd.rates)
    assert stages[0] == pytest.approx(HABITS.mean()), "at first all habits are alike"
    assert np.array_equal(stages[-1], crowd.abandon_prob(commitments))


def test_trials_are_counted_and_habits_that_do_not_pay_are_given_up():
    game, tried = scenario("nano-gpt5").game, []

    def count(plays):
        tried.append((len(plays.leader_cost), plays.passes.sum()))
        return plays

    commitments = Commitments.unthrottled(game, 1, [0.9, 0.9, 0.0])
    crowd = users(game, num_tasks=4096)
    *_, answers = crowd.adapting(commitments, np.random.default_rng(0), count)
    sizes, habits = [size for _, size in crowd.rounds()], [num for num, _ in tried]
    assert sizes == [256, 512, 1024, 2048, 4096]
    assert all(passes >= num * size for (num, passes), size in zip(tried, sizes, strict=True))
    assert habits[0] == 3 * len(HABITS)
    assert habits == sorted(habits, reverse=True) and habits[-1] < 0.3 * habits[0]
    assert answers.round(1).tolist() == [0, 0, 1]


def test_what_was_given_up_is_not_tried_again():
    """Which a new commitment would deserve: why users must start from scratch."""
    game = scenario("nano-gpt5").game
    crowd, rng = Crowd(RoutingGame(game), 1), np.random.default_rng(0)
    good, bad = (Commitments.unthrottled(game, 1, [s]) for s in (0.9, 0.0))
    for _ in range(3):
        crowd.learn(good, -2 * np.log(GIVEN_UP), 256, rng, lambda tasks: tasks)
    for _ in range(30):
        crowd.learn(bad, 1.0, 256, rng, lambda tasks: tasks)
    assert crowd.answers[0] < 0.2


def test_they_go_into_a_file_and_come_out_the_same(tmp_path):
    crowd = users(scenario("nano-gpt5").game, num_tasks=64)
    np.savez(tmp_path / "follower.npz", **crowd.arrays())
    again = AdaptedFollower.load(tmp_path / "follower.npz", crowd.game)
    probe = Commitments.unthrottled(crowd.game.game, 1, np.linspace(0, 1, 30))
    assert np.array_equal(crowd.abandon_prob(probe), again.abandon_prob(probe))


@pytest.mark.parametrize("arrays", [{}, {"rates": [-1.0], "num_tasks": 1, "seed": 0}, {"rates": [1.0], "seed": 0}])
def test_another_file(tmp_path, arrays):
    np.savez(tmp_path / "follower.npz", **arrays)
    with pytest.raises(ParameterError, match="adapted users"):
        AdaptedFollower.load(tmp_path / "follower.npz", RoutingGame(scenario("nano-gpt5").game))


@pytest.mark.parametrize("name", ["duopoly-equal", "duopoly-dear", "duopoly-limit"])
def test_followers_come_to_answers_between_habits(name):
    """Where what they earn is curved, as in a duopoly, neighbours share the crowd and their mean is the best answer."""
    game = next(classic.game for classic in CLASSICS if classic.name == name)
    commitments = Points(np.linspace(0, 1, 101)[:, None])
    users = AdaptedFollower(game, np.geomspace(3, 1000, 5) / game.utility_scale, 2**20, seed=0)
    best = solved(game).best_answer(commitments)
    assert users.abandon_prob(commitments) == pytest.approx(best, abs=0.3 * game.habits[1])

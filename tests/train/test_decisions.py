"""Plays taken apart into decisions: their pay and likelihood, against what is exact."""

import numpy as np
import pytest
from exact_policies import GAMES, drawn_game, paid, payoffs, place_in, policy_at, slopes, standard_errors_off

from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import instances
from routegame.train.decisions import decisions, mean_of_others, objection, score, softmax
from routegame.train.meter import Meter

NUM, BATCHES = 1000, 40


@pytest.mark.parametrize("name", GAMES)
def test_the_likelihood_ratio_has_the_slopes_of_pay(name):
    """Mean pay, its derivatives in what the leader decides, and those of the follower's, within 4 standard errors."""
    game, played = GAMES[name], decisions(GAMES[name])
    place, rng, meter = place_in(game, 1), np.random.default_rng(2), Meter()
    policy, logits = policy_at(game, place), rng.standard_normal(played.num_replies)
    num_logits, pays, leader, follower, at_once = sum(played.options), [], [], [], []
    for _ in range(BATCHES):
        found = played.play(policy, played.answers(softmax(logits), NUM, rng), rng, meter)
        pay = np.array([found.cost, found.utility])
        pays.append(pay.mean(axis=1))
        leader.append(policy.scores(found.taken).T @ pay.T / NUM)
        follower.append(score(found.answered, softmax(logits)).T @ pay.T / NUM)
        at_once.append(found.utility_slopes.mean(axis=0))
    for have, wanted in (
        (pays, paid(game, place, logits)),
        (leader, slopes(lambda at: paid(game, at, logits), place)[:num_logits]),
        (follower, slopes(lambda at: paid(game, place, at), logits)),
        (at_once, slopes(lambda at: paid(game, at, logits), place)[num_logits:, 1]),
    ):
        assert (abs(standard_errors_off(have, wanted)) < 4).all()
    assert meter.plays == BATCHES * NUM <= meter.passes


@pytest.mark.parametrize("name", GAMES)
def test_what_answers_are_worth(name):
    game, meter = GAMES[name], Meter()
    place, rng = place_in(game, 3), np.random.default_rng(4)
    habits, played = game.habits, decisions(game)
    found = [played.worth(policy_at(game, place), habits, NUM, rng, meter) for _ in range(BATCHES)]
    assert (abs(standard_errors_off(found, payoffs(game, place, habits)[1])) < 4).all()
    assert meter.plays == BATCHES * NUM * len(habits) * played.options[0]


def test_decisions_of_a_task_add_up():
    game, rng = RoutingGame(drawn_game(0)), np.random.default_rng(0)
    played, policy = decisions(game), policy_at(game, place_in(game, 5))
    found = played.play(policy, np.full(500, 0.3), rng, Meter())
    (began, again), answered = found.taken, found.answered
    assert (began.sum(axis=1) == 1).all() and (again[:, 1] <= 1).all() and set(answered[:, 1]) == {0, 1}
    on_standard = began[:, 0] == 1
    assert (again[on_standard].sum(axis=1) <= answered[on_standard, 0]).all(), "none after it was handed over"
    assert (again[~on_standard] == 0).all()


def test_commitments_that_policies_are():
    routing, menu, matrix = (GAMES[name] for name in ("routing-throttled", "menu-3", "matrix-3x2"))
    offered = decisions(routing).commitment(policy_at(routing, np.array([1.0, 0, 0, np.log(3), 0.5, 0])))
    assert (offered.route, offered.cascade_prob) == (1, pytest.approx(0.75))
    latency, slowest = routing.game.latency, routing.max_latency
    assert offered.throttled_latency == pytest.approx(((latency[0] + slowest[0]) / 2, latency[1]))
    offered = decisions(menu).commitment(policy_at(menu, np.log([1.0, 1, 2, 3, 1, 1])))
    assert offered.start == pytest.approx((0.25, 0.25, 0.5)) and offered.matrix[2] == pytest.approx((0.6, 0.2, 0.2))
    point = decisions(matrix).commitment(policy_at(matrix, np.log([1.0, 1, 2])))
    assert matrix.mixes(point.alone())[0] == pytest.approx([0.25, 0.25, 0.5])


def test_answers_that_stand_for_a_follower():
    for name, probs, wanted in (
        ("routing-0", [0.8, 0.2], 0.2),
        ("matrix-3x2", [0.8, 0.2], 0.2),
        ("matrix-2x3", [0.3, 0.5, 0.2], 0.5),
    ):
        assert decisions(GAMES[name]).answer(np.array(probs)) == wanted


def test_games_that_are_made_of_decisions():
    assert all(objection(game) is None for game in GAMES.values())
    for game in (known.game for known in instances("classic") if known.group != "matrix"):
        assert "finitely many options" in objection(game)
    assert "compact" in objection(MenuGame(scenario("nano-gpt5").game, form="matrix"))


def test_nobody_is_compared_with_itself():
    values, group = np.array([4.0, 1, 2, 9]), np.array([2, 0, 2, 2])
    assert mean_of_others(values, group).tolist() == [5.5, 5, 6.5, 3]

"""Every game that learners play keeps the same contract: what is drawn is what is known, and luck is as given."""

import dataclasses
import json

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solved import solved
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS, game_of, random_matrix_game
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.matrix_game import MatrixGame, NoisyCommitment
from routegame.envs.classic.point_game import Point
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

ROUTING = {
    "routing": RoutingGame(scenario("figure-4-left-cascade").game),
    "throttling": RoutingGame(scenario("figure-4-left-cascade").game, throttling=True),
}
OTHERS = {classic.name: classic.game for classic in CLASSICS} | {"matrix-5x2": random_matrix_game(5, 1)}
GAMES = ROUTING | OTHERS


def exact(game, commitments, answers):
    return solved(game).outcome(commitments, answers)


def drawn(game, count, seed=0):
    rng = np.random.default_rng(seed)
    return game.commitments(rng.random((count, game.size))), rng.random(count)


def three_ways(game):
    return {
        "play": lambda c, a, n, seed: game.play(c, a, n, np.random.default_rng(seed)),
        "totals": lambda c, a, n, seed: game.play_totals(c, a, n, np.random.default_rng(seed)),
        "luck": game.play_with_luck,
    }


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("way", ["play", "totals", "luck"])
def test_what_is_played_is_what_is_known(name, way):
    """Mean over groups within five standard errors, for every commitment."""
    game, play = GAMES[name], three_ways(GAMES[name])[way]
    commitments, answers = drawn(game, 6)
    rows = np.repeat(np.arange(6), 64)
    plays = play(commitments.take(rows), answers[rows], 400, 7)
    for got, wanted in zip((plays.leader_cost, plays.follower_utility), exact(game, commitments, answers), strict=True):
        groups = got.reshape(6, 64)
        error = groups.std(axis=1, ddof=1) / 8
        assert (np.abs(groups.mean(axis=1) - wanted) <= 5 * error + 1e-12).all()
        assert error.max() > 0
    assert plays.passes.sum() >= 6 * 64 * 400


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("way", ["play", "totals", "luck"])
def test_the_same_chance_gives_the_same_plays(name, way):
    play = three_ways(GAMES[name])[way]
    commitments, answers = drawn(GAMES[name], 5)
    one, again, other = (play(commitments, answers, 50, seed).leader_cost for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("name", GAMES)
def test_rows_are_as_lucky_as_those_of_another_call_and_no_two_alike(name):
    """So close answers differ by far less than luck makes of either."""
    game = GAMES[name]
    commitments = game.commitments(np.full((400, game.size), 0.4))
    one, close = (game.play_with_luck(commitments, np.full(400, q), 100, 3).follower_utility for q in (0.5, 0.501))
    assert np.array_equal(one, game.play_with_luck(commitments, np.full(400, 0.5), 100, 3).follower_utility)
    assert len(np.unique(one)) > 20
    assert np.std(close - one) < 0.3 * np.std(one)
    fewer = commitments.take(np.arange(7))
    assert np.array_equal(game.play_with_luck(fewer, np.full(7, 0.5), 100, 3).follower_utility, one[:7])


@pytest.mark.parametrize("name", GAMES)
def test_commitments_and_actions(name, tmp_path):
    game = GAMES[name]
    commitments, _ = drawn(game, 9)
    actions = game.actions(commitments)
    assert actions.shape == (9, game.size)
    assert game.actions(game.commitments(actions)) == pytest.approx(actions)
    chosen = commitments.take(np.array([3, 3, 0]))
    assert len(chosen) == 3 and chosen[0] == chosen[1] == commitments[3] and chosen[2] == commitments[0]
    assert game.read(json.loads(json.dumps(dataclasses.asdict(commitments[4])))) == commitments[4]
    assert game.action(commitments[4]) == pytest.approx(actions[4], abs=1e-6)
    assert game.utility_scale > 0
    assert all(np.isfinite(value) for value in game.figures(commitments).values())


@pytest.mark.parametrize("name", GAMES)
def test_starts_are_spread_over_the_box(name):
    game, shares = GAMES[name], np.linspace(0.1, 0.9, 8)
    starts = game.starts(shares, 0.3)
    switches, extras = game.num_switches, game.num_extras
    assert starts.shape == (8 + switches, game.size)
    assert (starts[:, game.size - extras :] == 0.3).all()
    for column in starts[:8, switches : game.size - extras].T:
        assert sorted(column) == pytest.approx(shares)
    assert len(np.unique(starts, axis=0)) == len(starts)


def test_routing_users_answer_abandonment_probabilities():
    game = ROUTING["routing"]
    commitments = game.commitments(np.array([[0.0, 0.0], [0.0, 0.5], [1.0, 0.0]]))
    answers = np.asarray(best_response(game.game, commitments.route, commitments.cascade_prob))
    assert answers.tolist() == [1, 0, 0]
    plays = game.play_totals(commitments, answers, 10**6, np.random.default_rng(0))
    assert plays.leader_cost == pytest.approx(exact(game, commitments, answers)[0], rel=0.01)


def test_a_point_breaks_a_stick():
    game = random_matrix_game(4, 0)
    mixes = game.mixes(game.commitments(np.array([[0.5, 0.5, 0.5], [0, 0, 0], [1, 0.3, 0.3], [0.2, 0, 1]])))
    assert mixes == pytest.approx(np.array([[0.5, 0.25, 0.125, 0.125], [0, 0, 0, 1], [1, 0, 0, 0], [0.2, 0, 0.8, 0]]))
    rng = np.random.default_rng(0)
    for mix in rng.dirichlet(np.ones(4), 20):
        assert game.mixes(game.commitments(game.point(mix)[None]))[0] == pytest.approx(mix)


@pytest.mark.parametrize("name", OTHERS)
def test_games_go_into_files_and_come_out_the_same(name):
    game = OTHERS[name]
    assert game_of(json.loads(json.dumps(game.to_dict()))) == game


def test_a_game_without_kind_is_one_of_routing():
    game = scenario("nano-gpt5").game
    assert game_of(game.to_dict()) == game


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda: MatrixGame(((1, 2),), ((1, 2),)), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, 4, 5)), ((1, 2), (1, 2))), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, float("nan"))), ((1, 2), (1, 2))), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, 4)), ((1, 2), (1, 2), (1, 2))), "follower_payoff must be as many rows"),
        (lambda: MatrixGame(((1, 2), (3, 4)), ((1, 1), (1, 1))), "follower_payoff must be something that depends"),
        (lambda: NoisyCommitment(((1, 2),) * 3, ((1, 2),) * 3, 0.1), "leader_payoff must be two rows"),
        (lambda: NoisyCommitment(((1, 2), (3, 4)), ((0, 1), (1, 0)), 0.1), "follower_payoff must be more in favour"),
        (lambda: NoisyCommitment(((1, 2), (3, 4)), ((1, 0), (0, 1)), 0.6), r"noise must be .* in \[0, 0.5\]"),
        (lambda: Duopoly(0, 1, (0, 0), 0), "intercept must be"),
        (lambda: Duopoly(1, 0, (0, 0), 0), "slope must be"),
        (lambda: Duopoly(1, 1, (0, 1), 0), r"cost\[1\] must be"),
        (lambda: Duopoly(1, 1, (0, 0), -1), "noise must be"),
        (lambda: Duopoly(np.ones(2), 1, (0, 0), 1), "intercept must be a single number"),
        (lambda: OTHERS["duopoly-equal"].action(Point((1.5,))), r"coordinates must be 1 numbers in \[0, 1\]"),
        (lambda: OTHERS["matrix-5x2"].action(Point((0.5,))), r"coordinates must be 4 numbers in \[0, 1\]"),
        (lambda: OTHERS["duopoly-equal"].action(Point((float("nan"),))), r"coordinates must be 1 numbers"),
        (lambda: random_matrix_game(1, 0), "num_actions must be"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ParameterError, match=message):
        make()

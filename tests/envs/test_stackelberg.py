"""Every game that learners play keeps the same contract: what is drawn is what is known, and luck is as given."""

import dataclasses
import json

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solved import solved
from routegame.envs.classic.catalogue import CLASSICS, random_matrix_game
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.game import Game
from routegame.envs.luck.luck import Luck
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario

ROUTING = {
    "routing": RoutingGame(scenario("figure-4-left-cascade").game),
    "throttling": RoutingGame(scenario("figure-4-left-cascade").game, throttling=True),
}
OTHERS = {classic.name: classic.game for classic in CLASSICS} | {"matrix-5x2": random_matrix_game(5, 1)}
GAMES = ROUTING | OTHERS
MENUS = {
    "menu": MenuGame("gateway-eight"),
    "crowd": CrowdGame((9, 6, 30), (15, 2, 7), (1, 1, 2), (3, 1, 2), (0.1, 0.3, 0.6), (1, 2, 9), (1, 3.6, 2)),
    "drift": DriftingGame(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), Game(9, 2, (0.2, 0.3), (1, 2), (1, 3.6)), 0.4),
}
MENUS["drift"].keep_time(lambda: 0.1)


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
    assert game.play_with_luck(fewer, np.full(7, 0.5), 100, 3).follower_utility == pytest.approx(one[:7], rel=1e-12)


@pytest.mark.parametrize("name", GAMES | MENUS)
def test_rows_of_all_periods_are_as_lucky_as_those_of_the_first(name):
    """They are played as they are alone."""
    game = (GAMES | MENUS)[name]
    commitments, answers = drawn(game, 6)
    together = game.play_equally_lucky(commitments, answers, 100, 3, 2)
    for k in (0, 2, 4):
        alone = game.play_with_luck(commitments.take(np.arange(k, k + 2)), answers[k : k + 2], 100, 3)
        assert together.leader_cost[k : k + 2] == pytest.approx(alone.leader_cost, rel=1e-12)
        assert together.follower_utility[k : k + 2] == pytest.approx(alone.follower_utility, rel=1e-12)
        assert together.earlier == alone.earlier == (name == "drift")
    assert np.broadcast_to(together.num_plays, (6,)).tolist() == [100] * 6
    assert together.passes.sum() >= 600


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


@pytest.mark.parametrize("name", GAMES | MENUS)
def test_a_million_tasks_take_as_many_numbers_as_one(name, monkeypatch):
    """Luck is a number for each count, whatever it counts: that is why playing with it does not grow dearer."""
    game, drawn_shapes = (GAMES | MENUS)[name], []
    numbers = Luck._numbers

    def noted(self, shape):
        drawn_shapes.append(shape)
        return numbers(self, shape)

    monkeypatch.setattr(Luck, "_numbers", noted)
    commitments, answers = drawn(game, 3)
    taken = []
    for tasks in (64, 2**20):
        drawn_shapes.clear()
        game.play_with_luck(commitments, answers, tasks, 3)
        taken.append(list(drawn_shapes))
    assert taken[0] == taken[1]

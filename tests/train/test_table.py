"""Episodes in which both sides play at once: they are those of the game, and say who decided what, and for what."""

import numpy as np
import pytest

from routegame import Game
from routegame.envs.chain import outcome
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.train.meter import Meter
from routegame.train.table import Table

GAME = RoutingGame(Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)))
SECOND = np.float32([[1, 0]])  # the second model alone


def table(game=GAME, episodes=2000, users=3, meter=None):
    return Table(game, episodes, users, np.random.SeedSequence(0), Meter() if meter is None else meter)


def test_what_is_paid_is_what_the_game_says():
    """Mean costs and utilities are those of the closed form, within four standard errors."""
    meter = Meter()
    played = table(meter=meter).play(np.tile(np.float32([[0, 0.25]]), (2000, 1)), np.full(2000, 0.2))
    known = outcome(GAME.game, 1, 0.25, 0.2)
    assert meter.plays == 6000 and meter.queries == 2000
    assert meter.paid / 6000 == pytest.approx(known.provider_cost, abs=4 * 20 / np.sqrt(6000))
    assert -played.paid.mean() == pytest.approx(meter.paid / 6000 / 10, rel=1e-5), (
        "in units of a task of the cheaper model"
    )
    rounds, episodes, users = played.decisions()
    assert played.left[rounds, episodes, users].mean() == pytest.approx(0.2, abs=4 * 0.4 / np.sqrt(len(rounds)))


def test_whoever_leaves_is_paid_nothing_and_asked_once():
    played = table().play(np.tile(SECOND, (2000, 1)), np.ones(2000))
    rounds, episodes, users = played.decisions()
    assert len(played.asked) == 1 and not rounds.any()
    assert played.left[rounds, episodes, users].all() and not played.returns()[rounds, episodes, users].any()
    share = len(rounds) / 6000
    assert share == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / 6000)), "those whose first pass failed"


def test_to_stay_is_worth_what_the_rest_of_a_task_is():
    played = table().play(np.tile(SECOND, (2000, 1)), np.zeros(2000))
    rounds, episodes, users = played.decisions()
    returns, rewards = played.returns()[rounds, episodes, users], played.rewards()[rounds, episodes, users]
    # What one user is paid after each failure is not independent: a third of them at the most.
    error = returns.std() / np.sqrt(len(returns) / 3)
    assert returns.mean() == pytest.approx((9 - 2 / 0.3) / 9, abs=4 * error)
    assert rewards.mean() == pytest.approx((9 * 0.3 - 2) / 9, abs=4 * rewards.std() / np.sqrt(len(rewards)))
    np.testing.assert_allclose(played.rewards().sum(axis=0), played.returns()[0], rtol=1e-4, atol=1e-5)


def test_decisions_are_in_the_order_of_rounds_and_nobody_decides_after_the_end():
    played = table(episodes=50).play(np.tile(SECOND, (50, 1)), np.full(50, 0.1))
    rounds, *_ = played.decisions()
    assert np.all(np.diff(rounds) >= 0)
    assert not (played.asked[1:] & ~played.asked[:-1]).any(), "who is gone does not come back"
    assert not (played.asked[1:] & played.left[:-1] & played.asked[:-1]).any(), "who leaves is gone"


def test_where_every_first_pass_succeeds_there_is_nothing_to_decide():
    sure = RoutingGame(Game(9, 20, (1 - 1e-12, 1 - 1e-12), (1, 2), (1, 3)))
    played = table(sure, episodes=64).play(np.tile(SECOND, (64, 1)), np.ones(64))
    assert played.asked.shape == (0, 64, 3) and all(len(array) == 0 for array in played.decisions())
    assert played.returns().shape == played.rewards().shape == (0, 64, 3)


@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_menus_are_played_too(form):
    menu = MenuGame(Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7)), form=form, throttling=True)
    meter = Meter()
    played = table(menu, episodes=64, meter=meter).play(
        np.full((64, menu.size), 0.5, dtype=np.float32), np.full(64, 0.5)
    )
    assert played.paid.shape == (64,) and meter.passes > 64 * 3


def test_luck_goes_on_from_a_state():
    one, other = table(episodes=64), table(episodes=64)
    offers, leaving = np.tile(SECOND, (64, 1)), np.full(64, 0.5)
    one.play(offers, leaving)
    other.restore(one.state())
    np.testing.assert_array_equal(one.play(offers, leaving).paid, other.play(offers, leaving).paid)

"""The leader of a mix: where it starts, what it pays for, and that it becomes a function of what is known."""

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.envs.context_game import ContextGame
from routegame.envs.mix_game import MixGame, lists_of
from routegame.envs.task_mixes import drawn_by_features
from routegame.eval.judge.judges import judge_of
from routegame.train.meter import Meter
from routegame.train.ppo.contextual_leader import STARTS, ContextualLeader

GAME = ContextGame(drawn_by_features(12, 5))


def perfect(offers):
    games = GAME.mix.some(offers.context).games
    return np.asarray(best_response(games, 1 + offers.second, offers.cascade_prob), dtype=np.float64)


def leader(seed=0):
    return ContextualLeader(GAME, 512, 256, 0.02, np.random.SeedSequence(seed), Meter())


def test_members_start_next_to_each_other_in_every_context():
    assert leader().actions() == pytest.approx(np.repeat(STARTS[:, None], 12, axis=1), abs=0.1)


def test_a_function_says_the_same_of_features_as_the_policy_of_contexts():
    made = leader()
    made.update(perfect, 0.3)
    function = made.function(2)
    assert function.actions(GAME.mix.features) == pytest.approx(made.actions()[2], abs=1e-6)
    again = type(function).read({name: getattr(function, name) for name in vars(function)})
    assert again == function


def regret(made):
    actions = made.actions()
    return judge_of(MixGame(GAME.mix)).regrets(lists_of(actions[..., 0] > 0.5, actions[..., 1])).mean()


def test_it_gets_cheaper_and_the_cheapest_go_on():
    made = leader()
    before = regret(made)
    for _ in range(10):
        made.update(perfect, 0.3)
    assert regret(made) < 0.9 * before
    made.keep_the_cheapest()
    assert len(made.actions()) == 2 and made.best in made._side.playing
    figures = made.update(perfect, 0.05)
    assert figures["exploration"] == 0.05 and made._side.costs.shape == (2,)


def test_it_goes_on_from_its_state():
    made, other = leader(), leader(1)
    made.update(perfect, 0.3)
    other.restore(made.state())
    for each in (made, other):
        each.update(perfect, 0.2)
    assert (made.actions() == other.actions()).all()


def test_commitments_near_it_are_near_and_in_the_box():
    made = leader()
    offers = made.near(200, np.random.default_rng(0))
    assert ((offers.cascade_prob >= 0) & (offers.cascade_prob <= 1)).all()
    away = np.abs(made.actions()[:, offers.context, 1] - offers.cascade_prob).min(axis=0)
    assert 0 < np.median(away) < 0.03

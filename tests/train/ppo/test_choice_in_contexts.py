"""The last choice in every context at once finds what is cheapest, and stays clear of edges."""

import numpy as np

from routegame import Game, TaskMix
from routegame.agents.exact.best_response import best_response
from routegame.agents.mixes.solved_mix import SolvedMix
from routegame.envs.commitment import DEVIATIONS
from routegame.envs.context_game import ContextGame, Offers
from routegame.envs.mix_game import MixGame, lists_of
from routegame.train.meter import Meter
from routegame.train.ppo.choice_in_contexts import cheapest_in_contexts, costs_once_users_know

MIX = TaskMix([0.7, 0.2, 0.1], Game([9, 9, 6.5], 15, ([0.5, 0.1, 0.1], [0.7, 0.3, 0.3]), (1, 2), (1, 3.6)))


def stubborn(offers):
    return np.zeros(len(offers))


def test_users_are_expected_to_know_better():
    game, meter = ContextGame(MIX), Meter()
    offers = Offers(np.array([1, 1]), np.zeros(2, np.bool_), np.array([0.02, 0.06]))
    tasks = np.full(2 * 4, 2**20)
    costs, errors = costs_once_users_know(
        game, offers, stubborn(offers), (1.0,), tasks, np.random.default_rng(0), meter
    )
    assert np.allclose(costs, [14.5, 10.73], atol=0.1), "below s_0 = 0.041 they leave, whatever they answer now"
    assert (errors < 0.05).all() and meter.passes > 2 * 2 * 4 * 2**20


def test_what_is_found_is_cheap_in_every_context_and_users_do_what_they_should():
    game, meter = ContextGame(MIX), Meter()
    found = cheapest_in_contexts(game, np.full((1, 3, 2), 0.25), stubborn, 2**20, np.random.default_rng(0), meter)
    solved = SolvedMix(MixGame(MIX))
    profile = solved.answered(lists_of(found[None, :, 0] > 0.5, found[None, :, 1])[0])
    best = solved.equilibrium()
    assert profile.provider_cost <= 1.01 * best.provider_cost
    assert found[0].tolist() == [0, 0] or found[0, 0] > 0.5, "of what costs the same the plainest"
    in_force = MIX.games
    answers = best_response(in_force, 1 + (found[:, 0] > 0.5), found[:, 1])
    assert (answers == best.answers).all() and meter.queries and 0 in DEVIATIONS


def test_it_is_the_same_whenever_it_is_asked():
    game = ContextGame(MIX)
    one, other = (
        cheapest_in_contexts(game, np.full((1, 3, 2), 0.25), stubborn, 2**12, np.random.default_rng(3), Meter())
        for _ in range(2)
    )
    assert (one == other).all()

"""A race of starts: the lanes that are worth a search win, narrowed to where their cost jumps."""

import numpy as np
import pytest
from menu_games import KNOWN

from routegame.agents.exact.solved import solved
from routegame.envs.menu_game import MenuGame
from routegame.train.meter import Meter
from routegame.train.race import race

SHARES = np.array([0.003, 0.05, 0.5, 0.95])


@pytest.mark.parametrize("number", KNOWN)
@pytest.mark.parametrize("throttling", [False, True])
def test_the_lane_of_the_equilibrium_wins(number, throttling):
    game = MenuGame(KNOWN[number][0], throttling=throttling)
    known, meter = solved(game), Meter()
    starts = np.concatenate([game.starts(SHARES, extra) for extra in ((0.0, 0.6) if throttling else (0.0,))])
    found = race(game, starts, known.best_answer, 8, np.random.default_rng(0), meter)
    lanes = {tuple(np.where(held, point, -1)) for held, point in zip(game.held(found), found, strict=True)}
    assert len(lanes) == len(found) == min(8, game.num_models**2 * (game.num_models - 1))
    offered = game.commitments(found)
    cost, _ = known.outcome(offered, known.best_answer(offered))
    assert cost.min() <= 1.05 * known.solution.certificate.lower_bound + 1e-9
    assert meter.passes > 0 and meter.queries > len(found)


def test_users_who_are_still_learning_are_expected_to_know_better():
    """Users who stay whatever is offered are exploited by the cheapest model alone, unless they try leaving."""
    game, rng = MenuGame(KNOWN[7][0]), np.random.default_rng(0)

    def patient(commitments):
        return np.zeros(len(commitments))

    lanes = []
    for reconsider in (False, True):
        found = race(game, game.starts(SHARES), patient, 1, rng, Meter(), reconsider=reconsider)
        lanes.append([np.flatnonzero(weights).tolist() for weights in found.reshape(2, 3)])
    assert lanes[0][1] != [1, 2] and lanes[1] == [[0], [1, 2]]

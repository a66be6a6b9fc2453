"""Games drawn at random: of the regime and at the distances that were asked for."""

import numpy as np
import pytest

from routegame.agents.exact.cells import place
from routegame.agents.exact.drawn_games import DISTANCES, REGIMES, draw_games, margin
from routegame.agents.exact.equilibrium import solve


@pytest.mark.parametrize("regime", REGIMES)
def test_there_are_enough_at_every_distance(regime):
    games, distance = draw_games(regime, np.random.default_rng(0), 50)
    assert games.shape == distance.shape
    assert all(np.sum(distance == name) >= 50 for name in DISTANCES)
    far = games.single(int(np.flatnonzero(distance == "far")[0]))
    assert solve(far).regime == regime and margin(place(far)) >= 0.2


def test_kinds_take_turns():
    games, distance = draw_games("latency-value", np.random.default_rng(0), 30)
    kinds = place(games).commitment[distance == "near"][:30]
    assert {str(kind): int(np.sum(kinds == kind)) for kind in kinds} == dict.fromkeys(set(kinds.tolist()), 10)

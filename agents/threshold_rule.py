"""The threshold rule: route by cost of pass alone (Mahmood 2026, §4; the optimum where users never leave)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routegame.envs.game import Game


def cost_of_pass_route(game: Game) -> NDArray[np.int64]:
    """Route to the model with the lower cost of pass c_i / p_i, without cascade; ties go to the standard model.

    This is the Stackelberg optimum where both net values are positive. Elsewhere it ignores what users do about it,
    which is what makes it the rule to beat. Shape: the game's.

    >>> int(cost_of_pass_route(Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))))
    1
    """
    standard, reasoning = game.cost_of_pass
    return np.where(np.less_equal(standard, reasoning), 1, 2)

"""Where the closed form of a game is found: by its kind."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from routegame.agents.exact.classic_games import SOLVED_CLASSICS
from routegame.agents.exact.solved_game import Profile, SolvedGame
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.agents.exact.typed_games import SolvedBayesianGame
from routegame.envs.checks import ParameterError
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.mix_game import MixGame
from routegame.envs.stackelberg import StackelbergGame


def _menu(game: StackelbergGame) -> SolvedGame[Profile]:
    # menus, crowds and mixes stand on floors above, so their closed forms are asked for by their names
    found: SolvedGame[Profile] = import_module("routegame.agents.menus.solved_menu").SolvedMenu(game)
    return found


def _crowd(game: StackelbergGame) -> SolvedGame[Profile]:
    found: SolvedGame[Profile] = import_module("routegame.agents.menus.solved_crowd").SolvedCrowd(game)
    return found


def _drift(game: StackelbergGame) -> SolvedGame[Profile]:
    # it is put together of what is found here
    found: SolvedGame[Profile] = import_module("routegame.agents.exact.solved_drift").SolvedDrift(game)
    return found


def _mix(game: StackelbergGame) -> SolvedGame[Profile]:
    found: SolvedGame[Profile] = import_module("routegame.agents.mixes.solved_mix").SolvedMix(game)
    return found


SOLVED: dict[str, Callable[..., SolvedGame[Profile]]] = {
    RoutingGame.KIND: SolvedRouting,
    MenuGame.KIND: _menu,
    MixGame.KIND: _mix,
    **SOLVED_CLASSICS,
    BayesianGame.KIND: SolvedBayesianGame,
    CrowdGame.KIND: _crowd,
    DriftingGame.KIND: _drift,
}
"""Classes of closed forms, by the kind of the game that they solve."""


def solved(game: StackelbergGame) -> SolvedGame[Profile]:
    """Return the closed form of a game.

    Raises:
        ParameterError: there is none.

    >>> from routegame.envs.classic.matrix_game import MatrixGame
    >>> solved(MatrixGame(((2, 4), (1, 3)), ((1, 0), (0, 1)))).equilibrium().leader_cost
    -3.5
    """
    if game.KIND not in SOLVED:
        raise ParameterError("game", f"one of a kind with a closed form, {', '.join(SOLVED)}", game.KIND)
    return SOLVED[game.KIND](game)

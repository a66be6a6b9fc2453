"""Where the judge of a game is found: by the game's kind."""

from __future__ import annotations

from collections.abc import Callable

from routegame.agents.exact.classic_games import SOLVED_CLASSICS
from routegame.agents.exact.solved_game import Profile
from routegame.envs.checks import ParameterError
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.catalogue import PlayedLike, as_played
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.commitment import RoutingGame
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.mix_game import MixGame
from routegame.eval.judge.classic_judge import ClassicJudge, TypedJudge
from routegame.eval.judge.judgement import Judge
from routegame.eval.judge.menu_judge import MenuJudge
from routegame.eval.judge.routing_judge import RoutingJudge


def _of_what_it_becomes(game: DriftingGame) -> Judge[Profile]:
    """Return the judge of the game that a game which changes has become."""
    return judge_of(game.now)


def _of_mixes(game: MixGame) -> Judge[Profile]:
    """Return the judge of a mix; what solves mixes takes long to import, and no other game needs it."""
    from routegame.eval.judge.mix_judge import MixJudge

    return MixJudge(game)


JUDGES: dict[str, Callable[..., Judge[Profile]]] = {
    RoutingGame.KIND: RoutingJudge,
    MenuGame.KIND: MenuJudge,
    MixGame.KIND: _of_mixes,
    **dict.fromkeys(SOLVED_CLASSICS, ClassicJudge),
    BayesianGame.KIND: TypedJudge,
    CrowdGame.KIND: TypedJudge,
    DriftingGame.KIND: _of_what_it_becomes,
}
"""Makers of judges, by the kind of the game."""


def judge_of(game: PlayedLike) -> Judge[Profile]:
    """Return who judges profiles of a game; of a routing game without throttling, unless it is played with that.

    Raises:
        ParameterError: nobody does.
    """
    played = as_played(game)
    if played.KIND not in JUDGES:
        raise ParameterError("game", f"one of a kind that has a judge, {', '.join(JUDGES)}", played.KIND)
    return JUDGES[played.KIND](played)

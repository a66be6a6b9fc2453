"""What worlds take for tasks that differ: a mix, a scenario or a game of one, or a scenario's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Union

from routegame.envs.mix_game import MixGame
from routegame.envs.scenarios import GameLike
from routegame.envs.task_mix import MixUsers, TaskMix

if TYPE_CHECKING:
    from routegame.envs.task_mixes import MixScenario

TasksLike = Union[GameLike, TaskMix, MixGame, "MixScenario"]
"""A game, see `GameLike`; or a mix of tasks, a game or a scenario of one, or the name of such a scenario."""


class NamedMix(NamedTuple):
    """A mix as it was given.

    Attributes:
        mix: the contexts.
        users: whom the scenario or the game is of; None where only a mix was given.
        models: names of the models, or their numbers.
        units: of latency and of cost, for display.
    """

    mix: TaskMix
    users: MixUsers | None
    models: tuple[str, ...]
    units: tuple[str, str]


def mix_of(game: object) -> NamedMix | None:
    """Return the mix that a world is given in place of a game, None where it is given a game, or something else.

    >>> found = mix_of("easy-hard-blind")
    >>> found.mix.names, found.users
    (('easy', 'hard'), 'memoryless')
    """
    users, units = getattr(game, "users", None), getattr(game, "units", ("", ""))
    if isinstance(game, str):
        from routegame.envs.task_mixes import MIXES  # drawn there, which takes its time

        known = MIXES.get(game)
        return None if known is None else mix_of(known)
    mix = game if isinstance(game, TaskMix) else getattr(game, "mix", None)
    if not isinstance(mix, TaskMix):
        return None
    models = mix.games.names or tuple(f"model {k + 1}" for k in range(mix.num_models))
    return NamedMix(mix, users, models, units)

"""Suites of games."""

from dataclasses import dataclass

from routegame.agents.equilibrium import solve
from routegame.envs.game import Game, ParameterError
from routegame.envs.scenarios import SCENARIOS

SUITES = ("reference", "pairs")


@dataclass(frozen=True)
class Instance:
    """A game of a suite."""

    name: str
    game: Game
    throttling: bool
    scenario: str | None
    group: str


def instances(suite: str) -> tuple[Instance, ...]:
    """Return the games of a suite."""
    if suite not in SUITES:
        raise ParameterError("suite", f"one of {', '.join(SUITES)}", suite)
    return tuple(
        Instance(s.name, s.game, bool(solve(s.game).throttling.pays), s.name, "")
        for s in list(SCENARIOS.values())[: 4 if suite == "pairs" else None]
    )

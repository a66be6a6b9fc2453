"""The games that ship with the project: the paper's figures, and pairs of models that people can buy.

Real pairs come from the public leaderboard of the aider coding assistant (Exercism exercises in six languages,
pass = one try): success on the first try, seconds and list price a case divided by the expected tries. They are
measurements of one benchmark on one day through a public API, not the providers' own costs. The task's value and
the churn penalty are choices, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

from routegame.envs.game import Game


@dataclass(frozen=True)
class Measurement:
    """Where a real model's numbers come from."""

    model: str
    date: str
    num_cases: int
    source: str


@dataclass(frozen=True)
class Scenario:
    """A named game with its provenance.

    Attributes:
        name: what the command line calls it.
        game: the parameters.
        unit_of_latency: what task value and latencies are measured in.
        unit_of_cost: what costs and the churn penalty are measured in.
        about: one sentence on what the game is good for.
        measurements: of the standard and of the reasoning model; empty for a game of the paper.
    """

    name: str
    game: Game
    unit_of_latency: str
    unit_of_cost: str
    about: str
    measurements: tuple[Measurement, ...] = ()

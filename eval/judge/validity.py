"""How far the answer to a game can be trusted: over which V it holds, and within what was measured of its models.

Task value is a choice, and success probabilities of real pairs are shares of a few hundred tasks: an answer that turns
within their errors is no answer. Errors of latency and cost were not published with them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import inf

import numpy as np

from routegame.agents.exact.sensitivity import commitment_range, same_answer, value_range
from routegame.agents.exact.solution import Solution
from routegame.envs.arrays import FloatArray
from routegame.envs.measurements import Measurement
from routegame.envs.scenarios import Scenario
from routegame.eval.statistics import SUCCESS, Estimate, proportion

NUM_DRAWS = 4096
"""Pairs of success probabilities drawn from what was measured."""


@dataclass(frozen=True)
class Validity:
    """The range over which the answer to a single game holds.

    Attributes:
        value_range: V from and to which the kind of commitment and what users do stay the same, see
            `routegame.agents.exact.sensitivity`, in units of latency.
        commitment_range: V from and to which the very commitment is within `SUCCESS` of the equilibrium's cost.
        success_prob: of both models, with 95 % intervals; empty where it was not measured.
        answer_stays: chance that the answer is that of the true success probabilities; nan where they were not
            measured. Drawn from the posterior of Jeffreys' prior, always with the same seed.
    """

    value_range: tuple[float, float]
    commitment_range: tuple[float, float]
    success_prob: tuple[Estimate, ...]
    answer_stays: float

    @classmethod
    def of(cls, scenario: Scenario | None, solution: Solution, *, throttling: bool = False) -> Validity:
        """Find out about the solution of a single game.

        Args:
            scenario: where its models were measured, if anywhere; success probabilities that are not the
                scenario's were chosen.
            solution: for memoryless users.
            throttling: whether the provider may slow its models down in it.
        """
        game, share = solution.game, np.nan
        found: tuple[Estimate, ...] = ()
        if scenario is not None and scenario.measurements and scenario.game.success_prob == game.success_prob:
            found = tuple(proportion(_successes(m), m.num_cases) for m in scenario.measurements)
            others = replace(game, success_prob=_posterior(scenario.measurements))
            share = float(same_answer(game, others, throttling=throttling).mean())
        return cls(
            value_range(game, throttling=throttling),
            commitment_range(game, solution.equilibrium, SUCCESS, throttling=throttling),
            found,
            share,
        )

    def to_dict(self) -> dict[str, object]:
        """Return it as plain values, ready for JSON; None where a range has no end, or nothing was measured."""
        document = asdict(self)
        for name in ("value_range", "commitment_range"):
            document[name] = [None if end == inf else end for end in document[name]]
        return document | {"answer_stays": None if np.isnan(self.answer_stays) else self.answer_stays}


def _successes(measurement: Measurement) -> int:
    return round(measurement.success_prob * measurement.num_cases)


def _posterior(measurements: tuple[Measurement, ...]) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(0)
    first, second = (rng.beta(_successes(m) + 0.5, m.num_cases - _successes(m) + 0.5, NUM_DRAWS) for m in measurements)
    return first, second

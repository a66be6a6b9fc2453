"""Points of a unit box that samplers of optuna propose; the library is an optional extra.

A proposal follows from the trials before it and its own seed, and from nothing else: each is made by a new sampler. So
the state is points and costs, and a study that has been told them again goes on as it would have, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.train.state import State

if TYPE_CHECKING:
    from optuna import Study
    from optuna.samplers import BaseSampler

LIBRARIES = ("optuna", "greenlet")
"""What samplers need; the second one optuna's Gaussian process imports, and optuna does not bring."""

MISSING = "it needs {}: pip install 'routegame[search]'"


def missing() -> str | None:
    """Return why no point can be proposed here, in one line; None where the extra is installed."""
    absent = [name for name in LIBRARIES if find_spec(name) is None]
    return MISSING.format(" and ".join(absent)) if absent else None


class OptunaPoints:
    """Points that are proposed one by one, each after all before it were told.

    Args:
        size: dimensions of the box.
        seeds: of chance.
        sampler: makes the sampler that proposes a point, from a seed.

    Raises:
        ParameterError: the extra is not installed.
    """

    def __init__(self, size: int, seeds: np.random.SeedSequence, sampler: Callable[[int], BaseSampler]) -> None:
        absent = missing()
        if absent:
            raise ParameterError("learner", f"one whose libraries are installed ({absent})", "another")
        from optuna.distributions import FloatDistribution

        self._entropy, self._sampler = seeds.generate_state(4).tolist(), sampler
        width = len(str(size - 1))  # optuna sorts names
        self._distributions = {f"x{k:0{width}}": FloatDistribution(0, 1) for k in range(size)}
        self._points, self._costs = np.zeros((0, size)), np.zeros(0)
        self._study = _study()

    def ask(self, most: int) -> FloatArray:
        """Return the next point, (1, size)."""
        (seed,) = np.random.SeedSequence([*self._entropy, len(self._costs)]).generate_state(1).tolist()
        self._study.sampler = self._sampler(seed)
        self._trial = self._study.ask(dict(self._distributions))
        return np.array([[self._trial.params[name] for name in self._distributions]])

    def tell(self, costs: FloatArray) -> None:
        """Let the next proposals know what the point has cost."""
        point = [self._trial.params[name] for name in self._distributions]
        self._study.tell(self._trial, float(costs[0]))
        self._points, self._costs = np.vstack([self._points, point]), np.append(self._costs, costs)

    def state(self) -> State:
        """Return all trials."""
        return {"points": self._points, "costs": self._costs}

    def restore(self, state: State) -> None:
        """Go on from a state: tell all trials again."""
        from optuna.trial import create_trial

        self._points, self._costs = state["points"], state["costs"]
        self._study = _study()
        told = zip(self._points.tolist(), self._costs.tolist(), strict=True)
        self._study.add_trials(
            create_trial(
                params=dict(zip(self._distributions, point, strict=True)),
                distributions=dict(self._distributions),
                value=cost,
            )
            for point, cost in told
        )


def _study() -> Study:
    """Return a new study in memory, without a word of it in the log."""
    from optuna import create_study, logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        return create_study()
    finally:
        logging.set_verbosity(before)

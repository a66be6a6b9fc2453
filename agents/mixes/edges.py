"""Cascade probabilities on the edge of what users put up with, to all digits.

The best policies lie where users are indifferent between several answers. With the answer that the provider wants held
fixed, what is sought is smooth: the least J such that no watched answer is worth more to users. SciPy's SLSQP solves
that from a point nearby.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from routegame.envs.arrays import FloatArray

Gains = Callable[[FloatArray], tuple[float, FloatArray]]
"""J of cascade probabilities under the wanted answer, and what users gain by it over every other answer."""

STEP = 1e-7
"""Of the differences that stand for derivatives."""


def on_the_edge(gains: Gains, moves: FloatArray, margin: float) -> FloatArray:
    """Return cascade probabilities in [0, 1] near `moves` of least J at which no gain is below `margin`, (d,).

    >>> found = on_the_edge(lambda s: (s.sum(), np.array([s[0] + 2 * s[1] - 1])), np.array([0.5, 0.5]), 0.0)
    >>> found.round(6).tolist()
    [0.0, 0.5]
    """
    known: dict[bytes, tuple[float, FloatArray]] = {}
    sloping: dict[bytes, tuple[FloatArray, FloatArray]] = {}

    def at(s: FloatArray) -> tuple[float, FloatArray]:
        key = s.tobytes()
        if key not in known:
            known[key] = gains(s)
        return known[key]

    def slopes(s: FloatArray) -> tuple[FloatArray, FloatArray]:
        key = s.tobytes()
        if key not in sloping:
            here, columns, rows = at(s), [], []
            for x in range(len(s)):
                there = s.copy()
                there[x] += STEP if s[x] <= 0.5 else -STEP
                cost, gained = gains(there)
                columns.append((cost - here[0]) / (there[x] - s[x]))
                rows.append((gained - here[1]) / (there[x] - s[x]))
            sloping[key] = np.array(columns), np.array(rows).T
        return sloping[key]

    scale = max(abs(at(moves)[0]), 1e-300)
    unit = max(float(np.abs(at(moves)[1]).max(initial=0)), 1e-300)
    found = minimize(
        lambda s: at(s)[0] / scale,
        moves,
        jac=lambda s: slopes(s)[0] / scale,
        bounds=[(0, 1)] * len(moves),
        constraints=[
            {"type": "ineq", "fun": lambda s: (at(s)[1] - margin) / unit, "jac": lambda s: slopes(s)[1] / unit}
        ],
        method="SLSQP",
        options={"maxiter": 40, "ftol": 1e-14},
    )
    clipped: FloatArray = np.clip(found.x, 0, 1)
    return clipped if np.isfinite(clipped).all() else moves

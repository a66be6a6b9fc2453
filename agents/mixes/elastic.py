"""Multipliers that bound most over a whole cell of answers: linear programs, in which what is impossible is dear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, coo_array, csr_array, hstack, vstack

from routegame.envs.arrays import FloatArray


def best_multipliers(
    paid: Sequence[FloatArray],
    gains: Sequence[FloatArray],
    unit: FloatArray,
    below: coo_array | None,
    equal: coo_array,
    mass: FloatArray,
    dear: float,
) -> FloatArray:
    """Return the multipliers whose least dual value at some answers is greatest, (n,); 0 if they are not found.

    Seen from the other side, the cheapest mixture of answers, each with its own play, from which users gain nothing by
    another answer on average.

    Args:
        paid: cost of each variable, (v,), for every answer.
        gains: of an answer over each other one, by variable, (n, v), for every answer; on average all are to be >= 0.
        unit: of gains, (n,).
        below: further rows that are to be <= 0 for every answer.
        equal: rows that are to be `mass` times the share of an answer.
        mass: that.
        dear: price of a gain that is one unit too little.
    """
    answers, others, size = len(paid), len(unit), len(paid[0])
    variables = answers * size
    gaining = csr_array(np.hstack([-each / unit[:, None] for each in gains]))
    top = hstack([gaining, csr_array((others, answers)), csr_array(-np.ones((others, 1)))])
    rows = [top]
    if below is not None:
        further = block_diag([below] * answers)
        rows.append(hstack([further, csr_array((further.shape[0], answers + 1))]))
    shares = block_diag([-mass[:, None]] * answers)
    kept = hstack([block_diag([equal] * answers), shares, csr_array((answers * len(mass), 1))])
    whole = csr_array(np.concatenate([np.zeros(variables), np.ones(answers), [0.0]])[None])
    upper = vstack(rows)
    solved = linprog(
        np.concatenate([*paid, np.zeros(answers), [dear]]),
        A_ub=upper,
        b_ub=np.zeros(upper.shape[0]),
        A_eq=vstack([kept, whole]),
        b_eq=np.append(np.zeros(answers * len(mass)), 1.0),
        method="highs",
    )
    if solved.status != 0:
        return np.zeros(others)
    multipliers: FloatArray = np.maximum(-np.asarray(solved.ineqlin.marginals)[:others], 0) / unit
    return multipliers


def units(others: FloatArray, stays: FloatArray) -> FloatArray:
    """Return how far other stay probabilities are, with no distance less than a hundredth."""
    away: FloatArray = np.maximum(np.abs(others - stays.mean()), 0.01)
    return away

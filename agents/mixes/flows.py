"""Shares of tasks that each pass finds on each model, as a linear program sees them.

Of f_(x, m, k), the share of the tasks of context x that pass m runs on model k if users stay, a_xk f_(x, m, k) fail and
go on. Whatever the policy, even one that depends on the past: all of them are in pass m + 1 on some model, and in a
fixed order mass on a model or a later one never falls back. After the last pass tasks stay with one model for good, or
in a second tail are given up. Variables are passes, context by context, then the tails.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.mix_solution import MixOrder
from routegame.envs.arrays import FloatArray

Entries = tuple[NDArray[np.intp], NDArray[np.intp], FloatArray]


def flows(contexts: Contexts, order: MixOrder, passes: int, tails: int) -> tuple[coo_array, coo_array]:
    """Return rows that are to be <= 0, mass that falls back; and rows that are to be `mass(...)`, mass that is kept.

    Args:
        contexts: the numbers.
        order: of the models.
        passes: how many there are.
        tails: 0, 1 or 2; without one, what fails in the last pass is not followed.
    """
    number, models = contexts.cost.shape
    a, size = contexts.fails, number * models * (passes + tails)
    later = np.arange(1, passes + (tails > 0))
    x, m = np.repeat(np.arange(number), later.size), np.tile(later, number)
    ends = [number * passes * models + tail * number * models + x * models for tail in range(tails)]
    inside = m < passes
    below: list[Entries] = []
    equal: list[Entries] = [
        (np.arange(number), np.arange(number) * passes * models + k, np.ones(number)) for k in range(models)
    ]
    for h in range(models if order == "fixed" else 1):
        found, sign = (below, -1.0) if h else (equal, 1.0)
        rows = np.arange(x.size) + ((h - 1) * x.size if h else number)
        for k in range(h, models):
            found.append((rows, (x * passes + m - 1) * models + k, -sign * a[x, k]))
            found.append((rows[inside], ((x * passes + m) * models + k)[inside], np.full(int(inside.sum()), sign)))
            last = ~inside
            found += [(rows[last], end[last] + k, np.full(int(last.sum()), sign)) for end in ends]
    falls = (models - 1) * x.size if order == "fixed" else 0
    return _sparse(below, falls, size), _sparse(equal, number + x.size, size)


def mass(contexts: Contexts, rows: int) -> FloatArray:
    """Right side of rows of mass that is kept: 1 in each context's first pass, and 0."""
    found = np.zeros(rows)
    found[: len(contexts)] = 1.0
    return found


def stacked(above: FloatArray, below: coo_array) -> coo_array:
    """Return dense rows on top of sparse ones."""
    top = coo_array(above)
    rows = np.concatenate([top.coords[0], below.coords[0] + top.shape[0]])
    columns, values = np.concatenate([top.coords[1], below.coords[1]]), np.concatenate([top.data, below.data])
    return coo_array((values, (rows, columns)), shape=(top.shape[0] + below.shape[0], top.shape[1]))


def _sparse(entries: list[Entries], rows: int, columns: int) -> coo_array:
    if not entries:
        return coo_array((rows, columns))
    at, to, values = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return coo_array((values, (at, to)), shape=(rows, columns))

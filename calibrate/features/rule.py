"""A short rule: which single commitment to make in which part of the space of features, so that a task costs least.

A tree of cuts, grown leaf by leaf where further cuts save most. What it costs is what its commitments cost on the tasks
that it was grown on; nothing is approximated but which task gets which commitment.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray, IntArray

MOST_LEAVES = 6
"""Most parts of a rule."""

LEAST_SAVED = 2e-3
"""Share of the cost of a task that another cut has to save."""

SAME = 1e-9
"""Relative difference in cost below which cuts save as much as each other."""

NUM_CUTS = 15
"""Places at which each feature may be cut in a part, evenly spaced by how many tasks lie below."""

LEAST_SHARE = 0.02
"""Least share of tasks in a part."""

DIGITS = 3
"""Digits of a cut."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the space of features, a box, with one commitment.

    Attributes:
        low, high: bounds of each feature, above `low` and at most `high`; infinite where there is none, (d,) each.
        choice: which of the commitments.
        share: of tasks.
    """

    low: FloatArray
    high: FloatArray
    choice: int
    share: float

    def holds(self, features: FloatArray) -> BoolArray:
        """Whether tasks are in the part, (N, d) -> (N,)."""
        inside: BoolArray = np.asarray(((features > self.low) & (features <= self.high)).all(axis=1))
        return inside

    def words(self, names: tuple[str, ...]) -> str:
        """The bounds within a sentence; empty for a part that is all there is."""
        said = []
        for name, low, high in zip(names, self.low, self.high, strict=True):
            if low > -inf and high < inf:
                said.append(f"{name} above {low:.{DIGITS + 3}g} up to {high:.{DIGITS + 3}g}")
            elif low > -inf:
                said.append(f"{name} above {low:.{DIGITS + 3}g}")
            elif high < inf:
                said.append(f"{name} up to {high:.{DIGITS + 3}g}")
        return ", ".join(said)

    def to_dict(self, names: tuple[str, ...]) -> dict[str, object]:
        """Return the bounds as plain values, None for none, by feature."""
        pairs = zip(names, self.low, self.high, strict=True)
        return {name: [float(x) if np.isfinite(x) else None for x in (low, high)] for name, low, high in pairs}


def grown(features: FloatArray, cost: FloatArray, weights: FloatArray) -> tuple[Part, ...]:
    """Grow a rule.

    Args:
        features: (N, d).
        cost: of each commitment for each task, (N, S).
        weights: of the tasks, which sum to 1, (N,).

    >>> x = np.arange(10.0)[:, None]
    >>> cost = np.where(x < 6, [[1.0, 2.0]], [[3.0, 2.0]])
    >>> [(part.words(("x",)), part.choice, round(part.share, 9)) for part in grown(x, cost, np.full(10, 0.1))]
    [('x up to 5.5', 0, 0.6), ('x above 5.5', 1, 0.4)]
    """
    every = np.arange(len(features))
    size = features.shape[1]
    total = weights[:, None] * cost
    parts = [(np.full(size, -inf), np.full(size, inf), every)]
    cuts = [_best_cut(features, total, weights, every)]
    least = LEAST_SAVED * float(total.sum(axis=0).min())
    while len(parts) < MOST_LEAVES:
        k = int(np.argmax([saved for saved, _, _ in cuts]))
        saved, feature, place = cuts[k]
        if saved <= max(least, 0.0):
            break
        low, high, rows = parts[k]
        below = features[rows, feature] <= place
        lower, upper = high.copy(), low.copy()
        lower[feature], upper[feature] = place, place
        parts[k : k + 1] = [(low, lower, rows[below]), (upper, high, rows[~below])]
        cuts[k : k + 1] = [_best_cut(features, total, weights, parts[j][2]) for j in (k, k + 1)]
    return tuple(
        Part(low, high, int(total[rows].sum(axis=0).argmin()), float(weights[rows].sum())) for low, high, rows in parts
    )


def _best_cut(
    features: FloatArray, total: FloatArray, weights: FloatArray, rows: IntArray, *, ahead: bool = True
) -> tuple[float, int, float]:
    """What the best cut of some tasks saves, its feature and its place; ahead: together with one more on either side.

    A corner is cut off by two cuts of which the first alone may save nothing. Of cuts that save as much in the end, the
    one that saves most by itself is taken, so that none is made in vain.
    """
    least = float(total[rows].sum(axis=0).min())
    best, own = (0.0, 0, 0.0), 0.0
    for feature in range(features.shape[1]):
        column = features[rows, feature]
        for place in _places(column):
            below = column <= place
            sides = rows[below], rows[~below]
            if min(float(weights[side].sum()) for side in sides) < LEAST_SHARE:
                continue
            cost = sum(float(total[side].sum(axis=0).min()) for side in sides)
            alone = least - cost
            if ahead:
                cost -= sum(_best_cut(features, total, weights, side, ahead=False)[0] for side in sides)
            more = least - cost - best[0]
            if more > SAME * abs(least) or (more > -SAME * abs(least) and alone > own):
                best, own = (least - cost, feature, float(place)), alone
    return best


def _places(column: FloatArray) -> list[float]:
    """Places between values of a feature, in as few digits as tell the two apart, at most `NUM_CUTS`."""
    values = np.unique(column)
    at = np.unique(np.linspace(0, len(values) - 1, NUM_CUTS + 2).astype(int)[1:-1]) if len(values) > 2 else [0]
    return [_short(float(values[k]), float(values[k + 1])) for k in at if k + 1 < len(values)]


def _short(low: float, high: float) -> float:
    """A number of few digits from `low` on and below `high`, near the middle."""
    middle = (low + high) / 2
    for digits in range(DIGITS, 17):
        found = float(f"{middle:.{digits}g}")
        if low <= found < high:
            return found
    return low

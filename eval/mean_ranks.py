"""Mean ranks of learners over games, and by how much two must differ to be told apart (Demšar 2006).

On every game the learner that lost least has rank 1; equals share the mean of their ranks. Friedman's test asks whether
mean ranks differ at all more than by chance, Nemenyi's which do: those that are further apart than the critical
difference. Both take games for a sample, so they speak of other games like these, where the intervals of
`routegame.eval.statistics` speak of other seeds on these.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.eval.statistics import LEVEL, Runs

FEWEST = 3
"""Learners, and games, below which there is nothing to test."""


@dataclass(frozen=True)
class MeanRanks:
    """Mean ranks of learners, the best first.

    Attributes:
        learners: their names.
        ranks: of each, from 1 to the number of learners.
        difference: by how much two must differ to be told apart at 95 %, all pairs together.
        p_value: of Friedman's test that none differs; 1 where all are equal on every game.
        games: number of games.
    """

    learners: tuple[str, ...]
    ranks: tuple[float, ...]
    difference: float
    p_value: float
    games: int

    @classmethod
    def of(cls, runs: Runs, *, level: float = LEVEL) -> MeanRanks:
        """Rank learners by the median of their losses on every game.

        Args:
            runs: of the learners, at least `FEWEST` of them on as many games.
            level: of the test, for all pairs together.

        Raises:
            ParameterError: fewer learners or games.

        >>> rows = [(name, game, 0, loss) for game in "abcd" for name, loss in (("x", 1), ("y", 2), ("z", 3))]
        >>> found = MeanRanks.of(Runs.of(rows))
        >>> found.learners, found.ranks, round(found.difference, 3), found.groups()
        (('x', 'y', 'z'), (1.0, 2.0, 3.0), 1.657, [(0, 1), (1, 2)])
        """
        from scipy.stats import rankdata

        number, games = len(runs.learners), len(runs.games)
        if min(number, games) < FEWEST:
            raise ParameterError("runs", f"of at least {FEWEST} learners on {FEWEST} games", f"{number} on {games}")
        loss = np.median(runs.loss, axis=2)
        ranks = rankdata(loss, axis=0).mean(axis=1)
        order = np.argsort(ranks, kind="stable")
        return cls(
            tuple(runs.learners[k] for k in order),
            tuple(float(ranks[k]) for k in order),
            critical_difference(number, games, level=level),
            _friedman(rankdata(loss, axis=0)),
            games,
        )

    def groups(self) -> list[tuple[int, int]]:
        """Return the groups of learners that cannot be told apart, the first and the last of each.

        None lies in another, and a learner that can be told from all others is in none.
        """
        found: list[tuple[int, int]] = []
        for first, rank in enumerate(self.ranks):
            last = max(k for k, other in enumerate(self.ranks) if other - rank <= self.difference)
            if last > first and (not found or last > found[-1][1]):
                found.append((first, last))
        return found


def critical_difference(learners: int, games: int, *, level: float = LEVEL) -> float:
    """Return the least difference of two mean ranks that Nemenyi's test takes for more than chance.

    >>> round(critical_difference(4, 14), 2)  # Demšar's example has 1.25
    1.25
    """
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(level, learners, inf)) / sqrt(2)
    return quantile * sqrt(learners * (learners + 1) / (6 * games))


def _friedman(ranks: FloatArray) -> float:
    from scipy.stats import friedmanchisquare

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of a division by zero where all are equal
        found = float(friedmanchisquare(*ranks).pvalue)
    return found if np.isfinite(found) else 1.0

"""Beliefs of a user who counts its failures about the model that answers it (docs/theory.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.game import Game


@dataclass(frozen=True)
class Odds:
    """The odds that a user on route 1 has been handed over, where ξ_1 > 0 > ξ_2; arrays of one shape, nan elsewhere.

    Before its k-th pass, if it comes to that, they are ρ_k for model 2 against 1 for model 1. They never fall: with
    w = b / (a (1 − s)),

        ρ_1 = 0,   ρ_k+1 = (b ρ_k + a s) / (a (1 − s)),   hence   ρ_k = s/(1 − s) · (w^(k−1) − 1) / (w − 1).

    Attributes:
        p1: success probability of model 1.
        p2: success probability of model 2.
        bearable: ξ_1 / −ξ_2, the odds up to which a pass is worth its wait.

    >>> odds = Odds.in_game(Game(6.5, 12, (0.1, 0.3), (0.5, 2.5), (1, 3)))
    >>> float(odds.cascade_prob(np.array(5.0)).round(6)), float(odds.passes(0.1 - odds.s_L).round(6))
    (0.079409, 3.778035)
    """

    p1: FloatArray
    p2: FloatArray
    bearable: FloatArray

    @classmethod
    def in_game(cls, game: Game) -> Odds:
        """Return the odds in every game of a batch, of the game's shape."""
        p1, p2, xi1, xi2 = (np.broadcast_to(x, game.shape) for x in (*game.success_prob, *game.net_value))
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(p1, p2, np.where((xi1 > 0) & (xi2 < 0), xi1 / -xi2, np.nan))

    def ravel(self) -> Odds:
        """Return the odds of a batch of any shape as (num_games,)."""
        return Odds(self.p1.ravel(), self.p2.ravel(), self.bearable.ravel())

    def __getitem__(self, index: IntArray) -> Odds:
        return Odds(self.p1[index], self.p2[index], self.bearable[index])

    @property
    def s_H(self) -> FloatArray:
        """Cascade probability from which on the user leaves after the first failure."""
        s: FloatArray = self.bearable / (1 + self.bearable)
        return s

    @property
    def s_L(self) -> FloatArray:
        """Cascade probability up to which the user stays for good."""
        s: FloatArray = np.maximum(self._unbearable_at_last, 0)
        return s

    @property
    def _unbearable_at_last(self) -> FloatArray:
        """The s at which the limit of the odds, a s / (a (1 − s) − b), is just bearable; negative if p_1 > p_2."""
        s: FloatArray = self.s_H * (self.p2 - self.p1) / (1 - self.p1)
        return s

    def passes(self, beyond: FloatArray) -> FloatArray:
        """Return how many passes are worth their wait at s = s_L + beyond, before rounding; inf for beyond <= 0.

        That is the k with ρ_k = ξ_1 / −ξ_2, from w^(k−1) = 1 − h with h = (1 − w) (1 − s) ξ_1 / (−ξ_2 s). 1 − h is
        known without cancellation too, so that s may come as close to s_L as it likes.
        """
        p1, p2, s, limit = self.p1, self.p2, self.s_L + beyond, self._unbearable_at_last
        alone, other, drop = (1 - p1) * (1 - s), 1 - p2, (p2 - p1) - (1 - p1) * s  # drop = alone − other
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            h, rest = self.bearable * drop / ((1 - p1) * s), (beyond + (self.s_L - limit)) * (1 + self.bearable) / s
            steady = self.bearable * (1 - s) / s  # where w = 1, the odds grow by the same amount each time
            more = np.where(drop == 0, steady, _log_rest(h, rest) / _log_rest(drop / alone, other / alone))
        return np.where(beyond <= 0, np.inf, 1 + more)

    def cascade_prob(self, count: FloatArray) -> FloatArray:
        """Return s_k, the largest cascade probability at which `count` = k >= 2 passes are worth their wait.

        By bisection of log(s − s_L), to the last bit of s.
        """
        width = self.s_H - self.s_L
        near, far = np.zeros(count.shape), np.full(count.shape, 745.0)  # exp(−745) is the least positive float
        for _ in range(64):
            middle = (near + far) / 2
            patient = self.passes(width * np.exp(-middle)) >= count
            near, far = np.where(patient, near, middle), np.where(patient, middle, far)
        s: FloatArray = self.s_L + width * np.exp(-far)
        return s


def _log_rest(part: FloatArray, rest: FloatArray) -> FloatArray:
    """log(1 − part), given rest = 1 − part too: from whichever of the two is the more accurate."""
    log: FloatArray = np.where(np.abs(part) < 0.5, np.log1p(-np.minimum(part, 0.5)), np.log(rest))
    return log

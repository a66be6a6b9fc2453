"""How often intervals held the truth, by kind, and whether that is more, or less, than chance allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from routegame.eval.statistics import LEVEL

LEAST, MOST = 0.92, 0.98
"""Shares between which intervals of a kind may hold the truth, however many there are."""

FALSE_ALARM = 0.01
"""Chance that any kind of a table is said to be off, if all of them hold the truth in 95 %."""


@dataclass(frozen=True)
class Share:
    """How often intervals of a kind held the truth.

    Attributes:
        kind: of the intervals.
        number: of them.
        held: how many of them held the truth.
        off: whether they do so too seldom or too often: beyond `LEAST` and `MOST`, and further from 95 % than chance
            would have it.
    """

    kind: str
    number: int
    held: int
    off: bool

    def __str__(self) -> str:
        return f"{self.kind:<40}{self.number:>10}{self.held / self.number:>16.1%}{'   off' if self.off else ''}"


def shares(logs: Sequence[Mapping[str, Sequence[bool]]], cautious: Sequence[str] = ()) -> Iterator[Share]:
    """Judge every kind.

    Intervals of one log may share what they are wrong about. Chance is that of as many independent intervals as tell as
    much: their number over the factor by which the variance of sums over logs is greater, if it is.

    Args:
        logs: whether each interval held the truth, by kind, of every log.
        cautious: kinds that may hold it as often as they like.
    """
    kinds = sorted({kind for log in logs for kind in log})
    level = FALSE_ALARM / (2 * max(len(kinds), 1))
    for kind in kinds:
        number, held = np.array([(len(log[kind]), sum(log[kind])) for log in logs if log.get(kind)]).T
        share = held.sum() / number.sum()
        together = np.sum((held - LEVEL * number) ** 2) / (LEVEL * (1 - LEVEL) * number.sum())
        alone = number.sum() / max(together, 1.0) if (number > 1).any() else number.sum()
        seldom = share < LEAST and binom.cdf(np.ceil(share * alone), np.ceil(alone), LEVEL) < level
        often = share > MOST and binom.sf(np.floor(share * alone) - 1, np.floor(alone), LEVEL) < level
        yield Share(kind, int(number.sum()), int(held.sum()), bool(seldom or (often and kind not in cautious)))

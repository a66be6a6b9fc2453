"""Statistics of a benchmark: few runs on many games, with intervals that say how few (Agarwal et al. 2021).

Everything is about *losses*, such as leader regret or 1 − score: less is better. A run that failed or is missing has
lost without bound, inf. It is never left out, and every number here can take it: a run that failed is worse than any
that did not, so it moves quantiles and shares by its weight in runs. The interquartile mean stays finite while fewer
than a quarter of all runs failed; a mean does not.

Intervals are percentile intervals of a stratified bootstrap: the runs of each game are drawn anew, with replacement,
and the games are kept. So they speak of other seeds on these games, not of other games. Such intervals are a little
narrow where seeds are few, because the variance of n runs drawn anew is (n − 1)/n of what it should be. Measured on
several games, the nominal 95 % of an interquartile mean are 92 to 95 % with ten seeds, 91 to 94 % with five, and 86 to
90 % with three; on one game alone they are 92, 90 and 76 %. With one seed there is no interval: its ends are nan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf, isnan, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import FloatArray, IntArray, Number, plain
from routegame.envs.checks import ParameterError
from routegame.envs.copies import ReadOnlyArrays

NUM_RESAMPLES = 2000
"""How often the runs are drawn anew."""

LEVEL = 0.95
"""Nominal coverage of intervals."""

HALF_WIDTH = NormalDist().inv_cdf((1 + LEVEL) / 2)
"""An interval at that level reaches so many standard errors to either side."""

SUCCESS = 0.01
"""The largest relative regret that counts as success."""

Row = tuple[str, str, int | None, float | None]
"""Learner, game, seed and loss of one run. A seed of None stands for all: of a rule in which nothing is random. A loss
of None or nan is a failure."""

Statistic = Callable[[FloatArray], FloatArray]
"""A statistic of losses, (…, num_games, num_seeds) -> (…)."""


@dataclass(frozen=True)
class Estimate:
    """A number and its interval, its ends nan where nothing tells them; arrays of one shape where there are many."""

    value: Number
    low: Number
    high: Number


@dataclass(frozen=True, eq=False)
class Runs(ReadOnlyArrays):
    """Losses of several learners on the same games with the same seeds.

    Attributes:
        learners: sorted.
        games: sorted.
        seeds: sorted.
        loss: (num_learners, num_games, num_seeds); inf where a run failed or is missing.
    """

    learners: tuple[str, ...]
    games: tuple[str, ...]
    seeds: tuple[int, ...]
    loss: FloatArray

    @classmethod
    def of(
        cls,
        rows: Iterable[Row],
        *,
        learners: Sequence[str] = (),
        games: Sequence[str] = (),
        seeds: Sequence[int] = (),
    ) -> Runs:
        """Put rows, in any order, in their places; what none of them fills has failed.

        Args:
            rows: of the runs that were made.
            learners: that were to run, in addition to those of the rows.
            games: that were to be run, likewise.
            seeds: that were to be run, likewise.

        Raises:
            ParameterError: two rows of one run, no rows, a loss of −inf, or a seed of None where there is no other.

        >>> runs = Runs.of([("ppo", "a", 0, 0.5), ("ppo", "a", 1, None), ("rule", "a", None, 0.1)])
        >>> runs.learners, runs.loss.tolist()
        (('ppo', 'rule'), [[[0.5, inf]], [[0.1, 0.1]]])
        """
        given = list(rows)
        known = (
            sorted({row[0] for row in given} | set(learners)),
            sorted({row[1] for row in given} | set(games)),
            sorted({row[2] for row in given if row[2] is not None} | set(seeds)),
        )
        if not all(known):
            raise ParameterError("rows", "of at least one learner, game and seed", f"{len(given)} rows without")
        place = [{name: k for k, name in enumerate(names)} for names in known]
        shape = (len(known[0]), len(known[1]), len(known[2]))
        loss, taken = np.full(shape, inf), np.zeros(shape, dtype=np.bool_)
        for learner, game, seed, lost in given:
            where = place[0][learner], place[1][game], slice(None) if seed is None else place[2][seed]
            if np.any(taken[where]):
                raise ParameterError("rows", "one for each run", f"another of {learner} on {game} with seed {seed}")
            if lost == -inf:
                raise ParameterError("loss", "a number, or inf, nan or None for a failure", lost)
            loss[where], taken[where] = (inf if lost is None or isnan(lost) else lost), True
        loss.setflags(write=False)
        return cls(tuple(known[0]), tuple(known[1]), tuple(known[2]), loss)

    def on(self, games: Iterable[str]) -> Runs:
        """Return the runs on some of the games, such as those of one group.

        Raises:
            ParameterError: none of them, or one that was not run.
        """
        kept = sorted(set(games))
        unknown = [game for game in kept if game not in self.games]
        if unknown or not kept:
            raise ParameterError("games", f"some of {', '.join(self.games)}", ", ".join(unknown) or "none")
        return Runs(self.learners, tuple(kept), self.seeds, self.loss[:, [self.games.index(game) for game in kept]])

    @property
    def failed(self) -> dict[str, int]:
        """Number of runs of each learner that failed or are missing."""
        return {name: int(np.isinf(lost).sum()) for name, lost in zip(self.learners, self.loss, strict=True)}


# ---- what is made of the losses of one learner


def iqm(loss: FloatArray) -> FloatArray:
    """Interquartile mean of all runs on all games: the largest and the smallest quarter, rounded down, are left out.

    (…, num_games, num_seeds) -> (…).

    >>> float(iqm(np.array([[1.0, 2, 1, 2], [2, 2, 1, 100]])))
    1.75
    """
    flat = loss.reshape(*loss.shape[:-2], -1)
    count = flat.shape[-1]
    cut = count // 4
    middle = np.partition(flat, (cut, count - cut - 1), axis=-1)[..., cut : count - cut]
    return np.asarray(middle.mean(axis=-1))


def mean(loss: FloatArray) -> FloatArray:
    """Mean of all runs on all games, inf if one failed; (…, num_games, num_seeds) -> (…)."""
    return np.asarray(loss.mean(axis=(-2, -1)))


def median(loss: FloatArray) -> FloatArray:
    """Median over games of the mean of their runs; (…, num_games, num_seeds) -> (…)."""
    return np.asarray(np.median(loss.mean(axis=-1), axis=-1))


# ---- with intervals


def estimates(
    runs: Runs, statistic: Statistic = iqm, *, seed: int = 0, num_resamples: int = NUM_RESAMPLES, level: float = LEVEL
) -> dict[str, Estimate]:
    """Estimate a statistic of every learner.

    An interval depends on the learner's own runs, its name and the seed alone, not on who else is compared.

    Args:
        runs: of the learners.
        statistic: made of the losses of one learner.
        seed: of the bootstrap.
        num_resamples: how often the runs are drawn anew.
        level: nominal coverage.
    """
    found = {}
    for name, loss in zip(runs.learners, runs.loss, strict=True):
        again = np.take_along_axis(loss[None], _drawn(name, loss.shape, seed, num_resamples), axis=-1)
        found[name] = _estimate(statistic(loss), statistic(again), level if loss.shape[-1] > 1 else None)
    return found


def profiles(
    runs: Runs, thresholds: ArrayLike, *, seed: int = 0, num_resamples: int = NUM_RESAMPLES, level: float = LEVEL
) -> dict[str, Estimate]:
    """Performance profile of every learner: the share of its runs that lost no more than each threshold.

    Bands are pointwise. Where all runs agree a bootstrap knows no doubt and a band has no width: do not read it as
    certainty, and see `success_rates`.

    Args:
        runs: of the learners.
        thresholds: (num_thresholds,).
        seed: of the bootstrap.
        num_resamples: how often the runs are drawn anew.
        level: nominal coverage at each threshold.

    Returns:
        Estimates of (num_thresholds,) arrays.
    """
    at, found = np.asarray(thresholds, dtype=np.float64), {}
    for name, loss in zip(runs.learners, runs.loss, strict=True):
        within = (loss[..., None] <= at).reshape(loss.size, -1).astype(np.float64)
        times = _times_drawn(_drawn(name, loss.shape, seed, num_resamples))
        again = times.reshape(num_resamples, -1) @ within / loss.size
        found[name] = _estimate(within.mean(axis=0), again, level if loss.shape[-1] > 1 else None)
    return found


def improvements(
    runs: Runs, *, seed: int = 0, num_resamples: int = NUM_RESAMPLES, level: float = LEVEL
) -> dict[tuple[str, str], Estimate]:
    """Probability that a run of the one learner beats a run of the other on the same game, averaged over games.

    Ties count half, so of every pair the two ways round add up to 1. On one game it is the Mann-Whitney statistic
    divided by the number of pairs of runs. Seeds are not paired: equal seeds make no equal luck in two learners.

    Args:
        runs: of the learners.
        seed: of the bootstrap, in which both learners' runs are drawn anew.
        num_resamples: how often.
        level: nominal coverage.

    Returns:
        An estimate for every ordered pair of learners, the better one to be first.
    """
    found = {}
    drawn = {name: _drawn(name, runs.loss.shape[1:], seed, num_resamples) for name in runs.learners}
    times = {name: _times_drawn(index) for name, index in drawn.items()}
    loss: Mapping[str, FloatArray] = dict(zip(runs.learners, runs.loss, strict=True))
    for one, other in combinations(runs.learners, 2):
        wins = beats(loss[one], loss[other])
        against = np.einsum("rgs,gst->rgt", times[one], wins, optimize=True)
        again = (against * times[other]).sum(axis=(-2, -1)) / wins.size
        estimate = _estimate(wins.mean(), again, level if len(runs.seeds) > 1 else None)
        found[one, other] = estimate
        found[other, one] = Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)
    return found


def beats(first: FloatArray, second: FloatArray) -> FloatArray:
    """Whether each run of the first learner beats each of the second on the same game: 1, 0, or ½ for a tie.

    (num_games, num_runs), (num_games, num_other_runs) -> (num_games, num_runs, num_other_runs); the mean of the
    result is the probability of improvement.

    >>> first, second = [[1, 2, 1, 2], [2, 2, 1, 1]], [[1, 2, 3], [1, 2, 3]]  # losses, 4 and 3 runs on 2 games
    >>> round(float(beats(np.array(first), np.array(second)).mean()), 4)
    0.6667
    """
    one, other = first[..., :, None], second[..., None, :]
    return np.asarray((one < other) + 0.5 * (one == other))


def success_rates(runs: Runs, threshold: float = SUCCESS, *, level: float = LEVEL) -> dict[str, Estimate]:
    """Share of each learner's runs that lost no more than a threshold.

    It takes the runs as one sample. Games that differ make the share of the same number of runs vary less, never
    more, so its interval is cautious, see `proportion`.

    Args:
        runs: of the learners.
        threshold: the largest loss of a success.
        level: nominal coverage.

    >>> rates = success_rates(Runs.of([("ppo", "a", seed, 0.001) for seed in range(10)]))
    >>> rates["ppo"].value, round(rates["ppo"].low, 3), rates["ppo"].high
    (1.0, 0.722, 1.0)
    """
    rows = zip(runs.learners, runs.loss, strict=True)
    return {name: proportion(int((loss <= threshold).sum()), loss.size, level=level) for name, loss in rows}


def proportion(successes: float, trials: float, *, level: float = LEVEL) -> Estimate:
    """A share with Wilson's score interval, which keeps its width where all succeed or none does.

    Args:
        successes: how many.
        trials: of how many, > 0.
        level: nominal coverage.

    >>> nano = proportion(7, 225)
    >>> round(nano.value, 4), round(nano.low, 4), round(nano.high, 4)
    (0.0311, 0.0152, 0.0628)
    """
    z, share = NormalDist().inv_cdf((1 + level) / 2), successes / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return Estimate(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def _drawn(learner: str, shape: tuple[int, ...], seed: int, num_resamples: int) -> IntArray:
    """Return which runs are drawn: indices of seeds, (num_resamples, num_games, num_seeds).

    Of a stream that belongs to the learner: two learners' runs are drawn independently.
    """
    rng = np.random.default_rng([seed, *learner.encode()])
    return rng.integers(0, shape[-1], (num_resamples, *shape))


def _times_drawn(index: IntArray) -> FloatArray:
    """Return how often each run was drawn, of the shape of `index`."""
    times: FloatArray = (index[..., None] == np.arange(index.shape[-1])).sum(axis=-2, dtype=np.float64)
    return times


def _estimate(value: ArrayLike, again: FloatArray, level: float | None) -> Estimate:
    """Percentile interval of what the resamples, the first axis, gave; its ends are rounded outwards to one of them.

    No interpolation: between a number and inf there is nothing. And no interval without a level, where all resamples
    are the same: of one run a game.
    """
    if level is None:
        nowhere = plain(np.full(np.shape(value), np.nan))
        return Estimate(plain(value), nowhere, nowhere)
    ordered = np.sort(again, axis=0)
    out = int((1 - level) / 2 * (len(again) - 1))
    return Estimate(plain(value), plain(ordered[out]), plain(ordered[len(again) - 1 - out]))

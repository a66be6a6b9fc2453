"""Standings of learners: statistics of the runs of a bench that can be compared, and what they say in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, isinf, isnan
from statistics import median

import numpy as np

from routegame.envs.arrays import FloatArray
from routegame.eval.bench.levels import Level, levels
from routegame.eval.bench.row import NOT_APPLICABLE
from routegame.eval.judge.judgement import RANDOM
from routegame.eval.mean_ranks import FEWEST, MeanRanks
from routegame.eval.report.archive import BenchArchive, RunRecord
from routegame.eval.statistics import (
    Estimate,
    Runs,
    estimates,
    improvements,
    iqm,
    profiles,
    success_rates,
)
from routegame.numerals import percent, plural

FEW = 10
"""Seeds below which intervals are too narrow to be taken at their word."""

THRESHOLDS = np.geomspace(1e-4, 10.0, 121)
"""Regrets at which performance profiles are drawn."""


@dataclass(frozen=True)
class Standings:
    """Statistics of the games and seeds that every learner is done with.

    Attributes:
        archive: the bench.
        games: that are compared.
        seeds: that are compared.
    """

    archive: BenchArchive
    games: Sequence[str]
    seeds: Sequence[int]

    @classmethod
    def of(cls, archive: BenchArchive) -> Standings | None:
        """Compare what can be compared; None where nothing can."""
        games, seeds = archive.complete()
        return cls(archive, games, seeds) if games else None

    @property
    def partial(self) -> bool:
        """Whether the bench has more games or seeds."""
        return len(self.games) * len(self.seeds) < len(self.archive.stages) * len(self.archive.seeds)

    def of_learner(self, name: str) -> list[RunRecord]:
        """Return the runs of a learner that are compared."""
        return [run for run in self.archive.of(name) if run.instance in self.games and run.seed in self.seeds]

    @cached_property
    def regret(self) -> dict[str, Estimate]:
        """Interquartile mean of relative leader regret, by learner."""
        return estimates(self._runs)

    @cached_property
    def score(self) -> dict[str, Estimate]:
        """Interquartile mean of the normalised score, by learner."""
        rows = [(run.learner, run.instance, run.seed, 1 - run.score) for run in self._compared]
        lost = estimates(Runs.of(rows), iqm)
        return {name: Estimate(1 - e.value, 1 - e.high, 1 - e.low) for name, e in lost.items()}

    @cached_property
    def success(self) -> dict[str, Estimate]:
        """Share of runs that succeeded, by learner."""
        rows = [(run.learner, run.instance, run.seed, 0.0 if run.success else inf) for run in self._compared]
        return success_rates(Runs.of(rows))

    @cached_property
    def levels(self) -> dict[bool, list[Level]]:
        """How close learners come, how soon and at what price, the best first, by whether they learn the users."""
        rows = [(run.learner, run.instance, run.seed, run.regret if run.certified else inf) for run in self._compared]
        return levels(Runs.of(rows), {name: self.of_learner(name) for name in self.ranked}, self.ranked)

    @cached_property
    def profiles(self) -> dict[str, Estimate]:
        """Share of runs whose regret is at most each of `THRESHOLDS`, by learner."""
        return profiles(self._runs, THRESHOLDS)

    @cached_property
    def improvements(self) -> dict[tuple[str, str], Estimate]:
        """Probability that the first learner does better than the second, by ordered pairs."""
        return improvements(self._runs)

    @cached_property
    def ranks(self) -> MeanRanks | None:
        """Mean ranks over games of learners; None where there are too few of either to compare."""
        if min(len(self.archive.learners), len(self.games)) < FEWEST:
            return None
        return MeanRanks.of(self._runs)

    @cached_property
    def ranked(self) -> list[str]:
        """Learners, the most successful first; regret, then the order of the plan, decides between equals."""
        return sorted(
            self.archive.learners, key=lambda name: (-float(self.success[name].value), float(self.regret[name].value))
        )

    @cached_property
    def rules(self) -> dict[str, FloatArray]:
        """Relative regret on every game that is compared, by rule that learns nothing and is one in all of them."""
        of_game = [self.archive.rules[game] for game in self.games if game in self.archive.rules]
        names = of_game[0] if of_game and len(of_game) == len(self.games) else {}
        shared = [name for name in names if all(name in of for of in of_game)]
        return {name: np.array([of[name] for of in of_game]) for name in shared}

    @property
    def _compared(self) -> list[RunRecord]:
        return [run for name in self.archive.learners for run in self.of_learner(name)]

    @cached_property
    def _runs(self) -> Runs:
        return Runs.of((run.learner, run.instance, run.seed, run.regret) for run in self._compared)


def successes(runs: Sequence[RunRecord]) -> int:
    """Count the runs that succeeded."""
    return sum(run.success for run in runs)


def interval_text(estimate: Estimate) -> str:
    """Return an estimate of a share and its interval, if it has one, in words."""
    if isnan(float(estimate.low)):
        return percent(float(estimate.value))
    return f"{percent(float(estimate.value))} ({percent(float(estimate.low))} to {percent(float(estimate.high))})"


def in_brief(archive: BenchArchive, standings: Standings | None) -> list[str]:
    """Say what came out, one thing a sentence or two, for a reader who reads nothing else."""
    said = [_what_was_done(archive)]
    if archive.missing:
        said.append(_how_far(archive, standings))
    if standings is not None:
        said += [*_who_is_best(standings), *_what_it_takes(standings)]
        hard = _hardest(standings)
        if hard:
            said.append(hard)
    said += _what_went_wrong(archive)
    if standings is not None and len(standings.seeds) < FEW:
        few = f"{len(standings.seeds)} seeds are few: the intervals are narrower than they should be"
        one = "One seed does not tell how runs vary from seed to seed: regret has no interval"
        said.append(f"{one if len(standings.seeds) == 1 else few}, and {FEW} seeds or more would tell more.")
    return said


def _what_was_done(archive: BenchArchive) -> str:
    return (
        f"{plural(len(archive.learners), 'learner')} played {plural(len(archive.stages), 'game')} of the suite"
        f" {archive.suite}, each with {plural(len(archive.seeds), 'seed')}. Regret is what a learner's commitment costs"
        " above the exact equilibrium, when users answer perfectly; a run succeeds if that is at most 1 % and it is"
        " certified: if the users that it learned against, if any, are within 1 % of their best answer."
    )


def _how_far(archive: BenchArchive, standings: Standings | None) -> str:
    total = len(archive.ended) + archive.missing
    compared = "no game is done by every learner yet, so nothing is compared"
    if standings is not None:
        games, seeds = plural(len(standings.games), "game"), plural(len(standings.seeds), "seed")
        compared = f"what follows compares the {games} and {seeds} that every learner is done with"
    return f"This bench is not finished: {len(archive.ended)} of {total} runs have ended; {compared}."


def _who_is_best(standings: Standings) -> list[str]:
    first, *rest = standings.ranked
    found = successes(standings.of_learner(first))
    total = len(standings.of_learner(first))
    if found == 0 and isinf(float(standings.regret[first].value)):
        return ["No learner finished enough of its runs to be ranked."]
    if found == 0:
        opening = f"No run succeeded; of {first}, the best here, none of {total} did"
    else:
        opening = f"{first} did best: {found} of its {total} runs succeeded"
    said = [f"{opening}; its typical regret is {interval_text(standings.regret[first])}."]
    if rest:
        second = rest[0]
        chance = standings.improvements[first, second]
        if float(chance.low) > 0.5:
            verdict = f"A run of {first} beats one of {second}, the next, with probability {interval_text(chance)}."
        elif float(chance.high) < 0.5:
            other = interval_text(standings.improvements[second, first])
            verdict = (
                f"By regret alone it is the other way round: a run of {second}, the next, beats one of {first} with"
                f" probability {other}."
            )
        else:
            verdict = (
                f"{first} and {second}, the next, cannot be told apart: the former beats the latter with probability"
                f" {interval_text(chance)}."
            )
        said.append(verdict)
    return said


def _what_it_takes(standings: Standings) -> list[str]:
    random = standings.rules.get(RANDOM)
    if random is None:
        return []
    value = float(np.median(random))
    worse = [name for name in standings.archive.learners if float(standings.regret[name].value) >= value]
    tail = f"; {_listed(worse)} did no better" if worse else ", and every learner did better"
    return [f"A commitment drawn at random costs {percent(value)} more than the equilibrium (the median game){tail}."]


def _hardest(standings: Standings) -> str:
    if len(standings.games) < 2:
        return ""
    runs = [run for name in standings.archive.learners for run in standings.of_learner(name) if run.finished]
    on = {game: [run for run in runs if run.instance == game] for game in standings.games}
    share = {game: successes(of) / len(of) for game, of in on.items() if of}
    if not share or min(share.values()) == 1:
        return ""
    hard = min(share, key=lambda game: (share[game], -median(run.regret for run in on[game])))
    found = f"{successes(on[hard])} of the {len(on[hard])} runs that finished succeeded"
    return f"The hardest game was {hard}: {found}."


def _what_went_wrong(archive: BenchArchive) -> list[str]:
    refused = Counter(run.learner for run in archive.ended.values() if run.status == NOT_APPLICABLE)
    failed = Counter(run.learner for run in archive.ended.values() if not run.finished) - refused
    unsure = Counter(run.learner for run in archive.ended.values() if run.finished and not run.certified)
    said = []
    if refused:
        said.append(
            f"{plural(refused.total(), 'run')} {'was' if refused.total() == 1 else 'were'} not made, of"
            f" {_listed(refused)}: such a learner cannot play such a game. In what follows they count as failed."
        )
    said += [f"{name} is not compared, for it plays none of these games: {why}." for name, why in archive.idle.items()]
    if failed:
        said.append(
            f"{plural(failed.total(), 'run')} failed, of {_listed(failed)}; each counts as worse than any that did not."
        )
    if unsure:
        said.append(
            f"{plural(unsure.total(), 'run')} {'is' if unsure.total() == 1 else 'are'} not certified (†), of"
            f" {_listed(unsure)}: the users that they learned against were more than 1 % from their best answer."
        )
    if not failed and not unsure and not refused and archive.ended:
        said.append("No run failed, and every run is certified.")
    return said


def _listed(names: Mapping[str, int] | Sequence[str]) -> str:
    several = [f"{name} ({names[name]})" for name in names] if isinstance(names, Mapping) else list(names)
    return several[0] if len(several) == 1 else f"{', '.join(several[:-1])} and {several[-1]}"

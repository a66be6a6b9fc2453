"""The page of a bench: all games together, then every game by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from urllib.parse import quote
from xml.etree.ElementTree import Element

import numpy as np

from routegame.eval.bench.difficulty import at_a_glance
from routegame.eval.bench.levels import LEGEND, PARTS, Level, headings
from routegame.eval.bench.measures import Measure, legend, measured, met
from routegame.eval.mean_ranks import MeanRanks
from routegame.eval.report.archive import BenchArchive, RunRecord, Stage
from routegame.eval.report.charts import (
    MOST_BANDS,
    Spread,
    interval,
    interval_axis,
    interval_scale,
    learning_chart,
    learning_panels,
    profile_chart,
    rank_chart,
    spreads,
)
from routegame.eval.report.page import TEMPLATES, GamePart, render
from routegame.eval.report.standings import THRESHOLDS, Standings, in_brief, successes
from routegame.eval.run.diagnosis import MEANINGS
from routegame.eval.statistics import SUCCESS, Estimate, iqm
from routegame.numerals import percent, plural
from routegame.whole_file import folder_name

FEW_ROWS = 10
"""Runs of a game that are listed at once; more are folded away."""

MOST_LISTED = 40
"""Lines of the list of what failed; more are counted."""

MOST_NAMED = 4
"""Games that are named in a cell; more are counted."""


@dataclass(frozen=True)
class Spent:
    """Cost of the median run, and the cost of getting within 1 % of the equilibrium; inf where it never did."""

    median: float
    to_aim: float


@dataclass(frozen=True)
class Standing:
    """A learner's line of the leaderboard; what it has spent is None where no run finished."""

    learner: str
    interval: Element
    regret: Estimate
    success: Estimate
    score: Estimate
    found: int
    total: int
    uncertified: int
    failed: int
    passes: Spent | None
    seconds: Spent | None


@dataclass(frozen=True)
class RuleStanding:
    """A line of the leaderboard of a rule that learns nothing."""

    rule: str
    interval: Element
    regret: float
    found: int
    total: int


@dataclass(frozen=True)
class Chance:
    """The probability that one learner does better than another.

    Attributes:
        estimate: with its interval.
        sure: whether the interval lies above one half.
        shade: how dark the cell is, 0 to 10.
    """

    estimate: Estimate
    sure: bool
    shade: int


@dataclass(frozen=True)
class LevelPart:
    """Learners of one kind: those who learn their users, or whose users answer by a rule."""

    heading: str
    about: str
    lines: Sequence[Level]


@dataclass(frozen=True)
class Comparison:
    """The comparison of learners over all games together.

    Attributes:
        extent: number of games and seeds that are compared.
        partial: whether the bench has more of them.
        axis: of the intervals.
        learners: the most successful first.
        rules: that learn nothing.
        level_heads: what is said of how close learners come.
        level_legend: what that means.
        levels: those who learn their users, and the others.
        measures: what else learners were measured by.
        measured: means of that by column, by learner.
        meanings: of the measures, in words.
        profiles: chart of how many runs lose how much.
        learning: chart of how regret fell; None where nobody knows.
        panels: the same of each learner, by its place, where one chart is too small for all.
        improvements: of the learner over each learner, None for itself; empty where there is one.
        ranks: chart of mean ranks; None where learners or games are too few.
        rank_note: what is to be seen in it, in words.
    """

    extent: str
    partial: bool
    axis: Element
    learners: Sequence[Standing]
    rules: Sequence[RuleStanding]
    level_heads: Sequence[str]
    level_legend: str
    levels: Sequence[LevelPart]
    measures: Sequence[Measure]
    measured: Mapping[str, Mapping[str, float]]
    meanings: str
    profiles: Element
    learning: Element | None
    panels: Mapping[int, Element]
    improvements: Mapping[str, Sequence[Chance | None]]
    ranks: Element | None
    rank_note: str


@dataclass(frozen=True)
class GroupCell:
    """Results of a learner on games of a kind."""

    found: int
    total: int
    regret: float


@dataclass(frozen=True)
class Group:
    """Games of a kind, with a cell for each learner."""

    name: str
    games: int
    cells: Sequence[GroupCell]


@dataclass(frozen=True)
class Failure:
    """Runs of a learner that failed alike."""

    learner: str
    status: str
    message: str
    runs: int


@dataclass(frozen=True)
class Uncertified:
    """Runs of a learner that are not certified; games with their numbers, the most frequent first."""

    learner: str
    runs: int
    largest_gap: float
    games: Sequence[tuple[str, int]]
    other_games: int


@dataclass(frozen=True)
class Ending:
    """Ends of the runs of a learner in a game.

    Attributes:
        learner: its id.
        runs: how many there are; 0 where it was not run yet.
        found: how many succeeded.
        median: of regret; nan without runs.
        worst: regret; nan without runs.
        uncertified: how many that finished are not certified.
        passes: median of those that finished; None without any.
        seconds: likewise.
        findings: names of what is wrong or right with how many, the most frequent first.
        failures: how runs failed with how many.
    """

    learner: str
    runs: int
    found: int
    median: float
    worst: float
    uncertified: int
    passes: float | None
    seconds: float | None
    findings: Sequence[tuple[str, int]]
    failures: Sequence[tuple[str, int]]

    @property
    def failed(self) -> bool:
        """Whether a run failed."""
        return bool(self.failures)


@dataclass(frozen=True)
class BenchGame:
    """A game of the bench.

    Attributes:
        name: of the game.
        anchor: unique on the page.
        part: what there is to say of it.
        learning: chart of how regret fell; None where nobody knows.
        learners: how each did, in the order of the plan.
        runs: one by one.
        few: whether they are listed at once.
    """

    name: str
    anchor: str
    part: GamePart
    learning: Element | None
    learners: Sequence[Ending]
    runs: Sequence[RunRecord]
    few: bool


@dataclass(frozen=True)
class Rarity:
    """How rare good commitments are in a game.

    Attributes:
        game: its name.
        numbers: that make a commitment.
        share: of commitments drawn uniformly, those within 1 % of the equilibrium; None where nobody knows.
    """

    game: str
    numbers: int
    share: Estimate | None

    @classmethod
    def of(cls, stage: Stage) -> Rarity:
        """Draw some commitments, and count."""
        return cls(stage.name, stage.game.size, at_a_glance(stage.game))


def row_path(learner: str, game: str, seed: int) -> tuple[str, ...]:
    """Return where in the directory of a bench the page of a run is, folder by folder.

    >>> row_path("their:Learner", "nano-gpt5", 3)
    ('rows', 'their.Learner', 'nano-gpt5', '3.html')
    """
    return "rows", folder_name(learner), game, f"{seed}.html"


class BenchPage:
    """The page of a bench.

    Args:
        archive: what is shown.
        rows: whether each run has a page of its own, to which this one has a link.
    """

    def __init__(self, archive: BenchArchive, *, rows: bool = False) -> None:
        self.archive = archive
        self._rows = rows
        self.standings = Standings.of(archive)
        self._index = {name: k for k, name in enumerate(archive.learners)}
        self._judges = {stage.name: stage.judge for stage in archive.stages}

    def page(self) -> str:
        """Return the page."""
        archive, standings = self.archive, self.standings
        failures = self._failures()
        return render(
            TEMPLATES / "bench.html",
            suite=archive.suite,
            learners=list(archive.learners),
            extent=self._extent(),
            brief=in_brief(archive, standings),
            compared=None if standings is None else self._comparison(standings),
            groups=[] if standings is None else self._groups(standings),
            games=[self._game(stage, f"game-{k + 1}") for k, stage in enumerate(archive.stages)],
            failures=failures[:MOST_LISTED],
            more_failures=len(failures[MOST_LISTED:]),
            uncertified=self._uncertified(),
            rules=self._rules(),
            findings=self._findings(),
            made=archive.about,
            without_curves=self._without_curves(),
            runs_are_here=(archive.directory / "runs").exists(),
            aim=SUCCESS,
            bands=len(archive.learners) <= MOST_BANDS,
            commitment_words=self._commitment_words,
            difficulty=[Rarity.of(stage) for stage in archive.stages],
            link=self._link,
        )

    def _extent(self) -> list[str]:
        archive, total = self.archive, len(self.archive.ended) + self.archive.missing
        return [
            plural(len(archive.learners), "learner"),
            plural(len(archive.stages), "game"),
            plural(len(archive.seeds), "seed"),
            f"{len(archive.ended)} of {total} runs" if archive.missing else plural(total, "run"),
            *([archive.about.date] if archive.about.date else []),
        ]

    # ---- all games together

    def _comparison(self, standings: Standings) -> Comparison:
        scale = interval_scale(standings.regret.values())
        found = {name: measured(run.measures for run in standings.of_learner(name)) for name in standings.ranked}
        shown = met(found.values())
        rules = [(name, float(iqm(regret[:, None])), regret) for name, regret in standings.rules.items()]
        drawn = self._spreads(standings.games, standings.seeds)
        return Comparison(
            extent=f"{plural(len(standings.games), 'game')}, {plural(len(standings.seeds), 'seed')}",
            partial=standings.partial,
            axis=interval_axis(scale),
            learners=[
                self._standing(standings, name, interval(scale, standings.regret[name], self._index[name]))
                for name in standings.ranked
            ],
            rules=[
                RuleStanding(
                    name,
                    interval(scale, Estimate(typical, typical, typical), None),
                    typical,
                    int(np.sum(regret <= SUCCESS)),
                    len(regret),
                )
                for name, typical, regret in rules
            ],
            level_heads=headings(),
            level_legend=LEGEND,
            levels=[LevelPart(*PARTS[learned], lines) for learned, lines in standings.levels.items()],
            measures=shown,
            measured={name: of for name, of in found.items() if of},
            meanings=legend(shown) if shown else "",
            profiles=self._profiles(standings),
            learning=self._learning("all", drawn),
            panels=learning_panels("panel", dict(enumerate(self.archive.learners)), drawn),
            improvements=self._improvements(standings),
            ranks=self._ranks(standings),
            rank_note=_rank_note(standings.ranks),
        )

    def _standing(self, standings: Standings, name: str, drawn: Element) -> Standing:
        runs = standings.of_learner(name)
        done = [run for run in runs if run.finished]
        passes = _spent([run.passes for run in done], [run.passes_to_aim for run in runs])
        seconds = _spent([run.seconds for run in done], [run.seconds_to_aim for run in runs])
        return Standing(
            learner=name,
            interval=drawn,
            regret=standings.regret[name],
            success=standings.success[name],
            score=standings.score[name],
            found=successes(runs),
            total=len(runs),
            uncertified=sum(not run.certified for run in done),
            failed=len(runs) - len(done),
            passes=passes,
            seconds=seconds,
        )

    def _profiles(self, standings: Standings) -> Element:
        at = int(np.searchsorted(THRESHOLDS, SUCCESS * (1 + 1e-9))) - 1
        share = {name: float(np.asarray(known.value)[at]) for name, known in standings.profiles.items()}
        best = max(share, key=lambda name: share[name])
        about = (
            "Share of runs whose regret is at most a threshold, by learner. At 1 % the largest share is that of"
            f" {best}, {percent(share[best])}."
        )
        shares = [standings.profiles[name] for name in self.archive.learners]
        return profile_chart("profiles", about, THRESHOLDS, shares)

    def _improvements(self, standings: Standings) -> dict[str, list[Chance | None]]:
        names = standings.ranked
        if len(names) < 2:
            return {}
        return {
            one: [None if one == other else _chance(standings.improvements[one, other]) for other in names]
            for one in names
        }

    def _ranks(self, standings: Standings) -> Element | None:
        """Draw mean ranks over games."""
        found = standings.ranks
        if found is None:
            return None
        ranked = ", ".join(f"{name} {rank:.1f}" for name, rank in zip(found.learners, found.ranks, strict=True))
        return rank_chart("ranks", f"Mean ranks over games, the best first: {ranked}.", found, self._index)

    def _groups(self, standings: Standings) -> list[Group]:
        """Return how learners did on games of one kind, where kinds have more than a game or two; nothing otherwise."""
        archive, games = self.archive, standings.games
        groups: dict[str, list[str]] = {}
        for stage in archive.stages:
            if stage.name in games:
                groups.setdefault(stage.group, []).append(stage.name)
        if not 1 < len(groups) <= len(games) / 2:
            return []
        of = {name: standings.of_learner(name) for name in archive.learners}
        return [
            Group(
                name,
                len(members),
                [_group_cell([run for run in of[learner] if run.instance in members]) for learner in archive.learners],
            )
            for name, members in groups.items()
        ]

    def _failures(self) -> list[Failure]:
        """Return the runs that failed, alike ones together."""
        failed = Counter(
            (run.learner, run.status, run.message) for run in self.archive.ended.values() if not run.finished
        )
        return [Failure(*what, number) for what, number in sorted(failed.items())]

    def _uncertified(self) -> list[Uncertified]:
        """Return the runs that finished and are not certified, learner by learner."""
        unsure = [run for run in self.archive.ended.values() if run.finished and not run.certified]
        rows = []
        for name in dict.fromkeys(run.learner for run in unsure):
            own = [run for run in unsure if run.learner == name]
            games = Counter(run.instance for run in own)
            largest = max(run.follower_gap for run in own)
            others = max(0, len(games) - MOST_NAMED)
            rows.append(Uncertified(name, len(own), largest, games.most_common(MOST_NAMED), others))
        return rows

    def _spreads(self, games: Iterable[str], seeds: Iterable[int]) -> dict[int, Spread]:
        """Return how regret fell in the runs of each learner, by its place."""
        archive, among = self.archive, (set(games), set(seeds))
        curves = {
            k: [
                archive.curves.get((learner, run.instance, run.seed))
                for run in archive.of(learner)
                if run.instance in among[0]
                and run.seed in among[1]
                # what was finished and has lost its curve is left out; what failed counts
                and (not run.finished or (learner, run.instance, run.seed) in archive.curves)
            ]
            for learner, k in self._index.items()
        }
        return spreads(curves)

    def _without_curves(self) -> str:
        """Say how many runs were made elsewhere and came without their curves; nothing if there are none."""
        known = sum(source.runs for source in self.archive.about.taken)
        missing = sum(run.finished for run in self.archive.ended.values()) - len(self.archive.curves)
        return plural(missing, "run") if known and missing else ""

    def _learning(self, name: str, drawn: Mapping[int, Spread]) -> Element | None:
        about = "Relative leader regret over model passes, both logarithmic, by learner; a dotted line at 1 %."
        names = dict(enumerate(self.archive.learners)) if len(drawn) > 1 else None
        return learning_chart(f"learning-{name}", "Learning curves", about, drawn, names)

    def _commitment_words(self, run: RunRecord) -> str:
        """Say what a run has committed to; nothing where it failed."""
        judge = self._judges[run.instance]
        return "" if run.commitment is None else judge.commitment_words(run.commitment)

    def _link(self, run: RunRecord) -> str:
        """Return where the page of a run is; nothing where it has none."""
        return quote("/".join(row_path(run.learner, run.instance, run.seed))) if self._rows else ""

    # ---- one game

    def _game(self, stage: Stage, anchor: str) -> BenchGame:
        runs = self.archive.of(game=stage.name)
        finished = [(self._index[run.learner], run) for run in runs if run.finished]
        return BenchGame(
            name=stage.name,
            anchor=anchor,
            part=GamePart.of(stage, f"cost-{anchor}", finished),
            learning=self._learning(anchor, self._spreads([stage.name], self.archive.seeds)),
            learners=[_ending(name, [run for run in runs if run.learner == name]) for name in self.archive.learners],
            runs=runs,
            few=len(runs) <= FEW_ROWS,
        )

    # ---- the rest

    def _rules(self) -> dict[str, object] | None:
        """Return the regret of rules that learn nothing, by game; None where nobody knows."""
        rules = self.archive.rules
        shown = [stage.name for stage in self.archive.stages if stage.name in rules]
        if not shown:
            return None
        names = list(dict.fromkeys(name for game in shown for name in rules[game]))
        return {"names": names, "regret": {game: [rules[game].get(name) for name in names] for game in shown}}

    def _findings(self) -> dict[str, str]:
        """Return the meanings of the diagnoses that were met, by name."""
        met = {finding for run in self.archive.ended.values() for finding in run.diagnosis}
        return {name: meaning for name, meaning in MEANINGS.items() if name in met}


def _rank_note(found: MeanRanks | None) -> str:
    """Say what mean ranks show; nothing where there are none."""
    if found is None:
        return ""
    chance = "less than 0.001" if found.p_value < 0.001 else f"{found.p_value:.2g}"
    return (
        "On every game the learner with the least regret, the median over seeds, has rank 1. If none were better than"
        f" another, ranks would differ as much with a probability of {chance} (Friedman's test). Those that a bar joins"
        f" are not told apart: over {plural(found.games, 'game')} mean ranks must differ by {found.difference:.2f}"
        " (Nemenyi's test, all pairs together, at 5 %)."
    )


def _ending(learner: str, runs: Sequence[RunRecord]) -> Ending:
    done = [run for run in runs if run.finished]
    regrets = [run.regret for run in runs] or [float("nan")]
    return Ending(
        learner=learner,
        runs=len(runs),
        found=successes(runs),
        median=median(regrets),
        worst=max(regrets),
        uncertified=sum(not run.certified for run in done),
        passes=median(run.passes for run in done) if done else None,
        seconds=median(run.seconds for run in done) if done else None,
        findings=Counter(finding for run in done for finding in run.diagnosis).most_common(),
        failures=list(Counter(run.status for run in runs if not run.finished).items()),
    )


def _group_cell(runs: Sequence[RunRecord]) -> GroupCell:
    return GroupCell(successes(runs), len(runs), float(iqm(np.array([[run.regret for run in runs]]))))


def _spent(took: Sequence[float], to_aim: Sequence[float]) -> Spent | None:
    return Spent(median(took), median(to_aim)) if took else None


def _chance(chance: Estimate) -> Chance:
    return Chance(chance, sure=float(chance.low) > 0.5, shade=round(10 * float(chance.value)))

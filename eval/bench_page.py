"""The page of a bench: all games together, then every game by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import inf, isfinite
from statistics import median
from xml.etree.ElementTree import Element

import numpy as np

from routegame.agents.equilibrium import solve
from routegame.agents.known import known
from routegame.eval.archive import BenchArchive, Ended, PointStage, Stage
from routegame.eval.charts import (
    cost_chart,
    interval,
    interval_axis,
    interval_scale,
    learning_chart,
    point_cost_charts,
    profile_chart,
)
from routegame.eval.diagnosis import MEANINGS
from routegame.eval.markup import Content, element, table
from routegame.eval.measures import legend, measured, met
from routegame.eval.numerals import coordinates_text, count, duration, percent, plural, score
from routegame.eval.page import (
    about_game,
    about_point_game,
    cost_legend,
    figure,
    handed_over,
    page_of,
    point_cost_legend,
    section,
    units_of,
)
from routegame.eval.standings import THRESHOLDS, Standings, in_brief, successes
from routegame.eval.statistics import SUCCESS, Estimate, iqm
from routegame.eval.svg import swatch

FEW_ROWS = 10
"""Runs of a game that are listed at once; more are folded away."""

MOST_LISTED = 40
"""Lines of the list of what failed; more are counted."""


class BenchPage:
    """The page of a bench.

    Args:
        archive: what is shown.
    """

    def __init__(self, archive: BenchArchive) -> None:
        self.archive = archive
        self.standings = Standings.of(archive)
        self._index = {name: k for k, name in enumerate(archive.learners)}
        self._anchor = {stage.name: f"game-{k + 1}" for k, stage in enumerate(archive.stages)}

    def page(self) -> str:
        """Return all of it."""
        archive = self.archive
        brief = element("ul", *(element("li", sentence) for sentence in in_brief(archive, self.standings)))
        total = len(archive.ended) + archive.missing
        parts = [
            element("h1", "Learners on the suite ", element("code", archive.suite)),
            element(
                "p",
                " · ".join(
                    [
                        plural(len(archive.learners), "learner"),
                        plural(len(archive.stages), "game"),
                        plural(len(archive.seeds), "seed"),
                        f"{len(archive.ended)} of {total} runs" if archive.missing else plural(total, "run"),
                        *([archive.about.date] if archive.about.date else []),
                    ]
                ),
                class_="sub",
            ),
            section("In brief", brief, id_="brief", class_="brief"),
            *self._comparison(),
            self._by_game(),
            *self._troubles(),
            *(self._game(stage) for stage in archive.stages),
            *self._rules(),
            self._words(),
            self._how(),
        ]
        return page_of(f"Learners on the suite {archive.suite}", *parts)

    # ---- all games together

    def _comparison(self) -> list[Element]:
        standings = self.standings
        if standings is None:
            return []
        of_games = [f"{plural(len(standings.games), 'game')}, {plural(len(standings.seeds), 'seed')}"]
        charts = element(
            "div",
            figure(
                self._profiles(standings), "How many runs, certified or not, lose how much: up and left is better.", ""
            ),
            figure(
                self._learning("all", standings.games, standings.seeds),
                "Regret on the way, over all games: median run, and between its quartiles a band.",
                self._no_curves(),
            ),
            class_="charts",
        )
        return [
            section(
                "Leaderboard",
                element("p", f"All figures of this section: {of_games[0]}.", class_="note")
                if standings.partial
                else None,
                self._leaderboard(standings),
                element(
                    "p",
                    "Typical regret is the interquartile mean of all runs, with a 95 % interval of a bootstrap over"
                    " seeds, game by game; dotted lines at 0.01, 1 and 100 %. A run succeeds if it is within 1 % and"
                    " certified; below stands Wilson's interval of the share. A score of 1 is the equilibrium, 0 a"
                    " commitment drawn at random. A run is certified where the users that it learned against, if any,"
                    " are within 1 % of their best answer; † marks what is not. Passes are those of models,"
                    " pre-training included; they and times are medians of the runs that finished, and below stand"
                    " those from which on regret was at most 1 %, medians of all runs.",
                    class_="note",
                ),
                id_="leaderboard",
            ),
            *self._measures(standings),
            section("Profiles and learning curves", charts, self._legend(), id_="curves"),
            *self._matrix(standings),
        ]

    def _leaderboard(self, standings: Standings) -> Element:
        scale = interval_scale(standings.regret.values())
        body: list[Sequence[Content]] = []
        for name in standings.ranked:
            runs = standings.of_learner(name)
            done = [run for run in runs if run.finished]
            certified = sum(run.certified for run in done)
            body.append(
                [
                    element(
                        "span", swatch(self._index[name], line=False), f" {name}{' †' if certified < len(done) else ''}"
                    ),
                    interval(scale, standings.regret[name], self._index[name]),
                    _with_interval(standings.regret[name], percent),
                    _with_interval(standings.success[name], percent, f"{successes(runs)} of {len(runs)}"),
                    _with_interval(standings.score[name], score),
                    _flag("†", len(done) - certified, "unsure"),
                    _flag("✗", len(runs) - len(done), "bad"),
                    _with_aim(count, [run.passes for run in done], [run.passes_to_aim for run in runs]),
                    _with_aim(duration, [run.seconds for run in done], [run.seconds_to_aim for run in runs]),
                ]
            )
        for name, regret in standings.rules.items():
            value = float(iqm(regret[:, None]))
            found = int(np.sum(regret <= SUCCESS))
            body.append(
                [
                    element("em", name),
                    interval(scale, Estimate(value, value, value), None),
                    percent(value),
                    f"{found} of {len(regret)}",
                    *["–"] * 5,
                ]
            )
        head: list[Content] = [
            "learner",
            interval_axis(scale),
            "typical regret",
            "success",
            "score",
            "uncertified",
            "failed",
            "passes",
            "time",
        ]
        caption = "Learners, the most successful first; in italics, rules that learn nothing"
        return table(caption, head, body, class_="board")

    def _measures(self, standings: Standings) -> list[Element]:
        """What runs are measured by beside their regret."""
        found = {name: measured(run.measures for run in standings.of_learner(name)) for name in standings.ranked}
        shown = met(found.values())
        if not shown:
            return []
        rows: list[Sequence[Content]] = [
            [
                element("span", swatch(self._index[name], line=False), f" {name}"),
                *(percent(of[m.column]) if m.column in of else "–" for m in shown),
            ]
            for name, of in found.items()
            if of
        ]
        return [
            section(
                "How far from the equilibrium",
                table(
                    "Learned profiles beside the equilibrium, in the order of the leaderboard",
                    ["learner", *(m.heading for m in shown)],
                    rows,
                ),
                element("p", legend(shown), class_="note"),
                id_="distance",
            )
        ]

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

    def _matrix(self, standings: Standings) -> list[Element]:
        names = standings.ranked
        if len(names) < 2:
            return []
        rows: list[Sequence[Content]] = []
        for one in names:
            cells: list[Content] = [one]
            for other in names:
                cells.append("·" if one == other else _chance(standings.improvements[one, other]))
            rows.append(cells)
        about = (
            "Probability that a run of the learner in the row has less regret than one of the learner in the column on"
            " the same game, ties half; below it the 95 % interval. Bold where that lies above one half."
        )
        heat = table("Probability of improvement", ["better than →", *names], rows, class_="matrix")
        return [section("Who beats whom", element("p", about, class_="note"), heat, id_="improvement")]

    def _by_game(self) -> Element:
        archive, rows = self.archive, []
        for stage in archive.stages:
            cells: list[Content] = [element("a", stage.name, href=f"#{self._anchor[stage.name]}")]
            cells += [_median_cell(archive.of(name, stage.name)) for name in archive.learners]
            rows.append(cells)
        about = (
            "Median regret over seeds. Bold with ✓: every run is within 1 % and certified. †: a run is not certified."
            " ✗: a run failed."
        )
        head = ["game", *archive.learners]
        return section(
            "Game by game",
            self._by_group(),
            element("p", about, class_="note"),
            table("Median regret of every learner on every game", head, rows, class_="games"),
            id_="games",
        )

    def _by_group(self) -> Element | None:
        """How learners did on games of one kind, where kinds have more than a game or two; None otherwise."""
        archive, games = self.archive, self.standings.games if self.standings else ()
        groups: dict[str, list[str]] = {}
        for stage in archive.stages:
            if stage.name in games:
                groups.setdefault(stage.group, []).append(stage.name)
        if self.standings is None or not 1 < len(groups) <= len(games) / 2:
            return None
        of = {name: self.standings.of_learner(name) for name in archive.learners}
        rows: list[Sequence[Content]] = []
        for group, members in groups.items():
            cells: list[Content] = [f"{group} ({plural(len(members), 'game')})"]
            for name in archive.learners:
                own = [run for run in of[name] if run.instance in members]
                typical = percent(float(iqm(np.array([[run.regret for run in own]]))))
                cells.append(element("td", f"{successes(own)} of {len(own)}", element("small", typical)))
            rows.append(cells)
        caption = "Kinds of games: runs that succeeded, and typical regret"
        return table(caption, ["kind", *archive.learners], rows, class_="groups")

    def _troubles(self) -> list[Element]:
        """What failed and what is not certified, alike runs together."""
        archive = self.archive
        failed = Counter((run.learner, run.status, run.message) for run in archive.ended.values() if not run.finished)
        unsure = [run for run in archive.ended.values() if run.finished and not run.certified]
        parts: list[Element] = []
        if failed:
            rows: list[Sequence[Content]] = [
                [name, str(number), element("span", f"✗ {status}", class_="bad"), message]
                for (name, status, message), number in sorted(failed.items())
            ]
            shown = rows[:MOST_LISTED]
            parts.append(table("Runs that failed", ["learner", "runs", "how", "why"], shown))
            if len(rows) > len(shown):
                parts.append(element("p", f"And {len(rows) - len(shown)} more kinds of failure.", class_="note"))
        if unsure:
            by_learner = Counter(run.learner for run in unsure)
            rows = [
                [
                    name,
                    element("span", f"† {number}", class_="unsure"),
                    percent(max(run.follower_gap for run in unsure if run.learner == name)),
                    _mostly(Counter(run.instance for run in unsure if run.learner == name)),
                ]
                for name, number in by_learner.items()
            ]
            parts.append(table("Runs that are not certified", ["learner", "runs", "largest gap", "games"], rows))
            about = (
                "The gap is the utility that a run's learned users leave on the table at its commitment. Regret is"
                " judged against perfect users all the same; what such a run believes about its own cost is wrong."
            )
            parts.append(element("p", about, class_="note"))
        return [section("What to be wary of", *parts, id_="troubles")] if parts else []

    def _legend(self) -> Element:
        items = [element("li", swatch(k), f" {name}") for name, k in self._index.items()]
        return element("ul", *items, class_="legend")

    def _learning(self, name: str, games: Iterable[str], seeds: Iterable[int]) -> Element | None:
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
        about = "Relative leader regret over model passes, both logarithmic, by learner; a dotted line at 1 %."
        return learning_chart(f"learning-{name}", "Learning curves", about, curves)

    def _no_curves(self) -> str:
        if (self.archive.directory / "runs").exists():
            return "There are no learning curves: no run with a metrics file has finished."
        return "There are no learning curves: the runs themselves, the folder runs, are not here any more."

    # ---- one game

    def _game(self, stage: Stage | PointStage) -> Element:
        if isinstance(stage, PointStage):
            return self._point_game(stage)
        archive = self.archive
        solution, runs = solve(stage.game, throttling=stage.throttling), archive.of(game=stage.name)
        finished = [(self._index[run.learner], run) for run in runs if run.finished]
        anchor = self._anchor[stage.name]
        charts = element(
            "div",
            figure(
                cost_chart(f"cost-{anchor}", stage, solution, finished, units_of(stage)[1]),
                "What a commitment costs when users answer perfectly, and where runs ended.",
                "",
            ),
            figure(
                self._learning(anchor, [stage.name], archive.seeds),
                "Regret on the way: median over seeds, and between its quartiles a band.",
                self._no_curves(),
            ),
            class_="charts",
        )
        return section(
            stage.name,
            *about_game(stage, solution),
            charts,
            self._legend(),
            cost_legend(stage, unsure=any(not run.certified for _, run in finished)),
            self._by_learner(stage, runs),
            self._every_run(runs),
            id_=anchor,
            class_="game",
        )

    def _point_game(self, stage: PointStage) -> Element:
        """What there is to say of a game outside routing."""
        archive, solved, runs = self.archive, known(stage.game), self.archive.of(game=stage.name)
        finished = [(self._index[run.learner], run) for run in runs if run.finished]
        anchor = self._anchor[stage.name]
        costs = [
            figure(chart, "What a commitment costs when the follower answers perfectly, and where runs ended.", "")
            for chart in point_cost_charts(f"cost-{anchor}", stage, solved, finished)
        ]
        learning = figure(
            self._learning(anchor, [stage.name], archive.seeds),
            "Regret on the way: median over seeds, and between its quartiles a band.",
            self._no_curves(),
        )
        return section(
            stage.name,
            *about_point_game(stage, solved.equilibrium()),
            element("div", *costs, learning, class_="charts"),
            self._legend(),
            point_cost_legend(stage, unsure=any(not run.certified for _, run in finished)),
            self._by_learner(stage, runs),
            self._every_run(runs),
            id_=anchor,
            class_="game",
        )

    def _by_learner(self, stage: Stage | PointStage, runs: Sequence[Ended]) -> Element:
        rows: list[Sequence[Content]] = []
        for name, k in self._index.items():
            own = [run for run in runs if run.learner == name]
            done = [run for run in own if run.finished]
            unsure = sum(not run.certified for run in done)
            found = Counter(finding for run in done for finding in run.diagnosis)
            words: list[str] = [f"{finding}{_times(number)}" for finding, number in found.most_common()]
            failed = Counter(run.status for run in own if not run.finished)
            rows.append(
                [
                    element("span", swatch(k, line=False), f" {name}"),
                    f"{successes(own)} of {len(own)}" if own else "–",
                    _regret(median(run.regret for run in own)) if own else "–",
                    _regret(max(run.regret for run in own)) if own else "–",
                    _flag("†", unsure, "unsure"),
                    count(median(run.passes for run in done)) if done else "–",
                    duration(median(run.seconds for run in done)) if done else "–",
                    element(
                        "span",
                        ", ".join(words),
                        ", " if words and failed else None,
                        *(element("span", f"✗ {status}{_times(n)}", class_="bad") for status, n in failed.items()),
                        None if own else "not run yet",
                    ),
                ]
            )
        head = ["learner", "success", "median regret", "worst", "not certified", "passes", "time", "diagnosis"]
        return table(f"How runs ended in {stage.name}", head, rows, class_="ends")

    def _every_run(self, runs: Sequence[Ended]) -> Element:
        listed = table("Every run", _RUN_HEAD, [_run_row(run) for run in runs], class_="runs")
        opened = "open" if len(runs) <= FEW_ROWS else None
        return element("details", element("summary", f"Every run ({len(runs)})"), listed, open=opened)

    # ---- the rest

    def _rules(self) -> list[Element]:
        rules = self.archive.rules
        shown = [stage.name for stage in self.archive.stages if stage.name in rules]
        if not shown:
            return []
        names = list(rules[shown[0]])
        rows = [[game, *(percent(rules[game].get(name, inf)) for name in names)] for game in shown]
        return [
            section(
                "Rules that learn nothing",
                element("p", "What they cost above the equilibrium: the bar to clear.", class_="note"),
                table("Regret of rules that learn nothing", ["game", *names], rows),
                id_="rules",
            )
        ]

    def _words(self) -> Element:
        met = {finding for run in self.archive.ended.values() for finding in run.diagnosis}
        terms = {
            "commitment": "what the provider announces: which model answers first (the route), the share of failures"
            " handed from model 1 to model 2, and, with throttling, how slow the models are",
            "leader regret": "cost of a commitment above that of the equilibrium, under the users' exact best response,"
            " divided by the latter's cost",
            **{name: meaning for name, meaning in MEANINGS.items() if name in met},
        }
        pairs = [part for term, meaning in terms.items() for part in (element("dt", term), element("dd", meaning))]
        return section("What the words mean", element("dl", *pairs), id_="words")

    def _how(self) -> Element:
        archive, about = self.archive, self.archive.about
        if not about.command:
            text = "There is no leaderboard.json yet, which would say; the bench has not come to its end."
            return section("How this was made", element("p", text), id_="how")
        same = "Every figure but the times comes out the same on the same machine."
        return section(
            "How this was made",
            element("pre", about.command),
            element("p", f"On {about.date}, on {about.machine}, with {about.versions}. {same}"),
            element(
                "p",
                f"This page is made by routegame report from bench.json, leaderboard.json and runs/ of the suite"
                f" {archive.suite}; the same files give the same page.",
                class_="note",
            ),
            id_="how",
        )


_RUN_HEAD = ("learner", "seed", "regret", "certified", "commitment", "passes", "time", "diagnosis")


def _run_row(run: Ended) -> Sequence[Content]:
    if not run.finished:
        how = element("span", f"✗ {run.status}", class_="bad")
        return [run.learner, str(run.seed), how, "–", "–", "–", "–", run.message]
    certified: Content = "yes"
    if not run.certified:
        certified = element("span", f"† no, gap {percent(run.follower_gap)}", class_="unsure")
    return [
        run.learner,
        str(run.seed),
        _regret(run.regret),
        certified,
        _commitment_text(run),
        count(run.passes),
        duration(run.seconds),
        ", ".join(run.diagnosis),
    ]


def _commitment_text(run: Ended) -> str:
    if run.coordinates:
        return coordinates_text(run.coordinates)
    return "route 2" if run.route == 2 else f"route 1, {handed_over(1, run.cascade_prob)}"


def _median_cell(runs: Sequence[Ended]) -> Element:
    if not runs:
        return element("td", "–")
    text, failed = percent(median(run.regret for run in runs)), any(not run.finished for run in runs)
    unsure = any(run.finished and not run.certified for run in runs)
    if successes(runs) == len(runs) and not unsure:
        return element("td", element("b", f"{text} ✓"), class_="good")
    return element("td", f"{text}{' †' if unsure else ''}{' ✗' if failed else ''}", class_="poor" if failed else None)


def _chance(chance: Estimate) -> Element:
    share = round(100 * float(chance.value))
    shown = element("b", f"{share} %") if float(chance.low) > 0.5 else f"{share} %"
    span = f"{100 * float(chance.low):.0f}–{100 * float(chance.high):.0f}"
    return element("td", shown, element("small", span), class_=f"p{round(share / 10)}")


def _with_interval(estimate: Estimate, show: Callable[[float], str], instead: str | None = None) -> Element:
    """An estimate, or something to be shown instead, above its interval; an interval of nothing is left out."""
    low, high = float(estimate.low), float(estimate.high)
    below = element("small", f"{show(low)} – {show(high)}") if isfinite(low) or isfinite(high) else None
    return element("td", instead or show(float(estimate.value)), below)


def _with_aim(show: Callable[[float], str], spent: Sequence[float], aim: Sequence[float]) -> Element:
    """What runs have spent, the median, above what the median run needed to get within 1 %."""
    if not spent:
        return element("td", "–")
    needed = median(aim)
    below = f"1 %: {show(needed)}" if isfinite(needed) else "1 %: never"
    return element("td", show(median(spent)), element("small", below))


def _regret(regret: float) -> Content:
    return element("b", percent(regret)) if regret <= SUCCESS else percent(regret)


def _flag(sign: str, number: int, class_: str) -> Content:
    return element("span", f"{sign} {number}", class_=class_) if number else "–"


def _mostly(number_of: Counter[str], most: int = 4) -> str:
    """What there is most of, with numbers, and how much else."""
    named = ", ".join(f"{name}{_times(number)}" for name, number in number_of.most_common(most))
    return named if len(number_of) <= most else f"{named}, and {plural(len(number_of) - most, 'other game')}"


def _times(number: int) -> str:
    return f" ×{number}" if number > 1 else ""

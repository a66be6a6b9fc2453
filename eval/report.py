"""A bench or a run as one page that needs nothing else: no network, no script, the same bytes for the same files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from math import inf, isfinite
from pathlib import Path
from statistics import median
from xml.etree.ElementTree import Element

import numpy as np

from routegame.agents.equilibrium import solve
from routegame.agents.learned import LearnedFollower
from routegame.agents.solution import Profile, Solution
from routegame.envs.commitment import CommitmentBox
from routegame.envs.game import ParameterError
from routegame.envs.scenarios import SCENARIOS
from routegame.eval.archive import BenchArchive, Ended, RunArchive, Stage
from routegame.eval.charts import cost_chart, interval, interval_axis, interval_scale, learning_chart, profile_chart
from routegame.eval.diagnosis import MEANINGS
from routegame.eval.markup import Content, element, page_text, table
from routegame.eval.numerals import count, duration, percent, plural, score
from routegame.eval.standings import THRESHOLDS, Standings, in_brief, successes
from routegame.eval.statistics import SUCCESS, Estimate, iqm
from routegame.eval.svg import shapes, swatch

FEW_ROWS = 10
"""Runs of a game that are listed at once; more are folded away."""

MOST_LISTED = 40
"""Lines of the list of what failed; more are counted."""


def write_report(directory: Path) -> Path:
    """Write `report.html` into the directory of a bench or of a run, and return its path.

    Raises:
        ParameterError: it is neither, its files are damaged, or it cannot be written.
    """
    if (directory / "bench.json").exists():
        page = BenchPage(BenchArchive.open(directory)).page()
    elif (directory / "config.json").exists():
        page = run_page(RunArchive.open(directory))
    else:
        allowed = "a directory that `routegame bench` or `routegame train` wrote"
        raise ParameterError("directory", allowed, str(directory))
    path = directory / "report.html"
    beside = path.with_name(path.name + ".part")
    try:
        # A lone surrogate, which JSON can spell and UTF-8 cannot, is shown as what it is not rather than refused.
        beside.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
        os.replace(beside, path)
    except OSError as error:
        raise ParameterError("directory", "one that can be written", f"{directory} ({error.strerror})") from None
    return path


def _page(title: str, *body: Content) -> str:
    """A whole document; what it shows comes from files, so a policy forbids it to load or execute anything."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", files("routegame.eval").joinpath("report.css").read_text(encoding="utf-8")),
    )
    whole = element("html", head, element("body", shapes(), element("main", *body)), lang="en")
    return f"<!DOCTYPE html>\n{page_text(whole)}\n"


def _section(title: str, *content: Content, id_: str | None = None, class_: str | None = None) -> Element:
    made = element("section", element("h2", title), *content, id=id_, class_=class_)
    made.tail = "\n"
    return made


def _figure(chart: Element | None, caption: str, missing: str) -> Element:
    """A chart and what it shows; or why there is none."""
    if chart is None:
        return element("p", missing, class_="note")
    return element("figure", element("figcaption", caption), chart)


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
            _section("In brief", brief, id_="brief", class_="brief"),
            *self._comparison(),
            self._by_game(),
            *self._troubles(),
            *(self._game(stage) for stage in archive.stages),
            *self._rules(),
            self._words(),
            self._how(),
        ]
        return _page(f"Learners on the suite {archive.suite}", *parts)

    # ---- all games together

    def _comparison(self) -> list[Element]:
        standings = self.standings
        if standings is None:
            return []
        of_games = [f"{plural(len(standings.games), 'game')}, {plural(len(standings.seeds), 'seed')}"]
        charts = element(
            "div",
            _figure(
                self._profiles(standings), "How many runs, certified or not, lose how much: up and left is better.", ""
            ),
            _figure(
                self._learning("all", standings.games, standings.seeds),
                "Regret on the way, over all games: median run, and between its quartiles a band.",
                self._no_curves(),
            ),
            class_="charts",
        )
        return [
            _section(
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
                    " pre-training included; they and times are medians of the runs that finished.",
                    class_="note",
                ),
                id_="leaderboard",
            ),
            _section("Profiles and learning curves", charts, self._legend(), id_="curves"),
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
                    count(median(run.passes for run in done)) if done else "–",
                    duration(median(run.seconds for run in done)) if done else "–",
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
        return [_section("Who beats whom", element("p", about, class_="note"), heat, id_="improvement")]

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
        return _section(
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
        return [_section("What to be wary of", *parts, id_="troubles")] if parts else []

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

    def _game(self, stage: Stage) -> Element:
        archive = self.archive
        solution, runs = solve(stage.game, throttling=stage.throttling), archive.of(game=stage.name)
        finished = [(self._index[run.learner], run) for run in runs if run.finished]
        anchor = self._anchor[stage.name]
        charts = element(
            "div",
            _figure(
                cost_chart(f"cost-{anchor}", stage, solution, finished, _units(stage)[1]),
                "What a commitment costs when users answer perfectly, and where runs ended.",
                "",
            ),
            _figure(
                self._learning(anchor, [stage.name], archive.seeds),
                "Regret on the way: median over seeds, and between its quartiles a band.",
                self._no_curves(),
            ),
            class_="charts",
        )
        every = self._every_run(runs)
        return _section(
            stage.name,
            *_about_game(stage, solution),
            charts,
            self._legend(),
            _cost_legend(stage, unsure=any(not run.certified for _, run in finished)),
            self._by_learner(stage, runs),
            every,
            id_=anchor,
            class_="game",
        )

    def _by_learner(self, stage: Stage, runs: Sequence[Ended]) -> Element:
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
            _section(
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
        return _section("What the words mean", element("dl", *pairs), id_="words")

    def _how(self) -> Element:
        archive, about = self.archive, self.archive.about
        if not about.command:
            text = "There is no leaderboard.json yet, which would say; the bench has not come to its end."
            return _section("How this was made", element("p", text), id_="how")
        same = "Every figure but the times comes out the same on the same machine."
        return _section(
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


# ---- a single run


def run_page(archive: RunArchive) -> str:
    """Return the page of one run."""
    stage, ended = archive.stage, archive.ended
    solution = solve(stage.game, throttling=stage.throttling)
    title = f"{stage.name}: {archive.learner}, seed {archive.seed}"
    known = [] if archive.curve is None else [archive.curve]
    learned = _learned_follower(archive)
    charts = element(
        "div",
        _figure(
            cost_chart("cost", stage, solution, [] if ended is None else [(0, ended)], _units(stage)[1], learned),
            "What a commitment costs when users answer perfectly, and where the run ended.",
            "",
        ),
        _figure(
            learning_chart("learning", "Learning curve", "Relative leader regret over passes.", {0: known}),
            "Leader regret on the way, when users answer perfectly; a dotted line at 1 %.",
            "There is no learning curve: no metrics.jsonl is here, or nothing was judged yet.",
        ),
        class_="charts",
    )
    options = ", ".join(f"{name} {value}" for name, value in archive.options.items())
    return _page(
        title,
        element("h1", title),
        element("p", "One run of ", element("code", "routegame train"), class_="sub"),
        _section("In brief", element("ul", *(element("li", line) for line in _run_in_brief(archive))), class_="brief"),
        _section(
            "The game",
            *_about_game(stage, solution),
            charts,
            _cost_legend(
                stage, unsure=ended is not None and not ended.certified, believed=learned is not None, one=True
            ),
            class_="game",
        ),
        None if ended is None else _section("Result", _result(archive)),
        _section(
            "How this was made",
            element("p", f"Learner {archive.learner}, seed {archive.seed}; options: {options or 'none'}."),
            element("p", f"With {archive.versions}."),
        ),
    )


def _run_in_brief(archive: RunArchive) -> list[str]:
    ended = archive.ended
    if ended is None:
        return ["This run has not finished: there is no result.json yet."]
    said = [
        f"Its commitment costs {percent(ended.regret)} more than the exact equilibrium, when users answer perfectly"
        f" ({'found' if ended.regret <= SUCCESS else 'not found'}: 1 % or less counts as found).",
        f"It is {'certified' if ended.certified else 'not certified (†)'}: the users that it learned against leave"
        f" {percent(ended.follower_gap)} of their utility on the table; 1 % is allowed.",
        f"It played {count(ended.passes)} passes in {duration(ended.seconds)}.",
    ]
    return said + [f"Diagnosis, {name}: {explanation}" for name, explanation in archive.findings]


def _result(archive: RunArchive) -> Element:
    latency, cost = _units(archive.stage)
    learned, best = archive.result["learned"], archive.result["equilibrium"]
    models = _models(archive.stage)

    def row(name: str, column: str, show: str) -> Sequence[Content]:
        return [name, *(format(side[column], show).replace("-", "−").replace("%", " %") for side in (learned, best))]

    rows: list[Sequence[Content]] = [
        ["first model", *(models[int(side["route"]) - 1] for side in (learned, best))],
        ["failures handed to model 2", *(_handed(side["route"], side["cascade_prob"]) for side in (learned, best))],
        row("users who leave after a failure", "abandon_prob", ".1%"),
        row("tasks solved in the end", "solve_prob", ".1%"),
        row(f"cost of a task{f', {cost}' if cost else ''}", "provider_cost", ".5g"),
        row(f"users' utility{f', {latency}' if latency else ''}", "user_utility", ".4g"),
    ]
    return table(
        "The learned profile, users as they learned, beside the equilibrium", ["", "learned", "equilibrium"], rows
    )


def _learned_follower(archive: RunArchive) -> LearnedFollower | None:
    path = archive.directory / "checkpoints" / "follower.npz"
    if archive.ended is None or not path.exists():
        return None
    try:
        return LearnedFollower.load(path, CommitmentBox(archive.stage.game, throttling=archive.stage.throttling))
    except ParameterError as error:
        raise ParameterError("directory", f"one whose learned users are {error.allowed}", str(path)) from None


# ---- parts of both


def _about_game(stage: Stage, solution: Solution) -> list[Element]:
    game, (latency, cost) = stage.game, _units(stage)
    known = SCENARIOS.get(stage.name)
    about = f"{known.about[0].upper()}{known.about[1:]}." if known and known.game == game else None
    first, second = _models(stage)
    p, t, c = game.success_prob, game.latency, game.cost
    numbers = (
        f"Model 1 ({first}) solves {percent(float(p[0]))} of its passes at {c[0]:.4g}{_after(cost)} and {t[0]:.4g}"
        f"{_after(latency)} each, model 2 ({second}) {percent(float(p[1]))} at {c[1]:.4g}{_after(cost)} and {t[1]:.4g}"
        f"{_after(latency)}. A solution is worth {game.task_value:.4g}{_after(latency)} to users; one who leaves costs"
        f" the provider {game.churn_penalty:.4g}{_after(cost)}."
    )
    return [
        *([element("p", stage.group, class_="sub")] if stage.group else []),
        *([element("p", about)] if about else []),
        element("p", numbers, class_="note"),
        element("p", element("b", "Equilibrium: "), _in_words(solution.equilibrium, cost, stage)),
    ]


def _in_words(best: Profile, cost: str, stage: Stage) -> str:
    route, leave = int(best.route), float(best.abandon_prob)  # type: ignore[arg-type]
    first = f"model {route} first"
    share = percent(float(best.cascade_prob)) if best.cascade_prob else "none"
    handed = "" if route == 2 or leave == 1 else f", {share} of failures handed over"
    slow = tuple(map(float, best.throttled_latency))
    slowed = ""
    if any(after > before for after, before in zip(slow, stage.game.latency, strict=True)):
        slowed = f", slowed down to {slow[0]:.4g} and {slow[1]:.4g}{_after(_units(stage)[0])}"
    users = {0.0: "users stay", 1.0: "users leave after a failure"}.get(leave, f"{percent(leave)} of users leave")
    return f"{first}{handed}{slowed}; {users}. A task costs {float(best.provider_cost):.5g}{_after(cost)}."


def _cost_legend(stage: Stage, *, unsure: bool, believed: bool = False, one: bool = False) -> Element:
    """What lines and marks of a cost chart mean, learners aside."""

    def line(style: str) -> Element:
        path = element("path", class_=f"line {style}", d="M0 8H30")
        return element("svg", path, class_="swatch", viewBox="0 0 30 16", width=30, aria_hidden="true")

    def mark(shape: str, style: str) -> Element:
        use = element("use", href=f"#{shape}", class_=style, x=10, y=8)
        return element("svg", use, class_="swatch", viewBox="0 0 20 16", width=20, aria_hidden="true")

    items = [
        element("li", line("exact"), " route 1, users answer perfectly"),
        element("li", line("route2"), " route 2: model 2 first"),
        element("li", mark("star", "best"), " equilibrium"),
    ]
    if believed:
        items.insert(1, element("li", line("believed"), " route 1, users as they learned"))
    if stage.throttling:
        items.insert(2, element("li", line("slowed"), " so slow that users leave"))
        items.append(element("li", "curves: models at full speed; a run off them has slowed one down"))
    if one:
        items.append(element("li", mark("m0", "mark k0"), " learned commitment"))
    if unsure:
        items.append(element("li", mark("m0", "mark hollow rule"), " hollow: not certified"))
    return element("ul", *items, class_="legend")


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
        "route 2" if run.route == 2 else f"route 1, {_handed(1, run.cascade_prob)}",
        count(run.passes),
        duration(run.seconds),
        ", ".join(run.diagnosis),
    ]


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


def _handed(route: float, cascade_prob: float) -> str:
    return "–" if route == 2 else f"{cascade_prob:.2%}".replace("%", " %")


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""


def _units(stage: Stage) -> tuple[str, str]:
    known = SCENARIOS.get(stage.name)
    return known.units if known else ("", "")


def _models(stage: Stage) -> tuple[str, str]:
    known = SCENARIOS.get(stage.name)
    return known.models if known else ("standard", "reasoning")

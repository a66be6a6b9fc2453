"""The page of a single run."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from routegame.agents.equilibrium import solve
from routegame.agents.known import known
from routegame.agents.learned import LearnedFollower
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import CommitmentBox
from routegame.eval.archive import Ended, PointStage, RunArchive, Stage
from routegame.eval.charts import cost_chart, learning_chart, point_cost_charts
from routegame.eval.markup import Content, element, table
from routegame.eval.numerals import coordinates_text, count, duration, percent
from routegame.eval.page import (
    about_game,
    about_point_game,
    cost_legend,
    figure,
    handed_over,
    models_of,
    page_of,
    point_cost_legend,
    section,
    units_of,
)
from routegame.eval.statistics import SUCCESS


def run_page(archive: RunArchive) -> str:
    """Return the page of one run."""
    stage, ended = archive.stage, archive.ended
    title = f"{stage.name}: {archive.learner}, seed {archive.seed}"
    options = ", ".join(f"{name} {value}" for name, value in archive.options.items())
    if isinstance(stage, Stage):
        answering, game = "users answer", _game(archive, stage)
        result = None if ended is None else _result(archive, stage)
    else:
        answering, game = "followers answer", _point_game(archive, stage)
        result = None if ended is None else _point_result(archive, stage, ended)
    brief = element("ul", *(element("li", line) for line in _run_in_brief(archive, answering)))
    return page_of(
        title,
        element("h1", title),
        element("p", "A single run", class_="sub"),
        section("In brief", brief, class_="brief"),
        section("The game", *game, class_="game"),
        None if result is None else section("Result", result),
        section(
            "How this was made",
            element("p", f"Learner {archive.learner}, seed {archive.seed}; options: {options or 'none'}."),
            element("p", f"With {archive.versions}."),
        ),
    )


def _run_in_brief(archive: RunArchive, answering: str) -> list[str]:
    ended = archive.ended
    if ended is None:
        return ["This run has not finished: there is no result.json yet."]
    whose = answering.split()[0]
    said = [
        f"Its commitment costs {percent(ended.regret)} more than the exact equilibrium, when {answering} perfectly"
        f" ({'found' if ended.regret <= SUCCESS else 'not found'}: 1 % or less counts as found).",
        f"It is {'certified' if ended.certified else 'not certified (†)'}: the {whose} that it learned against leave"
        f" {percent(ended.follower_gap)} of their utility on the table; 1 % is allowed.",
        f"It played {count(ended.passes)} passes in {duration(ended.seconds)}.",
    ]
    return said + [f"Diagnosis, {name}: {explanation}" for name, explanation in archive.findings]


def _game(archive: RunArchive, stage: Stage) -> list[Element]:
    """What the game is about, what its commitments cost, where the run ended and how it got there."""
    ended, solution = archive.ended, solve(stage.game, throttling=stage.throttling)
    learned = _learned_follower(archive, stage)
    finished = [] if ended is None else [(0, ended)]
    cost = figure(
        cost_chart("cost", stage, solution, finished, units_of(stage)[1], learned),
        "What a commitment costs when users answer perfectly, and where the run ended.",
        "",
    )
    unsure = ended is not None and not ended.certified
    return [
        *about_game(stage, solution),
        element("div", cost, _learning(archive, "users"), class_="charts"),
        cost_legend(stage, unsure=unsure, believed=learned is not None, one=True),
    ]


def _point_game(archive: RunArchive, stage: PointStage) -> list[Element]:
    """The same of a game outside routing."""
    ended, solved = archive.ended, known(stage.game)
    finished = [] if ended is None else [(0, ended)]
    costs = [
        figure(chart, "What a commitment costs when the follower answers perfectly, and where the run ended.", "")
        for chart in point_cost_charts("cost", stage, solved, finished)
    ]
    return [
        *about_point_game(stage, solved.equilibrium()),
        element("div", *costs, _learning(archive, "followers"), class_="charts"),
        point_cost_legend(stage, unsure=ended is not None and not ended.certified, one=True),
    ]


def _learning(archive: RunArchive, who: str) -> Element:
    curves = [] if archive.curve is None else [archive.curve]
    return figure(
        learning_chart("learning", "Learning curve", "Relative leader regret over passes.", {0: curves}),
        f"Leader regret on the way, when {who} answer perfectly; a dotted line at 1 %.",
        "There is no learning curve: no metrics.jsonl is here, or nothing was judged yet.",
    )


def _result(archive: RunArchive, stage: Stage) -> Element:
    latency, cost = units_of(stage)
    learned, best = archive.result["learned"], archive.result["equilibrium"]
    models = models_of(stage)
    return _profiles(
        "users",
        [
            ["first model", *(models[int(side["route"]) - 1] for side in (learned, best))],
            [
                "failures handed to model 2",
                *(handed_over(side["route"], side["cascade_prob"]) for side in (learned, best)),
            ],
            _row(archive, "users who leave after a failure", "abandon_prob", ".1%"),
            _row(archive, "tasks solved in the end", "solve_prob", ".1%"),
            _row(archive, f"cost of a task{f', {cost}' if cost else ''}", "provider_cost", ".5g"),
            _row(archive, f"users' utility{f', {latency}' if latency else ''}", "user_utility", ".4g"),
        ],
    )


def _point_result(archive: RunArchive, stage: PointStage, ended: Ended) -> Element:
    commitments = ended.coordinates, known(stage.game).equilibrium().coordinates
    return _profiles(
        "followers",
        [
            ["commitment", *map(coordinates_text, commitments)],
            _row(archive, "answer", "answer", ".4g"),
            _row(archive, "leader's cost", "provider_cost", ".5g"),
            _row(archive, "follower's utility", "user_utility", ".4g"),
        ],
    )


def _row(archive: RunArchive, name: str, column: str, show: str) -> Sequence[Content]:
    sides = archive.result["learned"], archive.result["equilibrium"]
    return [name, *(format(side[column], show).replace("-", "−").replace("%", " %") for side in sides)]


def _profiles(who: str, rows: Sequence[Sequence[Content]]) -> Element:
    caption = f"The learned profile, {who} as they learned, beside the equilibrium"
    return table(caption, ["", "learned", "equilibrium"], rows)


def _learned_follower(archive: RunArchive, stage: Stage) -> LearnedFollower | None:
    path = archive.directory / "checkpoints" / "follower.npz"
    if archive.ended is None or not path.exists():
        return None
    try:
        return LearnedFollower.load(path, CommitmentBox(stage.game, throttling=stage.throttling))
    except ParameterError as error:
        raise ParameterError("directory", f"one whose learned users are {error.allowed}", str(path)) from None

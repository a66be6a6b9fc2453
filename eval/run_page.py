"""The page of a single run."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from routegame.agents.equilibrium import solve
from routegame.agents.learned import LearnedFollower
from routegame.envs.commitment import CommitmentBox
from routegame.envs.game import ParameterError
from routegame.eval.archive import RunArchive
from routegame.eval.charts import cost_chart, learning_chart
from routegame.eval.markup import Content, element, table
from routegame.eval.numerals import count, duration, percent
from routegame.eval.page import about_game, cost_legend, figure, handed_over, models_of, page_of, section, units_of
from routegame.eval.statistics import SUCCESS


def run_page(archive: RunArchive) -> str:
    """Return the page of one run."""
    stage, ended = archive.stage, archive.ended
    solution = solve(stage.game, throttling=stage.throttling)
    title = f"{stage.name}: {archive.learner}, seed {archive.seed}"
    known = [] if archive.curve is None else [archive.curve]
    learned = _learned_follower(archive)
    charts = element(
        "div",
        figure(
            cost_chart("cost", stage, solution, [] if ended is None else [(0, ended)], units_of(stage)[1], learned),
            "What a commitment costs when users answer perfectly, and where the run ended.",
            "",
        ),
        figure(
            learning_chart("learning", "Learning curve", "Relative leader regret over passes.", {0: known}),
            "Leader regret on the way, when users answer perfectly; a dotted line at 1 %.",
            "There is no learning curve: no metrics.jsonl is here, or nothing was judged yet.",
        ),
        class_="charts",
    )
    options = ", ".join(f"{name} {value}" for name, value in archive.options.items())
    return page_of(
        title,
        element("h1", title),
        element("p", "One run of ", element("code", "routegame train"), class_="sub"),
        section("In brief", element("ul", *(element("li", line) for line in _run_in_brief(archive))), class_="brief"),
        section(
            "The game",
            *about_game(stage, solution),
            charts,
            cost_legend(
                stage, unsure=ended is not None and not ended.certified, believed=learned is not None, one=True
            ),
            class_="game",
        ),
        None if ended is None else section("Result", _result(archive)),
        section(
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
    latency, cost = units_of(archive.stage)
    learned, best = archive.result["learned"], archive.result["equilibrium"]
    models = models_of(archive.stage)

    def row(name: str, column: str, show: str) -> Sequence[Content]:
        return [name, *(format(side[column], show).replace("-", "−").replace("%", " %") for side in (learned, best))]

    rows: list[Sequence[Content]] = [
        ["first model", *(models[int(side["route"]) - 1] for side in (learned, best))],
        ["failures handed to model 2", *(handed_over(side["route"], side["cascade_prob"]) for side in (learned, best))],
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

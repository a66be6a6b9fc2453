"""Pages from templates, and what the pages of a bench and of a run say about a game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from routegame import numerals
from routegame.envs.render import palette
from routegame.envs.stackelberg import Response
from routegame.eval.judge.account import Account
from routegame.eval.report.archive import RunRecord, Stage
from routegame.eval.report.charts import cost_chart
from routegame.eval.report.markup import markup_text
from routegame.eval.report.svg import SHAPES, marker_of, style_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
"""Folder of the frame, the style sheet and the parts that pages share."""

NUMERALS = ("as_shown", "count", "duration", "handed_over", "number", "percent", "plural", "score")
"""Functions of `routegame.numerals` by which templates write numbers."""


def render(template: Path, **values: object) -> str:
    """Return the page that a template makes of values.

    Everything is escaped but charts, which templates put in with the filter `svg`; a value that a template asks for and
    does not get is an error.

    Args:
        template: file; it may build on those beside it and on those of `TEMPLATES`.
        values: what it shows, by name.

    Raises:
        jinja2.UndefinedError: a value is missing.
    """
    return _environment(template.parent).get_template(template.name).render(values)


def _environment(folder: Path) -> Environment:
    # Only what writes a page pays for the import.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=FileSystemLoader([folder, TEMPLATES]),
    )
    made.filters["svg"] = lambda chart: Markup(markup_text(chart))
    made.tests["finite"] = isfinite
    made.globals |= {name: getattr(numerals, name) for name in NUMERALS}
    made.globals |= {"palette": palette, "shapes": SHAPES, "style_of": style_of, "marker_of": marker_of}
    return made


@dataclass(frozen=True)
class GamePart:
    """The part of a page that shows a game: words and charts.

    Attributes:
        group: kind of the game; empty where it has none.
        account: the game in words.
        followers: what those are called who answer.
        answering: what they do, to begin a sentence with.
        costs: charts of what commitments cost.
        legend: what lines of these mean, each after its style.
        note: what else there is to know about them; empty for nothing.
        unsure: whether a run that they show is not certified.
    """

    group: str
    account: Account
    followers: str
    answering: str
    costs: Sequence[Element]
    legend: Sequence[tuple[str, str]]
    note: str
    unsure: bool

    @classmethod
    def of(
        cls, stage: Stage, name: str, ended: Sequence[tuple[int, RunRecord]], believed: Response | None = None
    ) -> GamePart:
        """Make the part of a page that shows a game.

        Args:
            stage: the game.
            name: of the charts, unique on the page; each has a number, too.
            ended: runs that have finished, each after its learner's place.
            believed: what followers answer as far as the leader of a single run knows.
        """
        judge, runs = stage.judge, [run for _, run in ended]
        commitments = [run.commitment for run in runs if run.commitment is not None]
        pictures = judge.cost_pictures(stage.name, commitments, believed)
        return cls(
            group=stage.group,
            account=judge.account(stage.name),
            followers=judge.FOLLOWERS,
            answering=judge.ANSWERING,
            costs=[cost_chart(f"{name}-{k}", picture, ended) for k, picture in enumerate(pictures)],
            legend=pictures[0].legend,
            note=pictures[0].note,
            unsure=any(not run.certified for run in runs),
        )

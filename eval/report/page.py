"""Pages from templates, and what the pages of a bench and of a run say about a game."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from routegame.agents.exact.classic_games import PointProfile
from routegame.agents.exact.solution import RoutingProfile, Solution
from routegame.envs.classic.catalogue import CLASSICS
from routegame.envs.render import palette
from routegame.envs.scenarios import find_scenario
from routegame.eval import numerals
from routegame.eval.numerals import coordinates_text, percent
from routegame.eval.report.archive import PointStage, Stage
from routegame.eval.report.markup import markup_text
from routegame.eval.report.svg import SHAPES, marker_of, style_of

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
"""Folder of the frame, the style sheet and the parts that pages share."""

NUMERALS = ("count", "duration", "percent", "plural", "quantity", "score")
"""Functions of `routegame.eval.numerals` by which templates write numbers."""


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
    """What there is to see and to say of a game.

    Attributes:
        group: kind of the game; empty where it has none.
        about: what is interesting about it; empty where nobody said.
        numbers: its parameters in words.
        equilibrium: what is optimal, in words.
        costs: charts of what commitments cost: one, or outside routing one for each coordinate.
        routing: whether it is a routing game.
        throttling: whether its models may be slowed down.
        believed: whether the charts show what the leader believes, too.
        unsure: whether a run that they show is not certified.
    """

    group: str
    about: str
    numbers: str
    equilibrium: str
    costs: Sequence[Element]
    routing: bool
    throttling: bool
    believed: bool
    unsure: bool


def routing_part(stage: Stage, solution: Solution, chart: Element, *, unsure: bool, believed: bool = False) -> GamePart:
    """Return what there is to say of a routing game.

    Args:
        stage: the game.
        solution: of it.
        chart: of what commitments cost.
        unsure: whether a run in it is not certified.
        believed: whether the chart shows what the leader believes.
    """
    game, (latency, cost) = stage.game, units_of(stage)
    known = find_scenario(stage.name)
    first, second = models_of(stage)
    p, t, c = game.success_prob, game.latency, game.cost
    numbers = (
        f"Model 1 ({first}) solves {percent(float(p[0]))} of its passes at {c[0]:.4g}{_after(cost)} and {t[0]:.4g}"
        f"{_after(latency)} each, model 2 ({second}) {percent(float(p[1]))} at {c[1]:.4g}{_after(cost)} and {t[1]:.4g}"
        f"{_after(latency)}. A solution is worth {game.task_value:.4g}{_after(latency)} to users; one who leaves costs"
        f" the provider {game.churn_penalty:.4g}{_after(cost)}."
    )
    return GamePart(
        group=stage.group,
        about=f"{_capital(known.about)}." if known and known.game == game else "",
        numbers=numbers,
        equilibrium=_in_words(solution.equilibrium, cost, stage),
        costs=[chart],
        routing=True,
        throttling=stage.throttling,
        believed=believed,
        unsure=unsure,
    )


def point_part(stage: PointStage, best: PointProfile, charts: Sequence[Element], *, unsure: bool) -> GamePart:
    """Return what there is to say of a game outside routing.

    Args:
        stage: the game.
        best: its equilibrium.
        charts: of what commitments cost, one for each coordinate.
        unsure: whether a run in it is not certified.
    """
    told = [
        f"{_capital(one.about)}. {one.source}." for one in CLASSICS if (one.name, one.game) == (stage.name, stage.game)
    ]
    worth = (
        f"the leader commits to {coordinates_text(best.coordinates)}, the follower answers {best.answer:.4g}."
        f" A play costs the leader {best.provider_cost:.5g} and is worth {best.user_utility:.5g} to the follower."
    )
    return GamePart(
        group=stage.group,
        about=" ".join(told),
        numbers=", ".join(f"{name} {value}" for name, value in stage.game.to_dict().items()),
        equilibrium=worth.replace("-", "−"),
        costs=charts,
        routing=False,
        throttling=False,
        believed=False,
        unsure=unsure,
    )


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _in_words(best: RoutingProfile, cost: str, stage: Stage) -> str:
    route, leave = int(best.route), float(best.abandon_prob)  # type: ignore[arg-type]
    first = f"model {route} first"
    share = percent(float(best.cascade_prob)) if best.cascade_prob else "none"
    handed = "" if route == 2 or leave == 1 else f", {share} of failures handed over"
    slow = tuple(map(float, best.throttled_latency))
    slowed = ""
    if any(after > before for after, before in zip(slow, stage.game.latency, strict=True)):
        slowed = f", slowed down to {slow[0]:.4g} and {slow[1]:.4g}{_after(units_of(stage)[0])}"
    users = {0.0: "users stay", 1.0: "users leave after a failure"}.get(leave, f"{percent(leave)} of users leave")
    return f"{first}{handed}{slowed}; {users}. A task costs {float(best.provider_cost):.5g}{_after(cost)}."


def handed_over(route: float, cascade_prob: float) -> str:
    """The share of failures that a commitment hands over; nothing on route 2."""
    return "–" if route == 2 else f"{cascade_prob:.2%}".replace("%", " %")


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""


def units_of(stage: Stage) -> tuple[str, str]:
    """Units of latency and of cost; empty where they are unknown."""
    known = find_scenario(stage.name)
    return known.units if known else ("", "")


def models_of(stage: Stage) -> tuple[str, str]:
    """What to call the two models."""
    known = find_scenario(stage.name)
    return known.models if known else ("standard", "reasoning")

"""What the pages of a bench and of a run have in common: the frame, and what there is to say about a game."""

from __future__ import annotations

from importlib.resources import files
from xml.etree.ElementTree import Element

from routegame.agents.known import KnownProfile
from routegame.agents.solution import Profile, Solution
from routegame.envs.classic import CLASSICS
from routegame.envs.scenarios import find_scenario
from routegame.eval.archive import PointStage, Stage
from routegame.eval.markup import Content, element, page_text
from routegame.eval.numerals import coordinates_text, percent
from routegame.eval.svg import shapes


def page_of(title: str, *body: Content) -> str:
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


def section(title: str, *content: Content, id_: str | None = None, class_: str | None = None) -> Element:
    """A part of a page, with a heading."""
    made = element("section", element("h2", title), *content, id=id_, class_=class_)
    made.tail = "\n"
    return made


def figure(chart: Element | None, caption: str, missing: str) -> Element:
    """A chart and what it shows; or why there is none."""
    if chart is None:
        return element("p", missing, class_="note")
    return element("figure", element("figcaption", caption), chart)


def about_game(stage: Stage, solution: Solution) -> list[Element]:
    """What a game is about, its numbers and its equilibrium, in words."""
    game, (latency, cost) = stage.game, units_of(stage)
    known = find_scenario(stage.name)
    about = f"{known.about[0].upper()}{known.about[1:]}." if known and known.game == game else None
    first, second = models_of(stage)
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


def about_point_game(stage: PointStage, best: KnownProfile) -> list[Element]:
    """What a game outside routing is about, its numbers and its equilibrium, in words."""
    told = [one for one in CLASSICS if one.name == stage.name and one.game == stage.game]
    numbers = ", ".join(f"{name} {value}" for name, value in stage.game.to_dict().items())
    worth = (
        f"the leader commits to {coordinates_text(best.coordinates)}, the follower answers {best.answer:.4g}."
        f" A play costs the leader {best.provider_cost:.5g} and is worth {best.user_utility:.5g} to the follower."
    )
    return [
        *([element("p", stage.group, class_="sub")] if stage.group else []),
        *(element("p", f"{one.about[0].upper()}{one.about[1:]}. {one.source}.") for one in told),
        element("p", numbers, class_="note"),
        element("p", element("b", "Equilibrium: "), worth.replace("-", "−")),
    ]


def _in_words(best: Profile, cost: str, stage: Stage) -> str:
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


def cost_legend(stage: Stage, *, unsure: bool, believed: bool = False, one: bool = False) -> Element:
    """What lines and marks of a cost chart mean, learners aside."""
    items = [
        element("li", _line("exact"), " route 1, users answer perfectly"),
        element("li", _line("route2"), " route 2: model 2 first"),
        element("li", _mark("star", "best"), " equilibrium"),
    ]
    if believed:
        items.insert(1, element("li", _line("believed"), " route 1, users as they learned"))
    if stage.throttling:
        items.insert(2, element("li", _line("slowed"), " so slow that users leave"))
        items.append(element("li", "curves: models at full speed; a run off them has slowed one down"))
    return element("ul", *items, *_runs_legend(unsure=unsure, one=one), class_="legend")


def point_cost_legend(stage: PointStage, *, unsure: bool, one: bool = False) -> Element:
    """What lines and marks of the cost charts of a game outside routing mean, learners aside."""
    items = [
        element("li", _line("exact"), " the follower answers perfectly"),
        element("li", _mark("star", "best"), " equilibrium"),
    ]
    if stage.game.size > 1:
        items.append(element("li", "curves: other coordinates as in the equilibrium; a run off them has others, too"))
    return element("ul", *items, *_runs_legend(unsure=unsure, one=one), class_="legend")


def _runs_legend(*, unsure: bool, one: bool) -> list[Element]:
    items = []
    if one:
        items.append(element("li", _mark("m0", "mark k0"), " learned commitment"))
    if unsure:
        items.append(element("li", _mark("m0", "mark hollow rule"), " hollow: not certified"))
    return items


def _line(style: str) -> Element:
    path = element("path", class_=f"line {style}", d="M0 8H30")
    return element("svg", path, class_="swatch", viewBox="0 0 30 16", width=30, aria_hidden="true")


def _mark(shape: str, style: str) -> Element:
    use = element("use", href=f"#{shape}", class_=style, x=10, y=8)
    return element("svg", use, class_="swatch", viewBox="0 0 20 16", width=20, aria_hidden="true")


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

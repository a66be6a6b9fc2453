"""The reference games: pairs and menus of models that people can buy, the paper's figures, a game of every kind.

A *cell* is a sign regime, a kind of optimal commitment and whether throttling pays; docs/theory.md says which of them
exist. The game of a cell lies at least 5 % from its edges, see `routegame.agents.exact.cells`. A cell in which no point
of a figure does has a game of its own, named after it, with V = 10, p = (0.2, 0.6) and c = (1, 1.2). So V p = (2, 6),
and only latencies and churn penalty tell these games apart; the one in which users mix needs other numbers.

Real pairs, and what their numbers do and do not mean, are in `routegame.envs.model_pairs`, real menus in
`routegame.envs.model_menus`. Of three models there is besides a game for each kind of optimum that exists with their
order free (docs/models.md), named after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.measurements import Measurement
from routegame.envs.model_menus import MENUS, Menu
from routegame.envs.model_pairs import PAIRS, Pair

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

Kind = Literal["standard", "cascade", "mixed", "leave", "reasoning"]
"""Kind of an optimal commitment: (1, 0); (1, s_0) or (1, s_L); (1, s) under which users mix; (1, s >= s_H), which they
leave; (2, 0)."""


@dataclass(frozen=True)
class Cell:
    """A kind of game: its sign regime, its kind of optimal commitment, and whether throttling pays.

    Attributes:
        regime: signs of the net values, see `Solution.regime`.
        commitment: kind of the optimal commitment without throttling.
        throttling_pays: whether the provider would slow a model down if it could.
    """

    regime: str
    commitment: Kind
    throttling_pays: bool


@dataclass(frozen=True)
class Scenario:
    """A named game with its provenance.

    Attributes:
        name: what the command line calls it.
        game: the parameters.
        about: what is interesting about it, in one sentence.
        units: of latency and of cost, for display.
        measurements: of each model, in the game's order; empty where the numbers were chosen.
    """

    name: str
    game: Game
    about: str
    units: tuple[str, str] = ("", "")
    measurements: tuple[Measurement, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, in the game's order; of two, standard first."""
        if len(self.measurements) == self.game.num_models:
            return tuple(measurement.model for measurement in self.measurements)
        count = self.game.num_models
        numbered = tuple(f"model {k + 1}" for k in range(count))
        return self.game.names or (ROLES if count == len(ROLES) else numbered)

    @property
    def cell(self) -> Cell | None:
        """The cell that it is the reference game of, if any."""
        return next((cell for cell, name in CELLS.items() if name == self.name), None)

    def to_dict(self) -> dict[str, object]:
        """Return the scenario as plain values, ready for JSON."""
        return {
            "name": self.name,
            "about": self.about,
            "game": self.game.to_dict(),
            "units": {"latency": self.units[0], "cost": self.units[1]},
            "measurements": [vars(measurement) for measurement in self.measurements],
            "cell": None if self.cell is None else vars(self.cell),
            "suites": [name for name, members in SUITES.items() if self.name in members],
        }


ROLES = ("standard", "reasoning")
"""What two models are called that have no names."""

GameLike = Game | Scenario | str
"""A game, or a scenario, or a scenario's name: whatever takes a game takes any of them."""


def scenario(name: str) -> Scenario:
    """Return the scenario of that name: one of the project, one that was registered, or one of an installed package.

    A package names its scenarios as entry points of the group `routegame.scenarios`, each a `Scenario`.

    Raises:
        ParameterError: there is none, or what an entry point names is no scenario of that name.

    >>> scenario("nano-gpt5").game.task_value
    120.0
    """
    found = find_scenario(name)
    if found is None:
        known = (*SCENARIOS, *_registered, *sorted(_of_packages().names))
        raise ParameterError("scenario", f"one of {', '.join(known)}", name)
    return found


def find_scenario(name: str | None) -> Scenario | None:
    """Return the scenario of that name, see `scenario`; None if there is none, or no name."""
    if not isinstance(name, str):
        return None
    found: object = SCENARIOS.get(name) or _registered.get(name)
    if found is None:
        found = next((entry.load() for entry in _of_packages().select(name=name)), None)
    return found if isinstance(found, Scenario) and found.name == name else None


def register_scenario(own: Scenario) -> None:
    """Let `scenario`, and everything that takes a scenario's name, find one's own by its name in this process.

    Raises:
        ParameterError: a name that is no plain word, or that another scenario has; or a batch of games.

    >>> register_scenario(Scenario("mine", Game(9, 20, (0.1, 0.3), (1, 2), (1, 3)), "my two models"))
    >>> as_game("mine").churn_penalty
    20.0
    """
    if not NAME.fullmatch(own.name):
        raise ParameterError("name", "made of letters, digits, dots, dashes and underscores", own.name)
    if own.game.shape != ():
        raise ParameterError("game", "a single game", f"a batch of shape {own.game.shape}")
    if (SCENARIOS | _registered).get(own.name, own) != own:
        raise ParameterError("name", "one that no other scenario has", own.name)
    _registered[own.name] = own


def as_game(game: GameLike) -> Game:
    """Return the game itself, a scenario's game, or the game of the scenario of that name.

    Raises:
        ParameterError: there is no scenario of that name, or it is something else.

    >>> as_game("nano-gpt5") is as_game(scenario("nano-gpt5"))
    True
    """
    if isinstance(game, Game):
        return game
    if isinstance(game, Scenario):
        return game.game
    if isinstance(game, str):
        return scenario(game).game
    raise ParameterError("game", "a Game, a Scenario, or the name of a scenario", game)


def as_two_model_game(game: GameLike) -> Game:
    """Return a game of two models, see `as_game`.

    Raises:
        ParameterError: there is no such game, or it has more models.
    """
    found = as_game(game)
    if found.num_models != 2:
        raise ParameterError("game", "of two models here", f"one of {found.num_models}")
    return found


def suite(name: str) -> tuple[Scenario, ...]:
    """Return the scenarios of a suite, in order.

    Raises:
        ParameterError: there is none of that name.

    >>> [known.name for known in suite("real")][:4]
    ['nano-gpt5', 'gpt41-o3', 'sonnet4-thinking', 'opus4-thinking']
    """
    if name not in SUITES:
        raise unknown_suite(name, SUITES)
    return tuple(SCENARIOS[member] for member in SUITES[name])


def unknown_suite(name: str, known: Iterable[str]) -> ParameterError:
    """Return the error that a suite is none of those known; it says what one is called today that had another name."""
    former = {"pairs": "real", "figures": "paper"}
    allowed = f"{former[name]}, as it is called now" if name in former else f"one of {', '.join(known)}"
    return ParameterError("suite", allowed, name)


def _of_packages() -> EntryPoints:
    """Return the entry points that are scenarios; what reads them is imported for none of the project's own."""
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)


def _figure_3(name: str, xi: tuple[float, float], about: str) -> Scenario:
    """A point of Figure 3, p = (0.1, 0.3) and V p = (1, 3); costs and penalty have no part in it."""
    return Scenario(name, Game(10, 15, (0.1, 0.3), (1 - xi[0], 3 - xi[1]), (1, 3.6)), about)


def _figure(name: str, value: float, latency: tuple[float, float], x: float, penalty: float, about: str) -> Scenario:
    """A point of one of the paper's grids: c_1 = 1, p = (0.1, 0.3), x = c_1/p_1 − c_2/p_2."""
    game = Game(value, penalty, (0.1, 0.3), latency, (1, 0.3 * (10 - x)))
    return Scenario(name, game, about)


def _cell(name: str, latency: tuple[float, float], penalty: float, about: str) -> Scenario:
    """A game of a cell that no figure has a point in: V = 10, p = (0.2, 0.6), c = (1, 1.2)."""
    return Scenario(name, Game(10, penalty, (0.2, 0.6), latency, (1, 1.2)), about)


def _pair(pair: Pair) -> Scenario:
    one, other = pair.standard, pair.reasoning
    latency, cost = (one.latency, other.latency), (one.cost, other.cost)
    game = Game(pair.task_value, pair.churn_penalty, (one.success_prob, other.success_prob), latency, cost)
    return Scenario(pair.name, game, pair.about, ("s", "$"), (one, other))


def _menu(menu: Menu) -> Scenario:
    names, p, t, c = zip(*((m.model, m.success_prob, m.latency, m.cost) for m in menu.models), strict=True)
    game = Game(menu.task_value, menu.churn_penalty, p, t, c, names=names)
    return Scenario(menu.name, game, menu.about, ("s", "$"), menu.models)


_PAIRS, _MENUS = tuple(map(_pair, PAIRS)), tuple(map(_menu, MENUS))

_LEFT, _RIGHT, _SLOW = (9, (1, 2)), (6.5, (0.5, 2.5)), (8, (0.5, 1.5))

_FIGURES = (
    _figure_3("figure-3-stay", (-0.25, 0.75), "handing over one failure in four keeps users; one in eleven would do"),
    _figure_3("figure-3-mix", (0.5, -0.5), "to the handing over of one failure in four users answer with a coin"),
    _figure_3("figure-3-leave", (-0.75, 0.25), "handing over one failure in four is too little to keep users"),
    _figure("figure-4-left-standard", *_LEFT, -1, 5, "abandonment is cheap: let users leave the standard model"),
    _figure("figure-4-left-cascade", *_LEFT, -1, 15, "the least cascade that makes users stay"),
    _figure("figure-4-left-reasoning", *_LEFT, 1, 15, "the reasoning model from the start"),
    _figure("figure-4-right-standard", *_RIGHT, -2, 15, "the standard model, users stay"),
    _figure("figure-4-right-leave", *_RIGHT, -1, 5, "cascade so much that users leave"),
    _figure("figure-4-right-reasoning", *_RIGHT, 2, 9.25, "the wedge: the reasoning model, users leave"),
    _figure("figure-4-right-cascade", *_RIGHT, 2, 15, "the most cascade under which users stay"),
    _figure("figure-5-throttle", *_SLOW, -1, 5, "slowing the standard model down until users leave pays"),
    _figure("figure-5-serve", *_SLOW, -1, 15, "the same models at a penalty at which it does not"),
    _figure("figure-5-switch", *_SLOW, 2, 2, "the reasoning model, or better a standard one so slow that users leave"),
)

_CELLS = (
    _cell("value-value-reasoning", (1, 4), 10, "both are worth their wait, and the reasoning model is cheaper"),
    _cell("value-value-reasoning-throttle", (1, 4), 1, "the same at a penalty at which slowing it down pays"),
    _cell("latency-latency-standard", (3, 7), 0.2, "users leave either model; let it be the cheap one"),
    _cell("latency-latency-reasoning", (3, 7), 10, "users leave either model; let it be the one that fails less"),
    _cell("latency-value-standard-throttle", (3, 4), 1, "let users leave the standard model, or a slow reasoning one"),
    _cell("latency-value-reasoning", (3, 4), 10, "the model that is worth its wait is the cheaper one, too"),
    _cell("latency-value-reasoning-throttle", (3, 4), 1.5, "the same at a penalty at which slowing it down pays"),
    Scenario(
        "value-latency-mixed",
        Game(200, 10, (0.1, 0.005), (8, 1.1), (1.2, 0)),
        "model 2 is free and all but hopeless: cascade so much that a few users leave",
    ),
)

_OPTIMA = (
    Scenario(
        "menu-stay",
        Game(10, 4, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)),
        "all are worth their wait; the second for good, the least dear of them",
    ),
    Scenario(
        "menu-leave",
        Game(1, 4, (0.2, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)),
        "none is worth its wait: one pass of the second, and users leave",
    ),
    Scenario(
        "menu-threat",
        Game(5, 1, (0.3, 0.4, 0.6), (1, 1.5, 4), (1, 1.2, 3)),
        "users would stay with the first, and leave it for fear of the third",
    ),
    Scenario(
        "menu-pair",
        Game(9, 15, (0.1, 0.3, 0.5), (1, 2, 6), (1, 3.6, 8)),
        "figure-4-left-cascade and a third model, slow and dear, which is of no use",
    ),
    Scenario(
        "menu-chain",
        Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)),
        "a slow cheap pass, then a quick cheap model, and one failure in 20 to the good one",
    ),
    Scenario(
        "menu-branch",
        Game(10, 9, (0.4, 0.2, 0.5), (20, 5, 4), (0.1, 0.2, 3)),
        "the first failure goes to either of the two others; a list of models costs more",
    ),
    Scenario(
        "menu-tie",
        Game(4, 1, (0.25, 0.5, 0.75), (0.5, 2, 4), (0.5, 0.4, 0.3)),
        "the second is worth exactly its wait: one pass of the third, then the second for good",
    ),
)

GROUPS = {
    "Pairs of models that people can buy": _PAIRS,
    "Points of the paper's figures": _FIGURES,
    "Cells that no figure has a fair point of": _CELLS,
    "Menus of models that people can buy": _MENUS,
    "Menus of three models, one for each kind of optimum": _OPTIMA,
}
"""The project's scenarios, each once, under headings."""

SCENARIOS = {known.name: known for group in GROUPS.values() for known in group}
"""The project's scenarios by name."""

_registered: dict[str, Scenario] = {}

GROUP = "routegame.scenarios"
"""Entry points of this group are scenarios of other packages, found by their name."""

NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
"""A name that can also be a directory's, and an argument on the command line."""

CELLS = {
    Cell("value-value", "standard", throttling_pays=False): "figure-5-serve",
    Cell("value-value", "standard", throttling_pays=True): "figure-5-throttle",
    Cell("value-value", "reasoning", throttling_pays=False): "value-value-reasoning",
    Cell("value-value", "reasoning", throttling_pays=True): "value-value-reasoning-throttle",
    Cell("latency-latency", "standard", throttling_pays=False): "latency-latency-standard",
    Cell("latency-latency", "reasoning", throttling_pays=False): "latency-latency-reasoning",
    Cell("latency-value", "standard", throttling_pays=False): "figure-4-left-standard",
    Cell("latency-value", "standard", throttling_pays=True): "latency-value-standard-throttle",
    Cell("latency-value", "cascade", throttling_pays=False): "figure-4-left-cascade",
    Cell("latency-value", "reasoning", throttling_pays=False): "latency-value-reasoning",
    Cell("latency-value", "reasoning", throttling_pays=True): "latency-value-reasoning-throttle",
    Cell("value-latency", "standard", throttling_pays=False): "figure-4-right-standard",
    Cell("value-latency", "cascade", throttling_pays=False): "figure-4-right-cascade",
    Cell("value-latency", "mixed", throttling_pays=False): "value-latency-mixed",
    Cell("value-latency", "leave", throttling_pays=False): "figure-4-right-leave",
    Cell("value-latency", "reasoning", throttling_pays=False): "figure-4-right-reasoning",
}
"""The game of every cell that exists; docs/theory.md says why there are no others."""

MOST_PLAYED = 8
"""Models of a game in the suite `menus`, at most: the commitments to more are reported apart."""

SUITES = {
    "reference": (
        *("nano-gpt5", "gpt41-o3", "sonnet4-thinking", "opus4-thinking"),
        *(known.name for known in (*_FIGURES, *_CELLS)),
    ),
    "paper": tuple(known.name for known in _FIGURES),
    "real": tuple(known.name for known in _PAIRS),
    "cells": tuple(CELLS.values()),
    "menus": tuple(known.name for known in (*_MENUS, *_OPTIMA) if known.game.num_models <= MOST_PLAYED),
}
"""Names of the scenarios of each suite; a benchmark has these suites and others, see `routegame.eval.bench.suites`."""

"""Arguments that several commands share: a game, what users see, --json."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_amount, as_number
from routegame.envs.game import PER_MODEL, Game
from routegame.envs.scenarios import SCENARIOS, Scenario, scenario

if TYPE_CHECKING:
    from routegame.envs.task_mixes import MixScenario

GAME_OPTIONS = {
    "task_value": "what solving the task is worth to the user, in the unit of latency",
    "churn_penalty": "what an abandoned task costs the provider, in the unit of cost",
    "success_prob": "probability that one pass of each model solves the task; of two, the standard model first",
    "latency": "what one pass of each model costs the user",
    "cost": "what one pass of each model costs the provider",
}
"""Numbers of a game, and what they are."""


def add_json(parser: Parser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


LEAST_PROB = 1e-15
"""Success probabilities closer to 0 leave nothing in the chance of a failure."""


def add_game(parser: Parser) -> None:
    """Add what `game_of` reads, and --throttling."""
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="name of a game, see `routegame scenarios`")
    group = parser.add_argument_group("game", "a game by its numbers, or overrides of the scenario's")
    for name, about in GAME_OPTIONS.items():
        count: Any = {"nargs": "+", "metavar": ("X1", "X2")} if name in PER_MODEL else {"metavar": "X"}
        option = f"--{name.replace('_', '-')}"
        group.add_argument(option, type=float, help=about, **count)
        if name in PER_MODEL:
            parser.number_lists.add(option)
    parser.add_argument("--throttling", action="store_true", help="let the provider slow its models down")


def add_information(parser: argparse._ActionsContainer) -> None:
    """Add --information, to a parser or to a group of its arguments."""
    about = "what users see: memoryless, model or history"
    parser.add_argument("--information", default="memoryless", metavar="KIND", help=about)


def game_of(options: argparse.Namespace) -> tuple[Scenario | None, Game]:
    """Return the scenario, if one was named, and the game: the scenario's with what other options say instead.

    Raises:
        ParameterError: there is no such scenario, a number is missing or out of range, or it is no routing game.
    """
    _refuse_classic(options.scenario)
    base = scenario(options.scenario) if options.scenario is not None else None
    values = {} if base is None else {name: getattr(base.game, name) for name in GAME_OPTIONS}
    values |= {name: getattr(options, name) for name in GAME_OPTIONS if getattr(options, name) is not None}
    missing = [f"--{name.replace('_', '-')}" for name in GAME_OPTIONS if name not in values]
    if missing:
        raise ParameterError("scenario", f"given, or else {', '.join(missing)} too", "neither")
    names = None if base is None or len(values["success_prob"]) != base.game.num_models else base.game.names
    game = Game(**values, names=names)
    _refuse_extremes(game)
    return base, game


def mix_of(options: argparse.Namespace) -> MixScenario | None:
    """Return the mix of tasks that was named, if one was; None for single games.

    Raises:
        ParameterError: a mix was named, and numbers of a single game were given beside it.
    """
    if options.scenario is None or options.scenario in SCENARIOS:
        return None
    from routegame.envs.task_mixes import MIXES

    if options.scenario not in MIXES:
        return None
    for name in (*GAME_OPTIONS, "throttling"):
        if getattr(options, name) not in (None, False):
            raise ParameterError(name, "left out for a mix of tasks", getattr(options, name))
    return MIXES[options.scenario]


def _refuse_extremes(game: Game) -> None:
    """Refuse numbers whose quotients and squares overflow, or lose their digits near 0."""
    as_amount("task_value", game.task_value, zero=False)
    as_amount("churn_penalty", game.churn_penalty)
    for k in range(game.num_models):
        as_amount(f"latency[{k}]", game.latency[k])
        as_amount(f"cost[{k}]", game.cost[k])
        as_number(f"success_prob[{k}]", game.success_prob[k], LEAST_PROB, 1, closed="low")


def _refuse_classic(name: str | None) -> None:
    """Say of a game outside routing, and of a mix of tasks, where it is played."""
    if name is None or name in SCENARIOS:
        return
    from routegame.envs.task_mixes import MIXES

    if name in MIXES:
        raise ParameterError("scenario", "a single game here; `solve`, `train` and `bench` take mixes of tasks", name)
    from routegame.eval.bench.suites import instances

    for suite in ("classic", "matrices"):
        if name in {known.name for known in instances(suite)}:
            command = f"routegame bench --suite {suite} --games {name}"
            raise ParameterError("scenario", f"a routing game; `{command}` plays this one", name)

"""`routegame solve`: a game's exact solution."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from routegame.agents.exact.solution import Solution
from routegame.commands.arguments import add_game, add_information, add_json, game_of, mix_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_amount
from routegame.envs.game import Game
from routegame.envs.scenarios import Scenario
from routegame.terminal import print_json

if TYPE_CHECKING:
    from routegame.agents.mixes.mix_solution import MixOrder
    from routegame.envs.task_mixes import MixScenario

PAPER = "paper"
"""The order of two models unless another is asked for."""


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    add_information(parser)
    about = "also find the commitment that is cheapest at worst, against users who may forgo D of their best utility"
    parser.add_argument("--delta", type=float, metavar="D", help=about)
    about = "paper (two models: 1, then 2), free (the default for more) or fixed (never back to an earlier model)"
    parser.add_argument("--order", metavar="ORDER", help=about)
    parser.add_argument("--decline", action="store_true", help="let users refuse the first pass, too")
    parser.add_argument("--redraw", action="store_true", help="free order: draw every pass but the first afresh")
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Solve; what is not asked for is not imported either, so that the plain question is answered at once."""
    mix = mix_of(options)
    if mix is not None:
        return _run_mix(options, mix)
    base, game = game_of(options)
    if game.num_models > 2 or options.order not in (None, PAPER) or options.decline or options.redraw:
        return _run_menu(options, base, game)
    validity = robust = None
    if options.information == "memoryless":
        from routegame.agents.exact.equilibrium import solve
        from routegame.eval.judge.validity import Validity

        solution = solve(game, throttling=options.throttling)
        validity = Validity.of(base, solution, throttling=options.throttling)
        if options.delta is not None:
            from routegame.agents.users.robust import robust_equilibrium

            robust = robust_equilibrium(game, float(as_amount("delta", options.delta)))
    else:
        from routegame.agents.users.information import solve_information

        solution = solve_information(game, options.information, throttling=options.throttling)
        if options.delta is not None:
            raise ParameterError("delta", "left out unless users are memoryless", options.delta)
    if options.json:
        document = solution.to_dict()
        if validity is not None:
            document["validity"] = validity.to_dict()
        if robust is not None:
            document["robust"] = vars(robust)
        print_json(document)
    else:
        from routegame.agents.menus.orders import other_order
        from routegame.eval.report.solution_text import solution_text

        turned = other_order(game, options.information)
        print(solution_text(base, solution, validity, robust, turned))


def _run_menu(options: argparse.Namespace, base: Scenario | None, game: Game) -> None:
    """Solve in free or fixed order."""
    from routegame.agents.solver import solve

    if options.delta is not None:
        raise ParameterError("delta", "left out unless there are two models, in the paper's order", options.delta)
    solution: Solution = solve(
        game,
        throttling=options.throttling,
        information=options.information,
        order=options.order,
        decline=options.decline,
        redraw=options.redraw,
    )
    if options.json:
        print_json(solution.to_dict())
    else:
        from routegame.eval.report.menu_text import menu_text

        print(menu_text(base, solution))


def _run_mix(options: argparse.Namespace, mix: MixScenario) -> None:
    """Solve a mix of tasks for its users."""
    from routegame.agents.mix_solver import solve_mix

    for name in ("delta", "decline", "redraw"):
        if getattr(options, name) not in (None, False):
            raise ParameterError(name, "left out for a mix of tasks", getattr(options, name))
    order: MixOrder | None = "fixed" if options.order == PAPER else options.order
    solution = solve_mix(mix.mix, mix.users, order, options.information)
    if options.json:
        print_json({"scenario": mix.name, **solution.to_dict()})
    else:
        from routegame.eval.report.mix_text import mix_text

        print(mix_text(mix, solution))

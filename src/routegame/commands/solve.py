"""`routegame solve`: a game's exact solution."""

from __future__ import annotations

import argparse

from routegame.agents.exact.equilibrium import solve
from routegame.commands.arguments import add_game, add_information, add_json, game_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError
from routegame.terminal import print_json


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    add_information(parser)
    about = "also find the commitment that is cheapest at worst, against users who may forgo D of their best utility"
    parser.add_argument("--delta", type=float, metavar="D", help=about)
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Solve; what is not asked for is not imported either, so that the plain question is answered at once."""
    base, game = game_of(options)
    validity = robust = None
    if options.information == "memoryless":
        from routegame.eval.judge.validity import Validity

        solution = solve(game, throttling=options.throttling)
        validity = Validity.of(base, solution, throttling=options.throttling)
        if options.delta is not None:
            from routegame.agents.users.robust import robust_equilibrium

            robust = robust_equilibrium(game, options.delta)
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
        from routegame.eval.report.solution_text import solution_text

        print(solution_text(base, solution, validity, robust))

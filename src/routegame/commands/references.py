"""`routegame references`: what rules that learn nothing are worth in a game."""

from __future__ import annotations

import argparse
from functools import partial

from routegame.commands.arguments import add_game, add_json, game_of
from routegame.commands.parser import Parser
from routegame.terminal import print_json


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Judge every rule, and a random commitment, in the game."""
    base, game = game_of(options)
    from routegame.envs.classic.catalogue import as_played
    from routegame.envs.commitment import RoutingGame
    from routegame.envs.menu_game import MenuGame
    from routegame.eval.judge.baselines import baselines, baselines_table
    from routegame.eval.judge.menu_baselines import menu_baselines, menu_baselines_table

    played = as_played(game, throttling=options.throttling)
    if isinstance(played, RoutingGame):
        rows = baselines(played)
        text = partial(baselines_table, rows, played, base)
    else:
        menu = MenuGame(game, throttling=options.throttling)
        rows = menu_baselines(menu)
        text = partial(menu_baselines_table, rows, menu, base)
    if options.json:
        document = {
            "scenario": base.name if base else None,
            "game": game.to_dict(),
            "throttling": options.throttling,
            "references": [row.to_dict() for row in rows],
        }
        print_json(document)
    else:
        print(text())

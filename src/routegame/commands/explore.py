"""`routegame explore`: a page to play with a game."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.commands.arguments import GAME_OPTIONS, add_game, game_of
from routegame.commands.parser import Parser
from routegame.envs.scenarios import scenario

FIRST = "nano-gpt5"
"""The game that the page opens with where none is asked for."""


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    about = "the page, one file that needs nothing else; default explorer.html"
    parser.add_argument("--out", type=Path, default=Path("explorer.html"), metavar="FILE", help=about)


def run(options: argparse.Namespace) -> None:
    """Write the page and print where it is."""
    asked = options.scenario is not None or any(getattr(options, name) is not None for name in GAME_OPTIONS)
    known, game = game_of(options) if asked else (scenario(FIRST), scenario(FIRST).game)
    from routegame.eval.explore.explorer import write_explorer

    print(write_explorer(options.out, game, known, throttling=options.throttling))

"""The commands of the command line: a module each, with the options it takes and what it does with them side by side.

A command's module is imported when the command is asked for, and imports in turn what is heavy when it runs.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Protocol, cast

from routegame.commands.parser import Parser

COMMANDS = {
    "scenarios": "list the games that ship with the project",
    "learners": "list the ways of learning that ship with the project",
    "solve": "solve a game exactly",
    "explore": "write a page to play with a game: sliders, and its exact solution at once",
    "references": "what rules that learn nothing are worth in a game",
    "train": "learn a game and judge what was learned",
    "answer": "ask a policy that was learned for all games what to commit to in one",
    "eval": "judge a finished run",
    "bench": "hold learners against each other on a suite of games",
    "report": "write a bench, or a run, as one page: report.html",
    "watch": "play an episode in the terminal, or film it",
    "calibrate": "estimate a game from a log of passes",
    "simulate-log": "write the log that a known game would leave behind",
    "figures": "redraw the paper's figures from the exact solution",
}
"""Commands and what they are for, in the order of the help; the module of each has its name, with _ for -."""


class Command(Protocol):
    """A command's module."""

    def add(self, parser: Parser) -> None:
        """Add the command's options to its parser."""

    def run(self, options: argparse.Namespace) -> None:
        """Do what the options say.

        Raises:
            ParameterError: an option is out of range; the parameter is an option's `dest`, see `Parser.name_of`.
            LogError: a log cannot be used.
        """


def load(name: str) -> Command:
    """Import the module of a command."""
    return cast(Command, import_module(f"routegame.commands.{name.replace('-', '_')}"))

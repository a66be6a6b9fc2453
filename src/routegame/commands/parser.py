"""A parser whose errors are one line, and which knows by what name a user gave a parameter."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

UNUSABLE = 2
"""Exit status of a command whose input cannot be used."""


class Parser(argparse.ArgumentParser):
    """An argument parser of the command line.

    Attributes:
        given: the whole command line, for a command of which one option decides what others there are.
    """

    given: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        self.exit(UNUSABLE, f"{self.prog}: {message}\n")

    def name_of(self, parameter: str) -> str:
        """Return what users call a parameter: the option with that `dest`, or else the positional argument.

        A parameter that no option sets keeps its name, and one entry of several has the name of all of them.

        >>> parser = Parser()
        >>> users = parser.add_argument("--users", dest="num_users")
        >>> latency = parser.add_argument("--latency", nargs=2)
        >>> directory = parser.add_argument("directory", metavar="DIR")
        >>> [parser.name_of(name) for name in ("num_users", "latency[1]", "directory", "checkpoint")]
        ['--users', '--latency', 'DIR', 'checkpoint']
        """
        name = parameter.split("[")[0]
        for action in self._actions:
            if action.dest == name:
                return action.option_strings[0] if action.option_strings else str(action.metavar)
        return name

"""A parser whose errors are one line, and which knows by what name a user gave a parameter."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

UNUSABLE = 2
"""Exit status of a command whose input cannot be used."""


def one_line(message: str) -> str:
    r"""Return a message without what was given that would make it two.

    >>> one_line("argument --seed: invalid int value: two\nlines")
    'argument --seed: invalid int value: two lines'
    """
    return " ".join(message.splitlines())


class Parser(argparse.ArgumentParser):
    """An argument parser of the command line.

    Attributes:
        given: the whole command line, for a command of which one option decides what others there are.
        number_lists: options that take one number or more; the first word behind them that is no number is not theirs.
    """

    given: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number_lists: set[str] = set()

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, after words that would be taken for numbers have been put first; see `argparse`."""
        return super().parse_known_args(None if args is None else self._words_first(args), namespace)

    def _words_first(self, args: Sequence[str]) -> list[str]:
        """Return the arguments with the word that ends a list of numbers moved to the front.

        >>> parser = Parser()
        >>> parser.number_lists.add("--latency")
        >>> parser._words_first(["--latency", "1", "2", "nano-gpt5", "--json"])
        ['nano-gpt5', '--latency', '1', '2', '--json']
        """
        if not args or not args[0].startswith("--"):  # there is a word in front already
            return list(args)
        words, rest, numbers = [], [], 0
        for arg, following in zip(args, [*args[1:], "--"], strict=False):
            if arg.startswith("--"):
                numbers = 1 if arg in self.number_lists else 0
            elif numbers > 1 and not _is_number(arg) and following.startswith("--"):
                words.append(arg)
                numbers = 0
                continue
            elif numbers:
                numbers += 1
            rest.append(arg)
        return words + rest

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        self.exit(UNUSABLE, f"{self.prog}: {one_line(message)}\n")

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

    def option_of(self, place: Path | str, options: argparse.Namespace) -> str | None:
        """Return what users call the parameter that named a file, or a folder above it; None where none did.

        >>> parser = Parser()
        >>> out = parser.add_argument("--out", type=Path)
        >>> given = parser.parse_args(["--out", "runs"])
        >>> parser.option_of(Path("runs/0/config.json"), given), parser.option_of(Path("/tmp/log"), given)
        ('--out', None)
        """
        for name, value in vars(options).items():
            if isinstance(value, Path) and isinstance(place, Path) and value in (place, *place.parents):
                return self.name_of(name)
        return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

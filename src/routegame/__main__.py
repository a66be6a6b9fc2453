"""The command line: `routegame COMMAND …`, or `python -m routegame COMMAND …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from routegame import __version__
from routegame.commands import COMMANDS, load
from routegame.commands.parser import UNUSABLE, Parser

DONE, INTERRUPTED = 0, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 unusable input, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser, commands = _parsers()
    name = next((word for word in given if not word.startswith("-")), "")  # no option before it takes a value
    own = commands.get(name, parser)
    own.given = given
    try:
        if name in commands:
            command = load(name)
            command.add(own)
            own.set_defaults(run=command.run)
        options = parser.parse_args(given, argparse.Namespace(given=given))
        options.run(options)
        sys.stdout.flush()
        return DONE
    except ValueError as error:
        complaint = _complaint(error, own)
        if complaint is None:
            raise
        print(f"{own.prog}: {complaint}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:  # whoever read the output, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print(f"{own.prog}: interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the command line, and each command's own, which has no options yet."""
    parser = Parser(prog="routegame", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"routegame {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    return parser, {name: commands.add_parser(name, help=about) for name, about in COMMANDS.items()}


def _complaint(error: ValueError, parser: Parser) -> str | None:
    """Return what is wrong with the input, with the names that its user gave; None if the fault is the program's."""
    from routegame.calibrate.log.layout import LogError
    from routegame.envs.checks import ParameterError

    if isinstance(error, ParameterError):
        return f"{parser.name_of(error.parameter)} must be {error.allowed}, got {error.given}"
    return str(error) if isinstance(error, LogError) else None


if __name__ == "__main__":
    sys.exit(main())

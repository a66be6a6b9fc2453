"""The command line: `routegame COMMAND …`, or `python -m routegame COMMAND …`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from routegame import __version__
from routegame.commands import COMMANDS, load
from routegame.commands.parser import UNUSABLE, Parser, one_line
from routegame.terminal import standard_streams
from routegame.whole_file import WriteError

DONE, INTERRUPTED = 0, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 unusable input or output, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser, commands = _parsers()
    name = next((word for word in given if not word.startswith("-")), "")  # no option before it takes a value
    own = commands.get(name, parser)
    own.given = given
    options = argparse.Namespace(given=given)
    with standard_streams():
        try:
            if name in commands:
                command = load(name)
                command.add(own)
                own.set_defaults(run=command.run)
            _run(parser, options)
            return DONE
        except BrokenPipeError:  # whoever read the output, `head` for instance, has seen enough
            return DONE
        except (ValueError, OSError) as error:
            complaint = _complaint(error, own, options)
            if complaint is None:
                raise
            print(f"{own.prog}: {one_line(complaint)}", file=sys.stderr)
            return UNUSABLE
        except KeyboardInterrupt:
            print(f"{own.prog}: interrupted; what was finished is kept", file=sys.stderr)
            return INTERRUPTED


def _run(parser: Parser, options: argparse.Namespace) -> None:
    """Parse the command line into `options` and run the command; what it prints is written when it is done."""
    sys.stdout.flush()  # where there is no standard output, nothing is begun
    try:
        parser.parse_args(options.given, options)
        options.run(options)
    except SystemExit:  # of --help, whose text is output, too
        sys.stdout.flush()
        raise
    sys.stdout.flush()


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the command line, and each command's own, which has no options yet."""
    parser = Parser(prog="routegame", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"routegame {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    return parser, {name: commands.add_parser(name, help=about) for name, about in COMMANDS.items()}


def _complaint(error: ValueError | OSError, parser: Parser, options: argparse.Namespace) -> str | None:
    """Return what is wrong with input or output, with the names that its user gave; None for the program's faults."""
    from routegame.calibrate.log.layout import LogError
    from routegame.envs.checks import ParameterError
    from routegame.envs.document import FileError

    if isinstance(error, WriteError):
        return error.told(parser.option_of(error.place, options))
    if isinstance(error, OSError):
        return f"cannot use {error.filename or 'this system'}: {error.strerror or error}"
    if isinstance(error, FileError):
        option = parser.option_of(error.path, options)
        return f"{error.path}{f' ({option})' if option else ''} must be {error.allowed}, got {error.given}"
    if isinstance(error, ParameterError):
        return f"{parser.name_of(error.parameter)} must be {error.allowed}, got {error.given}"
    return str(error) if isinstance(error, LogError) else None


if __name__ == "__main__":
    sys.exit(main())

"""`routegame report`: a bench, or a run, as one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.commands.parser import Parser


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="that `bench` or `train` wrote")
    parser.add_argument("--rows", action="store_true", help="a page for each run of a bench as well, in DIR/rows")


def run(options: argparse.Namespace) -> None:
    """Write the page and print where it is."""
    from routegame.eval.report.write import write_report

    print(write_report(options.directory, rows=options.rows))

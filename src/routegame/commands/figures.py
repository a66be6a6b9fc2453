"""`routegame figures`: the paper's figures, redrawn from the exact solution."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.commands.parser import Parser
from routegame.typesetting import paragraph, together


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR", help="default figures")


def run(options: argparse.Namespace) -> None:
    """Draw every figure, and print the path of each as it is done."""
    from tqdm import tqdm

    from routegame.eval.figures.catalogue import draw_figures

    for drawn, path in draw_figures(options.out):
        tqdm.write(paragraph(f"{together(path)}  {together(drawn.title)}", rest="  "))

"""`routegame scenarios`: the games that ship with the project, under headings."""

from __future__ import annotations

import argparse

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.envs.scenarios import GROUPS, SCENARIOS
from routegame.terminal import print_json


def add(parser: Parser) -> None:
    """Add the options."""
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print every scenario, a line each, or all that is known of them."""
    if options.json:
        print_json([known.to_dict() for known in SCENARIOS.values()])
        return
    width = max(map(len, SCENARIOS))
    for heading, group in GROUPS.items():
        print(heading)
        for known in group:
            models = f"{known.models[0]} → {known.models[1]}: " if known.measurements else ""
            print(f"  {known.name:<{width}}  {models}{known.about}")

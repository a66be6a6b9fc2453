"""`routegame scenarios`: the games that ship with the project, under headings."""

from __future__ import annotations

import argparse
import json

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.envs.scenarios import GROUPS, SCENARIOS


def add(parser: Parser) -> None:
    """Add the options."""
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print every scenario, a line each, or all that is known of them."""
    if options.json:
        print(json.dumps([known.to_dict() for known in SCENARIOS.values()], indent=2, ensure_ascii=False))
        return
    width = max(map(len, SCENARIOS))
    for heading, group in GROUPS.items():
        print(heading)
        for known in group:
            models = f"{known.models[0]} → {known.models[1]}: " if known.measurements else ""
            print(f"  {known.name:<{width}}  {models}{known.about}")

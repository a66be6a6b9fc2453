"""`routegame scenarios`: the games that ship with the project, under headings."""

from __future__ import annotations

import argparse

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.envs.scenarios import GROUPS, MOST_PLAYED, ROLES, SCENARIOS, Scenario
from routegame.envs.task_mixes import HEADING, MIXES
from routegame.terminal import print_json
from routegame.typesetting import labelled


def add(parser: Parser) -> None:
    """Add the options."""
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print every scenario with what is special about it, or all that is known of them."""
    if options.json:
        print_json([*(known.to_dict() for known in SCENARIOS.values()), *(mix.to_dict() for mix in MIXES.values())])
        return
    column = max(map(len, SCENARIOS)) + 2
    for heading, group in GROUPS.items():
        print(heading)
        for known in group:
            print(labelled(known.name, f"{_models(known)}{known.about}", column))
    print(HEADING)
    for mix in MIXES.values():
        print(labelled(mix.name, f"{len(mix.mix)} contexts: {mix.about}", column))


def _models(known: Scenario) -> str:
    """Return what a line says of the models before what is special about the game."""
    if not known.measurements:
        return ""
    if len(known.models) > MOST_PLAYED:
        return f"{len(known.models)} models: "
    between = " → " if len(known.models) == len(ROLES) else ", "
    return f"{between.join(known.models)}: "

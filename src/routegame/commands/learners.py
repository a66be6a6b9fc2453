"""`routegame learners`: the ways of learning that ship with the project."""

from __future__ import annotations

import argparse
import sys

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.terminal import print_json
from routegame.typesetting import labelled


def add(parser: Parser) -> None:
    """Add the options."""
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Print every learner with what its module says of it."""
    from routegame.train.learner import OWN_LEARNERS, learner
    from routegame.train.policy_learners import POLICY_LEARNERS, policy_learner

    classes: dict[str, type[object]] = {name: learner(name) for name in OWN_LEARNERS}
    classes |= {name: policy_learner(name) for name in POLICY_LEARNERS}
    about = {name: (sys.modules[found.__module__].__doc__ or "").splitlines()[0] for name, found in classes.items()}
    about = {name: line.split(": ", 1)[1].rstrip(".") for name, line in about.items()}
    if options.json:
        print_json(about)
        return
    for name, line in about.items():
        print(labelled(name, line, max(map(len, about)) + 2, indent=0))

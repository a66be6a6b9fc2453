"""`routegame eval`: a finished run, judged again from what is on disk."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.terminal import print_json


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    parser.add_argument("--learner", metavar="MODULE:CLASS", help="if that is what it was, and to be imported")
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Judge the run, and print the judgement as a table or as result.json has it."""
    from routegame.eval.run.result import judge_run, result_table
    from routegame.train.learner import admit
    from routegame.train.runs.policy_directory import is_policy_run
    from routegame.train.runs.run_directory import RunDirectory

    if is_policy_run(options.run_dir):
        _judge_policy(options)
        return
    if options.learner is not None:
        admit(options.learner)
    run = RunDirectory.open(options.run_dir)
    judgement, document = judge_run(run)
    if options.json:
        print_json(document)
    else:
        print(result_table(run, judgement, document))


def _judge_policy(options: argparse.Namespace) -> None:
    """Judge a run that learned one policy for a suite, on every game of it."""
    from routegame.eval.train_policy import judged, policy_table
    from routegame.train.runs.policy_directory import PolicyDirectory

    document = judged(PolicyDirectory.open(options.run_dir)).document
    if options.json:
        print_json(document)
    else:
        print(policy_table(document))

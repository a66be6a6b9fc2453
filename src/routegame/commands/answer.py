"""`routegame answer`: what a policy that was learned once commits to in a game, at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.commands.arguments import add_game, add_json, game_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError
from routegame.terminal import print_json
from routegame.typesetting import labelled


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    about = "the run that learned it, see `routegame train --suite`"
    parser.add_argument("--policy", type=Path, required=True, metavar="RUN_DIR", help=about)
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Ask the policy; nothing is solved, so that the answer is what was learned and no more."""
    base, game = game_of(options)
    if options.throttling:
        raise ParameterError("throttling", "left out: no policy slows models down", "it")
    if game.num_models != 2:
        raise ParameterError("success_prob", "two numbers: the policy answers games of two models", game.num_models)
    from routegame.numerals import number, percent
    from routegame.train.runs.policy_directory import load_policy

    policy = load_policy(options.policy)
    answers = policy.answers(game)
    route, cascade_prob = int(answers.route[0]), float(answers.cascade_prob[0])
    abandon_prob, cost = float(policy.abandon_prob(game, answers)[0]), float(answers.predicted_cost[0])
    if options.json:
        print_json(
            {
                "game": game.to_dict(),
                "policy": str(options.policy),
                "commitment": {"route": route, "cascade_prob": cascade_prob},
                "abandon_prob": abandon_prob,
                "predicted_provider_cost": cost,
            }
        )
        return
    names = base.models if base is not None else ("model 1", "model 2")
    said = {
        "starts with": names[route - 1],
        **({} if route == 2 else {"hands on": f"{percent(cascade_prob, 6)} of failures to {names[1]}"}),
        "users leave": f"after {percent(abandon_prob)} of failures, as far as the policy knows",
        "a task costs": f"{number(cost, 6)}, as far as the policy knows",
    }
    print(*(labelled(about, what, 14, indent=0) for about, what in said.items()), sep="\n")

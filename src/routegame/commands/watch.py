"""`routegame watch`: an episode in the terminal, or as a film."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from routegame.commands.arguments import add_game, add_information, game_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_choice, as_number
from routegame.envs.document import checked, read_document
from routegame.envs.game import Game, Information
from routegame.envs.policy import Policy

if TYPE_CHECKING:
    from routegame.eval.watch.playback import Episode


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    group = parser.add_argument_group("episode", "the Stackelberg equilibrium, unless the provider is told otherwise")
    group.add_argument("--users", dest="num_users", type=int, default=6, metavar="N", help="how many (default 6)")
    about = "of each user, one after another (default 1)"
    group.add_argument("--tasks", dest="num_tasks", type=int, default=1, metavar="N", help=about)
    about = "model of first passes, 1 or 2; users answer at their best"
    group.add_argument("--route", type=int, metavar="I", help=about)
    group.add_argument("--cascade-prob", type=float, metavar="S", help="of retries on model 1, handed over to model 2")
    about = "who serves first and who after a failure of whom, as JSON: start and matrix, of any number of models"
    group.add_argument("--policy", type=Path, metavar="FILE", help=about)
    group.add_argument("--decline", action="store_true", help="let users refuse the first pass, too, in free order")
    add_information(group)
    group.add_argument("--max-passes", type=int, metavar="N", help="a task that fails this often is cut off")
    group.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    group.add_argument("--fps", type=float, default=3.0, metavar="F", help="steps shown a second (default 3)")
    about = "write an animated GIF, or the last frame if its name ends in .png"
    group.add_argument("--gif", type=Path, metavar="FILE", help=about)


def _plan(options: argparse.Namespace, game: Game) -> Episode:
    """Return who does what: in the paper's order where nothing else is asked of two models, else in free order."""
    from routegame.eval.watch.playback import Episode

    if game.num_models == 2 and options.policy is None and not options.decline:
        return Episode.of(
            game,
            options.information,
            throttling=options.throttling,
            route=options.route,
            cascade_prob=options.cascade_prob,
        )
    for name in ("route", "cascade_prob"):
        if getattr(options, name) is not None:
            raise ParameterError(name, "left out unless two models are in the paper's order", getattr(options, name))
    as_choice("information", options.information, get_args(Information))
    policy = None if options.policy is None else _policy_in(options.policy, game.num_models)
    return Episode.in_full(
        game, options.information, throttling=options.throttling, policy=policy, decline=options.decline
    )


def _policy_in(path: Path, models: int) -> Policy:
    """Return the policy in a file.

    Raises:
        FileError: there is none in it, or one of another number of models.
    """
    allowed = f'a policy of {models} models, {{"start": [...], "matrix": [[...], ...]}}'
    document = read_document(path, allowed)
    with checked(path, allowed):
        policy = Policy.read(document)
        if policy.shape != () or policy.num_models != models:
            raise ParameterError("start", f"{models} numbers", f"shape {policy.start.shape}")
    return policy


def run(options: argparse.Namespace) -> None:
    """Play an episode; everything that can be wrong about it is found before anything is shown."""
    base, game = game_of(options)
    as_number("fps", options.fps, 0.1, 50)
    from routegame.eval.watch.playback import play, show

    plan = _plan(options, game)
    scenes = play(
        game,
        plan,
        options.seed,
        scenario=base,
        num_users=options.num_users,
        num_tasks=options.num_tasks,
        information=options.information,
        throttling=options.throttling,
        max_passes=options.max_passes,
    )
    if options.gif is None:
        show(scenes, sys.stdout, options.fps)
        return
    from routegame.eval.watch.film import check_film, write_film

    check_film(options.gif)
    episode = list(scenes)
    write_film(episode, options.gif, options.fps)
    print(f"{options.gif}  {'last frame' if options.gif.suffix.lower() == '.png' else f'{len(episode)} frames'}")

"""`routegame train`: learn a game, and judge what was learned; in Python, `routegame.train.run`."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from routegame.commands.arguments import GAME_OPTIONS, add_game, game_of, mix_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.scenarios import Scenario
from routegame.typesetting import labelled, together

if TYPE_CHECKING:
    from routegame.envs.task_mixes import MixScenario


def add(parser: Parser) -> None:
    """Add the options: those of every learner, and those of the learner that the command line names."""
    add_game(parser)
    parser.add_argument("--suite", metavar="NAME", help="learn one policy for all games of a suite, in place of a game")
    parser.add_argument("--learner", required=True, metavar="ID", help="see `routegame learners`; or MODULE:CLASS")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="run directory (default runs/GAME-LEARNER-SEED)")
    about = "how a commitment is learned: compact (one row for all models) or matrix (a row for each); in any order"
    parser.add_argument("--form", metavar="FORM", help=about)
    limits = parser.add_argument_group("limits", "at which a run stops before its learner is through")
    limits.add_argument("--max-passes", type=float, metavar="N", help="passes played")
    limits.add_argument("--max-seconds", type=float, metavar="S", help="seconds of training")
    limits.add_argument("--target-regret", type=float, metavar="R", help="relative leader regret, measured exactly")
    first = Parser(prog=parser.prog, add_help=False, allow_abbrev=False)
    first.add_argument("--learner")
    name = first.parse_known_args(parser.given)[0].learner
    if name is not None:
        _add_learner(parser, name)


def _add_learner(parser: Parser, name: str) -> None:
    """Add the options of a learner."""
    from routegame.train.learner import admit, learner
    from routegame.train.policy_learners import POLICY_LEARNERS, policy_learner

    own = policy_learner(name).OPTIONS if name in POLICY_LEARNERS else learner(admit(name)).OPTIONS
    group = parser.add_argument_group(f"options of {name}")
    for declared in fields(own):  # type: ignore[arg-type]
        about = f"{declared.metadata['about']} (default {declared.default})"
        kind = type(declared.default)
        metavar = "KIND" if kind is str else "N"
        group.add_argument(
            f"--{declared.name.replace('_', '-')}", type=kind, default=declared.default, metavar=metavar, help=about
        )


def run(options: argparse.Namespace) -> None:
    """Train, or go on where the same command was stopped, and say what came of it and where it is."""
    from routegame.train.policy_learners import POLICY_LEARNERS

    if options.suite is not None:
        _run_suite(options)
        return
    if options.learner in POLICY_LEARNERS:
        raise ParameterError("learner", "one that learns a single game, or else --suite given", options.learner)
    played, name = _played(options)
    if options.seed < 0:
        raise ParameterError("seed", "a whole number from 0", options.seed)
    from routegame import train
    from routegame.eval.run.result import result_table
    from routegame.train.learner import learner
    from routegame.train.runs.run_directory import RunDirectory
    from routegame.whole_file import folder_name

    out = options.out or Path("runs") / f"{name}-{folder_name(options.learner)}-{options.seed}"
    result = train.run(
        played,
        options.learner,
        seed=options.seed,
        out=out,
        throttling=options.throttling,
        form=options.form,
        max_passes=options.max_passes,
        max_seconds=options.max_seconds,
        target_regret=options.target_regret,
        **{name: getattr(options, name) for name in learner(options.learner).OPTIONS.names()},
    )
    run = RunDirectory.open(out)
    print(result_table(run, result.judgement, result.document))
    tensorboard = Path(sys.executable).with_name("tensorboard")
    curves = together(f"{os.path.relpath(tensorboard)} --logdir {run.path}")
    said = {
        "picture": together(run.picture_path),
        "report": together(run.path / "report.html"),
        "learning curves": f"{curves}, {together('then open http://localhost:6006')}",
    }
    print("", *(labelled(about, what, 17, indent=0) for about, what in said.items()), sep="\n")


def _played(options: argparse.Namespace) -> tuple[Game | Scenario | MixScenario, str]:
    """Return what is learned, and what it is called in the name of a run directory."""
    mix = mix_of(options)
    if mix is not None:
        if options.form is not None:
            raise ParameterError("form", "left out for a mix of tasks", options.form)
        return mix, mix.name
    base, game = game_of(options)
    return (game if base is None else replace(base, game=game)), _name_of(base, game)


def _run_suite(options: argparse.Namespace) -> None:
    """Learn one policy for a suite of games."""
    for name in ("scenario", *GAME_OPTIONS, "form", "max_passes", "max_seconds", "target_regret"):
        if getattr(options, name) is not None:
            raise ParameterError(name, "left out where --suite is given", getattr(options, name))
    if options.throttling:
        raise ParameterError("throttling", "left out where --suite is given", "it")
    if options.seed < 0:
        raise ParameterError("seed", "a whole number from 0", options.seed)
    from routegame.eval.train_policy import policy_table, run_suite
    from routegame.train.policy_learners import policy_learner

    out = options.out or Path("runs") / f"{options.suite}-{options.learner}-{options.seed}"
    given = {name: getattr(options, name) for name in policy_learner(options.learner).OPTIONS.names()}
    result = run_suite(options.suite, options.learner, seed=options.seed, out=out, **given)
    print(policy_table(result.document))
    said = {"report": out / "report.html", "ask it": f"routegame answer SCENARIO --policy {out}"}
    print("", *(labelled(about, together(what), 17, indent=0) for about, what in said.items()), sep="\n")


def _name_of(base: Scenario | None, game: Game) -> str:
    """Return what a game is called in the name of a run directory: no two games share one."""
    if base is not None and game.to_dict() == base.game.to_dict():
        return base.name
    numbers = json.dumps(game.to_dict(), sort_keys=True).encode()
    return f"{base.name if base else 'game'}-{hashlib.sha256(numbers).hexdigest()[:8]}"

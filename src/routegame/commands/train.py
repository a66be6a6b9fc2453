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

from routegame.commands.arguments import add_game, game_of, mix_of
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

    group = parser.add_argument_group(f"options of {name}")
    for declared in fields(learner(admit(name)).OPTIONS):  # type: ignore[arg-type]
        about = f"{declared.metadata['about']} (default {declared.default})"
        kind = type(declared.default)
        metavar = "KIND" if kind is str else "N"
        group.add_argument(
            f"--{declared.name.replace('_', '-')}", type=kind, default=declared.default, metavar=metavar, help=about
        )


def run(options: argparse.Namespace) -> None:
    """Train, or go on where the same command was stopped, and say what came of it and where it is."""
    played, name = _played(options)
    if options.seed < 0:
        raise ParameterError("seed", "a whole number from 0", options.seed)
    from routegame import train
    from routegame.eval.run.result import result_table
    from routegame.train.learner import learner
    from routegame.train.runs.run_directory import RunDirectory

    out = options.out or Path("runs") / f"{name}-{options.learner}-{options.seed}"
    own = {declared.name for declared in fields(learner(options.learner).OPTIONS)}  # type: ignore[arg-type]
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
        **{name: getattr(options, name) for name in own},
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


def _name_of(base: Scenario | None, game: Game) -> str:
    """Return what a game is called in the name of a run directory: no two games share one."""
    if base is not None and game.to_dict() == base.game.to_dict():
        return base.name
    numbers = json.dumps(game.to_dict(), sort_keys=True).encode()
    return f"{base.name if base else 'game'}-{hashlib.sha256(numbers).hexdigest()[:8]}"

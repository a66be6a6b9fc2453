"""`routegame simulate-log`: the log that a known game would leave behind."""

from __future__ import annotations

import argparse
from pathlib import Path

from routegame.agents.solver import solve
from routegame.commands.arguments import GAME_OPTIONS, add_game, game_of, mix_of
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError
from routegame.envs.document import checked, read_document
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.envs.task_mix import TaskMix
from routegame.typesetting import paragraph, together


def add(parser: Parser) -> None:
    """Add the options."""
    add_game(parser)
    group = parser.add_argument_group("mix", "tasks that differ, in place of a game")
    about = "a mix of tasks in a JSON file: weights, games and, if any, names and features, as calibrate --json has it"
    group.add_argument("--mix", type=Path, metavar="FILE", help=about)
    group.add_argument("--blind", action="store_true", help="its users do not know the context of their task")
    group = parser.add_argument_group("log", "of a provider that does not exist")
    about = "that begin (default 10000)"
    group.add_argument("--tasks", dest="num_tasks", type=int, default=10_000, metavar="N", help=about)
    about = "route:cascade probability, such as 1:0.08 or 2; each task gets one of them (default: the equilibrium)"
    group.add_argument("--commitment", nargs="+", default=[], metavar="I:S", help=about)
    about = "a commitment to any number of models in a JSON file, start and matrix; may be repeated"
    group.add_argument("--policy", type=Path, action="append", default=[], metavar="FILE", help=about)
    about = "of users' quantal response, in units of latency (default 0: they answer at their best)"
    group.add_argument("--temperature", type=float, default=0.0, metavar="T", help=about)
    about = "standard deviation of log V over users (default 0)"
    group.add_argument("--value-spread", type=float, default=0.0, metavar="D", help=about)
    about = "that tasks belong to (default: no column of them)"
    group.add_argument("--users", dest="num_users", type=int, metavar="N", help=about)
    about = "NAME:SHARE:SCALE, users for whom V is multiplied by SCALE; may be several"
    group.add_argument("--segment", nargs="+", default=[], metavar="SEGMENT", help=about)
    about = "coefficient of variation of latencies and costs (default 0.5)"
    group.add_argument("--noise", type=float, default=0.5, metavar="X", help=about)
    group.add_argument("--max-passes", type=int, metavar="N", help="a task that fails this often is cut off")
    group.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    about = "ends in .csv, .jsonl (or these and .gz) or .parquet"
    group.add_argument("--out", type=Path, required=True, metavar="FILE", help=about)


def run(options: argparse.Namespace) -> None:
    """Draw the tasks, and write their passes to a file."""
    game, visible = _played(options)
    from routegame.calibrate.log.simulated import LogPlan, Segment, write_log

    given = _given(options) or _default(game)
    plan = LogPlan(
        game,
        given,
        num_tasks=options.num_tasks,
        temperature=options.temperature,
        value_spread=options.value_spread,
        num_users=options.num_users,
        segments=tuple(map(Segment.parse, options.segment)),
        noise=options.noise,
        max_passes=options.max_passes,
        seed=options.seed,
        context_visible=visible,
    )
    num_tasks, num_passes = write_log(plan, options.out)
    said = f"{num_passes:,} passes of {num_tasks:,} tasks, simulated"
    print(paragraph(f"{together(options.out)}  {together(said)}", rest="  "))


def _played(options: argparse.Namespace) -> tuple[Game | TaskMix, bool]:
    """What tasks are of, and whether users know their context: those of a named mix are its own.

    Raises:
        FileError: there is no mix in the file.
        ParameterError: a game beside a mix, or users who do not know a context that there is not.
    """
    if options.mix is not None:
        for name in ("scenario", *GAME_OPTIONS):
            if getattr(options, name) is not None:
                raise ParameterError(name, "left out beside --mix", getattr(options, name))
        allowed = 'a JSON file of a mix of tasks, {"weights": [C numbers], "games": {…}}'
        with checked(options.mix, allowed):
            return TaskMix.read(read_document(options.mix, allowed)), not options.blind
    if options.blind:
        raise ParameterError("blind", "left out without --mix: named mixes say who their users are", True)
    mix = mix_of(options)
    return (game_of(options)[1], True) if mix is None else (mix.mix, mix.users == "sighted")


def _given(options: argparse.Namespace) -> tuple[tuple[int, float] | Policy, ...]:
    """The commitments that were given, in either way."""
    from routegame.calibrate.log.simulated import commitment

    return (*map(commitment, options.commitment), *map(_policy, options.policy))


def _policy(path: Path) -> Policy:
    """Read a commitment to any number of models.

    Raises:
        FileError: there is none in the file.
    """
    allowed = 'a JSON file of a commitment, {"start": [K numbers], "matrix": [[K x K]]}'
    with checked(path, allowed):
        return Policy.read(read_document(path, allowed))


def _default(game: Game | TaskMix) -> tuple[tuple[int, float] | Policy, ...]:
    """The commitment of a game's equilibrium.

    Raises:
        ParameterError: a mix of tasks, whose commitments have to be given.
    """
    if isinstance(game, TaskMix) and game.num_models > 2:
        raise ParameterError("policy", "given for a mix of tasks, once for each commitment", "none")
    if isinstance(game, TaskMix):
        raise ParameterError("commitment", "given for a mix of tasks, such as 1:0.05 1:0.3 2", "none")
    solution = solve(game)
    best = solution.equilibrium
    return ((int(best.route), float(best.cascade_prob)) if solution.policy is None else solution.policy,)

"""The command line: `routegame COMMAND …`, or `python -m routegame COMMAND …`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from routegame import __version__
from routegame.agents.exact.equilibrium import solve
from routegame.envs.checks import ParameterError, as_count, as_number, as_single
from routegame.envs.game import PAIRS, Game
from routegame.envs.scenarios import GROUPS, SCENARIOS, Scenario, scenario

if TYPE_CHECKING:
    from routegame.eval.bench.local_engine import Engine

DONE, UNUSABLE, INTERRUPTED = 0, 2, 130

CHEAP = ("hypergradient", "evolution", "oracle")
"""What is compared unless one says what: the learners that take seconds a run."""

FULL_SEEDS = 10
"""How many seeds make a benchmark that can be read."""

GAME_OPTIONS = {
    "task_value": "what solving the task is worth to the user, in the unit of latency",
    "churn_penalty": "what an abandoned task costs the provider, in the unit of cost",
    "success_prob": "probability that one pass solves the task, standard and reasoning model",
    "latency": "what one pass of each model costs the user",
    "cost": "what one pass of each model costs the provider",
}

SPECIAL_NAMES = {
    "scenario": "SCENARIO",
    "run_dir": "RUN_DIR",
    "directory": "DIR",
    "num_users": "--users",
    "num_tasks": "--tasks",
}
"""What the command line calls parameters, where it is not their own name."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with 2."""
        self.exit(UNUSABLE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 unusable input, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(given).parse_args(given, argparse.Namespace(given=given))
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except ParameterError as error:
        name = error.parameter.split("[")[0]
        shown = SPECIAL_NAMES.get(name, f"--{name.replace('_', '-')}")
        print(f"routegame {options.command}: {shown} must be {error.allowed}, got {error.given}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:  # whoever read the output, `head` for instance, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print(f"routegame {options.command}: interrupted; what was finished is kept", file=sys.stderr)
        return INTERRUPTED


def _parser(given: Sequence[str]) -> Parser:
    parser = Parser(prog="routegame", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=f"routegame {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    listing = commands.add_parser("scenarios", help="list the games that ship with the project")
    _add_json(listing)
    listing.set_defaults(run=_scenarios)
    teaching = commands.add_parser("learners", help="list the ways of learning that ship with the project")
    _add_json(teaching)
    teaching.set_defaults(run=_learners)
    solving = commands.add_parser("solve", help="solve a game exactly")
    _add_game(solving)
    solving.add_argument(
        "--information", default="memoryless", metavar="KIND", help="what users see: memoryless, model or history"
    )
    about = "also find the commitment that is cheapest at worst, against users who may forgo D of their best utility"
    solving.add_argument("--delta", type=float, metavar="D", help=about)
    _add_json(solving)
    solving.set_defaults(run=_solve)
    comparing = commands.add_parser("references", help="what rules that learn nothing are worth in a game")
    _add_game(comparing)
    _add_json(comparing)
    comparing.set_defaults(run=_references)
    training = commands.add_parser("train", help="learn a game and judge what was learned")
    _add_game(training)
    training.add_argument("--learner", required=True, metavar="ID", help="see `routegame learners`; or MODULE:CLASS")
    training.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    training.add_argument("--out", type=Path, metavar="DIR", help="run directory (default runs/GAME-LEARNER-SEED)")
    limits = training.add_argument_group("limits", "at which a run stops before its learner is through")
    limits.add_argument("--max-passes", type=float, metavar="N", help="passes played")
    limits.add_argument("--max-seconds", type=float, metavar="S", help="seconds of training")
    limits.add_argument("--target-regret", type=float, metavar="R", help="relative leader regret, measured exactly")
    _add_learner(training, given)
    training.set_defaults(run=_train)
    judging = commands.add_parser("eval", help="judge a finished run")
    judging.add_argument("run_dir", type=Path, metavar="RUN_DIR")
    judging.add_argument("--learner", metavar="MODULE:CLASS", help="if that is what it was, and to be imported")
    _add_json(judging)
    judging.set_defaults(run=_eval)
    benching = commands.add_parser("bench", help="hold learners against each other on a suite of games")
    _add_bench(benching)
    benching.set_defaults(run=_bench)
    reporting = commands.add_parser("report", help="write a bench, or a run, as one page: report.html")
    reporting.add_argument("directory", type=Path, metavar="DIR", help="that `bench` or `train` wrote")
    reporting.set_defaults(run=_show)
    watching = commands.add_parser("watch", help="play an episode in the terminal, or film it")
    _add_game(watching)
    _add_episode(watching)
    watching.set_defaults(run=_watch)
    calibrating = commands.add_parser("calibrate", help="estimate a game from a log of passes")
    _add_calibrate(calibrating)
    calibrating.set_defaults(run=_calibrate)
    simulating = commands.add_parser("simulate-log", help="write the log that a known game would leave behind")
    _add_simulate_log(simulating)
    simulating.set_defaults(run=_simulate_log)
    drawing = commands.add_parser("figures", help="redraw the paper's figures from the exact solution")
    drawing.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR", help="default figures")
    drawing.set_defaults(run=_figures)
    return parser


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def _add_game(parser: Parser) -> None:
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="name of a game, see `routegame scenarios`")
    group = parser.add_argument_group("game", "a game by its numbers, or overrides of the scenario's")
    for name, about in GAME_OPTIONS.items():
        count: Any = {"nargs": 2, "metavar": ("X1", "X2")} if name in PAIRS else {"metavar": "X"}
        group.add_argument(f"--{name.replace('_', '-')}", type=float, help=about, **count)
    parser.add_argument("--throttling", action="store_true", help="let the provider slow its models down")


def _add_episode(parser: Parser) -> None:
    group = parser.add_argument_group("episode", "the Stackelberg equilibrium, unless the provider is told otherwise")
    group.add_argument("--users", type=int, default=6, metavar="N", help="how many (default 6)")
    group.add_argument("--tasks", type=int, default=1, metavar="N", help="of each user, one after another (default 1)")
    group.add_argument(
        "--route", type=int, metavar="I", help="model of first passes, 1 or 2; users answer at their best"
    )
    group.add_argument("--cascade-prob", type=float, metavar="S", help="of retries on model 1, handed over to model 2")
    group.add_argument(
        "--information", default="memoryless", metavar="KIND", help="what users see: memoryless, model or history"
    )
    group.add_argument("--max-passes", type=int, metavar="N", help="a task that fails this often is cut off")
    group.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    group.add_argument("--fps", type=float, default=3.0, metavar="F", help="steps shown a second (default 3)")
    about = "write an animated GIF, or the last frame if its name ends in .png"
    group.add_argument("--gif", type=Path, metavar="FILE", help=about)


def _add_bench(parser: Parser) -> None:
    parser.add_argument("--suite", default="reference", metavar="NAME", help="of games (default reference)")
    parser.add_argument("--games", nargs="+", metavar="NAME", help="only these of the suite")
    about = f"default {' '.join(CHEAP)}; all stands for every learner of the project"
    parser.add_argument("--learners", nargs="+", default=CHEAP, metavar="ID", help=about)
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="0 to N - 1 (default 3)")
    about = "local, or ray: on the cluster that RAY_ADDRESS names, or on this machine (default local)"
    parser.add_argument("--engine", default="local", metavar="NAME", help=about)
    parser.add_argument("--workers", type=int, metavar="N", help="runs at once (default: as many as there are cores)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default runs/bench-SUITE")
    parser.add_argument("--resume", action="store_true", help="make only the runs that the directory does not have")
    limits = parser.add_argument_group("limits", "of every run")
    limits.add_argument("--max-passes", type=float, metavar="N", help="passes played")
    limits.add_argument("--target-regret", type=float, metavar="R", help="relative leader regret, measured exactly")
    about = "a run is given up after so many seconds (default 900)"
    limits.add_argument("--timeout", type=float, default=900.0, metavar="S", help=about)
    limits.add_argument("--memory", type=float, default=4.0, metavar="GIB", help="that a run may allocate (default 4)")


def _add_calibrate(parser: Parser) -> None:
    parser.add_argument("log", type=Path, metavar="LOG", help="a row a pass: .csv, .jsonl, .ndjson (or .gz), .parquet")
    parser.add_argument("--models", nargs=2, default=("1", "2"), metavar=("A", "B"), help="standard, reasoning (1, 2)")
    about = "what the log calls a column, for instance success=ok; may be repeated"
    parser.add_argument("--column", action="append", default=[], metavar="COLUMN=NAME", help=about)
    about = "leave out the tasks of rows that cannot be true, and say how many"
    parser.add_argument("--drop-bad-rows", action="store_true", help=about)
    group = parser.add_argument_group("cost of a lost task", "in the unit of cost: itself, or as a product")
    group.add_argument("--churn-penalty", type=float, metavar="P", help="what an abandoned task costs the provider")
    group.add_argument("--revenue", type=float, metavar="R", help="what a user is worth")
    about = "by how much an abandoned task makes it likelier that its user is lost, in [0, 1]"
    group.add_argument("--churn-uplift", type=float, metavar="U", help=about)
    group = parser.add_argument_group("decision")
    about = "games that the log may be of that a commitment is held against (default 300)"
    group.add_argument("--draws", type=int, default=300, metavar="N", help=about)
    group.add_argument("--seed", type=int, default=0, help="of the draws (default 0)")
    about = "also write the report as one page, an HTML file that needs nothing else"
    group.add_argument("--report", type=Path, metavar="FILE", help=about)
    _add_json(parser)


def _add_simulate_log(parser: Parser) -> None:
    _add_game(parser)
    group = parser.add_argument_group("log", "of a provider that does not exist")
    group.add_argument("--tasks", type=int, default=10_000, metavar="N", help="that begin (default 10000)")
    about = "route:cascade probability, such as 1:0.08 or 2; each task gets one of them (default: the equilibrium)"
    group.add_argument("--commitment", nargs="+", default=[], metavar="I:S", help=about)
    about = "of users' quantal response, in units of latency (default 0: they answer at their best)"
    group.add_argument("--temperature", type=float, default=0.0, metavar="T", help=about)
    about = "standard deviation of log V over users (default 0)"
    group.add_argument("--value-spread", type=float, default=0.0, metavar="D", help=about)
    group.add_argument("--users", type=int, metavar="N", help="that tasks belong to (default: no column of them)")
    about = "NAME:SHARE:SCALE, users for whom V is multiplied by SCALE; may be several"
    group.add_argument("--segment", nargs="+", default=[], metavar="SEGMENT", help=about)
    about = "coefficient of variation of latencies and costs (default 0.5)"
    group.add_argument("--noise", type=float, default=0.5, metavar="X", help=about)
    group.add_argument("--max-passes", type=int, metavar="N", help="a task that fails this often is cut off")
    group.add_argument("--seed", type=int, default=0, help="of everything random (default 0)")
    about = "ends in .csv, .jsonl (or these and .gz) or .parquet"
    group.add_argument("--out", type=Path, required=True, metavar="FILE", help=about)


def _add_learner(parser: Parser, given: Sequence[str]) -> None:
    """Add the options of the learner that was asked for; nothing heavy is imported for any other command."""
    if "train" not in given[:1]:
        return
    first = Parser(prog=parser.prog, add_help=False, allow_abbrev=False)
    first.add_argument("--learner")
    name = first.parse_known_args(given)[0].learner
    if name is None:
        return
    from routegame.train.learner import admit, learner

    try:
        admit(name)
        options = learner(name).OPTIONS
    except ParameterError as error:
        parser.error(f"--learner must be {error.allowed}, got {error.given}")
    group = parser.add_argument_group(f"options of {name}")
    for declared in fields(options):  # type: ignore[arg-type]
        about = f"{declared.metadata['about']} (default {declared.default})"
        kind = type(declared.default)
        metavar = "KIND" if kind is str else "N"
        group.add_argument(
            f"--{declared.name.replace('_', '-')}", type=kind, default=declared.default, metavar=metavar, help=about
        )


def _game(options: argparse.Namespace) -> tuple[Scenario | None, Game]:
    """The game that the options describe."""
    _refuse_classic(options.scenario)
    base = scenario(options.scenario) if options.scenario is not None else None
    values = {} if base is None else {name: getattr(base.game, name) for name in GAME_OPTIONS}
    values |= {name: getattr(options, name) for name in GAME_OPTIONS if getattr(options, name) is not None}
    missing = [f"--{name.replace('_', '-')}" for name in GAME_OPTIONS if name not in values]
    if missing:
        raise ParameterError("scenario", f"given, or else {', '.join(missing)} too", "neither")
    return base, Game(**values)


def _refuse_classic(name: str | None) -> None:
    """Say of a game outside routing where it is played."""
    if name is None or name in SCENARIOS:
        return
    from routegame.eval.bench.suites import instances

    if name in {known.name for known in instances("classic")}:
        command = f"routegame bench --suite classic --games {name}"
        raise ParameterError("scenario", f"a routing game; `{command}` plays this one", name)


def _scenarios(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([s.to_dict() for s in SCENARIOS.values()], indent=2, ensure_ascii=False))
        return DONE
    width = max(map(len, SCENARIOS))
    for heading, group in GROUPS.items():
        print(heading)
        for known in group:
            models = f"{known.models[0]} → {known.models[1]}: " if known.measurements else ""
            print(f"  {known.name:<{width}}  {models}{known.about}")
    return DONE


def _learners(options: argparse.Namespace) -> int:
    from routegame.train.learner import LEARNERS, learner

    about = {name: (sys.modules[learner(name).__module__].__doc__ or "").splitlines()[0] for name in LEARNERS}
    about = {name: line.split(": ", 1)[1].rstrip(".") for name, line in about.items()}
    if options.json:
        print(json.dumps(about, indent=2, ensure_ascii=False))
        return DONE
    for name, line in about.items():
        print(f"{name:<{max(map(len, about))}}  {line}")
    return DONE


def _solve(options: argparse.Namespace) -> int:
    """Solve; what is not asked for is not imported either, so that the plain question is answered at once."""
    base, game = _game(options)
    validity = robust = None
    if options.information == "memoryless":
        from routegame.eval.judge.validity import Validity

        solution = solve(game, throttling=options.throttling)
        validity = Validity.of(base, solution, throttling=options.throttling)
        if options.delta is not None:
            from routegame.agents.users.robust import robust_equilibrium

            robust = robust_equilibrium(game, options.delta)
    else:
        from routegame.agents.users.information import solve_information

        solution = solve_information(game, options.information, throttling=options.throttling)
        if options.delta is not None:
            raise ParameterError("delta", "left out unless users are memoryless", options.delta)
    if options.json:
        document = solution.to_dict()
        if validity is not None:
            document["validity"] = validity.to_dict()
        if robust is not None:
            document["robust"] = vars(robust)
        print(json.dumps(document, indent=2))
    else:
        from routegame.eval.report.solution_text import solution_text

        print(solution_text(base, solution, validity, robust))
    return DONE


def _references(options: argparse.Namespace) -> int:
    base, game = _game(options)
    from routegame.envs.commitment import CommitmentBox
    from routegame.eval.judge.baselines import references, references_table

    rows = references(CommitmentBox(game, throttling=options.throttling))
    if options.json:
        document = {
            "scenario": base.name if base else None,
            "game": game.to_dict(),
            "throttling": options.throttling,
            "references": [row.to_dict() for row in rows],
        }
        print(json.dumps(document, indent=2))
    else:
        print(references_table(rows, base, throttling=options.throttling))
    return DONE


def _train(options: argparse.Namespace) -> int:
    base, game = _game(options)
    if options.seed < 0:
        raise ParameterError("seed", "a whole number from 0", options.seed)
    from routegame.eval.run.result import result_table
    from routegame.eval.whole_run import finish, train
    from routegame.train.learner import learner
    from routegame.train.runs.limits import Limits
    from routegame.train.runs.run_directory import RunConfig, RunDirectory

    chosen = learner(options.learner)
    own = chosen.OPTIONS(**{f.name: getattr(options, f.name) for f in fields(chosen.OPTIONS)})  # type: ignore[arg-type]
    limits = Limits(options.max_passes, options.max_seconds, options.target_regret)
    config = RunConfig(
        options.learner, base.name if base else None, game, options.throttling, options.seed, own, limits
    )
    name = f"{config.scenario or 'game'}-{config.learner}-{config.seed}"
    run = RunDirectory.create(options.out or Path("runs") / name, config)
    train(run)
    result = finish(run)
    print(result_table(run, result.judgement, result.document))
    tensorboard = Path(sys.executable).with_name("tensorboard")
    print(f"\npicture          {run.picture_path}")
    print(f"report           {run.path / 'report.html'}")
    print(f"learning curves  {os.path.relpath(tensorboard)} --logdir {run.path}, then open http://localhost:6006")
    return DONE


def _eval(options: argparse.Namespace) -> int:
    from routegame.eval.run.result import judge_run, result_table
    from routegame.train.learner import admit
    from routegame.train.runs.run_directory import RunDirectory

    if options.learner is not None:
        admit(options.learner)
    run = RunDirectory.open(options.run_dir)
    judgement, document = judge_run(run)
    print(
        json.dumps(document, indent=2, ensure_ascii=False) if options.json else result_table(run, judgement, document)
    )
    return DONE


def _bench(options: argparse.Namespace) -> int:
    """Make the runs that are missing, and the table; if it is stopped on the way, of what there is."""
    as_number("seeds", options.seeds, 1, 10_000)
    as_number("memory", options.memory, 0, inf, closed="neither")
    engine = _engine(options)
    from tqdm import tqdm

    from routegame.eval.bench.bench import TYPICAL_SECONDS, Bench, BenchPlan, provenance
    from routegame.eval.bench.leaderboard import write_leaderboard
    from routegame.eval.bench.suites import instances
    from routegame.eval.numerals import duration
    from routegame.eval.report.write import write_report
    from routegame.train.learner import LEARNERS, admit
    from routegame.train.runs.limits import Limits

    learners = tuple(LEARNERS) if list(options.learners) == ["all"] else tuple(options.learners)
    for name in learners:
        admit(name)
    limits = Limits(options.max_passes, None, options.target_regret)
    memory = int(options.memory * 2**30)
    games = instances(options.suite)
    if options.games is not None:
        known = {game.name: game for game in games}
        for name in options.games:
            if name not in known:
                raise ParameterError("games", f"of {', '.join(known)}", name)
        games = tuple(known[name] for name in options.games)
    plan = BenchPlan(options.suite, games, learners, range(options.seeds), limits, memory)
    bench = Bench(options.out or Path("runs") / f"bench-{options.suite}", plan, resume=options.resume)
    try:
        for job in bench.run(engine):
            if job.failure_path.exists():
                failure = json.loads(job.failure_path.read_text(encoding="utf-8"))
                tqdm.write(f"{job.directory}: {failure['status']}: {failure['message']}", file=sys.stderr)
    finally:
        path = write_leaderboard(bench, provenance(options.given))
    print(path.read_text(encoding="utf-8"), end="")
    print(f"report: {write_report(bench.directory)}", file=sys.stderr)
    if learners == CHEAP:
        runs, workers = len(games) * FULL_SEEDS, engine.workers
        time = duration(runs * sum(TYPICAL_SECONDS.values()) / workers)
        print(f"--learners all --seeds {FULL_SEEDS} would take about {time} on {workers} workers", file=sys.stderr)
    return DONE


def _engine(options: argparse.Namespace) -> Engine:
    if options.workers is not None:
        as_number("workers", options.workers, 1, 10_000)
    as_number("timeout", options.timeout, 0, inf, closed="neither")
    if options.engine == "local":
        from routegame.eval.bench.local_engine import LocalEngine

        engine = LocalEngine(options.workers or os.cpu_count() or 1, options.timeout)
        engine.start()
        return engine
    if options.engine == "ray":
        from routegame.eval.bench.ray_engine import RayEngine

        return RayEngine(options.workers, options.timeout)
    raise ParameterError("engine", "local or ray", options.engine)


def _show(options: argparse.Namespace) -> int:
    from routegame.eval.report.write import write_report

    print(write_report(options.directory))
    return DONE


def _watch(options: argparse.Namespace) -> int:
    """Play an episode; everything that can be wrong about it is found before anything is shown."""
    base, game = _game(options)
    as_number("fps", options.fps, 0.1, 50)
    from routegame.eval.watch.playback import Episode, play, show

    plan = Episode.of(
        game,
        options.information,
        throttling=options.throttling,
        route=options.route,
        cascade_prob=options.cascade_prob,
    )
    scenes = play(
        game,
        plan,
        options.seed,
        scenario=base,
        num_users=options.users,
        num_tasks=options.tasks,
        information=options.information,
        throttling=options.throttling,
        max_passes=options.max_passes,
    )
    if options.gif is None:
        show(scenes, sys.stdout, options.fps)
        return DONE
    from routegame.eval.watch.film import check_film, write_film

    check_film(options.gif)
    episode = list(scenes)
    write_film(episode, options.gif, options.fps)
    print(f"{options.gif}  {'last frame' if options.gif.suffix.lower() == '.png' else f'{len(episode)} frames'}")
    return DONE


def _calibrate(options: argparse.Namespace) -> int:
    penalty = _churn_penalty(options)
    as_count("draws", options.draws, 100_000, smallest=20)
    as_count("seed", options.seed, 2**63 - 1, smallest=0)
    if options.report is not None and options.report.is_dir():
        raise ParameterError("report", "a file, not a folder", str(options.report))
    from routegame.calibrate.decide.advice import advise
    from routegame.calibrate.estimate.calibration import calibrate
    from routegame.calibrate.log.layout import Layout, LogError
    from routegame.calibrate.log.log import open_log
    from routegame.calibrate.show.text import advice_text

    try:
        layout = Layout.of(options.column, tuple(options.models))
        with open_log(options.log, layout, drop_bad_rows=options.drop_bad_rows) as log:
            advice = advise(calibrate(log, penalty), options.draws, options.seed)
    except LogError as error:
        print(f"routegame calibrate: {error}", file=sys.stderr)
        return UNUSABLE
    if options.report is not None:
        from routegame.calibrate.show.page import write_advice

        write_advice(advice, options.report)
    if options.json:
        print(json.dumps(advice.to_dict(), indent=2, ensure_ascii=False))
    else:
        print(advice_text(advice))
    return DONE


def _churn_penalty(options: argparse.Namespace) -> float | None:
    """P itself, or what a user is worth times how much likelier it is lost."""
    revenue, uplift = options.revenue, options.churn_uplift
    if options.churn_penalty is not None:
        if revenue is not None or uplift is not None:
            raise ParameterError("churn_penalty", "left out beside --revenue and --churn-uplift", options.churn_penalty)
        return as_single("churn_penalty", options.churn_penalty, 0, inf, closed="low")
    if (revenue is None) != (uplift is None):
        raise ParameterError("churn_uplift", "given together with --revenue", "one of them")
    if revenue is None:
        return None
    return as_single("revenue", revenue, 0, inf, closed="low") * as_single("churn_uplift", uplift, 0, 1)


def _simulate_log(options: argparse.Namespace) -> int:
    _, game = _game(options)
    from routegame.calibrate.log.simulated import LogPlan, Segment, commitment, write_log

    best = solve(game).equilibrium
    given = tuple(map(commitment, options.commitment)) or ((int(best.route), float(best.cascade_prob)),)
    plan = LogPlan(
        game,
        given,
        num_tasks=options.tasks,
        temperature=options.temperature,
        value_spread=options.value_spread,
        num_users=options.users,
        segments=tuple(map(Segment.parse, options.segment)),
        noise=options.noise,
        max_passes=options.max_passes,
        seed=options.seed,
    )
    num_tasks, num_passes = write_log(plan, options.out)
    print(f"{options.out}  {num_passes:,} passes of {num_tasks:,} tasks, simulated")
    return DONE


def _figures(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from routegame.eval.figures.catalogue import draw_figures

    for drawn, path in draw_figures(options.out):
        tqdm.write(f"{path}  {drawn.title}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())

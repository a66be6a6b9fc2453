"""`routegame calibrate`: from a log of passes to a game, and to a decision."""

from __future__ import annotations

import argparse
from math import inf
from pathlib import Path

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_count, as_single
from routegame.envs.document import checked, read_document
from routegame.envs.policy import Policy
from routegame.terminal import print_json
from routegame.whole_file import check_place


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument(
        "log",
        type=Path,
        nargs="?",
        metavar="LOG",
        help="a row a pass: .csv, .tsv, .jsonl, .json (also .gz, .zst), .parquet",
    )
    about = "standard, reasoning (1, 2), or up to 64 in any order; 'A|A-2025' if one has several names"
    parser.add_argument("--models", nargs="+", default=[], metavar="A", help=about)
    about = "paper: two models, never back to the first; free: any order (default: paper for two, free for more)"
    parser.add_argument("--order", choices=("paper", "free"), help=about)
    about = "a commitment of a log in free order, by its name, in full: a JSON file; may be repeated"
    parser.add_argument("--commitment", action="append", default=[], metavar="NAME=FILE", help=about)
    about = "what the log calls a column, for instance success=ok or cost=usage.cost; may be repeated"
    parser.add_argument("--column", action="append", default=[], metavar="COLUMN=NAME", help=about)
    about = "leave out the tasks of rows that cannot be true, and say how many"
    parser.add_argument("--drop-bad-rows", action="store_true", help=about)
    about = (
        "passes that took so long, or longer, were cut off there: failures whose users waited until then; once for all"
        " models, or once for each, in their order"
    )
    parser.add_argument("--timeout-at", action="append", type=float, metavar="SECONDS", help=about)
    about = "the column that is true where a cache answered: no pass of either model, and set apart"
    parser.add_argument("--cached", metavar="COLUMN", help=about)
    about = "values that look odd are right: take them as they are, and say so"
    parser.add_argument("--insist", action="store_true", help=about)
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
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    """Estimate the game, decide, and print or write both."""
    path, models = _log_and_models(options)
    penalty, stated = _churn_penalty(options), dict(map(_commitment, options.commitment))
    as_count("draws", options.draws, 100_000, smallest=20)
    as_count("seed", options.seed, 2**63 - 1, smallest=0)
    if options.report is not None:
        check_place(options.report, made=True)
    from routegame.calibrate.decide.advice import advise
    from routegame.calibrate.estimate.calibration import calibrate
    from routegame.calibrate.log.layout import Layout
    from routegame.calibrate.log.log import open_log
    from routegame.calibrate.show.text import advice_text

    layout = Layout.of(options.column, models, options.cached, options.order)
    with open_log(
        path,
        layout,
        drop_bad_rows=options.drop_bad_rows,
        insist=options.insist,
        timeout_at=options.timeout_at,
    ) as log:
        advice = advise(calibrate(log, penalty, stated), options.draws, options.seed)
    if options.report is not None:
        from routegame.calibrate.show.page import write_advice

        write_advice(advice, options.report)
    if options.json:
        print_json(advice.to_dict())
    else:
        print(advice_text(advice))


def _log_and_models(options: argparse.Namespace) -> tuple[Path, tuple[str, ...]]:
    """The log and the models that were named; the log may come after them, as the last word of their list.

    Raises:
        LogError: no log was given.
        ParameterError: one model was.
    """
    path, models = options.log, tuple(options.models)
    if path is None:
        if len(models) < 3:
            from routegame.calibrate.log.layout import LogError

            raise LogError("the following arguments are required: LOG")
        path, models = Path(models[-1]), models[:-1]
    if len(models) == 1:
        raise ParameterError("models", "two names or more", models[0])
    return path, models


def _commitment(spec: str) -> tuple[str, Policy]:
    """Read the name of a commitment and the file that has it in full.

    Raises:
        ParameterError: not of that form, or no commitment in the file.
    """
    name, equals, file = spec.rpartition("=")
    if not equals:
        raise ParameterError("commitment", "NAME=FILE", spec)
    allowed = 'a JSON file of a commitment, {"start": [K numbers], "matrix": [[K x K]]}'
    with checked(Path(file), allowed):
        return name, Policy.read(read_document(Path(file), allowed))


def _churn_penalty(options: argparse.Namespace) -> float | None:
    """Return P itself, or the product that it is; None if neither is given."""
    revenue, uplift = options.revenue, options.churn_uplift
    if options.churn_penalty is not None:
        if revenue is not None or uplift is not None:
            raise ParameterError("churn_penalty", "left out beside --revenue and --churn-uplift", options.churn_penalty)
        return as_single("churn_penalty", options.churn_penalty, 0, inf, closed="low")
    if (revenue is None) != (uplift is None):
        raise ParameterError("churn_uplift", "given together with --revenue", "one of them")
    if revenue is None:
        return None
    from routegame.calibrate.estimate.calibration import cost_of_churn

    return cost_of_churn(revenue, uplift)

"""`routegame calibrate`: from a log of passes to a game, and to a decision."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from routegame.commands.arguments import add_json
from routegame.commands.parser import Parser
from routegame.envs.checks import ParameterError, as_count, as_single
from routegame.envs.document import checked, read_document
from routegame.envs.policy import Policy
from routegame.terminal import print_json
from routegame.whole_file import check_place

if TYPE_CHECKING:
    from routegame.calibrate.contexts.advice import MixAdvice
    from routegame.calibrate.decide.advice import Advice
    from routegame.calibrate.features.advice import FeatureAdvice
    from routegame.calibrate.gateway.conversion import Converted
    from routegame.calibrate.log.log import Log


def add(parser: Parser) -> None:
    """Add the options."""
    parser.add_argument(
        "log",
        type=Path,
        nargs="*",
        metavar="LOG",
        help="a row a pass: .csv, .tsv, .jsonl, .json (also .gz, .zst), .parquet; with --from, what a gateway wrote",
    )
    about = "standard, reasoning (1, 2), or up to 64 in any order; 'A|A-2025' if one has several names"
    parser.add_argument("--models", nargs="+", default=[], metavar="A", help=about)
    about = "paper: two models, never back to the first; free: any order (default: paper for two, free for more)"
    parser.add_argument("--order", choices=("paper", "free"), help=about)
    about = (
        "a commitment by its name, which a gateway's requests have as a tag: ROUTE or ROUTE:S of two models, or in full"
        " a JSON file, as logs in free order need; may be repeated"
    )
    parser.add_argument("--commitment", action="append", default=[], metavar="TAG=ROUTE[:S]|TAG=FILE", help=about)
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
    about = (
        "the column of contexts, kinds of tasks to commit to one by one (default: context, if there is); '' for none"
    )
    parser.add_argument("--context", metavar="COLUMN", help=about)
    about = (
        "columns of numbers that are known of each task, with commas between them: to commit by them; no contexts then"
    )
    parser.add_argument("--features", metavar="COLUMN,COLUMN", help=about)
    about = "values that look odd are right: take them as they are, and say so"
    parser.add_argument("--insist", action="store_true", help=about)
    group = parser.add_argument_group("a gateway's log", "attempts at calls, of which passes are made")
    about = "whose: litellm's standard logging payloads, or spans of OpenTelemetry (OTLP JSON), both as JSON Lines"
    group.add_argument("--from", dest="gateway", choices=("litellm", "otel"), help=about)
    about = "the application's record of each turn, JSON Lines: session_id, turn, judged_solved; others by --column"
    group.add_argument("--feedback", type=Path, metavar="FILE", help=about)
    about = "without another turn for so long a user has left: 90s, 30m, 2h (default 30m)"
    group.add_argument("--leave-after", metavar="DURATION", help=about)
    about = "what tokens of each model cost, for spans, which do not say: a JSON file as litellm has it"
    group.add_argument("--prices", type=Path, metavar="FILE", help=about)
    about = "the evaluation on spans that says which answers solved their tasks, in place of --feedback"
    group.add_argument("--evaluation", metavar="NAME[>=SCORE]", help=about)
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
    paths, models = _logs_and_models(options)
    penalty = _churn_penalty(options)
    as_count("draws", options.draws, 100_000, smallest=20)
    as_count("seed", options.seed, 2**63 - 1, smallest=0)
    if options.report is not None:
        check_place(options.report, made=True)
    from routegame.calibrate.log.log import open_log

    with ExitStack() as stack:
        source = _source(stack, paths, models, options)
        log = stack.enter_context(
            open_log(
                source.path,
                source.layout,
                drop_bad_rows=options.drop_bad_rows,
                insist=options.insist,
                timeout_at=options.timeout_at,
                called=paths[0],
                remarks=source.remarks,
            )
        )
        advice, in_words = _advice(log, source, penalty, options)
    if options.report is not None:
        from routegame.calibrate.show.page import write_advice

        write_advice(advice, options.report)
    if options.json:
        print_json(advice.to_dict())
    else:
        print(in_words())


def _advice(
    log: Log, source: Converted, penalty: float | None, options: argparse.Namespace
) -> tuple[Advice | MixAdvice | FeatureAdvice, Callable[[], str]]:
    """What to do by a log of its kind, and the text of that; what other kinds need is not loaded."""
    if log.layout.features:
        from routegame.calibrate.features.advice import advise_features
        from routegame.calibrate.show.feature_text import feature_advice_text

        by_features = advise_features(log, penalty, options.draws, options.seed)
        return by_features, partial(feature_advice_text, by_features)
    if log.has_contexts:
        from routegame.calibrate.contexts.advice import advise_mix
        from routegame.calibrate.show.mix_text import mix_advice_text

        by_context = advise_mix(log, penalty, options.draws, options.seed, source.stated)
        return by_context, partial(mix_advice_text, by_context)
    from routegame.calibrate.decide.advice import advise
    from routegame.calibrate.estimate.calibration import calibrate
    from routegame.calibrate.show.text import advice_text

    advice = advise(calibrate(log, penalty, source.stated), options.draws, options.seed)
    return advice, partial(advice_text, advice)


def _source(stack: ExitStack, paths: Sequence[Path], models: tuple[str, ...], options: argparse.Namespace) -> Converted:
    """The log of passes, with how it names things and what was stated: the file itself, or made from a gateway's.

    Raises:
        LogError: it cannot be made, or there are several files that are no gateway's.
        ParameterError: an option that only a gateway's log has, or only another's.
    """
    from routegame.calibrate.gateway.commitments import tagged
    from routegame.calibrate.gateway.conversion import Converted, Request, converted
    from routegame.calibrate.gateway.evaluations import Judge
    from routegame.calibrate.log.layout import Layout, LogError

    if options.gateway is None:
        for name in ("feedback", "leave_after", "prices", "evaluation"):
            if getattr(options, name) is not None:
                raise ParameterError(name, "left out without --from", getattr(options, name))
        if len(paths) > 1:
            raise LogError(f"without --from there is one LOG, got {len(paths)}: {', '.join(map(str, paths))}")
        features = options.features.split(",") if options.features is not None else ()
        layout = Layout.of(options.column, models, options.cached, options.order, options.context, features)
        return Converted(paths[0], layout, (), dict(map(_commitment, options.commitment)))
    if options.cached is not None:
        raise ParameterError("cached", "left out with --from: a gateway says what its cache answered", options.cached)
    if options.context is not None:
        raise ParameterError("context", "left out with --from: what a gateway writes has no contexts", options.context)
    if options.features is not None:
        raise ParameterError("features", "left out with --from: what a gateway writes has none", options.features)
    for name in ("prices", "evaluation"):
        if options.gateway != "otel" and getattr(options, name) is not None:
            raise ParameterError(name, "left out without --from otel", getattr(options, name))
    if options.feedback is not None and options.evaluation is not None:
        raise ParameterError("evaluation", "left out beside --feedback", options.evaluation)
    columns = dict(Layout.of(options.column).names)
    known = ("task", "pass", "model", "success", "user", "segment")
    for column in columns:
        if column not in known:
            raise ParameterError("column", f"one of {', '.join(known)} with --from: of the feedback", column)
    request = Request(
        tuple(paths),
        options.feedback,
        models,
        columns,
        tagged(options.commitment),
        1800.0 if options.leave_after is None else _seconds("leave_after", options.leave_after),
        options.order,
        options.insist,
        options.gateway,
        options.prices,
        Judge() if options.evaluation is None else Judge.parse(options.evaluation),
    )
    return stack.enter_context(converted(request))


def _seconds(name: str, duration: str) -> float:
    """Read a duration such as 30m.

    Raises:
        ParameterError: not of that form, or not above 0.

    >>> _seconds("leave_after", "1.5h")
    5400.0
    """
    match = re.fullmatch(r"([0-9]*\.?[0-9]+)(s|m|h|d|)", duration.strip().lower())
    if match is None or float(match[1]) <= 0:
        raise ParameterError(name, "a time above 0 such as 90s, 30m or 2h", duration)
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


def _logs_and_models(options: argparse.Namespace) -> tuple[list[Path], tuple[str, ...]]:
    """The logs and the models that were named; the log may come after them, as the last word of their list.

    Raises:
        LogError: no log was given.
        ParameterError: one model was.
    """
    paths, models = list(options.log), tuple(options.models)
    if not paths:
        if len(models) < 3:
            from routegame.calibrate.log.layout import LogError

            raise LogError("the following arguments are required: LOG")
        paths, models = [Path(models[-1])], models[:-1]
    if len(models) == 1:
        raise ParameterError("models", "two names or more", models[0])
    return paths, models


def _commitment(spec: str) -> tuple[str, Policy]:
    """Read the name of a commitment and the file that has it in full.

    Raises:
        ParameterError: not of that form, or no commitment in the file.
    """
    name, equals, file = spec.rpartition("=")
    if not equals:
        raise ParameterError("commitment", "NAME=FILE", spec)
    if re.fullmatch(r"[12](:[0-9.]+)?", file):
        allowed = "NAME=FILE without --from: in a log of passes a column cascade_prob says what ROUTE:S would"
        raise ParameterError("commitment", allowed, spec)
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

"""From what a gateway wrote to passes: attempts become turns, turns become tasks, and tasks are cut where they must."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb

from routegame.agents.exact.solution import Order
from routegame.calibrate.gateway.account import account
from routegame.calibrate.gateway.attempts import name_models, sort_lines
from routegame.calibrate.gateway.commitments import TaggedCommitment, name_commitments
from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.gateway.evaluations import Judge, feedback_of_scores
from routegame.calibrate.gateway.feedback import WHY, check_meaning, read_feedback, sort_feedback
from routegame.calibrate.gateway.payloads import WORDS as OF_PAYLOADS
from routegame.calibrate.gateway.payloads import read_payloads
from routegame.calibrate.gateway.places import check_files
from routegame.calibrate.gateway.prices import read_prices
from routegame.calibrate.gateway.spans import WORDS as OF_SPANS
from routegame.calibrate.gateway.spans import read_spans
from routegame.calibrate.gateway.tasks import cut, walk
from routegame.calibrate.gateway.turns import make_turns
from routegame.calibrate.log.layout import CACHED, Layout, LogError
from routegame.calibrate.log.source import legible, room_to_work, text
from routegame.envs.policy import Policy

MEMORY, THREADS = "1GB", 2

Gateway = Literal["litellm", "otel"]


@dataclass(frozen=True)
class Converted:
    """A log of passes, made from what a gateway wrote.

    Attributes:
        path: where it is, a Parquet file with our names of columns.
        layout: how it names things.
        remarks: what was grouped, cut and left out, in sentences.
        stated: commitments in full by their tags, where the order of models is free.
    """

    path: Path
    layout: Layout
    remarks: tuple[str, ...]
    stated: Mapping[str, Policy]


@dataclass(frozen=True)
class Request:
    """What a conversion is told.

    Attributes:
        logs: files of the gateway, in their order.
        feedback: the application's record of each turn; None if spans have scores.
        models: their names, with others after `|`; none if the log is to tell.
        columns: what the feedback calls things, by our names.
        commitments: what tags of requests mean.
        leave_after: seconds without another turn after which a user has left.
        order: of models, see `Layout`.
        insist: take answers without a price for free ones, and nobody's leaving for true.
        gateway: whose log it is.
        prices: a file of what tokens cost, for spans.
        judge: which evaluation of spans says that a task is solved.
    """

    logs: tuple[Path, ...]
    feedback: Path | None
    models: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    commitments: Mapping[str, TaggedCommitment] = field(default_factory=dict)
    leave_after: float = 1800.0
    order: Order | None = None
    insist: bool = False
    gateway: Gateway = "litellm"
    prices: Path | None = None
    judge: Judge = field(default_factory=Judge)


@contextmanager
def converted(request: Request) -> Iterator[Converted]:
    """Make a log of passes, to be deleted at the end.

    Raises:
        LogError: it cannot be made, or would mean something else than it says; the reason names the mapping.
        FileError: the table of prices is none.
    """
    check_files(request.logs, "LOG")
    if request.feedback is not None:
        check_files([request.feedback], "--feedback")
    elif request.gateway == "litellm":
        raise LogError(
            f"{request.logs[0]} cannot be calibrated by itself: {WHY}; --feedback FILE names the application's own"
            " record of each turn, JSON Lines with session_id, turn and judged_solved"
        )
    with tempfile.TemporaryDirectory(prefix="routegame-") as folder, room_to_work():
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": folder,
        }
        with duckdb.connect(Path(folder) / "gateway.duckdb", config=config) as database, legible(request.logs[0]):
            try:
                made = _convert(database, request, Path(folder))
            except duckdb.OutOfMemoryException:
                raise LogError(f"{request.logs[0]} cannot be read within {MEMORY}") from None
        yield made


def _convert(database: duckdb.DuckDBPyConnection, request: Request, folder: Path) -> Converted:
    spans = request.gateway == "otel"
    desk = Desk(database, request.logs[0], request.feedback or request.logs[0], OF_SPANS if spans else OF_PAYLOADS)
    if spans:
        prices = {} if request.prices is None else read_prices(request.prices)
        read_spans(desk, request.logs, prices, folder)
    else:
        read_payloads(desk, request.logs)
    chosen: Mapping[str, str] = {}
    sort_lines(desk)
    if request.feedback is None:
        feedback_of_scores(desk, request.judge)
    else:
        with legible(request.feedback):
            chosen = read_feedback(desk, request.columns)
        if spans:  # attempts go by session, not by trace
            database.execute("UPDATE feedback SET trace = NULL")
    layout = name_models(desk, request.models, request.order, insist=request.insist)
    tagged, stated = name_commitments(desk, layout, request.commitments)
    sort_feedback(desk)
    make_turns(desk)
    walk(desk, layout, tagged=tagged, insist=request.insist)
    cut(desk, request.leave_after)
    account(desk, request.leave_after)
    check_meaning(desk, request.leave_after, insist=request.insist)
    target = folder / "passes.parquet"
    _write(desk, target, layout, chosen, tagged=tagged)
    return Converted(target, layout, tuple(desk.remarks), stated)


def _write(desk: Desk, target: Path, layout: Layout, chosen: Mapping[str, str], *, tagged: bool) -> None:
    """Write the passes of `kept`."""
    columns = [
        "session AS task",
        "k AS pass",
        "model",
        "ended - began AS latency",
        "cost",
        "solved AS success",
        "next",
        f"hit AS {CACHED}",
    ]
    if tagged:
        columns.append("tag AS commitment" if layout.free else "share AS cascade_prob")
    named, total = desk.counts("SELECT count(person), count(*) FROM kept")
    if "user" in chosen or 2 * named > total:
        columns.append("person AS user")
    if "segment" in chosen:
        columns.append("segment")
    query = f"SELECT {', '.join(columns)} FROM kept ORDER BY since, session, k"
    desk.database.execute(f"COPY ({query}) TO {text(str(target))} (FORMAT parquet)")

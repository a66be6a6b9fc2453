"""Spans of model calls as attempts, whoever wrote them: OpenTelemetry's own conventions, OpenInference or Langfuse.

Models go by the name that was asked for where there is one; what answered has other names, and none where a call
failed. Sessions, users and tags may be on a span around the call. Of prompts and answers nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from routegame.calibrate.gateway.attempts import ATTEMPTS
from routegame.calibrate.gateway.desk import Desk, Words
from routegame.calibrate.gateway.places import Places
from routegame.calibrate.gateway.prices import Price
from routegame.calibrate.gateway.span import EVALUATION, Span, spans_of
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.lines import opened
from routegame.calibrate.log.source import text

WORDS = Words(
    "OpenTelemetry",
    "a span of a model call: OTLP JSON, or the SDK's to_json, one document a line",
    {
        "empty": "no span",
        "traceless": "neither session nor trace id",
        "unknown": "no status",
        "timeless": "no start or no end",
        "backwards": "an end before their start",
    },
    "the spans' gen_ai.conversation.id or session.id",
    "--prices FILE must have what its tokens cost",
)

CALLS = ("chat", "text_completion", "generate_content", "completion", "responses")
"""Values of gen_ai.operation.name that are calls of a model that answers."""

ASKED = ("gen_ai.request.model", "llm.request.model")
ANSWERED = ("gen_ai.response.model", "llm.model_name", "llm.response.model", "langfuse.observation.model.name")
SESSION = ("gen_ai.conversation.id", "session.id", "langfuse.session.id")
USER = ("enduser.id", "user.id", "langfuse.user.id")
TAGS = ("routegame.tags", "tag.tags", "langfuse.trace.tags")
PROMPT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
ANSWER = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
CACHED = ("gen_ai.usage.cache_read.input_tokens", "llm.token_count.prompt_details.cache_read")
COST = ("gen_ai.usage.cost", "llm.cost.total")
"""Keys of attributes, of which the first that is there is read."""

KEPT = {
    "place": "BIGINT",
    "kind": "VARCHAR",
    "call": "VARCHAR",
    "parent": "VARCHAR",
    "trace": "VARCHAR",
    "session": "VARCHAR",
    "person": "VARCHAR",
    "tags": "VARCHAR",
    "ok": "BOOLEAN",
    "cost": "DOUBLE",
    "began": "DOUBLE",
    "ended": "DOUBLE",
    "asked": "VARCHAR",
    "answered": "VARCHAR",
    "response": "VARCHAR",
    "name": "VARCHAR",
    "score": "DOUBLE",
    "label": "VARCHAR",
}
"""What is kept of a span or of an evaluation."""


def read_spans(desk: Desk, paths: Sequence[Path], prices: Mapping[str, Price], folder: Path) -> None:
    """Make the tables `spans`, of calls, what is around them and evaluations, and `attempts`.

    Args:
        desk: to make them on.
        paths: files of JSON Lines, plain or .gz.
        prices: of models, by their names.
        folder: for what is read, to be deleted at the end.

    Raises:
        LogError: no span is in a session, or costs are told by nobody.
    """
    desk.lines = Places(plain=True)
    kept = folder / "spans.jsonl"
    with kept.open("w", encoding="utf-8") as file:
        for row in _rows(desk, paths, prices):
            file.write(json.dumps(row) + "\n")
    columns = "{" + ", ".join(f"'{key}': '{kind}'" for key, kind in KEPT.items()) + "}"
    desk.database.execute(
        f"CREATE TABLE spans AS SELECT * FROM read_json({text(str(kept))}, format = 'newline_delimited',"
        f" columns = {columns})"
    )
    kept.unlink()
    calls, priced, sessions = desk.counts(
        """SELECT count_if(kind = 'call'), count_if(kind = 'call' AND ok AND cost IS NOT NULL), count(session)
        FROM spans"""
    )
    if calls and not priced:
        raise LogError(
            f"{desk.log} does not say what calls cost: OpenTelemetry has no attribute for it; --prices FILE names what"
            " tokens of each model cost, a JSON file as litellm has it (input_cost_per_token, output_cost_per_token)"
        )
    if calls and not sessions:
        raise LogError(
            f"{desk.log} does not say which calls are of one session: no span has gen_ai.conversation.id or session.id,"
            " so that a retry of a user cannot be told from another task"
        )
    _make_attempts(desk)


def _make_attempts(desk: Desk) -> None:
    """Give each call the session, user and tags of its trace where it has none, and leave out calls around calls."""
    desk.database.execute(
        """CREATE TABLE around AS SELECT trace, max(session) AS session, max(person) AS person, max(tags) AS tags,
        count(DISTINCT session) AS sessions FROM spans WHERE trace <> '' GROUP BY 1"""
    )
    inner = "kind = 'call' AND parent <> '' AND parent IN (SELECT call FROM spans WHERE kind = 'call')"
    desk.database.execute(f"CREATE TABLE attempts {ATTEMPTS}")
    desk.database.execute(
        f"""INSERT INTO attempts SELECT s.place, nullif(s.call, ''),
        coalesce(s.session, CASE WHEN a.sessions = 1 THEN a.session END, nullif(s.trace, '')), ok, false, cost,
        began, ended, coalesce(answered, asked), coalesce(asked, answered), coalesce(s.person, a.person),
        coalesce(s.tags, a.tags, '[]'), NULL, 0, kind = 'broken' FROM spans AS s LEFT JOIN around AS a USING (trace)
        WHERE kind = 'broken' OR (kind = 'call' AND NOT ({inner}))"""
    )
    (nested,) = desk.counts(f"SELECT count(*) FROM spans WHERE {inner}")
    if nested:
        where = desk.first_lines(f"SELECT place FROM spans WHERE {inner}")
        desk.remarks.append(
            f"{number_of(nested, 'span')} of model calls within another one left out, as the outer one is what was"
            f" waited for: {where}."
        )
    unasked, calls, nameless = desk.counts(
        """SELECT count_if(asked IS NULL), count(*), count_if(asked IS NULL AND answered IS NULL) FROM spans
        WHERE kind = 'call'"""
    )
    if unasked:
        desk.remarks.append(
            f"{unasked:,} of {number_of(calls, 'span')} do not say which model was asked for, and go by the name that"
            f" answered; {nameless:,} have none."
        )
    desk.remarks.append(
        "A client that repeats a call by itself, as openai's does twice, writes one span over all tries: such retries"
        " cannot be seen, and are part of the latency."
    )


def _rows(desk: Desk, paths: Sequence[Path], prices: Mapping[str, Price]) -> Iterator[dict[str, object]]:
    """What is kept of each line of some files."""
    place = 0
    for path in paths:
        desk.lines.add(path, place)
        with opened(path) as file:
            for line in file:
                yield from _rows_of_line(line, place, prices)
                place += 1


def _rows_of_line(line: bytes, place: int, prices: Mapping[str, Price]) -> Iterator[dict[str, object]]:
    if not line.strip():
        return
    try:
        found = list(spans_of(json.loads(line)))
    except (ValueError, RecursionError):
        found = []
    if not found:
        yield {"place": place, "kind": "broken"}
    for span in found:
        if not span.recorded and (_is_call(span) or _session(span) is not None):
            yield _row(span, place, prices)
        scores = [event.attributes for event in span.events if event.name == EVALUATION]
        if "gen_ai.evaluation.name" in span.attributes:
            scores.append(span.attributes)
        for attributes in scores:
            on = span.id if span.recorded or attributes is not span.attributes else span.parent or span.id
            yield _score(Span(span.trace, on, "", None, None, False, attributes), place)


def _is_call(span: Span) -> bool:
    operation = span.text("gen_ai.operation.name")
    if operation:
        return operation in CALLS
    return (
        span.text("openinference.span.kind").upper() == "LLM"
        or span.text("langfuse.observation.type") == "generation"
        or bool(span.text("gen_ai.request.model"))
    )


def _row(span: Span, place: int, prices: Mapping[str, Price]) -> dict[str, object]:
    failed = span.failed or bool(span.text("error.type"))
    asked = span.text(*ASKED) or _asked_in_parameters(span)
    answered = span.text(*ANSWERED)
    return {
        "place": place,
        "kind": "call" if _is_call(span) else "around",
        "call": span.id,
        "parent": span.parent,
        "trace": span.trace,
        "session": _session(span),
        "person": span.text(*USER) or None,
        "tags": _tags(span),
        "ok": not failed,
        "cost": 0.0 if failed else _cost(span, prices, answered, asked),
        "began": span.start,
        "ended": span.end,
        "asked": asked or None,
        "answered": answered or None,
        "response": span.text("gen_ai.response.id") or None,
    }


def _score(span: Span, place: int) -> dict[str, object]:
    """An evaluation, as if it were a span."""
    return {
        "place": place,
        "kind": "score",
        "call": span.id,
        "trace": span.trace,
        "response": span.text("gen_ai.response.id") or None,
        "name": span.text("gen_ai.evaluation.name") or "evaluation",
        "score": span.number("gen_ai.evaluation.score.value"),
        "label": span.text("gen_ai.evaluation.score.label").lower() or None,
    }


def _session(span: Span) -> str | None:
    return span.text(*SESSION) or None


def _tags(span: Span) -> str | None:
    """Tags as the JSON text of a list."""
    for key in TAGS:
        found = span.attributes.get(key)
        if isinstance(found, list | tuple) and found:
            return json.dumps([str(tag) for tag in found])
        if isinstance(found, str) and found:
            return found if found.startswith("[") else json.dumps([found])
    return None


def _asked_in_parameters(span: Span) -> str:
    """The model that was asked for as OpenInference has it, within a text of JSON."""
    try:
        parameters = json.loads(span.text("llm.invocation_parameters") or "{}")
    except ValueError:
        return ""
    asked = parameters.get("model") if isinstance(parameters, Mapping) else None
    return asked if isinstance(asked, str) else ""


def _cost(span: Span, prices: Mapping[str, Price], *names: str) -> float | None:
    price = next((prices[name] for name in names if name in prices), None)
    prompt, answer = span.number(*PROMPT), span.number(*ANSWER)
    if price is None or prompt is None or answer is None:
        return None if prices else span.number(*COST)
    return price.of(prompt, answer, span.number(*CACHED) or 0.0)

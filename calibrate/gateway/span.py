"""Spans of OpenTelemetry in each form of JSON that they are written in.

There are three. OTLP's own, one request a line, as the exporter of the SDK and the collector's file exporter write it:
ids are hexadecimal, 64-bit integers are strings, attributes a list. The same as protobuf's `MessageToJson` writes it:
ids are in base64 and enumerations are names. And `ReadableSpan.to_json`, a span a line: times are ISO 8601, attributes
a map, and ids begin with 0x.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

FAILED = (2, "2", "STATUS_CODE_ERROR", "ERROR")
"""How the three forms write the status of a span that failed."""

EVALUATION = "gen_ai.evaluation.result"
"""Name of the event that an evaluation is."""

HEXADECIMAL = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}")


@dataclass(frozen=True)
class Event:
    """What a span or a log record says happened.

    Attributes:
        name: of the kind of event.
        attributes: by their keys.
    """

    name: str
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A span, or a log record, which has neither start nor end.

    Attributes:
        trace: id of its trace, hexadecimal; empty if it has none.
        id: its own, or of the span that a log record is on.
        parent: id of the span that it is within.
        start: seconds since 1970; None if it is not known.
        end: likewise.
        failed: whether its status is an error.
        attributes: by their keys.
        events: that it has.
        recorded: whether it is a log record.
    """

    trace: str
    id: str
    parent: str
    start: float | None
    end: float | None
    failed: bool
    attributes: Mapping[str, object]
    events: tuple[Event, ...] = ()
    recorded: bool = False

    def text(self, *keys: str) -> str:
        """The first of some attributes that is there, as text; empty if none is."""
        return next((str(value) for key in keys if (value := self.attributes.get(key)) not in (None, "")), "")

    def number(self, *keys: str) -> float | None:
        """The first of some attributes that is a number; None if none is."""
        for key in keys:
            value = self.attributes.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
        return None


def spans_of(document: object) -> Iterator[Span]:
    """Find the spans, and the log records, of a line in any of the forms.

    >>> line = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "0" * 31 + "1", "spanId": "AAAAAAAAAAI=",
    ...     "startTimeUnixNano": "1000000000", "attributes": [{"key": "n", "value": {"intValue": "7"}}]}]}]}]}
    >>> [(span.id, span.start, span.end, span.attributes) for span in spans_of(line)]
    [('0000000000000002', 1.0, None, {'n': 7})]
    """
    if isinstance(document, list):
        for each in document:
            yield from spans_of(each)
    if not isinstance(document, Mapping):
        return
    if isinstance(document.get("context"), Mapping):
        yield _printed(document, document["context"])
    for outer, middle, inner in (
        ("resourceSpans", "scopeSpans", "spans"),
        ("resourceLogs", "scopeLogs", "logRecords"),
    ):
        for resource in _list(document, outer):
            for scope in _list(resource, middle):
                for each in _list(scope, inner):
                    yield _sent(each) if inner == "spans" else _record(each)


def _get(message: Mapping[str, object], key: str) -> object:
    """An entry of a message, whose keys protobuf may have left in their own spelling: trace_id for traceId."""
    if key in message:
        return message[key]
    return message.get(re.sub("([A-Z])", lambda match: "_" + match[1].lower(), key))


def _list(message: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = _get(message, key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _sent(span: Mapping[str, object]) -> Span:
    """A span of OTLP."""
    status = _get(span, "status")
    return Span(
        _id(_get(span, "traceId")),
        _id(_get(span, "spanId")),
        _id(_get(span, "parentSpanId")),
        _seconds(_get(span, "startTimeUnixNano")),
        _seconds(_get(span, "endTimeUnixNano")),
        isinstance(status, Mapping) and status.get("code") in FAILED,
        _attributes(_get(span, "attributes")),
        tuple(
            Event(str(event.get("name", "")), _attributes(_get(event, "attributes"))) for event in _list(span, "events")
        ),
    )


def _record(record: Mapping[str, object]) -> Span:
    """A log record of OTLP."""
    attributes = _attributes(_get(record, "attributes"))
    name = str(_get(record, "eventName") or attributes.get("event.name", ""))
    return Span(
        _id(_get(record, "traceId")),
        _id(_get(record, "spanId")),
        "",
        None,
        None,
        False,
        {},
        (Event(name, attributes),),
        recorded=True,
    )


def _printed(span: Mapping[str, object], context: Mapping[str, object]) -> Span:
    """A span of `ReadableSpan.to_json`."""
    status = span.get("status")
    return Span(
        _id(context.get("trace_id")),
        _id(context.get("span_id")),
        _id(span.get("parent_id")),
        _seconds(span.get("start_time")),
        _seconds(span.get("end_time")),
        isinstance(status, Mapping) and status.get("status_code") in FAILED,
        _attributes(span.get("attributes")),
        tuple(
            Event(str(event.get("name", "")), _attributes(event.get("attributes"))) for event in _list(span, "events")
        ),
    )


def _id(value: object) -> str:
    """An id in hexadecimal."""
    if not isinstance(value, str) or not value:
        return ""
    plain = value.lower().removeprefix("0x")
    if HEXADECIMAL.fullmatch(plain):
        return plain
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value
    return raw.hex() if len(raw) in (8, 16) else value


def _seconds(value: object) -> float | None:
    """A time in seconds since 1970, from nanoseconds or ISO 8601."""
    try:
        nanoseconds = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        pass
    else:
        return nanoseconds / 10**9 or None
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        return None


def _attributes(found: object) -> dict[str, object]:
    """Attributes by their keys, from a map or from a list of keys and typed values."""
    if isinstance(found, Mapping):
        return dict(found)
    pairs = found if isinstance(found, list) else []
    return {str(pair.get("key")): _value(pair.get("value")) for pair in pairs if isinstance(pair, Mapping)}


def _value(typed: object) -> object:
    if not isinstance(typed, Mapping):
        return typed
    for key in ("stringValue", "boolValue", "doubleValue", "intValue", "arrayValue"):
        value = _get(typed, key)
        if value is None:
            continue
        if key == "intValue":
            return int(value) if isinstance(value, str | int) and str(value).lstrip("-").isdecimal() else None
        if key == "arrayValue":
            return [_value(each) for each in _list(value, "values")] if isinstance(value, Mapping) else None
        return value
    return None

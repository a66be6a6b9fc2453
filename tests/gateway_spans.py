"""Spans of a simulated gateway's calls, in each form of JSON that OpenTelemetry is written in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

PRICES = {
    "cheap": {"input_cost_per_token": 1e-7, "output_cost_per_token": 4e-7},
    "strong": {"input_cost_per_token": 1.25e-6, "output_cost_per_token": 1e-5},
}
SECRET = "the orchid opens at midnight"
DAY = 1_790_000_000
"""When the simulation begins, in seconds since 1970."""


def spans_of_payloads(payloads: Path, clicks: Path) -> list[dict[str, object]]:
    """A span a payload, whose tokens cost what it did, with what the clicks say of its answer as an evaluation."""
    verdicts: dict[str, list[int]] = {}
    for line in clicks.read_text().splitlines():
        click = json.loads(line)
        verdicts.setdefault(click["session_id"], []).append(click["judged_solved"])
    spans = []
    lines = sorted(map(json.loads, payloads.read_text().splitlines()), key=lambda line: line["startTime"])
    for line in lines:
        name, ok = line["model_group"], line["status"] == "success"
        attributes: dict[str, object] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": name,
            "gen_ai.conversation.id": line["trace_id"],
            "routegame.tags": line["request_tags"],
            "gen_ai.input.messages": SECRET,
        }
        if ok:
            price = PRICES[name]
            paid = line["response_cost"] - 100 * price["input_cost_per_token"]
            tokens = round(paid / price["output_cost_per_token"])
            attributes |= {
                "gen_ai.response.model": f"{name}-2026-01-01",
                "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": tokens,
            }
        spans.append(
            {
                "trace": _digest(line["litellm_call_id"], 16),
                "id": _digest(line["litellm_call_id"], 8),
                "start": line["startTime"] + DAY,
                "end": line["endTime"] + DAY,
                "failed": not ok,
                "attributes": attributes,
                "score": verdicts[line["trace_id"]].pop(0) if ok else None,
            }
        )
    return spans


def _digest(name: str, size: int) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=size).digest()


def _typed(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_typed(each) for each in value]}}
    return {"stringValue": str(value)}


def listed(attributes: Mapping[str, object]) -> list[dict[str, object]]:
    """Attributes as OTLP has them."""
    return [{"key": key, "value": _typed(value)} for key, value in attributes.items()]


def _events(span: Mapping[str, object]) -> list[dict[str, object]]:
    if span["score"] is None:
        return []
    said = {"gen_ai.evaluation.name": "solved", "gen_ai.evaluation.score.value": float(span["score"])}  # type: ignore[arg-type]
    return [{"name": "gen_ai.evaluation.result", "attributes": said}]


def otlp(spans: Sequence[Mapping[str, object]], *, in_base64: bool = False) -> str:
    """A request of OTLP: its own JSON, or as protobuf's `MessageToJson` writes it."""
    write = (lambda raw: base64.b64encode(raw).decode()) if in_base64 else bytes.hex
    sent = []
    for span in spans:
        failed = {"code": "STATUS_CODE_ERROR" if in_base64 else 2}
        sent.append(
            {
                "traceId": write(span["trace"]),
                "spanId": write(span["id"]),
                "name": "chat",
                "kind": "SPAN_KIND_CLIENT" if in_base64 else 3,
                "startTimeUnixNano": str(round(span["start"] * 1e6) * 1000),  # type: ignore[operator]
                "endTimeUnixNano": str(round(span["end"] * 1e6) * 1000),  # type: ignore[operator]
                "attributes": listed(span["attributes"]),  # type: ignore[arg-type]
                "events": [event | {"attributes": listed(event["attributes"])} for event in _events(span)],  # type: ignore[arg-type]
                "status": failed if span["failed"] else {},
            }
        )
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": sent}]}]})


def printed(span: Mapping[str, object]) -> str:
    """A span as `ReadableSpan.to_json` writes it."""
    times = [datetime.fromtimestamp(span[end], UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for end in ("start", "end")]  # type: ignore[arg-type]
    return json.dumps(
        {
            "name": "chat",
            "context": {"trace_id": f"0x{span['trace'].hex()}", "span_id": f"0x{span['id'].hex()}"},  # type: ignore[attr-defined]
            "kind": "SpanKind.CLIENT",
            "parent_id": None,
            "start_time": times[0],
            "end_time": times[1],
            "status": {"status_code": "ERROR" if span["failed"] else "UNSET"},
            "attributes": span["attributes"],
            "events": _events(span),
        }
    )

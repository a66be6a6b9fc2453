"""A span is read from each form of JSON, whoever spelt its keys."""

import json

from gateway_spans import otlp, printed

from routegame.calibrate.gateway.span import spans_of

SPAN = {
    "trace": bytes(range(16)),
    "id": bytes(range(8)),
    "start": 1_790_000_000.25,
    "end": 1_790_000_001.5,
    "failed": True,
    "attributes": {"a": "x", "n": 7, "yes": True, "half": 0.5, "list": ["p", "q"]},
    "score": 1,
}


def test_three_forms_say_the_same():
    first, second, third = (
        next(spans_of(json.loads(text))) for text in (otlp([SPAN]), otlp([SPAN], in_base64=True), printed(SPAN))
    )
    assert first == second == third
    assert (first.trace, first.id, first.start, first.end) == (
        "000102030405060708090a0b0c0d0e0f",
        "0001020304050607",
        1_790_000_000.25,
        1_790_000_001.5,
    )
    assert first.failed and first.attributes == SPAN["attributes"]
    assert first.events[0].attributes["gen_ai.evaluation.score.value"] == 1.0


def test_keys_may_be_as_protobuf_has_them():
    span = {"trace_id": "0" * 32, "span_id": "1" * 16, "start_time_unix_nano": 5_000_000_000}
    span["attributes"] = [{"key": "n", "value": {"int_value": "3"}}, {"key": "odd", "value": {"bytesValue": "AA=="}}]
    (found,) = spans_of([{"resource_spans": [{"scope_spans": [{"spans": [span, 7]}]}]}])
    assert (found.id, found.start, found.end, found.attributes) == ("1" * 16, 5.0, None, {"n": 3, "odd": None})


def test_what_is_no_span_is_none():
    for document in (None, 7, {}, [], {"resourceSpans": 3}, {"resourceSpans": [{"scopeSpans": [None]}]}):
        assert list(spans_of(document)) == []
    (odd,) = spans_of({"context": {"trace_id": "what?", "span_id": 4}, "start_time": "soon", "attributes": None})
    assert (odd.trace, odd.id, odd.start, odd.attributes, odd.failed) == ("what?", "", None, {}, False)

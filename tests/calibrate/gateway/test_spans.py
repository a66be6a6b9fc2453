"""Spans of OpenTelemetry become the same passes as litellm's payloads of the same calls, in whatever form."""

import json

import duckdb
import pytest
from gateway_spans import PRICES, SECRET, listed, otlp, printed, spans_of_payloads
from gateway_worlds import ARMS, NAMES, World, write_world

from routegame.calibrate.gateway.commitments import tagged
from routegame.calibrate.gateway.conversion import Request, converted
from routegame.calibrate.gateway.evaluations import Judge
from routegame.calibrate.log.layout import LogError

TAGS = tagged([f"{arm}={route}:{share}" for arm, (route, share) in ARMS.items()])


def rows_of(request):
    with converted(request) as made:
        assert SECRET.encode() not in made.path.read_bytes()
        columns = "task, pass, model, round(latency, 3), round(cost, 4), success, next, cascade_prob"
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{made.path}') ORDER BY ALL").fetchall(), made.remarks


@pytest.fixture
def world(tmp_path):
    """Payloads, clicks, a table of prices, and where to write spans."""
    payloads, clicks = write_world(World(num_tasks=150), tmp_path, mentions=False)
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps(PRICES))
    return payloads, clicks, prices, tmp_path / "spans.jsonl"


@pytest.fixture
def read(world):
    """Passes of some lines of spans."""
    _, _, prices, log = world

    def of(lines, **more):
        log.write_text("".join(f"{line}\n" for line in lines))
        request = {"models": NAMES, "commitments": TAGS, "gateway": "otel", "prices": prices} | more
        return rows_of(Request((log,), **({"feedback": None} | request)))

    return of


FORMS = {
    "OTLP": lambda spans: [otlp(spans[:100]), otlp(spans[100:])],
    "protobuf": lambda spans: [otlp([span], in_base64=True) for span in spans],
    "printed": lambda spans: [printed(span) for span in spans],
}


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("form", FORMS)
def test_spans_are_the_same_passes_as_payloads(world, read, form):
    payloads, clicks, _, _ = world
    there, _ = rows_of(Request((payloads,), clicks, NAMES, commitments=TAGS))
    rows, said = read(FORMS[form](spans_of_payloads(payloads, clicks)))
    assert rows == there and len(rows) > 150
    assert any("such retries cannot be seen" in remark for remark in said)
    assert "Success is what the evaluation solved says." in said


def test_what_the_application_wrote_may_stand_in_for_evaluations(world, read):
    payloads, clicks, _, _ = world
    spans = [span | {"score": None} for span in spans_of_payloads(payloads, clicks)]
    with pytest.raises(LogError, match=r"has no gen_ai\.evaluation\.result, .*neither HTTP status"):
        read([otlp(spans)])
    moved = clicks.with_name("moved.jsonl")
    lines = [json.loads(line) for line in clicks.read_text().splitlines()]
    moved.write_text("".join(json.dumps({k: v for k, v in line.items() if k != "time"}) + "\n" for line in lines))
    there, _ = rows_of(Request((payloads,), clicks, NAMES, commitments=TAGS))
    assert read([otlp(spans)], feedback=moved)[0] == there


def test_scores_may_be_records_of_the_log_and_spans_of_their_own(world, read):
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    apart, records, answers = [], [], []
    for k, span in enumerate(spans):
        apart.append(span | {"score": None})
        if span["score"] is None:
            continue
        said = {"gen_ai.evaluation.name": "solved", "gen_ai.evaluation.score.label": ("Fail", "Pass")[span["score"]]}
        record = {"traceId": span["trace"].hex(), "spanId": span["id"].hex(), "eventName": "gen_ai.evaluation.result"}
        records.append(record | {"attributes": listed(said)})
        apart[-1] = apart[-1] | {"attributes": span["attributes"] | {"gen_ai.response.id": f"r{k}"}}
        said["gen_ai.response.id"] = f"r{k}"
        answers.append(span | {"id": bytes(7) + b"\1", "attributes": said, "score": None})
    logs = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
    assert read([otlp(apart), logs])[0] == there
    assert read([otlp(apart), otlp(answers)])[0] == there


def test_what_is_not_said_is_asked_for(world, read):
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    with pytest.raises(LogError, match="does not say what calls cost: OpenTelemetry has no attribute for it; --prices"):
        read([otlp(spans)], prices=None)
    alone = [
        span | {"attributes": {k: v for k, v in span["attributes"].items() if "conversation" not in k}}
        for span in spans
    ]
    with pytest.raises(LogError, match=r"no span has gen_ai\.conversation\.id or session\.id"):
        read([otlp(alone)])
    rated = [span | {"score": span["score"] and 0.7} for span in spans]
    with pytest.raises(LogError, match=r"scores of solved such as 0\.7, .*--evaluation 'solved>=0\.8'"):
        read([otlp(rated)])
    assert read([otlp(rated)], judge=Judge("solved", 0.5))[0] == read([otlp(spans)])[0]
    with pytest.raises(LogError, match="has no evaluation tone: it has solved"):
        read([otlp(spans)], judge=Judge("tone"))
    with pytest.raises(LogError, match="has no line that is a span of a model call"):
        read(['{"a": 1}', "[", "null"])


def test_names_that_are_there_only_where_a_call_went_well_are_counted(world, read):
    """OpenInference names what answered; what was asked for is within a text. Langfuse names one of the two."""
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    other, asked = [], 0
    for k, span in enumerate(spans):
        kept = span["attributes"]
        attributes = {
            "openinference.span.kind": "LLM",
            "session.id": kept["gen_ai.conversation.id"],
            "tag.tags": kept["routegame.tags"],
        }
        if k % 2:
            attributes["llm.invocation_parameters"] = json.dumps({"model": kept["gen_ai.request.model"]})
            asked += 1
        if not span["failed"]:
            attributes["llm.model_name"] = kept["gen_ai.request.model"]
            attributes["llm.token_count.prompt"] = kept["gen_ai.usage.input_tokens"]
            attributes["llm.token_count.completion"] = kept["gen_ai.usage.output_tokens"]
        other.append(span | {"attributes": attributes})
    rows, said = read([otlp(other)])
    assert rows == there
    nameless = sum(span["failed"] for span in spans[::2])
    assert nameless > 3
    words = f"{len(spans) - asked:,} of {len(spans)} spans do not say which model was asked for"
    assert any(words in remark and f"{nameless} have none" in remark for remark in said)


def test_session_and_tags_may_be_on_a_span_around_the_calls(world, read):
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    inner, outer = [], []
    for k, span in enumerate(spans):
        attributes = dict(span["attributes"])
        around = {key: attributes.pop(key) for key in ("gen_ai.conversation.id", "routegame.tags")}
        inner.append(span | {"attributes": attributes})
        request = {"id": k.to_bytes(8, "big"), "attributes": around | {"http.request.method": "POST"}, "score": None}
        outer.append(span | request)
    assert read([otlp(inner), otlp(outer)])[0] == there


def test_a_call_within_a_call_is_one(world, read):
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    lines = json.loads(otlp([span | {"score": None} for span in spans[:20]]))
    for span, twin in zip(lines["resourceSpans"][0]["scopeSpans"][0]["spans"], spans, strict=False):
        span |= {"parentSpanId": twin["id"].hex(), "spanId": "f" + twin["id"].hex()[1:]}
    rows, said = read([otlp(spans), json.dumps(lines)])
    assert rows == there and any("20 spans of model calls within another one left out" in remark for remark in said)


def test_the_sdk_and_its_exporters_are_read(world, read):
    """Real components: the SDK, its exporter of OTLP JSON, protobuf's JSON and the SDK's own."""
    files = pytest.importorskip("opentelemetry.exporter.otlp.json.file")
    encoder = pytest.importorskip("opentelemetry.exporter.otlp.proto.common.trace_encoder")
    json_format = pytest.importorskip("google.protobuf.json_format")
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    status = pytest.importorskip("opentelemetry.trace")
    payloads, clicks, _, log = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    own, kept = log.with_name("own.jsonl"), memory.InMemorySpanExporter()
    provider = trace.TracerProvider()
    for exporter in (files.FileSpanExporter(own), kept):
        provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for span in spans:
        made = tracer.start_span("chat", attributes=span["attributes"], start_time=round(span["start"] * 1e9))
        if span["score"] is not None:
            said = {"gen_ai.evaluation.name": "solved", "gen_ai.evaluation.score.value": float(span["score"])}
            made.add_event("gen_ai.evaluation.result", said)
        if span["failed"]:
            made.set_status(status.Status(status.StatusCode.ERROR))
        made.end(round(span["end"] * 1e9))
    provider.shutdown()
    finished = kept.get_finished_spans()
    message = json_format.MessageToJson(encoder.encode_spans(finished), indent=None)
    assert read(own.read_text().splitlines())[0] == there
    assert read([message])[0] == there
    assert read([span.to_json(indent=None) for span in finished])[0] == there


def test_a_broken_line_is_named(world, read):
    payloads, clicks, _, _ = world
    spans = spans_of_payloads(payloads, clicks)
    there, _ = read([otlp(spans)])
    rows, said = read(["{", otlp(spans[:9]), "", "7", otlp(spans[9:])])
    assert rows == there and "2 lines with no span, left out: lines 1 and 4." in said

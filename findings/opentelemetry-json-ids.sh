#!/usr/bin/env bash
# OpenTelemetry: one span, three JSONs, and its id is written in another way in each.
#
# One would expect: the messages that the OTLP exporter sends, turned to JSON by protobuf, are OTLP's JSON.
# What happens: OTLP's JSON wants hexadecimal ids; protobuf's MessageToJson writes bytes in base64, and the kind by
# name where OTLP wants a number. The SDK's own to_json writes hexadecimal ids with 0x in front, and ISO times.
# Why it matters: spans of two exports of one service do not join on trace_id, and no reader complains, as each of
# the three is a string.
# Versions: opentelemetry-sdk 1.45.2, opentelemetry-exporter-otlp-proto-common 1.45.2, protobuf 7.36.2.
# Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp-proto-common==1.45.2 protobuf==7.36.2
venv/bin/python - <<'EOF'
import base64
import json
import sys

from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
with provider.get_tracer("chat").start_as_current_span("chat"):
    pass
(span,) = exporter.get_finished_spans()
wanted = format(span.context.trace_id, "032x")
message = MessageToDict(encode_spans([span]))["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
printed = json.loads(span.to_json())
seen = (message["traceId"], message["kind"], printed["context"]["trace_id"])
print(f"OTLP's JSON: {wanted}, kind 1; protobuf's: {seen[0]}, kind {seen[1]}; the SDK's: {seen[2]}")
in_base64 = base64.b64encode(bytes.fromhex(wanted)).decode()
if seen != (in_base64, "SPAN_KIND_INTERNAL", "0x" + wanted):
    sys.exit("changed: the ids are written in other ways")
EOF

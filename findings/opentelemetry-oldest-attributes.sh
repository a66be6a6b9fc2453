#!/usr/bin/env bash
# OpenTelemetry and OpenInference: a long conversation pushes the model's name out of its span.
#
# One would expect: beyond the limit of 128 attributes further ones are discarded, as the specification says.
# What happens: the Python SDK discards the oldest ones. OpenInference spreads a conversation over attributes, one
# and more a message, so what was set first, the model's name, is gone (a warning is logged that does not name it).
# OpenInference's own TracerProvider has a higher limit and keeps it; spans made with the SDK's do not.
# Why it matters: spans of just the longest conversations arrive without the model that they were with.
# Versions: opentelemetry-sdk 1.45.2, openinference-instrumentation 0.1.72. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  opentelemetry-sdk==1.45.2 openinference-instrumentation==0.1.72
venv/bin/python - <<'EOF'
import logging
import sys

from openinference.instrumentation import TracerProvider as OpenInferenceProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)


def attributes(provider):
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("chat").start_as_current_span("chat") as span:
        span.set_attribute("llm.model_name", "gpt-5")
        for number in range(130):
            span.set_attribute(f"llm.input_messages.{number}.message.content", "hello")
    return exporter.get_finished_spans()[0].attributes


plain, other = attributes(TracerProvider()), attributes(OpenInferenceProvider())
last = "llm.input_messages.129.message.content"
seen = [(len(kept), "llm.model_name" in kept, last in kept) for kept in (plain, other)]
print(f"attributes kept, the first one set among them, the last one set among them: SDK {seen[0]}")
print(f"with the provider of OpenInference {seen[1]}")
if seen[0] != (128, False, True) or seen[1][1:] != (True, True):
    sys.exit("changed: other attributes are kept")
EOF

#!/usr/bin/env bash
# OpenLIT: the same call to a model costs more than twice as much when its answer is streamed.
#
# One would expect: gen_ai.usage.input_tokens, output_tokens and cost of a call are those that were billed, or missing
# where they are not known.
# What happens: in a stream OpenAI's API counts tokens only if it is asked to (stream_options). If it is not, OpenLIT
# takes one token for every two characters. In English a token is more than four: question and answer have 21 and 28
# tokens (with their envelope, by o200k_base), and the span says 34 and 62, with nothing to tell that this is a
# guess. The cost is 2.1 times as high. With include_usage the span says 21 and 28.
# Why it matters: routes that stream look twice as dear as those that do not, on the same model with the same answers,
# and a router that learns from these costs avoids them.
# Versions: openlit 1.45.0, openai 2.54.0, opentelemetry-sdk 1.45.2, without a network. Seen on 2026-11-30.
# OpenLIT is installed with what it imports for OpenAI, not with all that it names.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  openai==2.54.0 opentelemetry-sdk==1.45.2 opentelemetry-exporter-otlp==1.45.2 opentelemetry-instrumentation==0.66b2 \
  requests==2.34.2 schedule==1.2.2 xmltodict==1.0.4
venv/bin/pip install --quiet --disable-pip-version-check --no-deps openlit==1.45.0
venv/bin/python - <<'EOF'
import json
import pathlib
import sys

import httpx
import openai
import openlit
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

QUESTION = "What is the capital of France, and how many people live there?"
ANSWER = (
    "The capital of France is Paris. It lies on the Seine, in the north of the country, "
    "and about two million people live there."
)
USAGE = {"prompt_tokens": 21, "completion_tokens": 28, "total_tokens": 49}
COMMON = {"id": "one", "created": 1, "model": "gpt-4o"}


def served(request):
    """What OpenAI's API answers, whole or in pieces."""
    asked = json.loads(request.content)
    if not asked.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
        return httpx.Response(200, json=COMMON | {"object": "chat.completion", "choices": [choice], "usage": USAGE})
    pieces = [{"role": "assistant", "content": ""}, *({"content": word} for word in ANSWER.split(" ")), {}]
    words = [{"index": 0, "delta": piece, "finish_reason": None if piece else "stop"} for piece in pieces]
    for word in words[2:-1]:
        word["delta"]["content"] = " " + word["delta"]["content"]
    chunks = [{"choices": [word]} for word in words]
    if asked.get("stream_options", {}).get("include_usage"):
        chunks.append({"choices": [], "usage": USAGE})
    lines = [json.dumps(COMMON | {"object": "chat.completion.chunk"} | chunk) for chunk in chunks]
    text = "".join(f"data: {line}\n\n" for line in [*lines, "[DONE]"])
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=text)


spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
prices = pathlib.Path("prices.json")
prices.write_text(json.dumps({"chat": {"gpt-4o": {"promptPrice": 0.0025, "completionPrice": 0.01}}}))
openlit.init(pricing_json=str(prices), disable_metrics=True, disable_events=True)
transport = httpx.Client(transport=httpx.MockTransport(served))
client = openai.OpenAI(api_key="none", base_url="http://localhost/v1", http_client=transport)
found = {}
for way, options in {
    "whole": {},
    "streamed": {"stream": True},
    "streamed with its usage": {"stream": True, "stream_options": {"include_usage": True}},
}.items():
    spans.clear()
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], **options
    )
    if options and "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices) != ANSWER:
        sys.exit("the answer did not arrive")
    (span,) = spans.get_finished_spans()
    found[way] = [span.attributes[f"gen_ai.usage.{name}"] for name in ("input_tokens", "output_tokens", "cost")]
    print(f"{way}: input tokens, output tokens, dollars {found[way]}")
times = found["streamed"][2] / found["whole"][2]
print(f"streamed it costs {times:.2f} times as much")
if found["whole"][:2] != [21, 28] or found["streamed with its usage"] != found["whole"]:
    sys.exit("changed: tokens that are told are not taken")
if found["streamed"][:2] != [34, 62] or abs(times - 2.12) > 0.01:
    sys.exit("changed: tokens that are not told are counted in another way")
EOF

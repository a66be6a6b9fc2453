#!/usr/bin/env bash
# Phoenix: an open model that one runs oneself costs what OpenAI's o1 costs, because its name ends in o1.
#
# One would expect: a model that is not in the table of prices has no cost.
# What happens: each name in the table is a regular expression, and it is enough that it is found anywhere in the name
# of the span's model; the span's provider does not matter where one entry is found. AIDC-AI/Marco-o1 by vLLM is priced
# as OpenAI's o1, with 15 dollars for a million tokens of prompts; gpt-4.5-preview as gpt-4, with 30 where it was 75; a
# fine-tuned gpt-4o-mini as the plain one, at half. AIDC-AI/Ovis2-8B has no cost. Of several entries the more specific
# one is taken.
# Why it matters: a route to a model of one's own looks dearer than most that can be bought, and a model that is not in
# the table has the price of another whose name is in its own, instead of none that one would notice.
# Versions: arize-phoenix 20.26.1 with the table in the package. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export PHOENIX_WORKING_DIR="$folder/phoenix"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  arize-phoenix==20.26.1
venv/bin/python -W ignore - <<'EOF'
import json
import re
import sys
from datetime import UTC, datetime
from importlib.resources import files

from phoenix.db.models import GenerativeModel, TokenPrice
from phoenix.server.cost_tracking.cost_details_calculator import SpanCostDetailsCalculator
from phoenix.server.cost_tracking.cost_model_lookup import CostModelLookup

table = json.loads(files("phoenix.server.cost_tracking").joinpath("model_cost_manifest.json").read_text())
entries = [
    GenerativeModel(
        id=number,
        name=entry["name"],
        provider=entry.get("provider", ""),
        name_pattern=re.compile(entry["name_pattern"]),  # as the server does when it starts
        is_built_in=True,
        token_prices=[
            TokenPrice(token_type=price["token_type"], is_prompt=price["is_prompt"], base_rate=price["base_rate"])
            for price in entry["token_prices"]
        ],
    )
    for number, entry in enumerate(table["models"], 1)
]
lookup = CostModelLookup(entries)


def priced(model, provider):
    """The entry that a span's model is priced by, and the dollars for a million tokens of its prompts."""
    attributes = {"llm": {"model_name": model, "provider": provider, "token_count": {"prompt": 1_000_000}}}
    entry = lookup.find_model(start_time=datetime.now(UTC), attributes=attributes)
    if entry is None:
        return None
    (detail,) = SpanCostDetailsCalculator(entry.token_prices).calculate_details(attributes)
    return entry.name, round(detail.cost, 6)


found = {
    model: priced(model, provider)
    for model, provider in (
        ("o1", "openai"),
        ("AIDC-AI/Marco-o1", "vllm"),
        ("AIDC-AI/Ovis2-8B", "vllm"),
        ("gpt-4.5-preview", "openai"),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc123", "openai"),
    )
}
for model, price in found.items():
    print(f"{model}: {price}")
if found["AIDC-AI/Ovis2-8B"] is not None or not found["o1"] == found["AIDC-AI/Marco-o1"] == ("o1", 15):
    sys.exit("changed: another name has the price of o1")
if list(found.values())[3:] != [("gpt-4", 30), ("gpt-4o-mini-2024-07-18", 0.15)]:
    sys.exit("changed: names that begin or go on otherwise have other prices")
EOF

#!/usr/bin/env bash
# genai-prices and LiteLLM: a long prompt to the same model costs twice as much in one as in the other.
#
# One would expect: current releases of two price tables agree on a model that is more than a year old.
# What happens: they agree on claude-sonnet-4-5 up to 200,000 tokens; with one more genai-prices doubles the price
# of all of them, and LiteLLM does not (for gemini-2.5-pro both do).
# Why it matters: which route is the cheaper one depends on the library that prices the log.
# Versions: genai-prices 0.2.3, litellm 1.110.2 with the table in the package. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  litellm==1.110.2 genai-prices==0.2.3
LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'EOF'
import datetime
import logging
import sys

import litellm
from genai_prices import Usage, calc_price

logging.disable(logging.CRITICAL)
when = datetime.datetime(2025, 10, 1, tzinfo=datetime.UTC)


def prices(tokens, model, provider, name):
    usage = Usage(input_tokens=tokens, output_tokens=0)
    one = calc_price(usage, model, provider_id=provider, genai_request_timestamp=when)
    other = litellm.cost_per_token(model=name, prompt_tokens=tokens, completion_tokens=0)[0]
    return round(float(one.input_price), 6), round(other, 6)


claude = ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5")
gemini = ("gemini-2.5-pro", "google", "gemini/gemini-2.5-pro")
seen = [prices(200_000, *claude), prices(300_000, *claude), prices(300_000, *gemini)]
print(f"genai-prices and litellm: {seen[0]} for 200,000 tokens of claude-sonnet-4-5, {seen[1]} for 300,000,")
print(f"{seen[2]} for 300,000 of gemini-2.5-pro")
if seen != [(0.6, 0.6), (1.8, 0.9), (0.75, 0.75)]:
    sys.exit("changed: the prices are others")
EOF

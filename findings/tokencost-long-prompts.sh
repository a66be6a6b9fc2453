#!/usr/bin/env bash
# tokencost: a long prompt is priced at half of what the package's own table says.
#
# One would expect: the table has a second price of gemini-2.5-pro for prompts beyond 200,000 tokens, and it is used.
# What happens: calculate_cost_by_tokens takes the first price whatever the length; LiteLLM, whose table it is,
# takes the second one, for all tokens of the prompt.
# Why it matters: the cost of a context that has grown jumps to twice as much in one place and not in the other.
# Versions: tokencost 0.1.26, litellm 1.110.2. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  litellm==1.110.2 tokencost==0.1.26
LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'EOF'
import logging
import sys

import litellm
from tokencost import TOKEN_COSTS, calculate_cost_by_tokens

logging.disable(logging.CRITICAL)
model, tokens = "gemini-2.5-pro", 300_000
listed = TOKEN_COSTS[model]["input_cost_per_token_above_200k_tokens"] * tokens
mine = float(calculate_cost_by_tokens(tokens, model, "input"))
theirs = litellm.cost_per_token(model="gemini/gemini-2.5-pro", prompt_tokens=tokens, completion_tokens=0)[0]
print(f"{tokens} tokens: tokencost {mine}, by the second price in its table {listed}, litellm {theirs:.4f}")
if [round(cost, 6) for cost in (mine, listed, theirs)] != [0.375, 0.75, 0.75]:
    sys.exit("changed: the costs are others")
EOF

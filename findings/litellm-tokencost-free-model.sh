#!/usr/bin/env bash
# LiteLLM: a dated model that its price table no longer lists costs nothing; tokencost still knows its price.
#
# One would expect: the price of a model that is not in the table raises an error, as it does for other names.
# What happens: claude-sonnet-4-20250514 is not in the table, and a million tokens of it cost 0 dollars. So do those
# of openai/gpt-6, not in the table either, while openai/gpt-99 raises. tokencost says 3 dollars for the first.
# Why it matters: logs of last year are priced with this year's package; a route that looks free wins.
# Versions: litellm 1.110.2 with the table in the package, tokencost 0.1.26. Seen on 2026-11-28.
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
from tokencost import calculate_cost_by_tokens

logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True


def price(model):
    try:
        return litellm.cost_per_token(model=model, prompt_tokens=1_000_000, completion_tokens=0)[0]
    except Exception as error:
        return type(error).__name__


dated = "claude-sonnet-4-20250514"
seen = {model: price(model) for model in (dated, "openai/gpt-6", "openai/gpt-99")}
listed = [model for model in (*seen, "gpt-6") if model in litellm.model_cost]
other = float(calculate_cost_by_tokens(1_000_000, dated, "input"))
print(f"a million tokens: {seen}; listed: {listed or 'none'}; tokencost: {other}")
if list(seen.values()) != [0.0, 0.0, "ModelNotMappedError"] or listed or other != 3.0:
    sys.exit("changed: the prices are others")
EOF

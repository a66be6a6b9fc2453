#!/usr/bin/env bash
# LiteLLM: a deployment without a weight gets no traffic beside one that has a weight.
#
# One would expect: a deployment whose weight is not given counts as one of weight 1.
# What happens: it counts as 0. Of two deployments, one of them with a weight of 1 and the other with none, the
# first answers all of 300 calls, in whichever order they are listed. The same holds for rpm.
# Why it matters: giving one of several deployments a weight silently switches off all others (they still serve
# while the weighted one cools down), and a log then shows no choice between models at all.
# Versions: litellm 1.110.2. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  litellm==1.110.2
LITELLM_LOCAL_MODEL_COST_MAP=True venv/bin/python - <<'EOF'
import collections
import logging
import sys

import litellm

logging.disable(logging.CRITICAL)


def deployment(answer, **parameters):
    parameters = {"model": "openai/gpt-4o", "api_key": "none", "mock_response": answer, **parameters}
    return {"model_name": "any", "litellm_params": parameters, "model_info": {"id": answer}}


def answers(*deployments):
    router = litellm.Router(model_list=list(deployments))
    question = [{"role": "user", "content": "hi"}]
    replies = (router.completion(model="any", messages=question) for _ in range(300))
    return collections.Counter(reply.choices[0].message.content for reply in replies)


seen = [
    answers(deployment("A", weight=1), deployment("B")),
    answers(deployment("B"), deployment("A", weight=1)),
    answers(deployment("A", rpm=9000), deployment("B")),
]
both = answers(deployment("A"), deployment("B"))
print(f"A has a weight, or an rpm, and B has none: {[dict(counts) for counts in seen]}")
print(f"neither has one: both answer: {len(both) == 2}")
if seen != [{"A": 300}] * 3 or len(both) != 2:
    sys.exit("changed: other deployments answer")
EOF

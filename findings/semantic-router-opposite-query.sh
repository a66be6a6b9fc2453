#!/usr/bin/env bash
# semantic-router: a query that points away from every example is routed all the same.
#
# One would expect: a router says that nothing fits when the cosine is -1, the least there is.
# What happens: no threshold is set by default, and the route with the largest score is chosen, with a confidence of
# -1.0. With confidence_threshold=0.0 no route is named.
# Why it matters: the fallback that users of a router count on is never reached until a threshold is set.
# Versions: semantic-router 1.1.1. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  semantic-router==1.1.1 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

from semantic_router import Route
from semantic_router.encoders import DenseEncoder
from semantic_router.routers import IndexedRouter

VECTORS = {
    "query": [1, 0, 0],
    "opposite": [-1, 0, 0],
    "same": [1, 0, 0],
    "further": [0.5, 0.75**0.5, 0],
    "other": [0.8, 0, 0.6],
}


class Table(DenseEncoder):
    """Looks vectors up, so that no model is needed."""

    name: str = "table"

    def __call__(self, docs):
        return [VECTORS[doc] for doc in docs]


def choice(**options):
    found = IndexedRouter(encoder=Table(), routes=[Route(name="A", utterances=["same"])], **options)("opposite")
    return None if found is None else (found.name, found.confidence)


by_default, strict = choice(), choice(confidence_threshold=0.0)
print(f"a query opposite to the only example: {by_default}; with a threshold of 0: {strict}")
if by_default[0] != "A" or round(by_default[1], 6) != -1 or (strict is not None and strict[0] is not None):
    sys.exit("changed: another route is chosen")
EOF

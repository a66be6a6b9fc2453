#!/usr/bin/env bash
# semantic-router: one more example of a route loses queries that the route had.
#
# One would expect: a further example can only widen what a route answers to.
# What happens: by default a route's score is the mean over those of its examples that are among the nearest five.
# A query that is an example of A itself goes to A with 1.0; when A gets a second, more distant example its score is
# 0.75, and B's one example at 0.8 wins. aggregation="max" does not do that.
# Why it matters: examples are added to mend a route, and take traffic from it.
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


def choice(examples, **options):
    routes = [Route(name="A", utterances=examples), Route(name="B", utterances=["other"])]
    return IndexedRouter(encoder=Table(), routes=routes, **options)("query").name


seen = [choice(["same"]), choice(["same", "further"]), choice(["same", "further"], aggregation="max")]
print(f"A with one example: {seen[0]}; with one more: {seen[1]}; with one more, by the maximum: {seen[2]}")
if seen != ["A", "B", "A"]:
    sys.exit("changed: other routes are chosen")
EOF

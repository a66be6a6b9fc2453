#!/usr/bin/env bash
# EcoLogits: one divided by the energy of an answer is the energy of an answer.
#
# One would expect: the energy of a model whose size is not public is a range, RangeValue, which can be reckoned with
# like a number: 1 / range is the range from one divided by its upper end to one divided by its lower end.
# What happens: division from the right is the same function as division from the left, and 1 / range is range / 1. How
# many answers of gpt-4o-mini of 500 tokens a kilowatt-hour pays for comes out as 0.00003 to 0.00004 and not as 25,000
# to 31,000; a thousand kilowatt-hours pay for a thousandth of that, and not for a thousand times as many. For models
# whose size is public the energy is a float, and the same line is right.
# Why it matters: answers per kilowatt-hour or per gram are what routes are compared by, and a table of open and closed
# models has both kinds of rows.
# Versions: ecologits 0.11.3 with the data in the package. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ecologits==0.11.3
venv/bin/python - <<'EOF'
import logging
import sys

from ecologits.tracers.utils import llm_impacts

logging.disable(logging.CRITICAL)
kwh = {}
for provider, model in (("openai", "gpt-4o-mini"), ("mistralai", "ministral-8b-latest")):
    kwh[model] = llm_impacts(provider, model, output_token_count=500, request_latency=60.0).energy.value
    print(f"{model}: {kwh[model]} kWh an answer; answers for one kWh {1 / kwh[model]}, for 1,000 {1000 / kwh[model]}")
closed, known = kwh["gpt-4o-mini"], kwh["ministral-8b-latest"]
should = (round(1 / closed.max), round(1 / closed.min))
print(f"answers of gpt-4o-mini for one kWh should be {should[0]} to {should[1]}")
if 1 / closed != closed or not (1000 / closed).max < closed.min or not 10_000 < should[0] < should[1] < 100_000:
    sys.exit("changed: one divided by a range is another range")
if not isinstance(known, float):
    sys.exit("changed: the energy of a model of known size is no float")
EOF

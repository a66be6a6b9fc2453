#!/usr/bin/env bash
# tdigest: a quarter of all users have fewer than minus four retries, by the digest of a hundred who have none or ten.
#
# One would expect: a percentile lies between the smallest and the largest number that went in; where nine of ten
# numbers are 0, the first nine tenths of the percentiles are 0, or nearly so, and cdf(0) is 0.9.
# What happens: equal numbers are one centroid, whatever its weight, and percentiles are drawn on a line through the
# middles of centroids that goes on below the first one. Of 90 users without a retry and 10 with ten, percentile(1) is
# -8.8, percentile(25) is -4, the median is 1 and percentile(75) is 6; cdf(0) says that 45 % have none. percentile(0) is
# 0, more than percentile(25) is. Above the last middle the line is flat. Waits that are all different show it as well:
# where one of 20 is quick, the first percentile of times is negative.
# Why it matters: logs of gateways are summed up in digests, and retries, tokens of short answers and rounded waits are
# ties. Where a tie is in the middle the median is a number that hardly anybody has; where it is first, percentiles are
# negative.
# Versions: tdigest 0.5.2.2. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tdigest==0.5.2.2 accumulation-tree==0.6.4
venv/bin/python - <<'EOF'
import sys

from tdigest import TDigest

retries = [0] * 90 + [10] * 10
waits = [0.1] + [10 + tenth / 10 for tenth in range(19)]
found = {}
for name, numbers in (("retries", retries), ("waits", waits)):
    digest = TDigest()
    digest.batch_update(numbers)
    found[name] = {percent: round(float(digest.percentile(percent)), 1) for percent in (0, 1, 25, 50, 75, 100)}
    print(f"{name}: percentiles {found[name]}, share of the smallest {digest.cdf(min(numbers))}")
    if name == "retries":
        share = digest.cdf(0)
if found["retries"] != {0: 0, 1: -8.8, 25: -4, 50: 1, 75: 6, 100: 10} or share != 0.45 or not found["waits"][1] < 0:
    sys.exit("changed: the percentiles are others")
EOF

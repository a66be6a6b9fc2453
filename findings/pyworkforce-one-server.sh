#!/usr/bin/env bash
# pyworkforce: two servers are required where, by its own service level, one is enough.
#
# One would expect: required_positions is the smallest number of servers with the service level that is asked for.
# What happens: the search begins at the offered load plus 1, rounded, and only goes up. Where the load's fraction is
# above a half it begins one above the smallest number that is stable. 40 requests in 30 minutes, half a minute each,
# are 0.67 servers' work; one serves 82 % of them within two minutes, as service_level(1) says, and 80 % are asked for:
# 2 are required. At a load of 2.67 it is 4 where 3 will do. The second server is required from a load of 0.5 on, and
# needed from 0.69.
# Why it matters: servers of models are few and dear, and waits of minutes are borne. One in two is paid for nothing.
# Versions: pyworkforce 0.5.1. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pyworkforce==0.5.1 numpy==2.4.6 pandas==2.3.3 ortools==9.15.6755 joblib==1.6.0
venv/bin/python - <<'EOF'
import sys

from pyworkforce.queuing import ErlangC

LEVEL = 0.8


def queue(requests, minutes, wait):
    return ErlangC(transactions=requests, aht=minutes, asa=wait, interval=30)


def numbers(model):
    """Servers that it requires, and the fewest that are stable and have the level by its own service_level."""
    fewest = next(servers for servers in range(int(model.intensity) + 1, 100) if model.service_level(servers) >= LEVEL)
    return model.required_positions(LEVEL)["raw_positions"], fewest


small, larger, plain = queue(40, 0.5, 2), queue(80, 1, 5), queue(100, 3, 1 / 3)
for model in (small, larger, plain):
    required, fewest = numbers(model)
    level = model.service_level(fewest)
    print(f"a load of {model.intensity:.2f}: {required} servers required, {fewest} serve {level:.0%} in time")
steps = [queue(requests / 10, 0.5, 2) for requests in range(1, 600)]
goes_up = [round(next(model.intensity for model in steps if numbers(model)[which] > 1), 3) for which in (0, 1)]
print(f"the second server is required from a load of {goes_up[0]}, and needed from {goes_up[1]}")
if [numbers(model) for model in (small, larger, plain)] != [(2, 1), (4, 3), (14, 14)] or goes_up != [0.5, 0.692]:
    sys.exit("changed: other numbers are required")
EOF

#!/usr/bin/env bash
# throttled-py: a limit of 59 a minute lets 30 a minute through, and one of 119 lets 60.
#
# One would expect: a token bucket, the default, that is filled at 59 tokens a minute serves 59 requests a minute of a
# user who asks all the time; a limit one smaller than 60 serves one less.
# What happens: time counts in whole seconds, tokens are added in whole numbers, and what is left over is forgotten with
# each request that is served. At 59 a minute one second makes no token, and two make one, where 0.97 of another one is
# lost. So 31 to 59 a minute are all 30, 61 to 119 are 60, and 121 to 179 are 120. With limits an hour little is lost.
# It is the same for the leaking bucket, and the script that the package runs in Redis reckons like this, too. The fixed
# window lets through what it says.
# Why it matters: what users do who are served half as often as the plan says is read as their taste, and hardly any
# limit a minute, such as 50 or 500, is a multiple of 60.
# Versions: throttled-py 3.5.0, time-machine 3.6.0. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check throttled-py==3.5.0 time-machine==3.6.0
venv/bin/python - <<'EOF'
import datetime
import sys

import time_machine
from throttled import Throttled, per_min

WARM, MINUTES, STEP = 5, 10, 0.25


def served(kind, limit):
    """Requests that are let through a minute, of a user who asks four times a second, once the bucket is empty."""
    through = 0
    with time_machine.travel(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), tick=False) as clock:
        throttle = Throttled(key=f"{kind}-{limit}", using=kind, quota=per_min(limit))
        for step in range(int((WARM + MINUTES) * 60 / STEP)):
            through += not throttle.limit().limited and step * STEP >= WARM * 60
            clock.shift(STEP)
    return through / MINUTES


LIMITS = [30, 31, 50, 59, 60, 61, 119, 120, 179]
seen = {kind: [served(kind, limit) for limit in LIMITS] for kind in ("token_bucket", "leaking_bucket", "fixed_window")}
print(f"limits a minute: {LIMITS}")
for kind, through in seen.items():
    print(f"{kind}: {through} let through")
halved = [30, 30, 30, 30, 60, 60, 60, 120, 120]
if seen != {"token_bucket": halved, "leaking_bucket": halved, "fixed_window": LIMITS}:
    sys.exit("changed: other numbers are let through")
EOF

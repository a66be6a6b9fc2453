#!/usr/bin/env bash
# throttled-py: a request that is refused uses up the limit, so that who asks on the minute is never served again.
#
# One would expect: of a limit of 1,000 tokens a minute what was refused is not used. A user who asks for 900 once a
# minute is refused at most every other time by a sliding window, which counts the minute before in proportion.
# What happens: the first request of each minute is written down as used before it is decided whether it is served. It
# is refused because of the 900 of the minute before, and counts as 900 itself, for the next one. The user is served
# once, in the first minute, and not in the hour that follows, although nothing was used. So it is in the store in
# memory, which is the default; the script that the package runs in Redis writes down only what it serves. A user who
# asks every other minute is served every time.
# Why it matters: tokens a minute are what model providers limit, and a client that is told to wait a minute comes back
# on the minute. Logs show a user who was turned away for good.
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

seen = {}
with time_machine.travel(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), tick=False) as clock:
    for seconds in (60, 120):
        throttle = Throttled(key=f"every {seconds}", using="sliding_window", quota=per_min(1000))
        seen[seconds] = []
        for _ in range(3600 // seconds):
            seen[seconds].append(not throttle.limit(cost=900).limited)
            clock.shift(seconds)
        print(f"900 tokens every {seconds} seconds: {sum(seen[seconds])} of {len(seen[seconds])} served")
    throttle = Throttled(key="refused", using="sliding_window", quota=per_min(1000))
    first = throttle.limit(cost=1500)
    left = throttle.peek("refused").remaining
    print(f"1,500 tokens at once are refused: {first.limited}; {left} of 1,000 are left after that")
if sum(seen[60]) != 1 or not seen[60][0] or not all(seen[120]) or not first.limited or left != 0:
    sys.exit("changed: what is refused is counted in another way")
EOF

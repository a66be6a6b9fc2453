#!/usr/bin/env bash
# backoff-utils: whatever a strategy is set to, everybody waits 1, 2, 4 and 8 seconds, and tries once more than allowed.
#
# One would expect: Exponential() waits with jitter, which is the default, Exponential(minimum=5) 5 seconds at least,
# Polynomial(exponent=2) by squares and Fixed(sequence=[3, 6, 9]) as it says. max_tries=3, "the maximum number of times
# to attempt the call", makes three calls and waits twice.
# What happens: the wait is reckoned by a function of the class, which makes an instance of its own for each, with the
# exponent 1, no sequence, no minimum, a scale of 1 and no jitter. Waits are 1, 2, 4, 8 for every Exponential, 0, 1, 2,
# 3 for the polynomial and 1, 1, 1, 1 for the fixed one. The call is made four times, and the fourth wait, of 8 seconds,
# comes after the last of them, before the error is raised. Nothing warns.
# Why it matters: without jitter all users who were turned away together come back together, which is what one backs off
# against; and retries counted by max_tries are one too few.
# Versions: backoff-utils 1.0.1, validator-collection 1.5.0. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check backoff-utils==1.0.1 validator-collection==1.5.0
venv/bin/python - <<'EOF'
import sys
import time

from backoff_utils import backoff, strategies

waits = []
time.sleep = waits.append  # waits are written down and not slept


def waited(strategy):
    """Waits, as whole seconds if they are, and calls of a function that always fails."""
    waits.clear()
    calls = []

    def fail():
        calls.append(len(calls))
        raise ConnectionError("busy")

    try:
        backoff(fail, strategy=strategy, max_tries=3, catch_exceptions=[ConnectionError])
    except ConnectionError:
        return [float(seconds) for seconds in waits], len(calls)


kinds = {
    "Exponential": strategies.Exponential,
    "Exponential()": strategies.Exponential(),
    "Exponential(minimum=5)": strategies.Exponential(minimum=5),
    "Exponential(scale_factor=3.0)": strategies.Exponential(scale_factor=3.0),
    "Polynomial(exponent=2)": strategies.Polynomial(exponent=2),
    "Fixed(sequence=[3, 6, 9])": strategies.Fixed(sequence=[3, 6, 9]),
}
seen = {name: waited(strategy) for name, strategy in kinds.items()}
for name, (seconds, calls) in seen.items():
    print(f"{name}, max_tries=3: {calls} calls, waits {seconds}")
wanted = [[1, 2, 4, 8]] * 4 + [[0, 1, 2, 3], [1, 1, 1, 1]]
if [seconds for seconds, _ in seen.values()] != wanted or {calls for _, calls in seen.values()} != {4}:
    sys.exit("changed: the waits or the number of calls are others")
EOF

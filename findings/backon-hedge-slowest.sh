#!/usr/bin/env bash
# backon: of several hedged requests the first answer is returned once the slowest one has answered, too.
#
# One would expect: a request is sent several times at once so that the quickest copy counts: "first-success-wins", says
# the README. The call takes as long as the quickest copy, a copy that fails is no harm while another one may succeed,
# and `timeout`, the "maximum time to wait for any hedge", ends it.
# What happens: hedge waits for the first copy, and then for all of its threads before it returns. Of copies that take
# 0.1, 0.5 and 2 seconds the first one's answer comes after 2 seconds. Where the copy that ends first fails, its error
# is raised, also after 2 seconds, by which time two others have succeeded. With a timeout of 0.5 seconds the message
# "all hedged requests failed" comes after 2 seconds. The coroutine version does return in time, with the first error as
# well.
# Why it matters: hedging is there to cut the tail of the waits. This way all requests have the longest of three waits,
# and what fails fast (a full queue, a rate limit) wins against what works.
# Versions: backon 4.4.5. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check backon==4.4.5
venv/bin/python - <<'EOF'
import asyncio
import itertools
import sys
import time

from backon import HedgeError, hedge

SECONDS = [0.1, 0.5, 2.0]


def copies(failing=None):
    """A function whose first call takes the first of the seconds above, and so on; one of them may fail."""
    order = itertools.count()

    def request():
        copy = next(order)
        time.sleep(SECONDS[copy])
        if copy == failing:
            raise ConnectionError(f"copy {copy}")
        return f"answer of copy {copy}"

    return request


def coroutines(failing=None):
    order = itertools.count()

    async def request():
        copy = next(order)
        await asyncio.sleep(SECONDS[copy])
        if copy == failing:
            raise ConnectionError(f"copy {copy}")
        return f"answer of copy {copy}"

    return request


async def timed_coroutine(request):
    start = time.monotonic()
    try:
        result = await hedge(request, max_hedge=3)
    except ConnectionError as error:
        result = f"{type(error).__name__}: {error}"
    return result, round(time.monotonic() - start)


def timed(request, **options):
    start = time.monotonic()
    try:
        result = hedge(request, max_hedge=3, **options)
    except (ConnectionError, HedgeError) as error:
        result = f"{type(error).__name__}: {error}"
    return result, round(time.monotonic() - start)


seen = [timed(copies()), timed(copies(failing=0)), timed(lambda: time.sleep(2) or "answer", timeout=0.5)]
seen += [asyncio.run(timed_coroutine(coroutines())), asyncio.run(timed_coroutine(coroutines(failing=0)))]
names = ("threads", "first fails", "timeout of 0.5", "coroutines", "first fails")
for name, (result, seconds) in zip(names, seen, strict=True):
    print(f"{name}: {result}, after about {seconds} seconds")
answer, failed = "answer of copy 0", "ConnectionError: copy 0"
wanted = [answer, failed, "HedgeError: all hedged requests failed", answer, failed]
if seen != list(zip(wanted, [2, 2, 2, 0, 0], strict=True)):
    sys.exit("changed: hedging ends at another time or with another result")
EOF

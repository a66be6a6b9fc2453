#!/usr/bin/env bash
# lifelines: times between two stamps are cut to whole days by default.
#
# One would expect: datetimes_to_durations of stamps 18 hours apart gives three quarters of a day.
# What happens: it gives 0, and 2 days and 23 hours give 2: the unit is the day, and what is beyond whole units is
# dropped, not kept as a fraction. freq="h" gives whole hours in the same way.
# Why it matters: a log of requests becomes one whose users all left at time 0, which no fitter complains about.
# Versions: lifelines 0.30.3, pandas 2.3.3. Seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

from lifelines.utils import datetimes_to_durations

starts = ["2025-01-01 00:00", "2025-01-01 00:00"]
ends = ["2025-01-01 18:30", "2025-01-03 23:00"]
days, _ = datetimes_to_durations(starts, ends)
hours, _ = datetimes_to_durations(starts, ends, freq="h")
print(f"18.5 and 71 hours are {days.tolist()} days, or {hours.tolist()} hours")
if (days.tolist(), hours.tolist()) != ([0.0, 2.0], [18.0, 71.0]):
    sys.exit("changed: the durations are others")
EOF

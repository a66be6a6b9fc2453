#!/usr/bin/env bash
# marl-eval: the interval of a learning curve is that of ten runs, however many there are.
#
# One would expect: the 95 % interval of a mean of n runs is 1.96 standard deviations over the root of n on either side.
# With three runs it is wide, with 40 narrow.
# What happens: get_and_aggregate_data_single_task, which plot_single_task draws, divides by the root of 10. With three
# runs the interval is 0.55 times as wide as it should be, and holds the true mean in 54 of 100 experiments; with ten it
# does in 90, and with 40, twice as wide as it should be, in all.
# Why it matters: three to five runs are usual where training is dear, and there the curves seem to be apart. More runs
# do not make the band narrower, so that it seems to be the learner that varies.
# Versions: id-marl-eval 0.0.4, installed without the pandas 1.4.4 that it asks for and what else it needs for pictures;
# numpy 2.4.6. Seen on 2026-11-30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 colorama==0.4.6
venv/bin/pip install --quiet --disable-pip-version-check --no-deps id-marl-eval==0.0.4
venv/bin/python - <<'EOF'
import sys

import numpy as np
from marl_eval.utils.data_processing_utils import data_process_pipeline, get_and_aggregate_data_single_task

random = np.random.default_rng(0)


def interval(returns):
    """Mean and half width of marl-eval's interval of the returns of runs, all of one step."""
    runs = {
        f"seed_{run}": {"step_1": {"step_count": 100, "return": [value]}, "absolute_metrics": {"return": [value]}}
        for run, value in enumerate(returns.tolist())
    }
    data = data_process_pipeline({"routing": {"game": {"learner": runs}}}, [])
    (mean,), (width,) = get_and_aggregate_data_single_task(data, "return", [], "game", "routing")["learner"].values()
    return float(mean), float(width)


found = {}
for runs in (3, 10, 40):
    ratios, held = [], 0
    for _ in range(1000):
        returns = random.normal(size=runs)
        mean, width = interval(returns)
        ratios.append(width / (1.96 * returns.std() / np.sqrt(runs)))
        held += abs(mean) <= width
    found[runs] = [round(float(min(ratios)), 3), round(float(max(ratios)), 3), held / 1000]
    print(f"{runs} runs: {found[runs][:2]} times as wide as with the root of {runs}; hold the mean {found[runs][2]}")
if any(found[runs][:2] != [round((runs / 10) ** 0.5, 3)] * 2 for runs in found):
    sys.exit("changed: the interval is of another width")
if not (found[3][2] < 0.6 and 0.87 < found[10][2] < 0.95 and found[40][2] > 0.99):
    sys.exit("changed: it holds the mean in other shares of experiments")
EOF

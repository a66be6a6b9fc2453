#!/usr/bin/env bash
# marl-eval: normalised returns go beyond 1 where a step's episodes are the worst and the best so far.
#
# One would expect: returns of a task are scaled to lie between 0, the least of all, and 1, the largest.
# What happens: while the extremes are looked for, a list that has a new least value is not asked for its largest. Where
# the episodes of a step spread to both sides, as they do early in training, and in the absolute metric, which has ten
# times as many episodes, the largest return may be missed. Of one run that ends on returns between 0 and 100, after
# steps with 40 to 60 and 30 to 70, the largest is taken to be 60, and its last returns are up to 1.67. Listed in the
# other order, from the widest step to the narrowest, the same returns are 1 at most.
# Why it matters: what is averaged over tasks (the interquartile mean, the curves) is averaged of such returns, and a
# task where this happens counts for more than others, depending on the order in which learners and runs were written.
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

from marl_eval.utils.data_processing_utils import data_process_pipeline

STEPS = {"step_0": [40.0, 60.0], "step_1": [30.0, 70.0], "absolute_metrics": [0.0, 100.0]}


def normalised(names):
    """The returns of one run after marl-eval's scaling, with its steps listed in this order."""
    run = {name: {"step_count": list(STEPS).index(name) * 100, "return": STEPS[name]} for name in names}
    data = data_process_pipeline({"routing": {"game": {"learner": {"seed_0": run}}}}, ["return"])
    found = data["routing"]["game"]["learner"]["seed_0"]
    return {name: [round(value, 2) for value in found[name]["norm_return"]] for name in STEPS}


found, turned = normalised(list(STEPS)), normalised(list(STEPS)[::-1])
print(f"from the first step on: {found}")
print(f"the same listed from the last one on: {turned}")
if found["absolute_metrics"] != [0.0, 1.67] or turned["absolute_metrics"] != [0.0, 1.0]:
    sys.exit("changed: the returns are scaled in another way")
EOF

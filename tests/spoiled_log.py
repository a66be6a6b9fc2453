"""Logs of a provider whose game is not the model's: success and leaving may depend on anything that a pass knows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

HEADER = ("task", "pass", "model", "latency", "cost", "success", "next", "cascade_prob")
MOST_PASSES = 200

Chance = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Of a pass: (model, number of the pass, index of the commitment), each (num_tasks,) -> (num_tasks,)."""


def write_spoiled(
    path: Path,
    commitments: Sequence[tuple[int, float]],
    succeeds: Chance,
    leaves: Chance,
    *,
    latency: tuple[float, float] = (1.0, 2.0),
    cost: tuple[float, float] = (1.0, 3.6),
    num_tasks: int = 6000,
    seed: int = 0,
) -> None:
    """Write a CSV log of tasks that are dealt to commitments in turns."""
    rng = np.random.default_rng(seed)
    arm = np.arange(num_tasks) % len(commitments)
    route, s = (np.array(column)[arm] for column in zip(*commitments, strict=True))
    task, model, rows = np.arange(num_tasks), route.copy(), []
    for number in range(1, MOST_PASSES + 1):
        n = np.full(len(task), number)
        solved = rng.random(len(task)) < succeeds(model, n, arm[task])
        left = ~solved & (rng.random(len(task)) < leaves(model, n, arm[task]))
        for k in range(len(task)):
            answer = "" if solved[k] else "leave" if left[k] else "retry"
            i = model[k] - 1
            rows.append((task[k], number, model[k], latency[i], cost[i], int(solved[k]), answer, s[task[k]]))
        on = ~solved & ~left
        task, model = task[on], model[on]
        model = np.where(rng.random(len(task)) < s[task], 2, model)
        if not len(task):
            break
    rows.sort(key=lambda row: row[:2])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)

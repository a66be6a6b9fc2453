"""How the figures of tasks that differ look: subjects and tasks that are stayed with or left, and what that costs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE
from routegame.eval.figures.arrays import Arrays
from routegame.eval.figures.panels import FONT

LARGEST = 900.0
"""Area of the mark of a subject that is all of the tasks, in square points."""


def draw_knowing(figure: Figure, arrays: Arrays) -> None:
    """Left the subjects that sighted users stay with and leave; right what a task costs over its worth."""
    left, right = figure.subplots(1, 2)
    p, leaves = arrays["success_prob"], arrays["sighted"] == 1
    _marked(left, p, leaves, LARGEST * arrays["weight"] + 3)
    left.set(xlabel="success of model 1", ylabel="success of model 2", xlim=(0.2, 1), ylim=(0.2, 1))
    left.set_title("users who know their subject", fontsize=FONT, fontweight="normal")
    left.legend(loc="lower right", frameon=False)
    right.plot(arrays["task_value"], arrays["cost_sighted"], color=BLUE, label="a policy for each")
    right.plot(arrays["task_value"], arrays["cost_for_all"], color=GREY, linestyle="--", label="one for all")
    right.plot(arrays["blind_value"], arrays["blind_cost"], "*", color=GREEN, markersize=8, label="users do not know")
    right.set(xlabel="worth of a task  $V$  (s)", ylabel="cost of a task  $J$  (\\$)", ylim=(0, 0.36))
    right.legend(loc="upper right", frameon=False, handlelength=1.5)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)


def draw_patience(figure: Figure, arrays: Arrays) -> None:
    """Left the tasks that sighted users stay with and leave; right what patience costs, kind by kind of task."""
    left, right = figure.subplots(1, 2)
    _marked(left, arrays["features"], arrays["sighted"] == 1, np.full(len(arrays["features"]), 14.0))
    left.set(xlabel="how easy a task is", ylabel="how urgent")
    left.set_title("users who know their task", fontsize=FONT, fontweight="normal")
    left.set(ylim=(-3, 4.4), xlim=(-3.2, 3.4))
    left.legend(loc="upper right", frameon=False, handletextpad=0.2)
    order = np.argsort(arrays["sighted_price"], kind="stable")
    kinds = np.arange(1, len(order) + 1)
    right.plot(kinds, arrays["blind_price"][order], ".", color=GREEN, label="users do not know")
    right.plot(kinds, arrays["sighted_price"][order], color=BLUE, label="users know their task")
    right.set(xlabel="kinds of tasks", ylabel="cost of patience", ylim=(-0.3, 11))
    right.legend(loc="upper left", frameon=False, handlelength=1.5)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)


def _marked(axes: Axes, places: FloatArray, leaves: BoolArray, area: FloatArray) -> None:
    """Mark what users stay with and what they leave."""
    for where, colour, mark, label in ((~leaves, BLUE, "o", "stay"), (leaves, ORANGE, "D", "leave")):
        x, y = places[where].T
        axes.scatter(x, y, s=area[where], color=colour, marker=mark, alpha=0.7, linewidths=0, label=label)

"""How the figure of tasks that differ looks: subjects by their success, and costs over what a task is worth."""

from __future__ import annotations

from matplotlib.figure import Figure

from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE
from routegame.eval.figures.arrays import Arrays
from routegame.eval.figures.panels import FONT

LARGEST = 900.0
"""Area of the mark of a subject that is all of the tasks, in square points."""


def draw_knowing(figure: Figure, arrays: Arrays) -> None:
    """Left the subjects that sighted users stay with and leave; right what a task costs over its worth."""
    left, right = figure.subplots(1, 2)
    p, leaves = arrays["success_prob"], arrays["sighted"] == 1
    for where, colour, mark, label in ((~leaves, BLUE, "o", "stay"), (leaves, ORANGE, "D", "leave")):
        area = LARGEST * arrays["weight"][where] + 3
        left.scatter(*p[where].T, s=area, color=colour, marker=mark, alpha=0.7, linewidths=0, label=label)
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

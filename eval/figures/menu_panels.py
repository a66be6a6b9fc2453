"""How the figures of menus look: a colour and a number for each model, with their names below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from routegame.envs.render.palette import COMPARED, GREY, INK, LINE, WHITE
from routegame.eval.figures.arrays import Arrays
from routegame.eval.figures.menu_arrays import ALL, EIGHT, NOBODY
from routegame.eval.figures.panels import FONT, SMALL

ROOM = 60
"""A region that is narrower than this part of a map is left without a number."""

CHOICES = {
    "optimum": ("*", 9, INK, "optimum"),
    "favourite": ("D", 9, "none", "users' favourite"),
    "declined": ("s", 4.5, INK, "optimum if users may decline"),
}
"""Marks of choices in the picture of the frontier, their sizes and faces, and what they are."""


def draw_first_and_last(figure: Figure, arrays: Arrays) -> None:
    """Two maps over task value and churn penalty: who goes first and who last; who does neither stands in brackets."""
    grid = figure.add_gridspec(2, 2, height_ratios=(2.6, 1))
    left = figure.add_subplot(grid[0, 0])
    right = figure.add_subplot(grid[0, 1], sharey=left)
    for axes, key in ((left, "first"), (right, "last")):
        _map(axes, arrays, key)
        axes.set_title(f"who answers {key}", fontsize=FONT, fontweight="normal")
    left.set_ylabel("churn penalty  $P$  (\\$)")
    right.tick_params(labelleft=False)
    shown = set(np.unique([arrays["first"], arrays["last"]]).tolist())
    named = [f"{k + 1}  {name}" for k, name in enumerate(arrays["models"].tolist())]
    names = [name if k in shown else f"({name})" for k, name in enumerate(named)]
    patches = [Patch(color=colour, label=name) for colour, name in zip(COMPARED, names, strict=False)]
    patches.append(Patch(facecolor=WHITE, edgecolor=GREY, linewidth=0.6, label="users leave after one pass"))
    _names(figure.add_subplot(grid[1, :]), patches)


def _map(axes: Axes, arrays: Arrays, key: str) -> None:
    """Draw regions in the colours of their models, each with its number where there is most room."""
    value, penalty, codes = arrays["task_value"], arrays["churn_penalty"], arrays[key]
    axes.set(xscale="log", yscale="log")
    colours = ListedColormap([WHITE, *COMPARED])
    most = len(COMPARED) - 0.5
    axes.pcolormesh(value, penalty, codes, cmap=colours, vmin=NOBODY - 0.5, vmax=most, rasterized=True)
    axes.set(xlim=(value[0], value[-1]), ylim=(penalty[0], penalty[-1]), xlabel="worth of a task  $V$  (s)")
    axes.set_xticks([30, 60, 120, 300], ["30", "60", "120", "300"])
    axes.set_yticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    axes.minorticks_off()
    for code in np.unique(codes).tolist():
        row, column, room = _middle(codes == code)
        if room * ROOM < len(value):
            continue
        text = "leave" if code == NOBODY else str(code + 1)
        edge = [] if code == NOBODY else [withStroke(linewidth=1, foreground="#000000A0")]
        colour = INK if code == NOBODY else WHITE
        axes.text(value[column], penalty[row], text, color=colour, ha="center", va="center", path_effects=edge)


def _middle(region: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Row and column of a point of a region as far from its edges as any, and how far: the last as they are eaten."""
    left = np.pad(region, 1)
    for eaten in count():
        inside = left.copy()
        inside[1:-1, 1:-1] &= left[:-2, 1:-1] & left[2:, 1:-1] & left[1:-1, :-2] & left[1:-1, 2:]
        if not inside.any():
            rows, columns = np.nonzero(left)
            middle = np.hypot(rows - rows.mean(), columns - columns.mean()).argmin()
            return int(rows[middle]) - 1, int(columns[middle]) - 1, eaten + 1
        left = inside
    raise AssertionError("every region ends")


def draw_cost_by_length(figure: Figure, arrays: Arrays) -> None:
    """Cost of a task with the best list of so many models, relative to the best single one, for two lists."""
    left, right = figure.subplots(1, 2, sharey=True)
    length = arrays["length"]
    for axes, name, title in ((left, EIGHT, "of 8 models"), (right, ALL, "of 51 models")):
        costs, values = arrays[f"cost_{name}"], arrays[f"task_value_{name}"]
        for cost, value, colour, mark in zip(costs, values, COMPARED, "os^", strict=False):
            share = 100 * cost / cost[0]
            axes.plot(length, share, color=colour, marker=mark, markersize=3, linewidth=1)
            axes.text(length[-1] + 0.25, share[-1], f"{value:.0f} s", color=colour, va="center")
        axes.set_title(title, fontsize=FONT, fontweight="normal")
        axes.set(xticks=length, xlim=(0.7, length[-1] + 1.3), ylim=(0, 109))
        axes.set_xlabel("models in the list")
        axes.spines[["top", "right"]].set_visible(False)
        axes.axhline(100, color=GREY, linewidth=0.6, linestyle=(0, (4, 2)), zorder=0)
    left.set_ylabel("cost of a task, % of that\nwith the best single model")


def draw_frontier(figure: Figure, arrays: Arrays) -> None:
    """Cost over utility: the frontier, and where single models, pairs and the optima lie."""
    grid = figure.add_gridspec(2, 1, height_ratios=(2.6, 1))
    axes = figure.add_subplot(grid[0])
    axes.set_yscale("log")
    axes.plot(arrays["utility"], arrays["cost"], color=INK, linewidth=1, zorder=2)
    axes.plot(*arrays["pairs"].T, "x", color=GREY, markersize=3, markeredgewidth=0.7, zorder=3)
    models = arrays["models_alone"]
    for k, ((utility, cost), colour) in enumerate(zip(models, COMPARED, strict=False)):
        axes.plot(utility, cost, "o", color=colour, markersize=6, markeredgewidth=0, zorder=4)
        axes.text(utility, cost, str(k + 1), color=WHITE, fontsize=5, ha="center", va="center_baseline", zorder=5)
    for name, (mark, size, face, _) in CHOICES.items():
        axes.plot(*arrays[name].T, mark, color=INK, markersize=size, markerfacecolor=face, zorder=6)
    axes.set_xlabel("what a task is worth to users  $U$  (s)")
    axes.set_ylabel("cost of a task  $J$  (\\$)")
    axes.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    names = arrays["models"].tolist()
    handles = [
        Line2D([], [], marker="o", linestyle="", color=colour, markersize=5, label=f"{k + 1}  {name}")
        for k, (name, colour) in enumerate(zip(names, COMPARED, strict=False))
    ]
    handles.append(Line2D([], [], color=INK, linewidth=1, label="least cost at each utility"))
    handles.append(Line2D([], [], marker="x", linestyle="", color=GREY, markersize=3.5, label="two models, their best"))
    for mark, size, face, text in CHOICES.values():
        handle = Line2D([], [], linestyle="", color=INK, marker=mark, markersize=0.7 * size, label=text)
        handle.set_markerfacecolor(face)
        handles.append(handle)
    _names(figure.add_subplot(grid[1]), handles)


def _names(axes: Axes, handles: Sequence[Patch | Line2D]) -> None:
    """Write what colours and marks mean into axes of their own, in two columns."""
    axes.set_axis_off()
    axes.legend(
        handles=list(handles),
        ncols=2,
        loc="center",
        fontsize=SMALL,
        borderaxespad=0,
        handlelength=1.2,
        columnspacing=1.2,
        labelspacing=0.35,
        edgecolor=LINE,
    )

"""How the figures look: one panel each, as wide as a column of a two-column page, readable without colours too.

Okabe and Ito's colours for categories, viridis for values; regions are labelled where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE, PALE_AMBER, PALE_GREEN, PALE_PURPLE, PALE_SKY
from routegame.eval.figures.arrays import COMMITMENTS, INFORMATION, REGIMES, Arrays

WIDTH, HEIGHT = 3.35, 2.55
"""Size of a figure without its caption, in inches."""

FONT, SMALL = 7.0, 6.0
"""Sizes in points, of labels and of captions."""

STYLE: Any = {
    "font.size": FONT,
    "axes.titlesize": FONT + 0.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 5.0,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.2,
    "legend.fontsize": FONT - 0.5,
    "legend.frameon": False,
    "image.cmap": "viridis",
    "savefig.dpi": 300,
    "svg.hashsalt": "routegame",
}

GAP = "cost-of-pass gap  $x = c_1/p_1 - c_2/p_2$  (units of $c_1$)"
PENALTY = "churn penalty  $P$  (units of $c_1$)"

Label = tuple[float, float, str]
"""Where a text is centred, in the units of the axes, and the text."""


def draw_regimes(figure: Figure, arrays: Arrays) -> None:
    """Figure 1: sign regimes over latency ratio and task value."""
    axes = figure.subplots()
    colours = dict(zip(REGIMES, (PALE_PURPLE, PALE_GREEN, PALE_AMBER, PALE_SKY), strict=True))
    ratio, value = arrays["latency_ratio"], arrays["task_value"]
    axes.set(
        xscale="log", yscale="log", xlabel="latency ratio  $t_2 / t_1$", ylabel="worth of a solved task  $V / t_1$"
    )
    axes.pcolormesh(
        ratio,
        value,
        arrays["regime"],
        cmap=ListedColormap(list(colours.values())),
        vmin=-0.5,
        vmax=3.5,
        rasterized=True,
    )
    axes.plot(ratio, ratio / 0.3, color="black", linewidth=0.9)
    axes.axhline(10, color="black", linewidth=0.9)
    axes.set(xlim=(ratio[0], ratio[-1]), ylim=(value[0], value[-1]))
    axes.set_xticks([1, 2, 3, 5, 9], ["1", "2", "3", "5", "9"])
    axes.set_yticks([5, 10, 20, 30], ["5", "10", "20", "30"])
    axes.minorticks_off()
    _label(axes, [(1.95, 18.5, "both worth a retry\n$\\xi_1 > 0,\\ \\xi_2 > 0$:\nstay, whatever $s$")])
    _label(axes, [(4.6, 5.4, "neither worth a retry\n$\\xi_1 < 0,\\ \\xi_2 < 0$:\nleave after one failure")])
    _label(
        axes,
        [(1.05, 9.6, "reasoning model only\n$\\xi_1 < 0 < \\xi_2$:\nstay iff\n$s \\geq s_0$")],
        ha="left",
        va="top",
    )
    corner = "standard\nmodel only\n$\\xi_1 > 0 > \\xi_2$:\nstay iff $s \\leq s_L$,\nleave iff $s \\geq s_H$"
    _label(axes, [(8.75, 10.3, corner)], ha="right", va="bottom")


def draw_figure_3(figure: Figure, arrays: Arrays) -> None:
    """Figure 3: the best response over the net values of both models."""
    axes = figure.subplots()
    _values(figure, axes, arrays, ("net_value_1", "net_value_2", "abandon_prob"), "abandonment probability  $q$", 1)
    for name in ("leaves_to", "stays_from"):
        axes.plot(arrays["net_value_1"], arrays[name], color="white", linewidth=0.9)
    _label(axes, [(-0.45, -0.5, "users leave\nafter the first failure\n$q = 1$")])
    _label(axes, [(0.4, 0.55, "users stay\n$q = 0$"), (0.65, -0.74, "users mix\n$0 < q < 1$")], "white")
    axes.set(xlim=(-1, 1), ylim=(-1, 1), xticks=(-1, -0.5, 0, 0.5, 1), yticks=(-1, -0.5, 0, 0.5, 1))
    axes.set_xlabel("net value of a pass of the standard model  $\\xi_1$")
    axes.set_ylabel("… of the reasoning model  $\\xi_2$")


def draw_figure_4_left(figure: Figure, arrays: Arrays) -> None:
    """Figure 4 left: the optimal commitment where only the reasoning model is worth a retry."""
    axes = _draw_commitments(figure, arrays)
    _label(
        axes,
        [
            (0, 4.6, "standard model first, no cascade  $(1, 0)$\nusers leave after a failure"),
            (1, 15, "reasoning model first\n$(2, 0)$\nusers stay"),
            (-1, 15, "least cascade that\nmakes users stay\n$(1, s_0)$"),
            (-1.7, 9.7, "$P_2$"),
            (1.7, 7.2, "$P_1$"),
        ],
    )


def draw_figure_4_right(figure: Figure, arrays: Arrays) -> None:
    """Figure 4 right: the optimal commitment where only the standard model is worth a retry."""
    axes = _draw_commitments(figure, arrays)
    _label(
        axes,
        [
            (-0.25, 3.4, "standard model first, so much cascade\nthat users leave  $(1, s \\geq s_H)$"),
            (1, 15, "most cascade under\nwhich users stay\n$(1, s_L)$"),
            (-1, 15, "standard model first,\nno cascade  $(1, 0)$\nusers stay"),
        ],
    )
    axes.annotate(
        "reasoning model first\n$(2, 0)$, users leave",
        (1.55, 8.8),
        (0.02, 7.2),
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0},
    )


def _draw_commitments(figure: Figure, arrays: Arrays) -> Axes:
    axes = figure.subplots()
    colours = dict(zip(COMMITMENTS, (PALE_SKY, PALE_AMBER, PALE_GREEN, PALE_GREEN, PALE_PURPLE), strict=True))
    _categories(axes, arrays, "gap", "churn_penalty", "commitment", list(colours.values()))
    _boundaries(axes, arrays)
    return axes


def draw_figure_5_left(figure: Figure, arrays: Arrays) -> None:
    """Figure 5 left: misalignment where only the reasoning model is worth a retry."""
    axes = _draw_misalignment(figure, arrays)
    _label(axes, [(0, 4.6, "$\\Delta U = 2.433$\nat $(1, 0)$"), (-1, 15, "$\\Delta U = 2.433$\nat $(1, s_0)$")])
    _label(axes, [(1, 15, "$\\Delta U = 0$\nat $(2, 0)$")], "white")


def draw_figure_5_middle(figure: Figure, arrays: Arrays) -> None:
    """Figure 5 middle: misalignment where only the standard model is worth a retry."""
    axes = _draw_misalignment(figure, arrays)
    _label(axes, [(-1, 15, "$\\Delta U = 0$\nat $(1, 0)$"), (1, 15, "$\\Delta U = 1.130$\nat $(1, s_L)$")], "white")
    _label(axes, [(-0.4, 4, "$\\Delta U = 1.35$\nat $(1, s \\geq s_H)$")], "white")
    axes.annotate(
        "$\\Delta U = 2.05$\nat $(2, 0)$",
        (1.55, 8.8),
        (0.1, 7.8),
        ha="center",
        va="center",
        color="white",
        path_effects=_edge("white"),
        arrowprops={"arrowstyle": "-", "linewidth": 0.6, "color": "white", "shrinkA": 1, "shrinkB": 0},
    )


def _draw_misalignment(figure: Figure, arrays: Arrays) -> Axes:
    axes = figure.subplots()
    title = "what users lose  $\\Delta U$  (units of latency)"
    _values(figure, axes, arrays, ("gap", "churn_penalty", "misalignment_gap"), title, 2.5)
    _boundaries(axes, arrays)
    return axes


def _boundaries(axes: Axes, arrays: Arrays) -> None:
    """Lines between the regions of Figure 4, and the names of its axes."""
    for name in sorted(arrays.keys() & {"P_1", "P_2", "to_staying", "to_route_2"}):
        axes.plot(arrays["gap"], arrays[name], color="black", linewidth=0.9)
    axes.plot([0, 0], [10, 20], color="black", linewidth=0.9)
    _plane(axes)


def _plane(axes: Axes) -> None:
    axes.set(xlim=(-2, 2), ylim=(0, 20), xlabel=GAP, ylabel=PENALTY)
    axes.set(xticks=(-2, -1, 0, 1, 2), yticks=(0, 5, 10, 15, 20))


def draw_figure_5_right(figure: Figure, arrays: Arrays) -> None:
    """Figure 5 right: what slowing the models down saves the provider."""
    axes = figure.subplots()
    names = ("gap", "churn_penalty", "throttling_gain")
    _values(figure, axes, arrays, names, "gain  $J^* - J^*_{\\mathrm{throttled}}$  (units of $c_1$)", 9, every=1)
    gap = arrays["gap"]
    axes.plot(gap, np.minimum(10, 10 - gap), color="white", linewidth=0.9)
    _label(axes, [(0, 15, "throttling does not pay")], "white")
    _label(axes, [(-0.9, 10.9, "$P = \\min(c_1/p_1,\\ c_2/p_2)$")], "white")
    _label(axes, [(-1, 2.8, "$9 - 0.9 P$")])
    _plane(axes)


def draw_commitment_left(figure: Figure, arrays: Arrays) -> None:
    """Value of commitment where only the reasoning model is worth a retry."""
    axes = _draw_value_of_commitment(figure, arrays, 2.25)
    _label(axes, [(-1, 16, "no pure equilibrium:\ncommitment\nkeeps users")], "white")
    _label(axes, [(1, 15, "worth nothing"), (-0.3, 5, "worth nothing")], "white")


def draw_commitment_right(figure: Figure, arrays: Arrays) -> None:
    """Value of commitment where only the standard model is worth a retry."""
    axes = _draw_value_of_commitment(figure, arrays, 9)
    _label(axes, [(-1, 15, "worth nothing"), (-1, 5.5, "drives users away"), (1, 15, "keeps users")], "white")
    _label(axes, [(1, 4.4, "no pure equilibrium:\ndrives users away")], "white")


def _draw_value_of_commitment(figure: Figure, arrays: Arrays, most: float) -> Axes:
    """Draw the value of commitment, with a line around the games without a pure equilibrium."""
    axes = figure.subplots()
    names = ("gap", "churn_penalty", "value_of_commitment")
    _values(figure, axes, arrays, names, "value of commitment  (units of $c_1$)", most)
    axes.contour(arrays["gap"], arrays["churn_penalty"], arrays["pure"], [0.5], colors="white", linewidths=0.9)
    _plane(axes)
    return axes


def draw_safe_churn_penalty(figure: Figure, arrays: Arrays) -> None:
    """The least churn penalty at which throttling never pays, side by side for two sign regimes."""
    left, right = figure.subplots(1, 2, sharey=True)
    names = ("cost_of_pass_1", "cost_of_pass_2")
    for axes, key in ((left, "value_value"), (right, "latency_value")):
        _image(axes, arrays, *names, key, Normalize(0, 20))
        axes.set(aspect="equal", xlabel="$c_1/p_1$", xticks=(0, 5, 10, 15, 20), yticks=(0, 5, 10, 15, 20))
        axes.plot([0, 20], [0, 20], color="white", linewidth=0.9)
    left.set(ylabel="$c_2/p_2$  (units of cost)")
    left.set_title("both worth a retry", fontweight="normal", fontsize=FONT)
    right.set_title("only the reasoning one", fontweight="normal", fontsize=FONT)
    _label(left, [(6.5, 15, "$P_{\\mathrm{safe}} = c_1/p_1$")], "white")
    _label(left, [(13.5, 5, "$P_{\\mathrm{safe}} = c_2/p_2$")], "white")
    _label(right, [(7, 14.5, "throttling\nnever pays"), (13.5, 5, "$P_{\\mathrm{safe}} = c_2/p_2$")], "white")
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 20)), ax=[left, right], pad=0.02, aspect=15, shrink=0.76, anchor=(0, 0.42)
    )
    bar.set_label("$P_{\\mathrm{safe}}$  (units of cost)")


def draw_worth_of_information(figure: Figure, arrays: Arrays) -> None:
    """Utility and cost over the cascade probability, for users with more and less information."""
    top, bottom = figure.subplots(2, 1, sharex=True)
    s = arrays["cascade_prob"]
    words = {"memoryless": "see nothing", "model": "see which model failed", "history": "count failures"}
    looks = {"memoryless": (BLUE, "-"), "model": (ORANGE, "--"), "history": (GREEN, (0, (1, 0.8)))}
    for kind in INFORMATION:
        colour, dashes = looks[kind]
        top.plot(s, arrays[f"utility_{kind}"], color=colour, linestyle=dashes, label=words[kind])
        cost = arrays[f"cost_{kind}"]
        bottom.plot(s, cost, color=colour, linestyle=dashes)
        best = cost.argmin()
        bottom.plot(s[best], cost[best], "o", color=colour, markersize=3.5, clip_on=False, zorder=5)
    for axes in (top, bottom):
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(0, 0.3)
    top.legend(title="users …", title_fontsize=FONT - 0.5, alignment="left", borderaxespad=0)
    top.set_ylabel("users' utility  $U$\n(units of latency)")
    bottom.set_ylabel("provider's cost  $J$\n(units of $c_1$)")
    bottom.set_xlabel("cascade probability  $s$  on route 1")


def draw_chase(figure: Figure, arrays: Arrays) -> None:
    """A trajectory that goes round, one that settles, and where each side of the former would not move."""
    axes = figure.subplots()
    points, (x_mix, q_mix) = arrays["chasing"], arrays["mix"]
    axes.set_yscale("function", functions=(np.sqrt, np.square))
    axes.set(xlim=(-0.03, 1.03), ylim=(0, 1))
    axes.axhline(q_mix, color=GREY, linewidth=0.7, linestyle=(0, (4, 2)))
    axes.plot(arrays["reasoning_that_mixes"], arrays["answers"], color=GREY, linewidth=0.7, linestyle=(0, (1, 1)))
    axes.plot(*arrays["settling"].T, color="black", linewidth=0.8)
    axes.plot(*arrays["settling"][-1], "s", color="black", markersize=4, clip_on=False, zorder=5)
    segments = np.stack([points[:-1], points[1:]], axis=1)
    line = LineCollection(list(segments), cmap="viridis", linewidths=0.9)
    line.set_array(np.arange(1, len(points)))
    axes.add_collection(line)
    axes.plot(x_mix, q_mix, "*", color=ORANGE, markersize=8, markeredgecolor="white", markeredgewidth=0.5, zorder=6)
    bar = figure.colorbar(line, ax=axes, pad=0.02, aspect=25)
    bar.set_label("updates of both sides")
    bar.outline.set_linewidth(0.6)
    arrows = (  # tail, head, where the words stand, what happens, on which side of the place they stand
        ((0.68, 0.019), (0.53, 0.019), (0.51, 0.019), "cheap model pays", "right"),
        ((0.12, 0.06), (0.12, 0.15), (0.15, 0.1), "users leave", "left"),
        ((0.36, 0.24), (0.51, 0.24), (0.53, 0.24), "good model pays", "left"),
        ((0.89, 0.15), (0.89, 0.06), (0.86, 0.1), "users return", "right"),
    )
    for tail, head, place, words, ha in arrows:
        axes.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "color": ORANGE, "linewidth": 1.4})
        outline = [withStroke(linewidth=2, foreground="white")]
        axes.text(*place, words, ha=ha, va="center", color=ORANGE, path_effects=outline, zorder=6)
    axes.set_yticks([0, 0.01, 0.04, 0.1, 0.25, 0.5, 1], ["0", "0.01", "0.04", "0.1", "0.25", "0.5", "1"])
    axes.set_xlabel("first retries answered by the reasoning model")
    axes.set_ylabel("users who leave after a failure  $q$\n(square-root scale)")


def _categories(axes: Axes, arrays: Arrays, x: str, y: str, key: str, colours: Sequence[str]) -> None:
    palette = ListedColormap(list(colours))
    _image(axes, arrays, x, y, key, Normalize(-0.5, len(colours) - 0.5), palette)


def _values(
    figure: Figure,
    axes: Axes,
    arrays: Arrays,
    names: tuple[str, str, str],
    title: str,
    most: float,
    every: float | None = None,
) -> None:
    """A map of values from 0 to `most` with its colour bar, and contours where `every` is given."""
    x, y, key = names
    image = _image(axes, arrays, x, y, key, Normalize(0, most))
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=25)
    bar.set_label(title)
    bar.outline.set_linewidth(0.6)
    if every:
        levels = np.arange(every, most, every)
        axes.contour(arrays[x], arrays[y], arrays[key], levels, colors="white", linewidths=0.3)


def _image(
    axes: Axes, arrays: Arrays, x: str, y: str, key: str, scale: Normalize, palette: ListedColormap | None = None
) -> Any:
    """Draw a map with every value centred on its point, cut off at the first and last points."""
    ends = [(axis[0], axis[-1], (axis[1] - axis[0]) / 2) for axis in (arrays[x], arrays[y])]
    extent = tuple(bound for low, high, half in ends for bound in (low - half, high + half))
    shown: NDArray[Any] = arrays[key]
    image = axes.imshow(
        shown, origin="lower", aspect="auto", extent=extent, norm=scale, cmap=palette, interpolation="nearest"
    )
    (left, right, _), (bottom, top, _) = ends
    axes.set(xlim=(left, right), ylim=(bottom, top))
    return image


def _label(axes: Axes, labels: Sequence[Label], colour: str = "black", ha: str = "center", va: str = "center") -> None:
    for x, y, text in labels:
        axes.text(x, y, text, ha=ha, va=va, color=colour, linespacing=1.35, path_effects=_edge(colour))


def _edge(colour: str) -> list[Any]:
    """A thin dark edge around white letters, which then stand out from middling colours too."""
    return [withStroke(linewidth=0.8, foreground="#00000090")] if colour == "white" else []


@contextmanager
def style() -> Iterator[None]:
    """Context in which the figures are drawn and written, whatever the settings of whoever draws them."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield

"""The paper's figures, redrawn from the exact solution, and some more: pictures, arrays and captions in a folder."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from tqdm import tqdm

from routegame.eval.figures import arrays as grids
from routegame.eval.figures import independent_cycle, menu_arrays, menu_panels, mix_arrays, mix_panels, panels
from routegame.eval.figures.arrays import LEFT, MIDDLE, Arrays
from routegame.whole_file import whole_file, writing

NUM_POINTS = 801

SHARED = "$p = (0.1, 0.3)$, $c_1 = 1$"
AT_LEFT = f"{SHARED}, $t = (1, 2)$, $V = 9$, hence $\\xi = (-0.1, 0.7)$"
AT_MIDDLE = f"{SHARED}, $t = (0.5, 2.5)$, $V = 6.5$, hence $\\xi = (0.15, {{-}}0.55)$"
AT_RIGHT = f"{SHARED}, $t = (0.5, 1.5)$, $V = 8$, hence $\\xi = (0.3, 0.9)$"


@dataclass(frozen=True)
class Drawing:
    """A figure before it is drawn.

    Attributes:
        name: of its files, without ending.
        title: what it shows, in a few words.
        caption: what one has to know to read it; $…$ is mathematics.
        arrays: computes what is drawn, from the number of points along an axis, or of a trajectory at most.
        draw: draws it into an empty figure.
        height: without the caption, in inches.
    """

    name: str
    title: str
    caption: str
    arrays: Callable[[int], Arrays]
    draw: Callable[[Figure, Arrays], None]
    height: float = panels.HEIGHT


DRAWINGS = (
    Drawing(
        "figure-1",
        "Figure 1: when users retry",
        "What a user does on route 1, by how slow the reasoning model is and what a solved task is worth; "
        "$p = (0.1, 0.3)$. $\\xi_i = V p_i - t_i$ is the net value of a pass, $s$ the share of failures handed on. "
        "Between $s_L$ and $s_H$ users mix.",
        grids.regimes,
        panels.draw_regimes,
        2.85,
    ),
    Drawing(
        "figure-3",
        "Figure 3: the user's best response",
        "Abandonment probability of a user on route 1 that does not see which model answers; $s = 0.25$, "
        "$p = (0.1, 0.3)$. Lower right: a retry is worth it on the standard model and not on the reasoning one; "
        "the best response is truly mixed where $s_L < s < s_H$.",
        grids.figure_3,
        panels.draw_figure_3,
    ),
    Drawing(
        "figure-4-left",
        "Figure 4 left: the optimal commitment",
        f"Only the reasoning model is worth a retry: {AT_LEFT}, $s_0 = 0.0411$. Lines are closed forms: "
        "$P_1 = (c_2/p_2 - c_1)/(1 - p_1)$ and $P_2 = (c_1(1 - s_0) + s_0 c_2/p_2)/(p_1 + (1 - p_1) s_0)$.",
        partial(grids.optimal_commitment, LEFT),
        panels.draw_figure_4_left,
    ),
    Drawing(
        "figure-4-right",
        "Figure 4 right: the optimal commitment",
        f"Only the standard model is worth a retry: {AT_MIDDLE}, $s_L = 0.0570$, $s_H = 0.2143$. Lines are closed "
        "forms; the lower end of the wedge is $P = (c_2 - c_1)/(p_2 - p_1)$.",
        partial(grids.optimal_commitment, MIDDLE),
        panels.draw_figure_4_right,
    ),
    Drawing(
        "figure-5-left",
        "Figure 5 left: misalignment",
        f"The games of Figure 4 left: {AT_LEFT}. Users would like $(2, 0)$. The published figure shows about 2.30 "
        "in the region of $(1, s_0)$, found on a coarse grid over $s$; at $s_0$ itself it is 2.433, as at $(1, 0)$, "
        "for there staying is worth no more than leaving.",
        partial(grids.misalignment, LEFT),
        panels.draw_figure_5_left,
    ),
    Drawing(
        "figure-5-middle",
        "Figure 5 middle: misalignment",
        f"The games of Figure 4 right: {AT_MIDDLE}. Users would like $(1, 0)$. The published figure shows about 3.33 "
        "in the wedge of $(2, 0)$, as if users stayed; they leave and lose 2.05.",
        partial(grids.misalignment, MIDDLE),
        panels.draw_figure_5_middle,
    ),
    Drawing(
        "figure-5-right",
        "Figure 5 right: what throttling gains",
        f"What the provider saves by slowing a model down until users leave: {AT_RIGHT}. Both models are worth a "
        "retry. Thin lines are one unit of cost apart.",
        grids.throttling_gain,
        panels.draw_figure_5_right,
    ),
    Drawing(
        "commitment-left",
        "Value of commitment, games of Figure 4 left",
        "What the provider saves by moving first and in public, rather than at the same time as users who see "
        f"neither route nor $s$: {AT_LEFT}. Inside the white line the game without commitment has no equilibrium in "
        "pure strategies.",
        partial(grids.value_of_commitment, LEFT),
        panels.draw_commitment_left,
    ),
    Drawing(
        "commitment-right",
        "Value of commitment, games of Figure 4 right",
        "What the provider saves by moving first and in public, rather than at the same time as users who see "
        f"neither route nor $s$: {AT_MIDDLE}. Inside the white line the game without commitment has no equilibrium "
        "in pure strategies.",
        partial(grids.value_of_commitment, MIDDLE),
        panels.draw_commitment_right,
    ),
    Drawing(
        "safe-penalty",
        "Penalty from which on throttling never pays",
        "$P_{\\mathrm{safe}}$ for $p = (0.1, 0.3)$ and users with $\\xi = (0.3, 0.9)$ (left) or $\\xi = (-0.1, 0.7)$ "
        "(right). Where the reasoning model is not worth a retry, $\\xi_2 < 0$, throttling never pays: one pass of "
        "either model can be had without it.",
        grids.safe_churn_penalty,
        panels.draw_safe_churn_penalty,
        1.95,
    ),
    Drawing(
        "information",
        "What information is worth",
        f"Route 1 in the game of Figure 4 right at $x = 1$ and $P = 15$: {AT_MIDDLE}. At a given $s$ users with more "
        "information get more. But the provider then commits otherwise (dots: its least cost): users who see which "
        "model failed leave the reasoning model at once, and get no cascade.",
        grids.worth_of_information,
        panels.draw_worth_of_information,
        2.9,
    ),
    Drawing(
        "menu-map-five",
        "Five models: who answers first, who last",
        "The optimum for five models of one vendor (scenario openai-five), their order free. Between white and blue on "
        "the right a model that is not worth its wait goes first, and one that is goes last. In the white users are "
        "let go after one pass. In brackets: neither first nor last anywhere.",
        partial(menu_arrays.first_and_last, menu_arrays.FIVE),
        menu_panels.draw_first_and_last,
        2.7,
    ),
    Drawing(
        "menu-map-eight",
        "Eight models: who answers first, who last",
        "The optimum for eight models of six vendors (scenario gateway-eight), their order free. Up to 184 s "
        "kimi-k2, where a success costs least, is not worth its wait: it answers once, and others go on. In brackets: "
        "neither first nor last anywhere.",
        partial(menu_arrays.first_and_last, menu_arrays.EIGHT),
        menu_panels.draw_first_and_last,
        3.0,
    ),
    Drawing(
        "menu-length",
        "What a longer list is worth",
        "Cost of a task with the best list of so many models, at several worths of a task. Left: scenario "
        "gateway-eight, where the best single model costs 12.4 cents a task at 60 and 90 s and 2.1 cents at 150 s. "
        "Right: scenario polyglot-51, 1.3 cents. A fourth model is never worth anything.",
        menu_arrays.cost_by_length,
        menu_panels.draw_cost_by_length,
        2.2,
    ),
    Drawing(
        "menu-frontier",
        "What users get, and what it costs",
        "The game of scenario gateway-eight: a task is worth 120 s and a lost user 50 cents. Of single models users "
        "stay with 2, 3, 4 and 8, and leave the others. The optimum lies left of 0: users would rather not have begun.",
        menu_arrays.frontier,
        menu_panels.draw_frontier,
        3.5,
    ),
    Drawing(
        "mix-knowing",
        "What knowing one's task is worth",
        "Tasks of 57 subjects (scenarios subjects-sighted and subjects-blind, a composite); a lost user costs a "
        "dollar. Left, at 22 s: users who know that theirs is a hard subject leave it, who do not know stay with all. "
        "Right: what that costs. A provider who commits for each subject pays less than one with a single commitment; "
        "at 22 s least is paid where users do not know.",
        mix_arrays.knowing,
        mix_panels.draw_knowing,
        2.2,
    ),
    Drawing(
        "mix-patience",
        "What patience costs, task by task",
        "A hundred kinds of tasks, scenarios hundred-features-sighted and -blind. Left: users who know theirs leave "
        "the hard and not urgent ones after the first failure. Users who do not know leave after 10 % of failures, of "
        "easy tasks as of hard ones. Right: what a kind of task costs above what it would if its users stayed or left "
        "as the provider likes. Users who know theirs do so in 77 of 100, and the rest is dear; who do not know cost "
        "something in every one, nearly three times as much on average.",
        mix_arrays.patience,
        mix_panels.draw_patience,
        2.2,
    ),
    Drawing(
        "independent-cycle",
        "Learning at the same time: a chase",
        "Both sides learn by PPO, neither sees what the other does: learner independent on the game of Figure 4 left "
        "at $x = -1$, $P = 15$. The dashed line is where both routes cost the provider the same, the dotted one where "
        "users are best off as they are; where they cross is the only equilibrium without commitment "
        "(star). The vertical axis is stretched towards 0: equal steps up it are equal steps of $\\sqrt{q}$. Each side "
        "gains by moving along the arrows, so the pair goes round. Black: at $P = 5$ there is a pure equilibrium, and "
        "the pair settles there (square).",
        independent_cycle.chase,
        panels.draw_chase,
        2.7,
    ),
)


def draw_figures(directory: Path, num_points: int = NUM_POINTS) -> Iterator[tuple[Drawing, Path]]:
    """Draw every figure into a directory: PNG, SVG and the arrays as .npz, then captions.md for all of them.

    Files are replaced whole, and have the same bytes whenever they are made by the same versions of the libraries.

    Args:
        directory: is made if need be.
        num_points: along each axis of a map, and of a trajectory at most.

    Yields:
        Each figure and the path of its PNG, once all its files are there.

    Raises:
        WriteError: the directory cannot be written.
    """
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
    for drawn in tqdm(DRAWINGS, desc="figures", unit="figure", dynamic_ncols=True):
        arrays = drawn.arrays(num_points)
        for ending, content in (*_pictures(drawn, arrays).items(), ("npz", _packed(arrays))):
            _write(directory / f"{drawn.name}.{ending}", content)
        yield drawn, directory / f"{drawn.name}.png"
    _write(directory / "captions.md", _captions().encode())


def compose(drawn: Drawing, arrays: Arrays) -> Figure:
    """The figure with its title, and its caption under it, laid out; to be called within `drawing.style()`."""
    caption = _wrapped(drawn.caption, panels.WIDTH - 0.15)
    height = drawn.height + len(caption) * panels.SMALL * 1.35 / 72
    figure = Figure(figsize=(panels.WIDTH, height), layout="constrained")
    figure.suptitle(drawn.title, x=0.015, ha="left", fontsize=panels.FONT + 0.5, fontweight="bold")
    drawn.draw(figure, arrays)
    figure.supxlabel("\n".join(caption), x=0.015, ha="left", fontsize=panels.SMALL, linespacing=1.3)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it is laid out, once for all files
    return figure


def _pictures(drawn: Drawing, arrays: Arrays) -> dict[str, bytes]:
    """The figure as PNG and SVG."""
    details: dict[str, Any] = {"png": {"pil_kwargs": {"compress_level": 9}}, "svg": {"metadata": {"Date": None}}}
    files = {}
    with panels.style():
        figure = compose(drawn, arrays)
        for ending, how in details.items():
            file = io.BytesIO()
            figure.savefig(file, format=ending, **how)
            files[ending] = file.getvalue()
    return files


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of a caption, at most `width` inches wide; mathematics is not broken."""
    lines: list[str] = []
    room = 0.0
    for word in re.findall(r"(?:\$[^$]*\$|[^ $])+", text):
        needed = _width(word)
        if lines and needed <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            room = width * 72
        room -= needed
    return lines


@cache
def _width(word: str) -> float:
    """Return the width of a word of a caption and the blank after it, in points."""
    letters = TextPath((0, 0), word, size=panels.SMALL, prop=FontProperties()).vertices
    return float(np.max(letters, axis=0)[0]) + 0.35 * panels.SMALL


def _packed(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _captions() -> str:
    parts = [
        "# The paper's figures, redrawn, and some more",
        "Made by `routegame figures` from the exact solution of every game, but for the last one, which is learned.",
    ]
    for drawn in DRAWINGS:
        parts += [f"## {drawn.title}", f"![{drawn.title}]({drawn.name}.png)", drawn.caption]
    return "\n\n".join(parts) + "\n"


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as beside:
        beside.write_bytes(content)

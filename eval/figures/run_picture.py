"""A run in one picture: the provider's cost over its commitments, where the leader ended, how regret fell."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routegame.agents.exact.solved_game import Profile
from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE
from routegame.eval.judge.judgement import Judgement
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.learning_curve import LearningCurve
from routegame.numerals import percent
from routegame.train.runs.run_directory import RunDirectory
from routegame.whole_file import whole_file


def draw_run(run: RunDirectory, judgement: Judgement[Profile]) -> None:
    """Write the picture of a finished run into its directory, as PNG."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(10, 4.2), dpi=160, layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_costs(left, run, judgement)
        _draw_regret(right, run)
        config = run.config
        figure.suptitle(f"{config.scenario or 'game'}: {config.learner}, seed {config.seed}", x=0.01, ha="left")
        with whole_file(run.picture_path) as beside:
            figure.savefig(beside, format="png")


def _draw_costs(axes: Axes, run: RunDirectory, judgement: Judgement[Profile]) -> None:
    """Draw what commitments cost, as the follower answers exactly and as it learned to; the first picture of several.

    What is aside in the picture is drawn as a level, and marked at its end.
    """
    learned, judge = run.load()[0], judge_of(run.config.box)
    believed = None if learned.follower is None else learned.follower.abandon_prob
    picture = judge.cost_pictures(run.config.scenario or "game", [learned.commitment], believed)[0]
    meaning = dict(picture.legend)
    axes.plot(picture.positions, picture.curves["exact"], color=BLUE, label=meaning["exact"])
    if "believed" in picture.curves:
        curve = picture.curves["believed"]
        axes.plot(picture.positions, curve, color=ORANGE, linestyle="--", linewidth=1, label=meaning["believed"])
    for (style, cost), linestyle in zip(picture.levels, (":", "-."), strict=False):
        axes.axhline(cost, color=GREY, linestyle=linestyle, label=meaning[style.split()[0]])
    best, place = picture.best[0], picture.place(learned.commitment)
    best_at, at = (picture.end if position is None else position for position in (best, place))
    axes.plot(best_at, picture.best[1], "*", color=GREEN, markersize=11, label="equilibrium", zorder=5)
    cost = judgement.equilibrium.leader_cost + judgement.leader_regret
    (ring,) = axes.plot(at, cost, "o", color=ORANGE, markersize=15, label="learned commitment", zorder=6)
    ring.set(markerfacecolor="none", markeredgewidth=2)  # the equilibrium shows within, where it was found
    axes.set_xlabel(picture.axis)
    axes.set_ylabel(picture.cost_axis)
    axes.xaxis.set_major_formatter(lambda value, _: picture.tick(value))
    axes.yaxis.set_major_formatter(lambda value, _: picture.cost_tick(value).replace("$", r"\$"))
    axes.set_title("What a commitment costs", loc="left")
    axes.legend(frameon=False)


def _draw_regret(axes: Axes, run: RunDirectory) -> None:
    """Relative leader regret over passes, as far as the metrics file has it."""
    curve = LearningCurve.read(run.metrics_path)
    axes.plot(curve.passes / 1e6, np.maximum(curve.regret, 1e-5), color=BLUE, linewidth=1.2)
    axes.axhline(0.01, color=GREY, linestyle=":", label="1 %")
    metrics = [m for m in run.history() if isinstance(m.get("passes"), int | float)]
    for m, before in zip(metrics[1:], metrics, strict=False):
        if m.get("phase") != before.get("phase"):
            axes.axvline(before["passes"] / 1e6, color=GREY, linewidth=0.5, alpha=0.5)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: percent(value))
    axes.set_xlim(left=0)
    axes.set_xlabel("passes played, millions (grey lines: follower and leader take turns)")
    axes.set_title("Leader regret under exact best response", loc="left")
    axes.legend(frameon=False)

"""A run in one picture: the provider's cost over its commitments, where the leader ended, how regret fell."""

from __future__ import annotations

import json
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.exact.solved_game import Profile
from routegame.envs.arrays import Number
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitments
from routegame.envs.game import Game
from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE
from routegame.envs.scenarios import find_scenario
from routegame.eval.judge.judgement import Judgement
from routegame.eval.judge.routing_judge import own
from routegame.train.runs.run_directory import RunDirectory
from routegame.whole_file import whole_file


def draw_run(run: RunDirectory, judgement: Judgement[Profile]) -> None:
    """Write the picture of a finished run into its directory, as PNG."""
    judged = own(judgement)
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(10, 4.2), dpi=160, layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_costs(left, run, judged)
        _draw_regret(right, run)
        config = run.config
        figure.suptitle(f"{config.scenario or 'game'}: {config.learner}, seed {config.seed}", x=0.01, ha="left")
        with whole_file(run.picture_path) as beside:
            figure.savefig(beside, format="png")


def _draw_costs(axes: Axes, run: RunDirectory, judgement: Judgement[RoutingProfile]) -> None:
    """Provider's cost on route 1 over the cascade probability, as users answer exactly and as they learned to."""
    game, learned = run.config.game, run.load()[0]
    assert isinstance(game, Game)  # there is no such picture of another game
    equilibrium, chosen = judgement.equilibrium, judgement.learned
    limit = _shown_range(judgement)
    cascade = np.unique(np.concatenate([np.linspace(0, limit, 2001), _near(equilibrium.cascade_prob, limit)]))
    on_route_1 = Commitments.unthrottled(game, 1, cascade)
    exact = outcome(game, 1, cascade, best_response(game, 1, cascade)).provider_cost
    axes.plot(cascade, exact, color=BLUE, label="users answer exactly")
    if learned.follower is not None:
        answer = learned.follower.abandon_prob(on_route_1)
        cost = outcome(game, 1, cascade, answer).provider_cost
        axes.plot(cascade, cost, color=ORANGE, linestyle="--", linewidth=1, label="users as they learned")
    route_2 = float(outcome(game, 2, 0, best_response(game, 2, 0)).provider_cost)
    axes.axhline(route_2, color=GREY, linestyle=":", label="route 2: reasoning model first")
    best_x, x = (p.cascade_prob if p.route == 1 else limit for p in (equilibrium, chosen))
    axes.plot(best_x, equilibrium.provider_cost, "*", color=GREEN, markersize=15, label="equilibrium", zorder=4)
    cost = equilibrium.provider_cost + judgement.leader_regret
    axes.plot(x, cost, "o", color=ORANGE, markersize=6, label="learned commitment", zorder=5)
    scenario = find_scenario(run.config.scenario)
    unit = f" (\\{scenario.units[1]} a task)" if scenario and scenario.units[1] else ""
    axes.set_xlabel("cascade probability $s$ on route 1 (failures handed to model 2)")
    axes.set_ylabel(f"provider's cost $J${unit}")
    axes.set_title("What a commitment costs", loc="left")
    axes.legend(frameon=False)


def _shown_range(judgement: Judgement[RoutingProfile]) -> float:
    """Show as much of the cascade range as lets the eye tell learned and equilibrium apart."""
    points = [p.cascade_prob for p in (judgement.learned, judgement.equilibrium) if p.route == 1]
    return float(min(1.0, max(0.2, *(4 * point for point in points)))) if points else 1.0


def _near(cascade_prob: Number, limit: float) -> Any:
    """Both sides of a jump, so that it is drawn upright."""
    return np.clip(cascade_prob + np.array([-1e-9, 0, 1e-9]), 0, limit)


def _draw_regret(axes: Axes, run: RunDirectory) -> None:
    """Relative leader regret over passes, from the metrics file."""
    with run.metrics_path.open(encoding="utf-8") as lines:
        metrics = [json.loads(line) for line in lines]
    points = [(m["passes"], m["regret/relative"]) for m in metrics if "regret/relative" in m]
    passes, regret = np.array(points).T
    axes.plot(passes / 1e6, np.maximum(regret, 1e-5), color=BLUE, linewidth=1.2)
    axes.axhline(0.01, color=GREY, linestyle=":", label="1 %")
    for m, before in zip(metrics[1:], metrics, strict=False):
        if m["phase"] != before["phase"]:
            axes.axvline(before["passes"] / 1e6, color=GREY, linewidth=0.5, alpha=0.5)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3%}".rstrip("0%").rstrip(".") + " %")
    axes.set_xlim(left=0)
    axes.set_xlabel("passes played, millions (grey lines: follower and leader take turns)")
    axes.set_title("Leader regret under exact best response", loc="left")
    axes.legend(frameon=False)

"""The loop closed, from three commitments that may be in force at the start; `make gateway` makes what it needs.

Users of `nano-gpt5` have a value and a noise that nobody is told. A commitment is in force, then another one is tried
beside it, the log is calibrated, and the recommendation enacted. `closed_loop` says what of it is real: `OVER_HTTP`
tasks of each phase go through litellm's Router to a server on this machine, the others through the same strategy and
logger without HTTP; waiting is virtual. The picture is docs/figures/closed-loop.png.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
import matplotlib as mpl
import numpy as np
from closed_loop import Loop, Truth, trial
from matplotlib.figure import Figure
from model_server import ModelServer, model_server

from routegame import scenario
from routegame.envs.render.palette import BLUE, GREEN, GREY, ORANGE
from routegame.gateway.litellm import TurnLogger
from routegame.numerals import number, percent
from routegame.whole_file import whole_file

TRUTH = Truth(scenario("nano-gpt5").game, temperature=3.0)
STARTS = ({"route": 1, "cascade_prob": 0.05}, {"route": 1, "cascade_prob": 0.1}, {"route": 2})
TRIED = {"route": 1, "cascade_prob": 0.3}
SHARE_TRIED = 0.3
ALONE, BESIDE, AFTER = 500, 2500, 2000
"""Tasks under what is in force, with another commitment beside it, and under the recommendation."""

MOST_LOGGED = 20_000
"""Where nothing is recommended, chance having looked like another game, the trial goes on until so many are logged."""

OVER_HTTP = 25
NEAR, ENOUGH = 0.02, 0.9
"""How far above the best a recommendation may cost, and in what share of seeds at least it is so near."""

WINDOW = 400
PICTURE = Path(__file__).parents[1] / "docs/figures/closed-loop.png"


@dataclass(frozen=True)
class Run:
    """What became of a loop.

    Attributes:
        start: the commitment in force at the start.
        recommended: what was recommended; None if nothing.
        verdict: on it.
        above: how far above the best a task costs under it, relative, by the true game.
        logged: tasks that the recommendation is made from.
        costs: of each task in the three phases, in order.
    """

    start: dict[str, float]
    recommended: dict[str, float] | None
    verdict: str
    above: float
    logged: int
    costs: tuple[np.ndarray, ...]


def close(start: dict[str, float], folder: Path, server: ModelServer, logger: TurnLogger, seed: int) -> Run:
    """Go round once."""
    loop = Loop(TRUTH, folder, server, logger, seed)
    loop.enact(start)
    costs = [loop.play(ALONE, OVER_HTTP)]
    loop.enact(trial(start, TRIED, SHARE_TRIED))
    costs.append(loop.play(BESIDE, OVER_HTTP))
    advice = loop.calibrate()
    while advice["recommendation"] is None and loop.number + BESIDE <= MOST_LOGGED:
        loop.play(BESIDE, OVER_HTTP)
        advice = loop.calibrate()
    found, recommended, logged = advice["recommendation"], None, loop.number
    if isinstance(found, dict):
        recommended = {"route": found["route"], "cascade_prob": found["cascade_prob"]}
        loop.enact(advice)
    costs.append(loop.play(AFTER, OVER_HTTP))
    above = TRUTH.cost(start if recommended is None else recommended) / TRUTH.least_cost() - 1
    return Run(start, recommended, str(advice["verdict"]), above, logged, tuple(costs))


def words(commitment: dict[str, float] | None) -> str:
    """A commitment in few words."""
    if commitment is None:
        return "nothing"
    s = commitment.get("cascade_prob", 0.0)
    return "model 2 first" if commitment["route"] == 2 else f"model 1 first, {percent(s)} handed over"


def draw(runs: Sequence[Run]) -> None:
    """Draw what a task costs on average over seeds and the last `WINDOW` tasks."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 4), dpi=160, layout="constrained")
        axes = figure.subplots()
        for start, colour in zip(STARTS, (BLUE, ORANGE, GREY), strict=True):
            own = [run.costs for run in runs if run.start == start]
            begin = 0
            for phase in range(3):
                mean = np.mean([costs[phase] for costs in own], axis=0)
                total, last = np.concatenate([[0.0], np.cumsum(mean)]), np.arange(1, len(mean) + 1)
                first = np.maximum(last - WINDOW, 0)
                running = (total[last] - total[first]) / (last - first)
                label = f"begins with {words(start)}" if phase == 0 else None
                few = WINDOW // 4
                axes.plot(begin + last[few:], running[few:], color=colour, linewidth=1.4, label=label)
                begin += len(mean)
        best = TRUTH.least_cost()
        axes.axhline(best, color=GREEN, linestyle="--", linewidth=1, label="the best that the true game allows")
        top = axes.get_ylim()[1]
        for at, said in ((ALONE, f"{words(TRIED)},\nbeside it"), (ALONE + BESIDE, "the recommendation")):
            axes.axvline(at, color=GREY, linewidth=0.5)
            axes.text(at + 30, top, said, va="top")
        axes.set_xlabel("tasks")
        axes.set_ylabel(
            f"cost of a task, mean of {WINDOW} tasks and {sum(run.start == STARTS[0] for run in runs)} seeds"
        )
        axes.yaxis.set_major_formatter(lambda value, _: rf"\${value:.3g}")
        axes.set_xlim(left=0)
        axes.legend(frameon=False, loc="center right", fontsize=8)
        with whole_file(PICTURE) as beside:
            figure.savefig(beside, format="png")


def main() -> int:
    """Print a line a loop, and draw them; return 1 if too few end near the best."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    runs = []
    best = TRUTH.least_cost()
    print(f"The best commitment costs {number(best, 4)} a task\n")
    print(f"{'in force at the start':<37}{'seed':>5}{'logged':>8}{'verdict':>9}", end="  ")
    print(f"{'recommended':<37}{'costs':>9}{'above':>9}{'realised':>10}")
    with model_server() as server, tempfile.TemporaryDirectory() as folder:
        logger = TurnLogger(Path(folder) / "turns.jsonl")
        litellm.callbacks = [logger]
        for seed in range(options.seeds):
            for place, start in enumerate(STARTS):
                own = Path(folder) / f"{seed}-{place}"
                own.mkdir()
                run = close(start, own, server, logger, 100 * place + seed)
                runs.append(run)
                ends = f"{words(run.recommended):<37}{number(best * (1 + run.above), 4):>9}{percent(run.above):>9}"
                realised = number(float(run.costs[-1].mean()), 3)
                print(
                    f"{words(start):<37}{seed:>5}{run.logged:>8,}{run.verdict:>9}  {ends}{realised:>10}",
                    flush=True,
                )
    draw(runs)
    enough = True
    print()
    for start in STARTS:
        own_runs = [run for run in runs if run.start == start]
        near = sum(run.above <= NEAR for run in own_runs)
        before, after = (float(np.mean([run.costs[phase].mean() for run in own_runs])) for phase in (0, -1))
        enough &= near >= ENOUGH * len(own_runs)
        print(
            f"{words(start)}: within {percent(NEAR)} of the best for {near} of {len(own_runs)} seeds; realised"
            f" {number(before, 3)} before and {number(after, 3)} after, {percent(after / best - 1, 2)} above the best"
        )
    return int(not enough)


if __name__ == "__main__":
    sys.exit(main())

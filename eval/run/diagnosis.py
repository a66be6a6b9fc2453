"""Why a run ended where it did: what is wrong with a learned profile, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Sequence

from routegame.agents.exact.solved_game import Profile
from routegame.envs.document import Document
from routegame.eval.judge.judgement import Finding, Judge, Judgement
from routegame.numerals import plain_percent

TOLERANCE = 0.01
"""Relative regret up to which nothing is wrong."""

SETTLED = 0.1
"""Share of its first value below which exploration counts as over."""


MEANINGS = {
    "converged": "within 1 % of the equilibrium's cost",
    "budget spent": "stopped by its limit of passes or seconds",
    "stale follower": "the users it learned against do not answer as perfect users would: it was misled",
    "wrong route basin": "it commits to the other model first, and no small change leads to the right one",
    "wrong models": "it starts or goes on with other models than it should",
    "throttling missed": "slowing a model down until users leave would pay, and it stopped short of that",
    "wrong side of the cliff": "a hair too far: perfect users answer otherwise there",
    "margin too wide": "on the right side of the edge, but it keeps away from it",
    "users too hot": "its users were still undecided on purpose when it ended",
    "exploration collapsed": "it stopped exploring in the wrong place",
    "not converged": "it was still exploring when it ended",
}
"""Meanings of findings, in short, by name."""


def diagnose(
    judge: Judge[Profile], judgement: Judgement[Profile], stopped: str, history: Sequence[Document]
) -> list[Finding]:
    """Return what is wrong with a learned profile, most fundamental first; a single "converged" if nothing is.

    Args:
        judge: of the game.
        judgement: of the profile.
        stopped: why the run stopped, "finished" or the name of a limit.
        history: one dictionary of figures for each update, as in `metrics.jsonl`.
    """
    best, regret = judgement.equilibrium, judgement.leader_regret_relative
    found = []
    if stopped in ("max_passes", "max_seconds"):
        found.append(Finding("budget spent", f"It was stopped by its limit {stopped} after {len(history)} updates."))
    if not judgement.certified:
        found.append(
            Finding(
                "stale follower",
                f"The users it learned against leave {plain_percent(judgement.follower_gap_relative)} of their utility"
                " on the table at this commitment: train them more, or closer to where the leader commits.",
            )
        )
    if regret <= TOLERANCE:
        return found or [Finding("converged", f"Within {plain_percent(TOLERANCE, 0)} of the equilibrium.")]
    believed = judgement.learned.leader_cost
    true = best.leader_cost + judgement.leader_regret
    if judgement.certified and true - believed > TOLERANCE * abs(best.leader_cost):
        found.append(
            Finding(
                "stale follower",
                f"The leader was paid as if a task cost {believed:.5g}, and perfect users make it cost {true:.5g}:"
                " those it learned against are nearly as well off, but do something else.",
            )
        )
    return found + (judge.findings(judgement) or _about_the_search(history))


def _about_the_search(history: Sequence[Document]) -> list[Finding]:
    """Return what is wrong with how the leader searched."""
    temperatures = _course(history, "leader/temperature")
    if temperatures and temperatures[-1] > SETTLED * temperatures[0]:
        return [
            Finding(
                "users too hot",
                f"Its users were still at a temperature of {temperatures[-1]:.2g}, whose game has another optimum: let"
                " them cool down.",
            )
        ]
    widths = _course(history, "leader/exploration")
    if widths and widths[-1] <= SETTLED * widths[0]:
        return [
            Finding(
                "exploration collapsed",
                f"It stopped exploring, at a standard deviation of {widths[-1]:.2g}, in the wrong place: let"
                " exploration shrink later.",
            )
        ]
    searching = "was still on its way" if temperatures else "was still exploring"
    return [Finding("not converged", f"It {searching} when it ended: give it more updates.")]


def _course(history: Sequence[Document], name: str) -> list[float]:
    """Return what became of a figure, where it is one."""
    return [figures[name] for figures in history if isinstance(figures.get(name), int | float)]

"""Why a run ended where it did: what is wrong with a learned profile, in words that name the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from routegame.agents.exact.solution import Profile
from routegame.eval.judge.routing_judge import Judgement

TOLERANCE = 0.01
"""Relative regret up to which nothing is wrong."""

NEAR = 0.05
"""Cascade probabilities this close belong to the same edge."""

SETTLED = 0.1
"""Share of its first value below which exploration counts as over."""


MEANINGS = {
    "converged": "within 1 % of the equilibrium's cost",
    "budget spent": "stopped by its limit of passes or seconds",
    "stale follower": "the users it learned against do not answer as perfect users would: it was misled",
    "wrong route basin": "it commits to the other model first, and no small change leads to the right one",
    "throttling missed": "slowing a model down until users leave would pay, and it stopped short of that",
    "wrong side of the cliff": "a hair too far: perfect users answer otherwise there",
    "margin too wide": "on the right side of the edge, but it keeps away from it",
    "users too hot": "its users were still undecided on purpose when it ended",
    "exploration collapsed": "it stopped exploring in the wrong place",
    "not converged": "it was still exploring when it ended",
}
"""What a finding of each name says about a run, in short."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or right.

    Attributes:
        name: for scripts.
        explanation: for people, in one sentence.
    """

    name: str
    explanation: str

    def to_dict(self) -> dict[str, str]:
        """Return both as plain values."""
        return asdict(self)


def diagnose(judgement: Judgement[Any], stopped: str, history: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what is wrong with a learned profile, most fundamental first; a single "converged" if nothing is.

    Args:
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
                f"The users it learned against leave {judgement.follower_gap_relative:.1%} of their utility on the"
                " table at this commitment: train them more, or closer to where the leader commits.",
            )
        )
    if regret <= TOLERANCE:
        return found or [Finding("converged", f"Within {TOLERANCE:.0%} of the equilibrium.")]
    believed = float(judgement.learned.provider_cost)
    true = float(best.provider_cost) + judgement.leader_regret
    if judgement.certified and true - believed > TOLERANCE * abs(float(best.provider_cost)):
        found.append(
            Finding(
                "stale follower",
                f"The leader was paid as if a task cost {believed:.5g}, and perfect users make it cost {true:.5g}:"
                " those it learned against are nearly as well off, but do something else.",
            )
        )
    about = _about_the_commitment(judgement) if isinstance(judgement.learned, Profile) else []
    return found + (about or _about_the_search(history))


def _about_the_commitment(judgement: Judgement[Profile]) -> list[Finding]:
    """Return what is wrong with where the leader ended."""
    learned, best = judgement.learned, judgement.equilibrium
    if learned.route != best.route:
        return [
            Finding(
                "wrong route basin",
                f"It ended on route {learned.route} and the equilibrium is on route {best.route}: no small change of"
                " a commitment leads there, start more leaders on that route.",
            )
        ]
    slower = max(float(t - other) for t, other in zip(best.throttled_latency, learned.throttled_latency, strict=True))
    if best.abandon_prob == 1 and judgement.best_abandon_prob < 1 and slower > 0:
        return [
            Finding(
                "throttling missed",
                "It would pay to slow a model down until users leave, and it stopped short of that: start some leaders"
                " there.",
            )
        ]
    margin = judgement.cascade_margin
    if margin is None or best.cascade_free:
        return []
    if judgement.best_abandon_prob != best.abandon_prob and abs(margin) <= NEAR:
        return [
            Finding(
                "wrong side of the cliff",
                f"Its cascade probability is {margin:+.4f} from the equilibrium's, where perfect users answer"
                f" {judgement.best_abandon_prob:.2f} instead of {best.abandon_prob:.2f}: let it keep a margin.",
            )
        ]
    if 0 < abs(margin) <= NEAR:
        return [
            Finding(
                "margin too wide",
                f"It stops {abs(margin):.4f} from the edge, on the right side: narrow its exploration further.",
            )
        ]
    return []


def _about_the_search(history: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what is wrong with how the leader searched."""
    temperatures = [figures["leader/temperature"] for figures in history if "leader/temperature" in figures]
    if temperatures and temperatures[-1] > SETTLED * temperatures[0]:
        return [
            Finding(
                "users too hot",
                f"Its users were still at a temperature of {temperatures[-1]:.2g}, whose game has another optimum: let"
                " them cool down.",
            )
        ]
    widths = [figures["leader/exploration"] for figures in history if "leader/exploration" in figures]
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

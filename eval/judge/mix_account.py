"""Words on a mix of tasks, and the cost of its commitments, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routegame.agents.mixes.mix_solution import MixSolution
from routegame.agents.mixes.solved_mix import MixProfile, SolvedMix
from routegame.envs.arrays import FloatArray
from routegame.envs.mix_game import MixCommitment
from routegame.envs.stackelberg import Response, Single
from routegame.envs.task_mixes import MIXES
from routegame.eval.judge.account import Account, Aside, CostPicture
from routegame.numerals import amount, number, percent

COST_DIGITS = 5
"""Digits of costs."""

NUM_POINTS = 65
"""Points that a curve is drawn through."""

END = 2.0
"""Last point of a curve: all cascade probabilities as many times those of the equilibrium."""

ON_LINE = 1e-9
"""A commitment is on the line of a picture if its cascade probabilities are off it by no more than this."""


def units_of(name: str | None) -> tuple[str, str]:
    """Return units of latency and of cost of the mix of that name; empty where they are unknown."""
    return MIXES[name].units if name in MIXES else ("", "")


def models_of(solved: SolvedMix) -> tuple[str, ...]:
    """Return what to call the models of a mix."""
    games = solved.game.mix.games
    return games.names or tuple(f"model {k + 1}" for k in range(games.num_models))


def mix_account(solved: SolvedMix, name: str | None) -> Account:
    """Return a mix in words; what it is about is said of those that have a name."""
    latency, cost = units_of(name)
    mix, solution = solved.game.mix, solved.solution
    known = name in MIXES and MIXES[name].mix == mix
    about = MIXES[name].about if known and name is not None else ""
    value = float(mix.weights @ np.asarray(mix.games.task_value))
    penalty = float(mix.weights @ np.asarray(mix.games.churn_penalty))
    users = {
        "sighted": "users know which one theirs is of",
        "memoryless": "users do not know which one theirs is of",
        "history": "users do not know which one theirs is of, and count their failures",
    }[solved.game.users]
    return Account(
        about=f"{about[:1].upper()}{about[1:]}." if about else "",
        numbers=f"Tasks are of {len(mix)} contexts, each with a game of its own of {mix.num_models} models; the"
        f" provider sees the context of every task, and {users}. A solution is worth {amount(value, latency, 4)} to"
        f" users on average; one who leaves costs the provider {amount(penalty, cost, 4)}.",
        equilibrium=f"{commitment_words(solved, solved.equilibrium().policy)}. A task costs"
        f" {amount(solution.provider_cost, cost, COST_DIGITS)}; {certificate_words(solution)}.",
    )


def certificate_words(solution: MixSolution) -> str:
    """Return how good the best policy is that is known."""
    if solution.status == "exact":
        return "no policy costs less"
    return f"at most {percent(solution.gap)} of it above the least that is possible"


def commitment_words(solved: SolvedMix, commitment: Single) -> str:
    """Return what a commitment over contexts is, in a few words: who answers first, and what users do about it."""
    return "; ".join(f"{about} {what}" for about, what in shares(solved, solved.answered(commitment)).items())


def shares(solved: SolvedMix, profile: MixProfile) -> dict[str, str]:
    """Return who answers first how often, how much is handed over, and how often users leave."""
    weights, offered = solved.game.mix.weights, profile.policy.table
    first = weights @ offered.start
    told = {
        f"tasks that start with {who}": percent(share, 3) for who, share in zip(models_of(solved), first, strict=True)
    }
    if solved.game.num_models == 2:
        moves = np.where(offered.start[:, 0] == 1, offered.matrix[:, 0, 1], 0.0)
        told["failures handed over"] = percent(float(weights @ moves), 3)
    return told | {"users who leave after a failure": percent(profile.abandon_prob, 3)}


def mix_picture(solved: SolvedMix, name: str, ended: Sequence[Single], believed: Response | None) -> CostPicture:
    """Return the provider's cost if all cascade probabilities are so many times those of the equilibrium.

    Args:
        solved: the mix.
        name: of it.
        ended: commitments that will be marked.
        believed: what users answer as far as the leader knows; None where that is not to be drawn.
    """
    game, best, unit = solved.game, solved.equilibrium(), units_of(name)[1]
    at = game.actions(best.policy.alone())[0]
    moving = slice(game.num_switches, None)
    across = np.unique([*np.linspace(0, END, NUM_POINTS), 1.0])
    actions = np.tile(at, (len(across), 1))
    actions[:, moving] = np.clip(across[:, None] * at[moving], 0, 1)
    line = game.commitments(actions)
    curves = {"exact": solved.outcome(line, solved.best_answer(line))[0]}
    if believed is not None:
        curves["believed"] = solved.outcome(line, believed(line))[0]
    alike = game.commitments(game.starts(np.array([0.0])))
    static = float(solved.outcome(alike, solved.best_answer(alike))[0].min())
    return CostPicture(
        title=f"What a commitment costs in {name}",
        about=f"The best policy over the contexts of {name} that is known costs {number(best.leader_cost, COST_DIGITS)}"
        " a task. The table below has the runs one by one.",
        axis="cascade probabilities, as a multiple of those at the equilibrium",
        cost_axis="cost of a task",
        tick=lambda times: number(times, 3),
        cost_tick=lambda cost: amount(cost, unit, 4),
        end=END,
        positions=across,
        curves=curves,
        best=(1.0, best.leader_cost),
        place=lambda commitment: _place(game.actions(MixCommitment.of(commitment).alone())[0], at),
        levels=[("route2 faint", static)],
        aside=Aside("others", [("route2", static)]),
        legend=[
            ("exact", "users answer perfectly"),
            *([] if believed is None else [("believed", "users as they learned")]),
            ("route2", "the best single model for all contexts"),
        ],
        note="curves: every context starts as in the equilibrium; a run off them has another policy",
    )


def _place(action: FloatArray, best: FloatArray) -> float | None:
    """Where on the line a commitment is, which only the equilibrium is taken to be."""
    return 1.0 if np.abs(action - best).max() <= ON_LINE else None

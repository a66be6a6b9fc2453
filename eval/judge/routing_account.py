"""Words on a routing game, and the cost of its commitments, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.envs.arrays import FloatArray
from routegame.envs.commitment import Commitment, Commitments
from routegame.envs.scenarios import ROLES, find_scenario
from routegame.envs.stackelberg import Response, Single
from routegame.eval.claims import shown_commitment
from routegame.eval.judge.account import Account, Aside, CostPicture
from routegame.numerals import amount, handed_over, number, percent, share, written, written_amount

NUM_POINTS = 257
"""Cascade probabilities, evenly spaced, that a curve is drawn through, besides those around its jumps."""

DIGITS, COST_DIGITS = 3, 5
"""Digits of commitments, or more where it takes more, and of costs."""


def routing_account(solved: SolvedRouting, name: str | None) -> Account:
    """Return a routing game in words; models, units and what it is about are those of the scenario of that name."""
    game, scenario = solved.game.game, find_scenario(name)
    (first, second), (latency, cost) = models_of(name), units_of(name)
    p, t, c = game.success_prob, game.latency, game.cost
    numbers = (
        f"Model 1 ({first}) solves {share(p[0])} of its passes at {amount(c[0], cost, 4)} and"
        f" {amount(t[0], latency, 4)} each, model 2 ({second}) {share(p[1])} at {amount(c[1], cost, 4)} and"
        f" {amount(t[1], latency, 4)}. A solution is worth {amount(game.task_value, latency, 4)} to users; one who"
        f" leaves costs the provider {amount(game.churn_penalty, cost, 4)}."
    )
    known = scenario is not None and scenario.game == game
    return Account(
        about=f"{capital(scenario.about)}." if scenario is not None and known else "",
        numbers=numbers,
        equilibrium=_in_words(solved, solved.equilibrium(), latency, cost),
    )


def routing_picture(
    solved: SolvedRouting, name: str, ended: Sequence[Single], believed: Response | None
) -> CostPicture:
    """Return the provider's cost over the cascade probability on route 1, route 2 aside.

    The cascade probability runs from 0 to as far as it takes to see all.

    Args:
        solved: the game.
        name: of it.
        ended: commitments that will be marked.
        believed: what users answer as far as the leader knows; None where that is not to be drawn.
    """
    game, best = solved.game, solved.equilibrium()
    offered = [Commitment.of(commitment) for commitment in ended]
    limit = _shown_range(solved, offered)
    cascade = _cascades(solved, limit)
    on_route_1 = Commitments.unthrottled(game.game, 1, cascade)
    curves = {"exact": solved.outcome(on_route_1, solved.best_answer(on_route_1))[0]}
    if believed is not None:
        curves["believed"] = solved.outcome(on_route_1, believed(on_route_1))[0]
    route_2 = solved.answered(Commitment.unthrottled(game.game, 2, 0.0)).leader_cost
    leaving = [solved.profile(Commitment.unthrottled(game.game, route, 0.0), 1.0).leader_cost for route in (1, 2)]
    slowed = [("slowed", cost) for cost in leaving] if game.throttling else []
    unit = units_of(name)[1]
    return CostPicture(
        title=f"What a commitment costs in {name}",
        about=_about(solved, best, name, offered),
        axis="failures handed to model 2 (route 1)",
        cost_axis="cost of a task",
        tick=percent,
        cost_tick=lambda cost: amount(cost, unit, 4),
        end=limit,
        positions=cascade,
        curves=curves,
        best=(float(best.cascade_prob) if best.route == 1 else None, best.leader_cost),
        place=_place,
        levels=[("route2 faint", route_2), *slowed[:1]],
        aside=Aside("route 2", [("route2", route_2), *slowed[1:]]),
        legend=[
            ("exact", "route 1, users answer perfectly"),
            *([] if believed is None else [("believed", "route 1, users as they learned")]),
            ("route2", "route 2: model 2 first"),
            *([("slowed", "so slow that users leave")] if slowed else []),
        ],
        note="curves: models at full speed; a run off them has slowed one down" if slowed else "",
    )


def commitment_words(solved: SolvedRouting, commitment: Single) -> str:
    """Return what a provider commits to, latencies left out; users answer it at their best."""
    if Commitment.of(commitment).route == 2:
        return "route 2"
    shown = shown_commitment(solved.game.game, solved.answered(commitment), DIGITS, COST_DIGITS)
    return f"route 1, {handed_over(shown.cascade_prob)}"


def models_of(name: str | None) -> tuple[str, str]:
    """Return what to call the two models of the game of that name."""
    scenario = find_scenario(name)
    standard, reasoning = scenario.models if scenario else ROLES
    return standard, reasoning


def units_of(name: str | None) -> tuple[str, str]:
    """Return units of latency and of cost of the game of that name; empty where they are unknown."""
    scenario = find_scenario(name)
    return scenario.units if scenario else ("", "")


def capital(words: str) -> str:
    """Return words as a sentence begins."""
    return f"{words[0].upper()}{words[1:]}"


def _place(commitment: Single) -> float | None:
    offered = Commitment.of(commitment)
    return offered.cascade_prob if offered.route == 1 else None


def _cascades(solved: SolvedRouting, limit: float) -> FloatArray:
    """Return cascade probabilities to draw a curve through, both sides of every jump among them."""
    points = [np.linspace(0, limit, NUM_POINTS)]
    for threshold in vars(solved.solution.thresholds).values():
        points.append(float(threshold) + np.array([-1e-9, 0, 1e-9]))
    every = np.unique(np.concatenate(points))
    return every[(every >= 0) & (every <= limit)]


def _shown_range(solved: SolvedRouting, ended: Sequence[Commitment]) -> float:
    """Return as much of the cascade probability as lets the eye tell the commitments apart."""
    best = solved.equilibrium()
    chosen = [commitment.cascade_prob for commitment in ended if commitment.route == 1]
    if best.route == 1 and not best.cascade_free:
        chosen.append(3 * float(best.cascade_prob))
    edges = [2 * float(edge) for edge in vars(solved.solution.thresholds).values() if edge == edge]
    return min(1.0, max(0.1, *(1.1 * s for s in (*chosen, *edges, 0.0))))


def _about(solved: SolvedRouting, best: RoutingProfile, name: str, ended: Sequence[Commitment]) -> str:
    shown = shown_commitment(solved.game.game, best, DIGITS, COST_DIGITS)
    where = "on route 2" if best.route == 2 else f"on route 1 with {handed_over(shown.cascade_prob)} handed over"
    second = sum(commitment.route == 2 for commitment in ended)
    return (
        f"The equilibrium of {name} lies {where}, at a cost of {number(best.leader_cost, COST_DIGITS)} a task."
        f" {len(ended) - second} runs ended on route 1 and {second} on route 2; the table below has them one by one."
    )


def _in_words(solved: SolvedRouting, best: RoutingProfile, latency: str, cost: str) -> str:
    route, leave = int(best.route), best.follower_answer
    first = f"model {route} first"
    shown = shown_commitment(solved.game.game, best, DIGITS, COST_DIGITS)
    handed = handed_over(shown.cascade_prob) if best.cascade_prob else "none"
    cascade = "" if route == 2 or leave == 1 else f", {handed} of failures handed over"
    slow, slowed = shown.throttled_latency, ""
    if any(after > before for after, before in zip(slow, solved.game.game.latency, strict=True)):
        slowed = f", slowed down to {written(slow[0])} and {written_amount(slow[1], latency)}"
    users = {0.0: "users stay", 1.0: "users leave after a failure"}.get(leave, f"{percent(leave)} of users leave")
    return f"{first}{cascade}{slowed}; {users}. A task costs {amount(best.leader_cost, cost, COST_DIGITS)}."

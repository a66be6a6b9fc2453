"""Words on a game with many models, and the cost of its commitments, to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from routegame.agents.menus.solved_menu import MenuProfile, SolvedMenu
from routegame.envs.arrays import FloatArray
from routegame.envs.game import Game
from routegame.envs.menu_game import MenuCommitment, MenuCommitments
from routegame.envs.policy import Policy
from routegame.envs.scenarios import find_scenario
from routegame.envs.stackelberg import Response, Single
from routegame.eval.judge.account import Account, Aside, CostPicture
from routegame.numerals import ALL_DIGITS, agrees, amount, number, percent, rounded_prob, share, written

DIGITS, COST_DIGITS = 3, 5
"""Digits of probabilities, more where it takes more, and of costs."""

MOST_TOLD = 8
"""Models up to which a game's numbers are told one by one."""

NUM_POINTS = 257
"""Shares, evenly spaced, that a curve is drawn through, besides those around its jump."""

ON_LINE = 0.999
"""A commitment is on the line of a picture if this much of its retries is of the two models that are mixed there."""


def names_of(game: Game, name: str | None) -> tuple[str, ...]:
    """Return what to call the models of a game, which may be a scenario's."""
    if game.names is not None:
        return game.names
    scenario = find_scenario(name)
    if scenario is not None and scenario.measurements and len(scenario.models) == game.num_models:
        return tuple(scenario.models)
    return tuple(f"model {k + 1}" for k in range(game.num_models))


def units_of(name: str | None) -> tuple[str, str]:
    """Return units of latency and of cost of the game of that name; empty where they are unknown."""
    scenario = find_scenario(name)
    return scenario.units if scenario else ("", "")


def menu_account(solved: SolvedMenu, name: str | None) -> Account:
    """Return a game in words; models, units and what it is about are those of the scenario of that name."""
    game, scenario = solved.game.game, find_scenario(name)
    latency, cost = units_of(name)
    each = zip(names_of(game, name), game.success_prob, game.cost, game.latency, strict=True)
    told = [
        f"{who} solves {share(p)} of its passes at {amount(c, cost, 4)} and {amount(t, latency, 4)} each"
        for who, p, c, t in each
    ]
    many = f"There are {game.num_models} models to choose from" if len(told) > MOST_TOLD else "; ".join(told)
    numbers = (
        f"{many}. A solution is worth {amount(game.task_value, latency, 4)} to users; one who leaves costs the provider"
        f" {amount(game.churn_penalty, cost, 4)}."
    )
    best = solved.equilibrium()
    known = scenario is not None and scenario.game == game
    users = {0.0: "users stay", 1.0: "users leave after a failure"}[best.abandon_prob]
    return Account(
        about=f"{scenario.about[0].upper()}{scenario.about[1:]}." if scenario is not None and known else "",
        numbers=numbers,
        equilibrium=f"{commitment_words(solved, best.commitment, name)}; {users}. A task costs"
        f" {amount(best.leader_cost, cost, COST_DIGITS)}.",
    )


def commitment_words(solved: SolvedMenu, commitment: Single, name: str | None) -> str:
    """Return what a provider commits to, latencies left out; users answer it at their best."""
    start, *rows = distributions(solved, solved.answered(commitment), name).values()
    return f"first {start}, then {rows[0]}" if len(rows) == 1 else f"first {start}, then by the model that failed"


def distributions(solved: SolvedMenu, profile: MenuProfile, name: str | None) -> dict[str, str]:
    """Return the start and the rows of a commitment in words, by what they are: one row if all are the same.

    Probabilities are as short as they can be for users to answer as they do, and for a task to cost what it does.
    """
    names = names_of(solved.game.game, name)
    policy = _shown(solved, profile)
    rows = policy.matrix[:1] if solved.game.form == "compact" else policy.matrix
    labels = ["after a failure"] if len(rows) == 1 else [f"after a failure of {who}" for who in names]
    told = [_told(names, row) for row in (policy.start, *rows)]
    return dict(zip(["first model", *labels], told, strict=True))


def menu_picture(solved: SolvedMenu, name: str, ended: Sequence[Single], believed: Response | None) -> CostPicture:
    """Return the provider's cost over the mix of two models after a failure, started as in the equilibrium.

    Args:
        solved: the game.
        name: of it.
        ended: commitments that will be marked.
        believed: what users answer as far as the leader knows; None where that is not to be drawn.
    """
    best = solved.equilibrium()
    rare, kept = _mixed(solved, best)
    names, unit = names_of(solved.game.game, name), units_of(name)[1]
    start, row = np.array(best.policy.start), np.array(best.policy.matrix[0])
    at = float(row[kept] / (row[kept] + row[rare]))
    jump = _jump(solved, rare, kept)
    chosen = [x for x in (_place(one, rare, kept) for one in ended) if x is not None]
    end = min(1.0, max(0.05, 1.1 * max([*chosen, 0.0]), 3 * min(at, jump) if at < 1 else 1.0))
    across = np.unique(np.clip([*np.linspace(0, end, NUM_POINTS), *(jump + np.array([-1e-9, 0, 1e-9]))], 0, end))
    line = _line(solved, start, rare, kept, across)
    curves = {"exact": solved.outcome(line, solved.best_answer(line))[0]}
    if believed is not None:
        curves["believed"] = solved.outcome(line, believed(line))[0]
    eye = np.eye(solved.game.num_models)
    alone = MenuCommitments(eye, eye[:, None], np.tile(np.array(best.throttled_latency), (len(eye), 1)))
    single = float(solved.outcome(alone, solved.best_answer(alone))[0].min())
    return CostPicture(
        title=f"What a commitment costs in {name}",
        about=f"The equilibrium of {name} is {commitment_words(solved, best.commitment, name)}, at a cost of"
        f" {number(best.leader_cost, COST_DIGITS)} a task. The table below has the runs one by one.",
        axis=f"retries drawn on {names[kept]}",
        cost_axis="cost of a task",
        tick=percent,
        cost_tick=lambda cost: amount(cost, unit, 4),
        end=end,
        positions=across,
        curves=curves,
        best=(at, best.leader_cost),
        place=lambda commitment: _place(commitment, rare, kept),
        levels=[("route2 faint", single)],
        aside=Aside("others", [("route2", single)]),
        legend=[
            ("exact", "users answer perfectly"),
            *([] if believed is None else [("believed", "users as they learned")]),
            ("route2", "the best single model for good"),
        ],
        note=f"curves: the first pass as in the equilibrium, other retries on {names[rare]}; a run off them starts or"
        " goes on with other models",
    )


def _told(names: Sequence[str], row: FloatArray) -> str:
    drawn = np.flatnonzero(row)
    drawn = drawn[np.argsort(-row[drawn], kind="stable")].tolist()
    return names[drawn[0]] if len(drawn) == 1 else ", ".join(f"{names[k]} {written(row[k])}" for k in drawn)


def _shown(solved: SolvedMenu, profile: MenuProfile) -> Policy:
    """Round a commitment to as few digits as keep users' best answer, and the cost under it."""
    exact, latency = profile.commitment.policy, profile.throttled_latency
    best = solved.answered(profile.commitment)

    def holds(short: Policy) -> bool:
        found = solved.answered(MenuCommitment.of_policy(short, latency))
        return found.abandon_prob == best.abandon_prob and agrees(found.provider_cost, best.provider_cost, COST_DIGITS)

    drawn = np.flatnonzero(exact.matrix[0])
    if len(drawn) == 2 and exact.start.max() == 1 and (exact.matrix == exact.matrix[0]).all():

        def mixed(share: float) -> Policy:
            row = np.zeros(len(exact.start))
            row[drawn] = share, round(1 - share, 15)
            return Policy.redraw(exact.start, row)

        return mixed(rounded_prob(float(exact.matrix[0, drawn[0]]), DIGITS, lambda share: holds(mixed(share))))
    for digits in range(DIGITS, ALL_DIGITS):
        short = Policy.unchecked(_rounded(exact.start[None], digits)[0], _rounded(exact.matrix, digits))
        if holds(short):
            return short
    return exact


def _rounded(rows: FloatArray, digits: int) -> FloatArray:
    """Round probabilities to so many digits; the largest of a row is what is left."""
    short = np.array([[float(f"{x:.{digits}g}") for x in row] for row in rows.tolist()])
    each, largest = np.arange(len(rows)), rows.argmax(axis=1)
    short[each, largest] = 0.0
    short[each, largest] = np.round(1 - short.sum(axis=1), 15)
    return short


def _mixed(solved: SolvedMenu, best: MenuProfile) -> tuple[int, int]:
    """Two models to draw a line between, the one that is less worth its wait first: those that are mixed, if any are.

    Else the one that goes on and, of the others on the other side of users' indifference, the cheapest for good.
    """
    game, row = solved.game.game, np.array(best.policy.matrix[0])
    xi = np.array(game.net_value)
    first, second = np.argsort(-row, kind="stable")[:2].tolist()
    if row[second] == 0:
        across = (xi >= 0) != (xi[first] >= 0)
        stay = np.where(across if across.any() else np.arange(len(xi)) != first, np.array(game.cost_of_pass), np.inf)
        second = int(np.argmin(stay))
    return (first, second) if xi[first] <= xi[second] else (second, first)


def _jump(solved: SolvedMenu, rare: int, kept: int) -> float:
    """Share of the model that is kept at which users change their mind; 1 where they do not."""
    xi = np.array(solved.game.game.net_value)
    return float(-xi[rare] / (xi[kept] - xi[rare])) if xi[rare] < 0 < xi[kept] else 1.0


def _line(solved: SolvedMenu, start: FloatArray, rare: int, kept: int, across: FloatArray) -> MenuCommitments:
    rows = np.zeros((len(across), 1, len(start)))
    rows[:, 0, rare], rows[:, 0, kept] = 1 - across, across
    latency = np.array(solved.equilibrium().throttled_latency)
    return MenuCommitments(np.tile(start, (len(across), 1)), rows, np.tile(latency, (len(across), 1)))


def _place(commitment: Single, rare: int, kept: int) -> float | None:
    rows = MenuCommitment.of(commitment).policy.matrix
    drawn = rows[:, [rare, kept]].sum(axis=1)
    if (rows != rows[0]).any() or drawn[0] < ON_LINE:
        return None
    return float(rows[0, kept] / drawn[0])

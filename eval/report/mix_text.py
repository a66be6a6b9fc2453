"""The solution of a mix of tasks in words, for the terminal."""

from __future__ import annotations

import numpy as np

from routegame.agents.mixes.mix_solution import MixSolution
from routegame.envs.arrays import FloatArray
from routegame.envs.task_mixes import MixScenario
from routegame.eval.judge.mix_account import certificate_words
from routegame.numerals import amount, percent, plural, rounded_prob
from routegame.typesetting import labelled, table

LABEL, DIGITS = 20, 6
"""Columns of the labels, and digits of costs and utilities."""

SHOWN = 10
"""Contexts that are told one by one, those of most tasks first."""


def mix_text(scenario: MixScenario, solution: MixSolution) -> str:
    """Say what is known about a mix of tasks.

    Args:
        scenario: where the mix comes from, for names and units.
        solution: of it.
    """
    latency, cost = scenario.units
    mix = solution.mix
    known = {
        "sighted": "users know their context",
        "memoryless": "users do not know their context",
        "history": "users do not know their context, and count their failures",
    }[solution.users]
    order = {"fixed": "never back to an earlier one", "free": "in any order"}[solution.order]
    each = min(SHOWN, len(mix))
    rows = [
        ("users", f"{_answer(solution)}; a task is worth {amount(solution.user_utility, latency, DIGITS)} to them"),
        ("a task costs", f"{amount(solution.provider_cost, cost, DIGITS)}; {certificate_words(solution)}"),
        ("at the least", f"{amount(solution.lower_bound, cost, DIGITS)} ({solution.status})"),
        ("models", _starts(scenario, solution)),
    ]
    title = f"{scenario.name}: {plural(len(mix), 'context')}, {mix.num_models} models, {order}; {known}"
    rest = [] if each == len(mix) else [labelled("", f"and {len(mix) - each} more, see --json", 2, indent=0)]
    lines = [title, *(labelled(about, what, LABEL) for about, what in rows), ""]
    return "\n".join([*lines, *table(_contexts(scenario, solution, each)), *rest])


def _starts(scenario: MixScenario, solution: MixSolution) -> str:
    weights = solution.mix.weights
    first = weights @ solution.policies.start
    mixes = weights @ (_draws(solution) > 1)
    each = zip(scenario.models, first.tolist(), strict=True)
    told = [f"{who} answers {percent(share, 3)} of tasks first" for who, share in each if share]
    return f"{', '.join(told)}; in contexts of {percent(float(mixes), 3)} failures are handed over"


def _draws(solution: MixSolution) -> FloatArray:
    """How many models follow a failure of the one that answers first, in each context."""
    place = np.arange(len(solution.policies)), solution.policies.start.argmax(axis=1)
    count: FloatArray = (solution.policies.matrix[place] > 0).sum(axis=1)
    return count


def _contexts(scenario: MixScenario, solution: MixSolution, count: int) -> list[tuple[str, ...]]:
    """Rows of contexts, those of most tasks first."""
    latency, cost = scenario.units
    mix = solution.mix
    names = mix.names or tuple(str(x) for x in range(len(mix)))
    rows: list[tuple[str, ...]] = [("context", "tasks", "first", "then", "users leave", "a task costs", "and is worth")]
    for x in np.argsort(-mix.weights, kind="stable")[:count].tolist():
        start, matrix = solution.policies[x]
        first = int(start.argmax())
        rows.append(
            (
                names[x],
                percent(float(mix.weights[x])),
                scenario.models[first],
                _then(scenario, matrix[first], first),
                _leaves(solution, x),
                amount(float(solution.context_costs[x]), cost, 4),
                amount(float(solution.context_utilities[x]), latency, 4),
            )
        )
    return rows


def _then(scenario: MixScenario, row: FloatArray, first: int) -> str:
    if row[first] == 1:
        return "the same"
    shares = [(k, float(row[k])) for k in np.flatnonzero(row).tolist() if k != first]
    return ", ".join(
        scenario.models[k] if share == 1 else f"{scenario.models[k]} {rounded_prob(share, 6, lambda _: True):g}"
        for k, share in shares
    )


def _leaves(solution: MixSolution, context: int) -> str:
    answer = solution.answer
    if isinstance(answer, np.ndarray):
        return percent(float(answer[context]), 3)
    if solution.users == "history":
        return "never" if answer is None else f"after {answer}"
    return percent(float(answer or 0), 3)


def _answer(solution: MixSolution) -> str:
    answer, weights = solution.answer, solution.mix.weights
    if isinstance(answer, np.ndarray):
        does = {"stay": answer == 0, "leave after a failure": answer == 1, "do either": (answer > 0) & (answer < 1)}
        each = {what: float(weights @ where) for what, where in does.items() if where.any()}
        if len(each) == 1:
            return next(iter(each))
        return ", ".join(f"{what} in contexts of {percent(share, 3)} of tasks" for what, share in each.items())
    if solution.users == "history":
        return "never leave" if answer is None else f"leave after {plural(int(answer), 'failure')}"
    leaves = float(answer or 0)
    return "stay" if leaves == 0 else f"leave with probability {percent(leaves, 4)} after a failure"

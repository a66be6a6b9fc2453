"""Users who do not know their context: one answer couples all contexts.

Answers are bounded from below one by one (`one_multiplier`). In the order of those bounds the cheapest lists for each
answer are found as a mixture (`split`), rounded to one list a context, and the few contexts that the mixture is
undecided about are searched closely (`zoom`), until no answer that is left can be cheaper than the best policy known;
then answers next to the best, as long as they are better.
Programs with a multiplier for every other answer then raise the bounds that are the least (`time_program` for users who
count their failures, `stay_cells` for others).
"""

from __future__ import annotations

import numpy as np

from routegame.agents.mixes.blind_answers import Answered
from routegame.agents.mixes.column_tables import Columns
from routegame.agents.mixes.contexts import Contexts
from routegame.agents.mixes.lists import Lists, Places, Play
from routegame.agents.mixes.mix_solution import MixOrder, MixSolution, Users
from routegame.agents.mixes.one_multiplier import Bounds, history_bounds, memoryless_bounds
from routegame.agents.mixes.split import split
from routegame.agents.mixes.stay_cells import least_of_cells, program_of
from routegame.agents.mixes.time_program import with_time
from routegame.agents.mixes.zoom import WATCHED_FAILURES, WATCHED_STAYS, best_answer, zoom
from routegame.envs.arrays import FloatArray
from routegame.envs.game import INDIFFERENCE
from routegame.envs.task_mix import TaskMix

SEARCHED_WHOLE = 3
"""Contexts up to which all of them are searched at once."""

MOST_ANSWERS = 10
"""Answers for which lists are sought where there are more contexts, before those next to the best."""

APART = 4
"""Cells between two for which lists are sought."""


def solve_blind(mix: TaskMix, users: Users, order: MixOrder) -> MixSolution:
    """Find policies over contexts for users who do not know theirs, with a certified gap."""
    every = Contexts.of(mix)
    contexts = every.some(np.flatnonzero(every.weight > 0))
    bounds = (memoryless_bounds if users == "memoryless" else history_bounds)(contexts, order)
    lists, found = _policy(contexts, users, order, bounds)
    least = bounds.least
    if users == "history":
        least = with_time(contexts, order, bounds, found.provider_cost).least
    elif (program := program_of(contexts, order)) is not None:
        least = max(least, least_of_cells(contexts, program, bounds, found.provider_cost))
    return _solution(mix, every, users, order, lists, found, least)


def _policy(contexts: Contexts, users: Users, order: MixOrder, bounds: Bounds) -> tuple[Lists, Answered]:
    """The best lists that are found."""
    number, enough = len(contexts), bounds.least * (1 + INDIFFERENCE)
    lists = _cheapest_static(contexts)
    found = best_answer(users, Play.of(contexts, lists))
    if number <= SEARCHED_WHOLE:
        return zoom(contexts, order, users, lists, np.arange(number), enough, starts=8)
    columns = Columns.of(contexts.success_prob.shape[1], order)
    answers, others = _middles(bounds), WATCHED_STAYS if users == "memoryless" else WATCHED_FAILURES
    waiting, tried, cheapest = _in_order(bounds), set[int](), -1
    while waiting:
        cell = waiting.pop(0)
        tried.add(cell)
        if bounds.value[cell] < found.provider_cost * (1 - INDIFFERENCE):
            answer = float(answers[cell])
            mixture = split(contexts, columns, users, answer, others[others != answer])
            if mixture.value < found.provider_cost:
                column = mixture.likeliest
                there = Lists.of(columns.first[column], columns.then[column], columns.moves[column])
                where = mixture.fractional()[:SEARCHED_WHOLE]
                where = where if where.size else np.array([int(contexts.weight.argmax())])
                there, exact = zoom(contexts, order, users, there, where, enough)
                if exact.provider_cost < found.provider_cost * (1 - INDIFFERENCE):
                    lists, found, cheapest = there, exact, cell
        if not waiting and cheapest >= 0:
            beside = (cheapest - 1, cheapest + 1)
            waiting = [n for n in beside if 0 <= n < len(answers) and n not in tried and np.isfinite(bounds.value[n])]
    return lists, found


def _middles(bounds: Bounds) -> FloatArray:
    """The answer in the middle of every cell; of a cell without an end where it begins."""
    return np.where(np.isinf(bounds.high), bounds.low, (bounds.low + np.minimum(bounds.high, 1e300)) / 2)


def _in_order(bounds: Bounds) -> list[int]:
    """Cells, those of the least bounds first; of cells next to each other only a few."""
    picked: list[int] = []
    last = len(bounds.value) - 1
    order = [int(n) for n in np.argsort(bounds.value, kind="stable") if np.isfinite(bounds.value[n])]
    for n in order:
        near = any(abs(n - other) < APART for other in picked if other not in (0, last))
        if n in (0, last) or not near:
            picked.append(n)
    ends = [n for n in picked if n in (0, last)]
    return ends + [n for n in picked if n not in (0, last)][: MOST_ANSWERS - len(ends)]


def _cheapest_static(contexts: Contexts) -> Lists:
    model: Places = np.argmin(contexts.cost + contexts.penalty[:, None] * contexts.fails, axis=1)
    return Lists.of(model, model, np.zeros(len(model)))


def _solution(
    mix: TaskMix, every: Contexts, users: Users, order: MixOrder, lists: Lists, found: Answered, bound: float
) -> MixSolution:
    weighty = np.flatnonzero(every.weight > 0)
    idle = np.flatnonzero(every.weight == 0)
    model = _cheapest_static(every.some(idle)).first
    whole = Lists(
        np.concatenate([weighty[lists.context], idle]),
        np.concatenate([lists.share, np.ones(idle.size)]),
        np.concatenate([lists.first, model]),
        np.concatenate([lists.then, model]),
        np.concatenate([lists.moves, np.zeros(idle.size)]),
    )
    play = Play.of(every, whole)
    costs, utilities = _outcomes(play, users, found)
    return MixSolution(
        mix=mix,
        users=users,
        order=order,
        information="memoryless",
        policies=whole.table(len(mix), mix.num_models),
        answer=1 - found.answer if users == "memoryless" else None if np.isinf(found.answer) else int(found.answer),
        context_costs=costs,
        context_utilities=utilities,
        provider_cost=found.provider_cost,
        user_utility=found.utility,
        lower_bound=min(bound, found.provider_cost),
    )


def _outcomes(play: Play, users: Users, found: Answered) -> tuple[FloatArray, FloatArray]:
    if users == "history" and np.isfinite(found.answer):
        return play.outcomes_after(int(found.answer))
    return play.outcomes(1.0 if users == "history" else found.answer)

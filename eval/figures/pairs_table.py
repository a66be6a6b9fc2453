"""The real pairs in one Markdown table: measured, answered, and over what the answer holds. `make pairs` prints it."""

from __future__ import annotations

import sys
from math import inf

from routegame.agents.exact.cells import kind_of
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.envs.game import Game
from routegame.envs.model_pairs import PAIRS, Pair
from routegame.envs.scenarios import scenario
from routegame.eval.claims import shown_commitment, shown_range
from routegame.eval.judge.validity import Validity
from routegame.numerals import amount, handed_over, percent, share, written

HEAD = ("pair", "p_1", "p_2", "broken", "V", "answer", "same for V", "this one for V", "sure")

KINDS = {"cascade": "cascade", "mixed": "cascade, users mix", "leave": "cascade, users leave"}


def pairs_table() -> str:
    """Return the table."""
    rows = [HEAD, ("---",) * len(HEAD), *(_row(pair) for pair in PAIRS)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(pair: Pair) -> tuple[str, ...]:
    known = scenario(pair.name)
    solution = solve(known.game)
    validity = Validity.of(known, solution)
    first, second = (f"{share(p.value)} ({share(p.low)} – {share(p.high)})" for p in validity.success_prob)
    return (
        f"`{pair.name}`",
        first,
        second,
        _broken(pair),
        amount(pair.task_value, known.units[0], 6),
        _answer(known.game, solution.equilibrium),
        _interval(validity.value_range),
        _interval(validity.commitment_range),
        percent(validity.answer_stays),
    )


def _broken(pair: Pair) -> str:
    """Return which of the orders that the paper assumes of its two models fail, as a list in words."""
    standard, reasoning = pair.standard, pair.reasoning
    orders = {
        "p": standard.success_prob < reasoning.success_prob,
        "t": standard.latency < reasoning.latency,
        "c": standard.cost < reasoning.cost,
    }
    return ", ".join(name for name, holds in orders.items() if not holds)


def _answer(game: Game, best: RoutingProfile) -> str:
    kind = str(kind_of(best.route, best.cascade_prob, best.abandon_prob))
    if kind in KINDS:
        shown = shown_commitment(game, best, digits=3, cost_digits=3)
        return f"{KINDS[kind]} ({handed_over(shown.cascade_prob)})" if kind != "leave" else KINDS[kind]
    return f"{kind}, users {'leave' if best.abandon_prob else 'stay'}"


def _interval(ends: tuple[float, float]) -> str:
    low, high = map(written, shown_range(ends, digits=4))
    if ends[0] == 0:
        return "any" if ends[1] == inf else f"≤ {high}"
    return f"≥ {low}" if ends[1] == inf else f"{low}–{high}"


if __name__ == "__main__":
    sys.stdout.write(pairs_table())

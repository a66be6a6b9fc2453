"""The table of real pairs, row by row; that the page has it as it is, is among the tests of pages."""

from math import inf

import pytest

from routegame import solve
from routegame.envs.model_pairs import PAIRS
from routegame.envs.scenarios import scenario
from routegame.eval.figures.pairs_table import HEAD, _interval, pairs_table


def cells(line):
    return [cell.strip() for cell in line.strip("| ").split(" | ")]


ROWS = [dict(zip(HEAD, cells(line), strict=True)) for line in pairs_table().splitlines()[2:]]


def test_every_pair_has_a_row():
    assert [row["pair"] for row in ROWS] == [f"`{pair.name}`" for pair in PAIRS]


@pytest.mark.parametrize("row,pair", list(zip(ROWS, PAIRS, strict=True)), ids=[pair.name for pair in PAIRS])
def test_a_row_says_what_is_broken_and_what_is_best(row, pair):
    game, best = scenario(pair.name).game, solve(scenario(pair.name).game).equilibrium
    numbers = {"p": game.success_prob, "t": game.latency, "c": game.cost}
    broken = {name for name, (first, second) in numbers.items() if first >= second}
    assert {name.strip() for name in row["broken"].split(",")} - {""} == broken
    assert row["answer"].startswith("cascade") == (best.route == 1 and best.cascade_prob > 0)
    if not row["answer"].startswith("cascade"):
        assert row["answer"].endswith("leave" if best.abandon_prob else "stay")


@pytest.mark.parametrize("ends,said", [((0, inf), "any"), ((0, 90), "≤ 90"), ((60, inf), "≥ 60"), ((60, 90), "60–90")])
def test_ranges_of_values(ends, said):
    assert _interval(ends) == said

"""Checks of single values: what passes, and what the one error says of the rest."""

import re

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.kinds import QuantalFollower, RobustFollower
from routegame.envs import arrays, checks, game
from routegame.envs.checks import (
    LEAST,
    MOST,
    ParameterError,
    as_amount,
    as_choice,
    as_count,
    as_number,
    as_route,
    as_single,
)
from routegame.envs.commitment import Commitment
from routegame.envs.routing_v0 import parallel_env

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))


@pytest.mark.parametrize("value", [0.5, 1, True, np.float32(0.5), np.array(0.5)])
def test_a_single_number_is_a_float(value):
    assert type(as_single("share", value, 0, 1)) is float


MANY = {
    "share": lambda many: as_single("share", many, 0, 1),
    "cascade_prob": lambda many: Commitment(1, many, (1, 2)),
    "throttled_latency[1]": lambda many: Commitment(1, 0.5, (1, many)),
    "temperature": lambda many: QuantalFollower(many),
    "delta": lambda many: RobustFollower(many),
    "noise": lambda many: parallel_env(GAME, sight="noisy", noise=many),
    "difficulty": lambda many: parallel_env(GAME, difficulty=many),
}


@pytest.mark.parametrize("parameter", MANY)
def test_many_numbers_are_no_single_one(parameter):
    with pytest.raises(ParameterError, match=r"must be a single number, got array\(\[0\.5\]\)") as caught:
        MANY[parameter](np.array([0.5]))
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    "closed,inside,outside",
    [("both", [0, 1], []), ("low", [0], [1]), ("neither", [], [0, 1])],
)
def test_bounds_are_allowed_where_they_are_closed(closed, inside, outside):
    assert [as_number("share", value, 0, 1, closed=closed) for value in inside] == inside
    for value in outside:
        with pytest.raises(ParameterError, match=r"share must be a finite number in .0, 1., got"):
            as_number("share", value, 0, 1, closed=closed)


@pytest.mark.parametrize("value", [0, 11, 2.0, True, "3", None])
def test_a_count_is_a_whole_number_in_range(value):
    with pytest.raises(ParameterError, match="rounds must be an integer from 1 to 10"):
        as_count("rounds", value, 10)
    assert as_count("rounds", np.int64(10), 10) == 10


def test_a_choice_is_one_of_those_named():
    assert as_choice("sight", None, ("exact", None)) is None
    with pytest.raises(ParameterError, match="sight must be 'exact' or None, got 'dim'"):
        as_choice("sight", "dim", ("exact", None))


def test_a_route_that_is_wrong_is_named():
    assert as_route([1, 2.0]).tolist() == [1, 2]
    with pytest.raises(ParameterError, match="route must be 1 or 2, got 3"):
        as_route([1, 3])


def test_what_a_game_is_checked_with_is_found_beside_it():
    """Scripts have imported these from the module of the game."""
    assert game.ParameterError is checks.ParameterError
    assert game.FloatArray is arrays.FloatArray


@pytest.mark.parametrize(
    "amount,zero,complaint",
    [
        (5e-324, True, "cost must be 0 or a number from 1e-30 to 1e+30, got 5e-324"),
        ([1.0, 1.7e308], True, "cost must be 0 or a number from 1e-30 to 1e+30, got 1.7e+308"),
        (9e-31, False, "cost must be a number from 1e-30 to 1e+30, got 9e-31"),
        (0.0, False, "cost must be a finite number in (0, inf), got 0.0"),
        (-1.0, True, "cost must be a finite number in [0, inf), got -1.0"),
    ],
)
def test_amounts_of_a_size_that_nothing_can_be_computed_of_are_refused(amount, zero, complaint):
    with pytest.raises(ParameterError, match=re.escape(complaint)):
        as_amount("cost", amount, zero=zero)
    assert as_amount("cost", [0, LEAST, MOST]).tolist() == [0, LEAST, MOST]

"""Spaces of the routing environment: what can be seen, which actions can be played, and how a refusal reads."""

import pickle
from typing import Any

import numpy as np
import pytest
from gymnasium.spaces import Discrete

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.envs.game import Game
from routegame.envs.routing.contract import PaperContract
from routegame.envs.routing.spaces import ActionError, Spaces

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))


def made(**options: Any) -> Spaces:
    """Spaces of two users, with throttling."""
    settings = {"commits": "episode", "information": "history", "grid": None, "max_passes": 50, "num_tasks": 3}
    return Spaces([RoutingGame(GAME, throttling=True)] * 2, PaperContract(throttling=True), **settings | options)


def test_spaces_hold_what_can_be_seen() -> None:
    spaces = made()
    np.testing.assert_allclose(spaces.observations["user_1"].high, [1, 2, 1, 1.8, 5.4, 50])
    np.testing.assert_array_equal(spaces.observations["provider"].high, [1, 1])
    np.testing.assert_array_equal(made(commits="never").observations["provider"].high, [2, 50, 2, 50])
    np.testing.assert_allclose(spaces.state.high, [1, 1, 2, 50, 3, 2, 1, 1.8, 5.4] * 2)


@pytest.mark.parametrize(("commits", "levels"), [("episode", (2, 5, 5, 5)), ("never", (2, 2, 5, 5))])
def test_a_grid_has_two_levels_where_a_model_is_chosen(commits: str, levels: tuple[int, ...]) -> None:
    spaces = made(commits=commits, grid=5)
    assert spaces.levels == levels
    assert [mask.tolist() for mask in spaces.open_masks] == [[1] * count for count in levels]
    assert [mask.tolist() for mask in spaces.closed_masks] == [[1] + [0] * (count - 1) for count in levels]
    with pytest.raises(ValueError, match="read-only"):
        spaces.open_masks[0][0] = 0


def test_coordinates_are_shares_of_levels_or_rounded_numbers() -> None:
    assert made(grid=5).coordinates([1, 0, 3, 4]) == [1, 0, 0.75, 1]
    assert made().coordinates([1, 0.1, 0, 0])[1] == float(np.float32(0.1))


def test_a_flat_grid_numbers_its_points_the_last_number_running_fastest() -> None:
    flat, grid = made(grid=5, flat=True), made(grid=5)
    assert flat.actions["provider"] == Discrete(2 * 5**3)
    points = [flat.coordinates(k) for k in range(250)]
    assert points == [grid.coordinates(levels) for levels in np.ndindex(2, 5, 5, 5)]
    assert flat.masks(flat.open_masks).tolist() == [1] * 250
    assert flat.masks(flat.closed_masks).tolist() == [1] + [0] * 249
    never = made(grid=5, flat=True, commits="never", num_tasks=1)
    bound = (never.open_masks[0], *never.closed_masks[1:])
    assert np.flatnonzero(never.masks(bound)).tolist() == [0, 50], "only the first user's model is free"


@pytest.mark.parametrize("number", [-1, 250, 1.0, True, [1], None, "1", [0, 0, 0, 0]])
def test_what_is_no_point_of_a_flat_grid_is_refused(number: Any) -> None:
    with pytest.raises(ActionError, match=r"must be in Discrete\(250\)"):
        made(grid=5, flat=True).coordinates(number)


def test_actions_drawn_evenly_lie_in_the_space() -> None:
    point = np.array([0.5, 0.19, 0.2, 0.999])
    assert made(grid=5).action_at(point).tolist() == [1, 0, 1, 4]
    flat = made(grid=5, flat=True)
    assert flat.coordinates(flat.action_at(point)) == [1, 0, 0.25, 1]
    assert made().action_at(point).dtype == np.float32


@pytest.mark.parametrize("grid", [None, 5])
@pytest.mark.parametrize(
    "offer", [[[0], [0, 1]], "0000", [0, 0, 0], [0, 0, 0, 6], [0, 0, 0, -1], [0, None, 0, 0], None]
)
def test_what_is_no_offer_is_refused(grid: int | None, offer: Any) -> None:
    with pytest.raises(ActionError, match="action of provider must be in"):
        made(grid=grid).coordinates(offer)


def test_latencies_must_be_such_as_can_be_seen() -> None:
    with pytest.raises(ParameterError, match="latency must be small enough for float32"):
        Spaces(
            [RoutingGame(GAME.with_latency((1, 1e39)))],
            PaperContract(),
            commits="episode",
            information="memoryless",
            grid=None,
            max_passes=5,
            num_tasks=1,
        )


def test_an_action_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ActionError("user_0", "in Discrete(2)", 7)))
    assert str(error) == "action of user_0 must be in Discrete(2), got 7"

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
BATCH = Game(np.array([9.0, 10.0]), 20, (0.1, 0.3), (1, 2), (1, 3))
HALF_ULP = 2.0**-25

unit = st.floats(0, 1, width=32)
latencies = st.floats(0, 1e6)


@st.composite
def boxes(draw: st.DrawFn) -> RoutingGame:
    latency = draw(st.tuples(latencies, latencies))
    slowest = (latency[0] + draw(latencies), latency[1] + draw(latencies))
    game = GAME.with_latency(latency)
    return RoutingGame(game, throttling=True, max_latency=slowest)


def test_values_are_plain_python_numbers() -> None:
    commitment = Commitment(np.int64(2), np.float32(0.5), (np.float64(1), 3))  # type: ignore[arg-type]
    assert commitment == Commitment(2, 0.5, (1.0, 3.0))
    assert type(commitment.route) is int
    assert [type(v) for v in (commitment.cascade_prob, *commitment.throttled_latency)] == [float] * 3
    assert copy.deepcopy(commitment) == commitment
    assert len({commitment, Commitment(2, 0.5, (1.0, 3.0))}) == 1


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        ("route", (0, 0.5, (1, 2))),
        ("route", (3, 0.5, (1, 2))),
        ("route", (1.5, 0.5, (1, 2))),
        ("route", (None, 0.5, (1, 2))),
        ("route", ([1, 2], 0.5, (1, 2))),
        ("cascade_prob", (1, -0.001, (1, 2))),
        ("cascade_prob", (1, 1.001, (1, 2))),
        ("cascade_prob", (1, float("nan"), (1, 2))),
        ("cascade_prob", (1, [0.1, 0.2], (1, 2))),
        ("throttled_latency", (1, 0.5, 1.0)),
        ("throttled_latency", (1, 0.5, (1, 2, 3))),
        ("throttled_latency[0]", (1, 0.5, (-1, 2))),
        ("throttled_latency[0]", (1, 0.5, ([1, 1], 2))),
        ("throttled_latency[1]", (1, 0.5, (1, float("inf")))),
    ],
)
def test_a_bad_commitment_says_what_is_wrong(parameter: str, values: tuple[object, ...]) -> None:
    with pytest.raises(ParameterError) as caught:
        Commitment(*values)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter


def test_unthrottled_takes_the_latencies_of_the_game() -> None:
    assert Commitment.unthrottled(GAME, 2, 0.125) == Commitment(2, 0.125, (1.0, 2.0))
    with pytest.raises(ParameterError, match="a single game"):
        Commitment.unthrottled(BATCH, 2, 0.125)


def test_the_route_changes_just_above_one_half() -> None:
    box = RoutingGame(GAME)
    half = np.float32(0.5)
    assert box.commitment(np.array([0, 0], dtype=np.float32)).route == 1
    assert box.commitment(np.array([half, 0])).route == 1
    assert box.commitment(np.array([np.nextafter(half, np.float32(1)), 0])).route == 2


def test_an_action_counts_with_its_exact_float32_value() -> None:
    tenth = np.float32(0.1)
    assert RoutingGame(GAME).commitment([0, 0.1]).cascade_prob == float(tenth) != 0.1
    throttled = RoutingGame(GAME, throttling=True, max_latency=(4, 2)).commitment([0, 0, 0.1, 0.7])
    assert throttled.throttled_latency == (1.0 + float(tenth) * 3.0, 2.0)


def test_a_full_slow_down_does_not_overshoot() -> None:
    t, slowest = 0.3, 0.9
    assert t + (slowest - t) > slowest
    box = RoutingGame(GAME.with_latency((t, t)), throttling=True, max_latency=(slowest, slowest))
    assert box.commitment([0, 0, 1, 1]).throttled_latency == (slowest, slowest)
    assert box.action(box.commitment([0, 0, 1, 1])).tolist() == [0, 0, 1, 1]


def test_without_throttling_latency_is_the_games() -> None:
    box = RoutingGame(GAME)
    assert (box.size, box.max_latency) == (2, (1.0, 2.0))
    assert box.commitment([1, 0.5]) == Commitment.unthrottled(GAME, 2, 0.5)
    assert box.action(Commitment.unthrottled(GAME, 2, 0.5)).tolist() == [1.0, 0.5]


def test_the_default_ceiling_lies_past_the_point_where_a_pass_is_not_worth_its_wait() -> None:
    box = RoutingGame(GAME.with_latency((5, 2)), throttling=True)
    assert box.size == 4
    assert box.max_latency == pytest.approx((5, 5.4))


@given(boxes(), st.tuples(unit, unit, unit, unit))
@settings(deadline=None)
def test_every_action_stands_for_a_commitment_within_its_limits(game: RoutingGame, action: tuple[float, ...]) -> None:
    commitment = game.commitment(np.array(action, dtype=np.float32))
    for slowed, t, slowest in zip(commitment.throttled_latency, game.game.latency, game.max_latency, strict=True):
        assert t <= slowed <= slowest
    assert commitment.cascade_prob == action[1]
    assert game.commitment((0, 0, 0, 0)).throttled_latency == game.game.latency
    assert game.commitment((0, 0, 1, 1)).throttled_latency == pytest.approx(game.max_latency)


@given(boxes(), st.sampled_from([1, 2]), st.floats(0, 1), st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(deadline=None)
def test_action_is_the_inverse_of_commitment_to_float32(
    game: RoutingGame, route: int, cascade_prob: float, shares: tuple[float, float]
) -> None:
    limits = list(zip(game.game.latency, game.max_latency, strict=True))
    first, second = (
        min(float(t + share * (slowest - t)), slowest) for (t, slowest), share in zip(limits, shares, strict=True)
    )
    asked = Commitment(route, cascade_prob, (first, second))
    action = game.action(asked)
    assert action.dtype == np.float32
    played = game.commitment(action)
    assert played.route == route
    assert abs(played.cascade_prob - cascade_prob) <= HALF_ULP
    for wanted, got, (t, slowest) in zip(asked.throttled_latency, played.throttled_latency, limits, strict=True):
        assert abs(wanted - got) <= HALF_ULP * (slowest - t) + 4 * np.spacing(slowest)
    np.testing.assert_array_equal(game.action(played)[:2], action[:2])


@pytest.mark.parametrize(
    "action",
    [
        [0.5],
        [0.5, 0.5, 0.5],
        [[0.5, 0.5]],
        0.5,
        None,
        "ab",
        ["0.5", "0.5"],
        [0.5, [0.5]],
        [0.5, 0.5j],
        [0.5, -1e-9],
        [0.5, 1 + 1e-9],
        [1e300, 0.5],
        [0.5, float("nan")],
        [float("-inf"), 0.5],
    ],
)
def test_a_bad_action_is_refused(action: object) -> None:
    with pytest.raises(ParameterError, match=r"action must be 2 numbers in \[0, 1\]"):
        RoutingGame(GAME).commitment(action)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parameter", "arguments"),
    [
        ("game", {"game": BATCH}),
        ("max_latency", {"max_latency": (2, 3)}),
        ("max_latency", {"throttling": True, "max_latency": 3}),
        ("max_latency[0]", {"throttling": True, "max_latency": (0.9, 3)}),
        ("max_latency[1]", {"throttling": True, "max_latency": (1, 1.9)}),
        ("max_latency[1]", {"throttling": True, "max_latency": (1, float("inf"))}),
    ],
)
def test_a_bad_box_says_what_is_wrong(parameter: str, arguments: dict[str, object]) -> None:
    with pytest.raises(ParameterError) as caught:
        RoutingGame(**({"game": GAME} | arguments))  # type: ignore[arg-type]
    assert caught.value.parameter == parameter


@pytest.mark.parametrize("throttling", [False, True])
@pytest.mark.parametrize("latency", [(0.5, 2), (1, 100)])
def test_a_latency_that_cannot_be_reached_has_no_action(throttling: bool, latency: tuple[float, float]) -> None:
    with pytest.raises(ParameterError, match="throttled_latency"):
        RoutingGame(GAME, throttling=throttling).action(Commitment(1, 0.5, latency))

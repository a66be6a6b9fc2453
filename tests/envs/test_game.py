"""The parameters of a game: what is accepted, what is refused and how, equality, plain numbers and back."""

import copy
import json
import pickle

import numpy as np
import pytest

from routegame import Game, ParameterError

GOOD = {"task_value": 9, "churn_penalty": 20, "success_prob": (0.1, 0.3), "latency": (1, 2), "cost": (1, 3)}
PER_MODEL = ("success_prob", "latency", "cost")
NOT_NUMBERS = ["abc", "", "line\nbreak", None, ..., 1j, [1, "x"], [[1, 2], [3]], {"a": 1}]
NOT_FINITE = [float("nan"), float("inf"), -float("inf"), [0.5, float("nan")], np.array([0.5, np.inf])]
OUT_OF_RANGE = {
    "task_value": [0, -1, -1e-300, [1, 0], [1, -2]],
    "churn_penalty": [-1, -1e-300, [0, -2]],
    "success_prob": [0, 1, -0.1, 1.1, [0.5, 1], [0.5, 0]],
    "latency": [-1, -1e-300, [1, -2]],
    "cost": [-1, -1e-300, [1, -2]],
}
WRONG_LENGTH = [
    1.0,
    (),
    (0.5,),
    (0.5, 0.5, 0.5),
    None,
    np.full((3, 4), 0.5),
    np.full(1, 0.5),
    np.full(3, 0.5),
]


def game(**changed):
    return Game(**{**GOOD, **changed})


def refusal(**changed):
    """The error that `game(**changed)` raises, after checking that it is complete and fits on one line."""
    with pytest.raises(ParameterError) as caught:
        game(**changed)
    error = caught.value
    assert isinstance(error, ValueError)
    assert str(error).startswith(f"{error.parameter} must be {error.allowed}, got ")
    shown = str(error).removeprefix(f"{error.parameter} must be {error.allowed}, got ")
    assert shown and " ".join(repr(error.given).split()).startswith(shown.removesuffix("..."))
    assert len(str(error).splitlines()) == 1
    return error


def test_parameters_are_held_as_floats_and_pairs():
    held = game()
    assert held.shape == ()
    assert (held.task_value, held.churn_penalty) == (9.0, 20.0)
    assert (held.success_prob, held.latency, held.cost) == ((0.1, 0.3), (1.0, 2.0), (1.0, 3.0))
    numbers = [held.task_value, held.churn_penalty, *held.success_prob, *held.latency, *held.cost]
    assert {type(number) for number in numbers} == {float}


@pytest.mark.parametrize("pair", [(1, 2), [1, 2], np.array([1, 2]), (np.float32(1), np.int8(2))], ids=repr)
def test_a_pair_may_be_a_tuple_a_list_or_an_array(pair):
    assert game(latency=pair) == game(latency=(1.0, 2.0))


def test_bounds_that_are_allowed():
    free = game(churn_penalty=0, latency=(0, 0), cost=(0, 0))
    assert (free.churn_penalty, free.latency, free.cost) == (0.0, (0.0, 0.0), (0.0, 0.0))
    tiny, nearly_one = np.nextafter(0, 1), np.nextafter(1, 0)
    assert game(success_prob=(tiny, nearly_one)).success_prob == (tiny, nearly_one)
    assert game(task_value=tiny).task_value == tiny


@pytest.mark.parametrize("p,t,c", [((0.3, 0.1), (1, 2), (1, 3)), ((0.1, 0.3), (2, 1), (3, 1))])
def test_models_may_come_in_any_order(p, t, c):
    assert game(success_prob=p, latency=t, cost=c).success_prob == p


def test_fields_broadcast():
    batch = game(task_value=np.ones((3, 1)), success_prob=(np.full(4, 0.1), 0.3), cost=(1, np.ones((2, 1, 1))))
    assert batch.shape == (2, 3, 4)
    assert np.broadcast_shapes(*(np.shape(xi) for xi in batch.net_value)) == (3, 4)
    assert batch.net_value[0].dtype == np.float64


def test_net_value_and_cost_of_pass():
    assert game().net_value == pytest.approx((9 * 0.1 - 1, 9 * 0.3 - 2), rel=1e-15)
    assert game().cost_of_pass == pytest.approx((10, 10), rel=1e-15)


@pytest.mark.parametrize("value,p,t", [(0.3, 0.1, 0.03), (2, 0.5, 1), (7, 0.1, 0.7), (1.1, 0.1, 0.11)])
def test_a_net_value_that_is_zero_up_to_rounding_is_zero(value, p, t):
    assert game(task_value=value, success_prob=(p, p), latency=(t, t)).net_value == (0.0, 0.0)
    apart = game(task_value=value, success_prob=(p, p), latency=(t * (1 - 1e-9), t * (1 + 1e-9))).net_value
    assert apart[0] > 0 > apart[1]


def test_the_arrays_of_a_game_cannot_be_changed():
    values = np.array([1.0, 2.0])
    batch = game(task_value=values)
    values[0] = 99
    assert batch.task_value[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        batch.task_value[0] = 5


def test_with_latency_changes_the_latency_alone():
    assert game().with_latency((5, 6)) == game(latency=(5, 6))
    with pytest.raises(ParameterError, match="latency"):
        game().with_latency((-1, 2))


# ---- what is refused


@pytest.mark.parametrize("field", ["task_value", "churn_penalty"])
@pytest.mark.parametrize("bad", NOT_NUMBERS + NOT_FINITE, ids=repr)
def test_a_scalar_field_refuses_what_is_no_finite_number(field, bad):
    assert refusal(**{field: bad}).parameter == field


@pytest.mark.parametrize("field", PER_MODEL)
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("bad", NOT_NUMBERS + NOT_FINITE, ids=repr)
def test_a_pair_refuses_what_is_no_finite_number(field, place, bad):
    pair = list(GOOD[field])
    pair[place] = bad
    assert refusal(**{field: tuple(pair)}).parameter == f"{field}[{place}]"


@pytest.mark.parametrize("field,bad", [(field, bad) for field, values in OUT_OF_RANGE.items() for bad in values])
def test_a_value_out_of_range_is_refused(field, bad):
    for place in (0, 1) if field in PER_MODEL else (None,):
        value = bad if place is None else tuple(bad if k == place else GOOD[field][k] for k in (0, 1))
        error = refusal(**{field: value})
        assert error.parameter == (field if place is None else f"{field}[{place}]")
        assert error.given == (bad[-1] if isinstance(bad, list) else bad)


@pytest.mark.parametrize("field", PER_MODEL)
@pytest.mark.parametrize("bad", WRONG_LENGTH, ids=lambda bad: f"{type(bad).__name__}{np.shape(bad)}")
def test_a_pair_refuses_the_wrong_length(field, bad):
    error = refusal(**{field: bad})
    assert error.parameter == field
    assert "2 to 64 values" in error.allowed or "2 values, as many as" in error.allowed


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("text", ["9", "0.5", "1e-1", "nan"])
def test_text_is_no_number_even_where_it_spells_one(field, text):
    assert refusal(**{field: (text, text) if field in PER_MODEL else text}).parameter.startswith(field)


@pytest.mark.parametrize("field", ["latency", "cost"])
@pytest.mark.parametrize("bad", ["12", b"12", {1.0, 2.0}, {1.0: 0, 2.0: 0}], ids=repr)
def test_a_pair_has_an_order_and_is_no_text(field, bad):
    assert refusal(**{field: bad}).parameter.startswith(field)


@pytest.mark.parametrize("field", ["task_value", "churn_penalty"])
def test_an_integer_too_large_for_a_float_is_refused(field):
    assert refusal(**{field: 10**400}).parameter == field


def test_the_error_hands_back_what_was_given():
    assert refusal(task_value=None).given is None
    assert refusal(task_value="abc").given == "abc"
    assert refusal(latency=(1, 2, 3)).given == (1, 2, 3)


def test_shapes_that_do_not_broadcast_are_refused():
    error = refusal(task_value=np.ones(2), latency=(np.ones(3), 1))
    assert "broadcast" in error.allowed and "(2,)" in str(error) and "(3,)" in str(error)


def test_errors_survive_pickling():
    error = refusal(success_prob=(0.5, 1.5))
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is ParameterError and str(again) == str(error)
        assert (again.parameter, again.allowed, again.given) == ("success_prob[1]", error.allowed, 1.5)


# ---- equality, copies, plain numbers


def test_equal_games_are_equal_and_hash_alike():
    assert game() == game(task_value=9.0) and hash(game()) == hash(game(task_value=9.0))
    batch = [game(task_value=[1, 2]), game(task_value=np.array([1.0, 2.0]))]
    assert batch[0] == batch[1] and hash(batch[0]) == hash(batch[1])
    assert len({game(), game(), game(churn_penalty=21)}) == 2


@pytest.mark.parametrize("field", GOOD)
def test_games_that_differ_in_one_field_differ(field):
    other = {"success_prob": (0.1, 0.4), "latency": (1, 3), "cost": (1, 4)}.get(field, 7)
    assert game(**{field: other}) != game()


def test_a_game_equals_no_batch_and_nothing_else():
    assert game() != game(task_value=[9, 9])
    assert game() != GOOD and game() != "game" and game() is not None


def test_negative_zero_is_zero():
    positive, negative = game(cost=(0.0, 1)), game(cost=(-0.0, 1))
    assert positive == negative
    assert hash(positive) == hash(negative)


@pytest.mark.parametrize("changed", [{}, {"task_value": [1, 2]}, {"latency": ([[1], [2]], 3)}], ids=repr)
def test_plain_numbers_make_the_same_game_again(changed):
    plain = game(**changed).to_dict()
    assert list(plain) == ["task_value", "churn_penalty", "success_prob", "latency", "cost"]
    again = Game(**json.loads(json.dumps(plain)))
    assert again == game(**changed) and again.shape == game(**changed).shape


def test_a_game_survives_pickling():
    batch = game(task_value=[1, 2])
    assert pickle.loads(pickle.dumps(batch)) == batch and hash(pickle.loads(pickle.dumps(batch))) == hash(batch)


def test_an_array_of_models_has_them_on_its_last_axis() -> None:
    success_prob = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    game = Game(10, 1, success_prob, (1, 2, 3), [1, np.array([2, 4]), 3])
    assert game.num_models == 3
    assert game.shape == (2,)
    assert [p.tolist() for p in game.success_prob] == [[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]
    assert game.single(1) == Game(10, 1, (0.4, 0.5, 0.6), (1, 2, 3), (1, 4, 3))
    assert Game(**game.to_dict()) == game


@pytest.mark.parametrize("number", [1, 65])
def test_a_game_has_two_to_64_models(number: int) -> None:
    with pytest.raises(ParameterError, match="2 to 64 values, one for each model"):
        Game(10, 1, (0.5,) * number, (1,) * number, (1,) * number)
    with pytest.raises(ParameterError, match="on the last axis"):
        Game(10, 1, np.full((3, number), 0.5), (1, 2), (1, 2))


def test_every_field_has_as_many_models_and_names() -> None:
    with pytest.raises(ParameterError, match="latency must be 3 values, as many as success_prob and cost, got"):
        Game(10, 1, (0.1, 0.2, 0.3), (1, 2), (1, 2, 3))
    with pytest.raises(ParameterError, match="names must be 2 values, as many as success_prob"):
        Game(10, 1, (0.1, 0.2), (1, 2), (1, 2), names=("a",))


def test_names_are_labels() -> None:
    plain, named = (Game(10, 1, (0.1, 0.2), (1, 2), (3, 4), names) for names in (None, ("small", "large")))
    assert plain == named
    assert hash(plain) == hash(named)
    assert "names" not in plain.to_dict()
    assert Game(**named.to_dict()).names == ("small", "large")
    assert named.of_models([1, 0]) == Game(10, 1, (0.2, 0.1), (2, 1), (4, 3))
    assert named.of_models([1, 0]).names == ("large", "small")


def test_a_game_of_three_models_is_another_than_one_of_two() -> None:
    assert Game(10, 1, (0.1, 0.2), (1, 2), (3, 4)) != Game(10, 1, (0.1, 0.2, 0.3), (1, 2, 3), (3, 4, 5))

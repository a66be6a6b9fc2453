"""Whole tasks drawn at once: the same bits from both backends, and what must hold of every task."""

import numpy as np
import pytest

from routegame import Game, ParameterError
from routegame.envs.sampling.whole_tasks import draw_tasks

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
OPTIONS = {
    "plain": {},
    "cut off": {"max_passes": 3},
    "cut off at once": {"max_passes": 1},
    "retries": {"retry_multiplier": (0.5, 2.0)},
    "retries, cut off": {"retry_multiplier": (4.0, 0.1), "max_passes": 6},
    "long": {"retry_multiplier": 0.0, "max_passes": 2**24},
}


def random_rows(count, seed=0):
    """Game, route, cascade and abandon probability of every row; every fifth probability is 0 or 1."""
    rng = np.random.default_rng(seed)
    p, t, c = rng.uniform(0.02, 0.98, (2, count)), rng.uniform(0, 5, (2, count)), rng.uniform(0, 5, (2, count))
    game = Game(rng.uniform(1, 20, count), rng.uniform(0, 20, count), tuple(p), tuple(t), tuple(c))
    s, q = np.where(rng.random((2, count)) < 0.2, rng.integers(0, 2, (2, count)), rng.random((2, count)))
    return game, rng.integers(1, 3, count), s, q


def assert_same(one, other):
    assert one.group_size == other.group_size
    for name in ("passes", "solved", "cut_off"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


@pytest.mark.parametrize("num_rows,group_size", [(1, 7), (300, 1), (100, 600), (3, 2000)])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_backends_agree_to_the_bit(options, num_rows, group_size):
    arguments = *random_rows(num_rows), group_size, 4
    assert_same(*(draw_tasks(*arguments, backend=backend, **options) for backend in ("numba", "numpy")))


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_a_task_does_not_depend_on_what_is_drawn_with_it(backend):
    """A row is the same among others, and a group is the sum of its halves."""
    game, route, s, q = random_rows(50)
    together = draw_tasks(game, route, s, q, 700, 3, backend=backend)
    few = draw_tasks(next(game.blocks(20)), route[:20], s[:20], q[:20], 700, 3, backend=backend, max_passes=700)
    assert (few.passes == together.passes[:, :20]).all() and (few.solved == together.solved[:20]).all()
    halves = [draw_tasks(game, route, s, q, 350, 3, first_task=start, backend=backend) for start in (0, 350)]
    assert (halves[0].passes + halves[1].passes == together.passes).all()
    assert not (halves[0].passes == halves[1].passes).all()


@pytest.mark.parametrize("backend", ["numba", "numpy"])
def test_task_numbers_go_round(backend):
    around = draw_tasks(GAME, 1, 0.5, 0.1, 8, 0, first_task=2**32 - 4, backend=backend)
    parts = [draw_tasks(GAME, 1, 0.5, 0.1, 4, 0, first_task=start, backend=backend) for start in (2**32 - 4, 0)]
    assert (around.passes == parts[0].passes + parts[1].passes).all()


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_every_task_keeps_the_rules(options):
    game, route, s, q = random_rows(4000, seed=1)
    tasks = draw_tasks(game, route, s, q, 1, 0, **options)
    first, second = tasks.passes
    most = options.get("max_passes", 2**24)
    assert (first[route == 1] >= 1).all() and not first[route == 2].any() and (second[route == 2] >= 1).all()
    assert not second[(s == 0) & (route == 1)].any() and (first[s == 1] <= 1).all()
    assert (first + second <= most).all() and ((first + second)[q == 1] == 1).all()
    assert (tasks.solved + tasks.cut_off <= 1).all() and (tasks.solved + tasks.cut_off)[q == 0].all()
    assert ((first + second)[tasks.cut_off == 1] == most).all()
    assert (tasks.cut_off.any()) == ("max_passes" in options)


def test_one_game_for_all_rows_is_one_for_each():
    many = Game(np.full(5, 9.0), 20, (0.1, 0.3), (1, 2), (1, 3))
    assert_same(draw_tasks(GAME, 1, [0.5] * 5, 0.1, 99, 0), draw_tasks(many, [1] * 5, 0.5, [0.1] * 5, 99, 0))


def test_payoffs_leave_out_tasks_that_were_cut_off():
    tasks = draw_tasks(GAME, 1, 0.0, 0.0, 1000, 0, max_passes=2)
    assert tasks.cut_off[0] + tasks.solved[0] == 1000 and tasks.cut_off[0] > 0
    assert tasks.provider_cost(GAME) == pytest.approx(tasks.cost(GAME), abs=1e-12), "nobody left"


@pytest.mark.parametrize(
    "changed,parameter",
    [
        ({"route": 0}, "route"),
        ({"cascade_prob": -0.1}, "cascade_prob"),
        ({"abandon_prob": [0.1, 1.5]}, "abandon_prob"),
        ({"group_size": 0}, "group_size"),
        ({"seed": -1}, "seed"),
        ({"max_passes": 0}, "max_passes"),
        ({"retry_multiplier": -1}, "retry_multiplier[0]"),
        ({"first_task": -1}, "first_task"),
        ({"backend": "jax"}, "backend"),
        ({"cascade_prob": [0.5] * 2, "abandon_prob": [0.5] * 3}, "game, route, cascade_prob, abandon_prob"),
        ({"cascade_prob": [[0.5]]}, "game, route, cascade_prob, abandon_prob"),
    ],
)
def test_bad_arguments_are_named(changed, parameter):
    arguments = {"route": 1, "cascade_prob": 0.5, "abandon_prob": 0.5, "group_size": 3, "seed": 0} | changed
    with pytest.raises(ParameterError) as caught:
        draw_tasks(GAME, **arguments)
    assert caught.value.parameter == parameter

"""Commitments in full, compiled: the same bits as in NumPy, on any number of threads."""

import numpy as np
import pytest
from menu_rows import assert_same, offered, random_game, seen

from routegame.envs import TaskBatch, draw_tasks

BACKENDS = ("numba", "numpy")


@pytest.mark.parametrize("models,height", [(2, None), (3, 1), (8, None), (51, 1)])
@pytest.mark.parametrize(
    "options", [{}, {"decline": True, "max_passes": 4, "retry_multiplier": 0.5, "difficulty": 2.0}]
)
def test_backends_agree_to_the_bit(options, models, height):
    count = 200
    games, offer = random_game(models, (count,)), offered(models, count, height)
    one, other, threads = (
        TaskBatch(games, **offer, num_tasks=count, backend=backend, num_threads=num, **options)
        for backend, num in (("numba", 1), ("numpy", 1), ("numba", 3))
    )
    for _ in range(25):
        answer = one.answers(0.2)
        for batch in (one, other, threads):
            batch.step(answer)
        assert_same(seen(one), seen(other))
        assert_same(seen(one), seen(threads))


@pytest.mark.parametrize("height", [None, 1])
@pytest.mark.parametrize("options", [{}, {"max_passes": 3}, {"retry_multiplier": (0.5, 2.0, 1.0)}])
def test_whole_tasks_are_the_same_from_both_backends(options, height):
    count = 60
    rng = np.random.default_rng(1)
    arguments = {
        **offered(3, count, height),
        "abandon_prob": rng.random(count),
        "decline_prob": np.where(np.arange(count) % 3, 0.0, rng.random(count)),
        "group_size": 50,
        "first_task": 2**32 - 20,
    }
    one, other = (draw_tasks(random_game(3, (count,)), **arguments, backend=b, **options) for b in BACKENDS)
    for name in ("passes", "solved", "cut_off"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    assert one.cut_off.any() == ("max_passes" in options)

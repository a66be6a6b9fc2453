"""Compiled loops compute the bits of the rules in NumPy, whatever the rows and wherever they begin."""

import numpy as np
import pytest

from routegame.envs.sampling import numba_kernel, numpy_kernel
from routegame.envs.sampling.streams import stream_keys

ROWS = 101


def lines(rng):
    """Rows in the middle of everything that can happen."""
    small = (0.0, 0.3, 0.6, 1.0)
    thresholds = [(rng.choice(small, (3, ROWS)) * (2**32 - 1)).astype(np.uint32) for _ in range(2)]
    failures = rng.integers(0, 4, ROWS).astype(np.int32)
    return {
        "leaves": rng.choice([0, 0, 1, 255], ROWS).astype(np.uint8),
        "keys": stream_keys(1, np.arange(ROWS)),
        "first": thresholds[0],
        "repeat": thresholds[1],
        "payoffs": rng.normal(size=(6, ROWS)).astype(np.float32),
        "route": rng.integers(1, 3, ROWS).astype(np.uint8),
        "model": rng.integers(0, 3, ROWS).astype(np.uint8),
        "handed_over": rng.random(ROWS) < 0.3,
        "failures": failures,
        "rewards": np.zeros((2, ROWS), dtype=np.float32),
        "endings": np.zeros((4, ROWS), dtype=np.bool_),
    }


@pytest.mark.parametrize("clock", [0, 1, 2**31, 2**32 - 1])
@pytest.mark.parametrize("start,stop", [(0, ROWS), (0, 1), (17, 64), (100, 101), (5, 5)])
def test_steps_have_the_same_bits(clock, start, stop):
    expected, found = (lines(np.random.default_rng([clock, start])) for _ in range(2))
    untouched = lines(np.random.default_rng([clock, start]))
    part = {name: array[..., start:stop] for name, array in expected.items()}
    numpy_kernel.step(clock, 3, **part)
    numba_kernel.step(start, stop, clock, 3, *found.values())
    for name, array in expected.items():
        assert found[name].tobytes() == array.tobytes(), name
        outside = np.r_[0:start, stop:ROWS]
        assert found[name][..., outside].tobytes() == untouched[name][..., outside].tobytes(), name
    assert stop - start < 40 or all(row.any() and not row.all() for row in found["endings"][:, start:stop])


@pytest.mark.parametrize("max_passes", [1, 2, 37, 2**24])
@pytest.mark.parametrize("first_task,size", [(0, 1), (3, 511), (0, 1200)])
def test_groups_of_tasks_have_the_same_bits(max_passes, first_task, size):
    """Also where there are more of them than the loops take at a time, and where a model never fails or repeats."""
    rng, rows = np.random.default_rng(size), 9
    limits = np.sort(rng.uniform(0, 2.0**32, (rows, 2, 5)), axis=2)
    limits[..., 3:] = np.sort(rng.uniform(0, 2.0**32, (rows, 2, 2)), axis=2)
    limits[0, :, :] = 2.0**32  # every first pass solves the task
    limits[1, 0, 1:3], limits[1, 0, 4] = limits[1, 0, 1], 2.0**32  # nothing is handed over
    stays = rng.choice([0.0, 1e-13, 0.5, 0.99], (rows, 2))
    given = (first_task, size, max_passes, stream_keys(5, np.arange(rows)), rng.random(rows) < 0.3, limits, stays)
    expected, found = (np.zeros((4, rows), dtype=np.int64) for _ in range(2))
    numpy_kernel.draw_tasks(*given, expected)
    numba_kernel.draw_tasks(*given, found)
    assert found.tolist() == expected.tolist()

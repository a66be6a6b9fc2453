"""Tasks whose users count their failures: totals have the means that powers of the matrix give."""

import numpy as np

from routegame.envs.sampling.counted_passes import draw_counted_passes


def test_means_are_those_of_so_many_passes():
    p, start = np.array([[0.2, 0.5], [0.3, 0.4]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    rows = np.array([[[0.7, 0.3], [0, 1]], [[0.2, 0.8], [0.6, 0.4]]])
    failures, size = np.array([3.0, np.inf]), np.array([200_000, 100_000])
    passes, solved = draw_counted_passes(p, start, rows, failures, size, np.random.default_rng(0))
    for g, count in enumerate((3, 400)):
        on, expected = start[g], np.zeros(2)
        for _ in range(count):
            expected, on = expected + on, (on * (1 - p[g])) @ rows[g]
        assert np.allclose(passes[g] / size[g], expected, rtol=0.01)
        assert np.isclose(solved[g] / size[g], expected @ p[g], rtol=0.01)


def test_one_row_for_all_models_is_that_row_for_each():
    p, start, row = np.array([[0.2, 0.5]]), np.array([[1.0, 0.0]]), np.array([[[0.5, 0.5]]])
    size, twice = np.array([10**6]), np.array([2.0])
    one = draw_counted_passes(p, start, row, twice, size, np.random.default_rng(0))[0]
    each = draw_counted_passes(p, start, row.repeat(2, axis=1), twice, size, np.random.default_rng(1))[0]
    assert np.allclose(one, each, rtol=0.01)

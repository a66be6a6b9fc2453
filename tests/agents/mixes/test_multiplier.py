"""The greatest value of concave, piecewise linear functions: against all their corners."""

import numpy as np
import pytest

from routegame.agents.mixes.multiplier import greatest, greatest_together


def functions(seed, number):
    """Least of several lines of falling slope, and their maxima over λ >= 0 by trying all corners."""
    rng = np.random.default_rng(seed)
    at_zero, slope = rng.uniform(0, 1, (number, 6)), rng.uniform(-1, 1, (number, 6))
    slope[:, 0] = -rng.uniform(0.1, 1, number)

    def value(n, at):
        lines = at_zero[n] + slope[n] * at
        return lines.min(), slope[n, lines.argmin()]

    best = []
    for n in range(number):
        a, b = at_zero[n], slope[n]
        with np.errstate(divide="ignore", invalid="ignore"):
            corners = (a[:, None] - a) / (b - b[:, None])
        corners = [0.0, *corners[np.isfinite(corners) & (corners > 0)]]
        best.append(max(value(n, at)[0] for at in corners))
    return value, np.array(best)


@pytest.mark.parametrize("seed", range(4))
def test_maxima_are_those_of_all_corners(seed):
    value, best = functions(seed, 20)

    def oracle(which, at):
        return tuple(np.array(x) for x in zip(*map(value, which, at), strict=True))

    def together(at):
        return oracle(range(20), [at] * 20)

    unbounded = np.zeros(20, dtype=bool)
    for scale in (1e-3, 1.0, 1e4):
        np.testing.assert_allclose(greatest(oracle, np.full(20, scale), unbounded).value, best, atol=1e-12)
        np.testing.assert_allclose(greatest_together(together, scale, unbounded).value, best, atol=1e-12)
        for least in (
            greatest(oracle, np.full(20, scale), unbounded, least_only=True).value,
            greatest_together(together, scale, unbounded, least_only=True).value,
        ):
            assert least.min() == pytest.approx(best.min(), abs=1e-12) and (least <= best + 1e-12).all()


def test_functions_without_bound_are_infinite_and_floors_hold():
    value, best = functions(0, 5)

    def oracle(which, at):
        return tuple(np.array(x) for x in zip(*map(value, which, at), strict=True))

    unbounded = np.array([True, False, False, False, False])
    floor = np.array([0, 3.0, -3.0, 0, 0])
    found = greatest(oracle, np.ones(5), unbounded, floor=floor)
    assert found.value[0] == np.inf and found.value[1] == 3
    np.testing.assert_allclose(found.value[2:], best[2:], atol=1e-12)

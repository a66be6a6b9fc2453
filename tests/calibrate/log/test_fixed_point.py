"""Sums in fixed point are exact: against rational arithmetic, at both ends of the range, in every order."""

from fractions import Fraction

import duckdb
import numpy as np
import pytest

from routegame.calibrate.log.fixed_point import FINE, FixedPoint, Grid


@pytest.mark.parametrize("scale", [0.0, 1e-250, 1e-9, 1.0, 1e18])
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_are_the_doubles_nearest_to_the_true_ones(scale, sign):
    x = sign * scale * np.random.default_rng(1).lognormal(0, 1, 1000)
    unit = FixedPoint.for_sum(float(np.abs(x).max()) * len(x))
    total = f"SELECT sum({unit.rounded('x')}) AS total FROM (SELECT unnest(?::DOUBLE[]) AS x)"
    with duckdb.connect() as database:
        for ordered in (x, x[::-1]):
            query = f"SELECT total, {unit.double('total')} FROM ({total})"
            ((multiple, double),) = database.execute(query, [ordered.tolist()]).fetchall()
            assert unit.value(multiple) == double == float(sum(map(Fraction, x)))


def test_a_sum_as_large_as_its_bound_has_room():
    x = np.full(1000, np.nextafter(1e18, 0))
    unit = FixedPoint.for_sum(float(x.sum()))
    with duckdb.connect() as database:
        query = f"SELECT sum({unit.rounded('x')}) FROM (SELECT unnest(?::DOUBLE[]) AS x)"
        ((multiple,),) = database.execute(query, [x.tolist()]).fetchall()
    assert unit.value(multiple) == float(1000 * Fraction(x[0]))


@pytest.mark.parametrize("scale", [1e-250, 1e-9, 1.0, 1e17])
def test_doubles_on_a_grid_add_up_exactly_in_any_order(scale):
    rng = np.random.default_rng(2)
    x = scale * rng.lognormal(0, 1.5, 31)
    grid = Grid.for_sum(float(x.max()) * len(x), float(x.min()))
    query = f"SELECT sum({grid.rounded('x')}), list({grid.rounded('x')}) FROM (SELECT unnest(?::DOUBLE[]) AS x)"
    with duckdb.connect(config={"threads": 1}) as database:
        found = [database.execute(query, [rng.permutation(x).tolist()]).fetchone() for _ in range(20)]
    (total,) = {total for total, _ in found}
    assert Fraction(total) == sum(map(Fraction, found[0][1]))
    assert abs(Fraction(total) - sum(map(Fraction, x))) <= len(x) * Fraction(grid.unit) / 2
    assert np.sort(found[0][1]) == pytest.approx(np.sort(x), rel=FINE / 2)


def test_a_grid_that_is_too_coarse_is_none():
    assert Grid.for_sum(1.0, 2.0**-22) == Grid(2.0**-52)
    assert Grid.for_sum(1.0, np.nextafter(2.0**-22, 0)) is None
    assert Grid.for_sum(0.0) is not None

"""Sums in fixed point are exact: against rational arithmetic, at both ends of the range, in every order."""

from fractions import Fraction

import duckdb
import numpy as np
import pytest

from routegame.calibrate.log.fixed_point import FixedPoint


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

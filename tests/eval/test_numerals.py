"""Numbers as people read them: the digits that tell something, in the unit that fits, at every edge."""

from math import inf

import pytest

from routegame.eval.numerals import coordinates_text, count, duration, percent, plural, power, score


@pytest.mark.parametrize(
    "share,said",
    [
        (0.0783, "7.8 %"),
        (0.099, "9.9 %"),
        (0.0999, "10 %"),
        (0.999, "100 %"),
        (4.9e-6, "0 %"),
        (5e-6, "0.0005 %"),
        (-0.012, "−1.2 %"),
        (-1e-9, "0 %"),
        (-inf, "−∞"),
        (1.0, "100 %"),
    ],
)
def test_percent(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(
    "number,said",
    [(0, "0"), (0.5, "0.5"), (999, "999"), (1e3, "1 k"), (1e6, "1 M"), (999e9, "999 G"), (1e12, "1.0 × 10¹²")],
)  # fmt: skip
def test_count(number, said):
    assert count(number) == said


@pytest.mark.parametrize(
    "seconds,said",
    [
        (0, "0 s"),
        (0.004, "0 s"),
        (0.005, "0.005 s"),
        (1.23, "1.2 s"),
        (99.9, "100 s"),
        (100, "1.7 min"),
        (3600, "1.0 h"),
    ],
)
def test_duration(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize("value,said", [(1.0, "1.000"), (-0.5, "−0.500"), (inf, "∞"), (-inf, "−∞")])
def test_score(value, said):
    assert score(value) == said


def test_powers_points_and_numbers_of_things():
    assert [power(x) for x in (1, 1e-3, 1e12)] == ["10⁰", "10⁻³", "10¹²"]
    assert coordinates_text((1.0, 0.123456, 1e-5)) == "1, 0.1235, 1e-05" and coordinates_text(()) == ""
    assert [plural(n, "entry", "entries") for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert plural(5, "run") == "5 runs"

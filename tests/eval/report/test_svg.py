"""Charts in SVG: scales, lines that break where a number is missing, and what is compared told apart."""

from math import gcd, inf, nan

import pytest
from report_pages import points

from routegame.eval.report.svg import MARKERS, NUM_COLOURS, NUM_DASHES, SHAPES, Chart, Scale, marker_of, style_of


@pytest.mark.parametrize(
    "low,high,log", [(0.0, 1.0, False), (-3.0, 17.0, False), (1e-5, 100.0, True), (3.0, 7.0, True)]
)
def test_a_scale_has_round_ticks_within(low, high, log):
    scale = Scale(low, high, 0.0, 100.0, log)
    assert [float(scale(end)) for end in (low, high, high * 10, inf)] == [0, 100, 100, 100]
    assert all(low <= tick * (1 + 1e-9) and tick * (1 - 1e-9) <= high for tick in scale.ticks())
    assert len(scale.ticks()) in range(0 if log else 3, 9)


@pytest.fixture
def chart():
    return Chart("c", "title", "about", (0.0, 10.0, False), (0.0, 1.0, False))


def paths(chart, class_):
    return [part.get("d") for part in chart.svg().iter("path") if part.get("class") == class_]


def test_a_line_breaks_where_a_number_is_missing(chart):
    chart.line([0, 1, 2, 3, 4, 5, 6], [0.1, 0.2, nan, 0.4, inf, 0.6, 0.7], "k0")
    found = [points(path) for path in paths(chart, "line k0")]
    assert [len(piece) for piece in found] == [2, 2], "a single point is no line"
    assert found[1][:, 0] == pytest.approx([float(chart.x(5)), float(chart.x(6))], abs=0.051)


def test_steps_go_up_after_each_point(chart):
    chart.line([0, 5, 10], [0.2, 0.8, 0.8], "k0", steps=True)
    (path,) = paths(chart, "line k0")
    assert points(path)[1] == pytest.approx([float(chart.x(5)), float(chart.y(0.2))], abs=0.051)
    assert points(path)[-1] == pytest.approx([float(chart.x(10)), float(chart.y(0.8))], abs=0.051)


def test_a_band_is_closed_and_what_is_infinite_lies_on_the_edge(chart):
    chart.band([0, 5, 10], [0.1, 0.1, nan], [0.5, inf, 0.9], "k0")
    (path,) = paths(chart, "band k0")
    assert path.endswith("Z") and points(path)[:, 1].min() == chart.y.stop
    chart.band([0, 5], [nan, 0.1], [0.5, 0.6], "k1")
    assert paths(chart, "band k1") == [], "one point is no band"


def test_a_chart_says_what_it_is_to_those_who_do_not_see_it(chart):
    drawn = chart.svg()
    names = {part.get("id"): part.text for part in drawn if part.get("id")}
    assert names[drawn.get("aria-labelledby")] == "title" and names[drawn.get("aria-describedby")] == "about"


def test_pairs_of_style_and_shape_repeat_late():
    """Colours, dashes and markers have no common factor, two by two."""
    counts = (NUM_COLOURS, NUM_DASHES, len(MARKERS))
    assert all(gcd(one, other) == 1 for one in counts for other in counts if one != other)
    looks = {(style_of(k), marker_of(k)) for k in range(100)}
    assert len(looks) == 100 and {marker_of(k) for k in range(100)} < set(SHAPES)

"""What a report draws lies where its numbers are."""

from math import inf

import numpy as np
import pytest
from report_pages import points

from routegame import best_response, solve
from routegame.envs.chain import outcome
from routegame.envs.scenarios import scenario
from routegame.eval.mean_ranks import MeanRanks
from routegame.eval.report.charts import (
    CEILING,
    FLOOR,
    MOST_BANDS,
    interval,
    interval_scale,
    learning_chart,
    learning_panels,
    profile_chart,
    rank_chart,
    spaced,
    spreads,
)
from routegame.eval.report.svg import Scale
from routegame.eval.run.learning_curve import LearningCurve
from routegame.eval.statistics import Estimate


def test_the_cost_curve_jumps_where_users_do(page):
    """Between its ends, which are known, the drawn curve is the exact one to a tenth of a unit."""
    game = scenario("nano-gpt5").game
    drawn = points(page.of("path", class_="line exact")[0]["d"])
    ends = best_response(game, 1, 0.0), best_response(game, 1, 0.0783242402928442)
    first, least = (
        float(outcome(game, 1, s, q).provider_cost) for s, q in zip((0.0, 0.0783242402928442), ends, strict=True)
    )
    jump = np.argmax(np.diff(drawn[:, 1]))
    assert drawn[jump, 0] == drawn[jump + 1, 0], "upright"
    star = page.of("use", href="#star", class_="best")[0]
    assert (float(star["x"]), float(star["y"])) == pytest.approx(tuple(drawn[jump + 1]), abs=0.11)
    per_unit = (drawn[jump + 1, 1] - drawn[0, 1]) / (first - least)
    later = drawn[-1]
    cascade = 0.0783242402928442 * (later[0] - drawn[0, 0]) / (drawn[jump, 0] - drawn[0, 0])
    cost = float(outcome(game, 1, cascade, 0.0).provider_cost)
    assert drawn[0, 1] + (first - cost) * per_unit == pytest.approx(later[1], abs=0.5)
    assert solve(game).equilibrium.provider_cost == pytest.approx(least)


def test_learning_curves_are_medians_and_failures_count():
    passes = np.array([1.0, 1000.0])
    curves = [LearningCurve(passes, passes, np.array([1.0, end])) for end in (0.1, 0.01, 0.001)]
    chart = learning_chart("x", "", "", spreads({0: curves, 1: [*curves, None, None, None]}))
    ends = [float(found.get("y")) for found in chart.iter("use")]
    axis = points(next(found.get("d") for found in chart.iter("path") if found.get("class") == "axis"))
    scale = Scale(1e-5, 1.0, axis[1, 1], axis[0, 1], log=True)
    assert ends == pytest.approx([float(scale(0.01))], abs=0.06), "of the second the median is infinite"
    assert learning_chart("x", "", "", spreads({0: [None]})) is None


def classes(chart, kind):
    return [found for part in chart.iter("path") if (found := part.get("class", "")).startswith(kind)]


def test_bands_that_would_hide_each_other_have_a_chart_each():
    """Up to three in one chart; of more the medians alone, and a small chart for each learner with its own band."""
    passes = np.array([1.0, 1000.0])
    curves = [LearningCurve(passes, passes, np.array([1.0, end])) for end in (0.1, 0.05, 0.01, 0.001)]
    few, many = (spreads(dict.fromkeys(range(number), curves)) for number in (MOST_BANDS, MOST_BANDS + 1))
    assert len(classes(learning_chart("x", "", "", few), "band")) == MOST_BANDS and learning_panels("p", {}, few) == {}
    together = learning_chart("x", "", "", many)
    assert classes(together, "band") == [] and len(classes(together, "line k")) == len(many)
    panels = learning_panels("p", {k: f"learner {k}" for k in many}, many)
    assert list(panels) == list(many)
    for k, panel in panels.items():
        assert [found.split()[1] for found in classes(panel, "band")] == [f"k{k}"]
        assert len(classes(panel, "line other")) == len(many) - 1
        assert panel.findtext("title") == f"Learning curve of learner {k}"
    assert len({panel.find("path").get("d") for panel in panels.values()}) == 1, "one grid for all"


@pytest.mark.parametrize("worst,end", [(0.02, 1.0), (3.0, 10.0), (10.0, 10.0), (5000.0, CEILING), (inf, 1.0)])
def test_intervals_share_a_scale_that_ends_with_a_power_of_ten(worst, end):
    """It holds all that is finite, up to where an axis does not tell any more."""
    scale = interval_scale([Estimate(0.01, 0.001, worst)])
    assert (scale.low, scale.high) == (FLOOR, end)


def test_an_interval_is_drawn_from_its_low_end_to_its_high_one():
    scale = interval_scale([])
    drawn = interval(scale, Estimate(0.01, 0.001, 0.1), 2)
    path = next(part.get("d") for part in drawn.iter("path") if "whisker" in part.get("class"))
    low, high = points(path.split("H")[0] + "H" + path.split("H")[1].split("M")[0])[:, 0]
    at = float(next(drawn.iter("use")).get("x"))
    assert (low, at, high) == pytest.approx([float(scale(x)) for x in (0.001, 0.01, 0.1)], abs=0.051)
    assert at - low == pytest.approx(high - at, abs=0.11), "equal ratios are equally far apart"


def test_profiles_have_a_line_and_a_mark_for_each_learner():
    thresholds = np.geomspace(1e-4, 10, 5)
    shares = [Estimate(np.linspace(0, top, 5), np.zeros(5), np.ones(5)) for top in (1.0, 0.5)]
    chart = profile_chart("p", "", thresholds, shares)
    lines = [points(part.get("d")) for part in chart.iter("path") if part.get("class").startswith("line k")]
    (high, low) = (line[:, 1].min() for line in lines)
    axis = points(next(part.get("d") for part in chart.iter("path") if part.get("class") == "axis"))
    top, bottom = axis[:, 1].min(), axis[:, 1].max()
    assert (high, low) == pytest.approx((top, (top + bottom) / 2), abs=0.11)
    assert len(list(chart.iter("use"))) == len(classes(chart, "band")) == 2
    assert classes(profile_chart("p", "", thresholds, shares * 2), "band") == [], "nobody could tell them apart"


def test_lines_have_their_names_in_the_order_of_their_ends():
    """Ten lines that end close together: names are a line of text apart, and none is outside of the chart."""
    passes = np.array([1.0, 1000.0])
    ends = 0.01 * 1.001 ** np.arange(10)[::-1]
    drawn = spreads({k: [LearningCurve(passes, passes, np.array([1.0, end]))] for k, end in enumerate(ends)})
    chart = learning_chart("x", "", "", drawn, {k: f"some.package:Learner{k}" for k in drawn})
    names = [text for text in chart.iter("text") if (text.text or "").startswith("some.package:")]
    assert len(names) == 10 and {len(text.text) for text in names} == {17}
    heights = [float(text.get("y")) for text in names]
    assert np.diff(heights) == pytest.approx(15, abs=0.2) and max(heights) < 304
    assert len(classes(chart, "line other")) == 10
    assert not [text for text in learning_chart("x", "", "", drawn).iter("text") if "some" in (text.text or "")]


def test_a_line_that_never_came_down_has_its_name_at_the_top():
    passes = np.array([1.0, 1000.0])
    drawn = spreads({0: [LearningCurve(passes, passes, np.array([1.0, 0.01]))], 1: [None, None]})
    drawn |= spreads({1: [None, None, LearningCurve(passes, passes, np.array([1.0, 0.5]))]})
    chart = learning_chart("x", "", "", drawn, {0: "good", 1: "lost"})
    lost, good = (next(float(t.get("y")) for t in chart.iter("text") if t.text == name) for name in ("lost", "good"))
    assert lost < good and len(classes(chart, "line other")) == 1


def test_places_are_as_near_as_can_be():
    rng = np.random.default_rng(1)
    for _ in range(100):
        wanted = np.sort(rng.uniform(0, 100, 8))
        places = np.array(spaced(wanted.tolist(), 12.0, 0.0, 100.0))
        assert (np.diff(places) >= 12 - 1e-9).all() and places[0] >= -1e-9 and places[-1] <= 100 + 1e-9


def test_mean_ranks_lie_on_their_axis():
    found = MeanRanks(("a", "b", "c", "d"), (1.0, 2.5, 2.5, 4.0), 0.9, 0.01, 40)
    chart = rank_chart("r", "", found, {"a": 3, "b": 0, "c": 1, "d": 2})
    marks = [(part.get("class"), float(part.get("x"))) for part in chart.iter("use")]
    first, last = marks[0][1], marks[-1][1]
    assert [style.split()[1] for style, _ in marks] == ["k3", "k0", "k1", "k2"]
    assert [place for _, place in marks] == pytest.approx([first, (first + last) / 2, (first + last) / 2, last])
    bars = [points(part.get("d")) for part in chart.iter("path") if part.get("class") == "line group"]
    assert len(bars) == 1 and bars[0][:, 0] == pytest.approx([marks[1][1], marks[2][1]])
    words = [text.text for text in chart.iter("text")]
    assert {"critical difference 0.90", "a 1.0", "b 2.5", "2.5 c", "4.0 d"} <= set(words)

"""Charts of advice: what is marked lies where its numbers are."""

import re
from dataclasses import replace

import numpy as np
import pytest

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.show.charts import (
    BEGIN,
    END,
    commitment_chart,
    hazard_chart,
    response_chart,
    sensitivity_bar,
    sensitivity_scale,
)
from routegame.eval.report.svg import BOTTOM, HEIGHT, TOP


def marks(chart, class_):
    """Places of the marks of a class, (num_marks, 2)."""
    found = [mark for mark in chart.iter("use") if class_ in mark.get("class").split()]
    return np.array([(float(mark.get("x")), float(mark.get("y"))) for mark in found])


def test_costs_of_commitments_lie_on_one_scale(advice):
    """Marks of what is in force are as far apart as their costs, on route 1 across by s, on route 2 in the strip."""
    d, arms = advice.decision, advice.calibration.in_force.arms
    chart = commitment_chart(d, arms, recommended=True)
    places = marks(chart, "k1")
    assert len(places) == len(arms)
    curve = d.curve
    cost = [
        float(curve.route_2.value)
        if arm.route == 2
        else float(np.interp(arm.cascade_prob, curve.cascade_prob, np.asarray(curve.cost.value)))
        for arm in arms
    ]
    inside = [k for k, y in enumerate(places[:, 1]) if TOP + 1 < y < HEIGHT - BOTTOM - 1]
    assert len(inside) >= 3
    slope, middle = np.polyfit([cost[k] for k in inside], places[inside, 1], 1)
    assert slope < 0 and places[inside, 1] == pytest.approx([slope * cost[k] + middle for k in inside], abs=0.1)
    first = [k for k, arm in enumerate(arms) if arm.route == 1]
    slope, middle = np.polyfit([arms[k].cascade_prob for k in first], places[first, 0], 1)
    assert places[first, 0] == pytest.approx([slope * arms[k].cascade_prob + middle for k in first], abs=0.1)
    assert all(BEGIN < places[k, 0] < END for k, arm in enumerate(arms) if arm.route == 2)
    (star,) = marks(chart, "best")
    assert star[0] == pytest.approx(slope * d.commitment.cascade_prob + middle, abs=0.1)
    said = chart.find("desc").text
    assert said.startswith("The recommendation lies at ") and commitment_chart(d, arms, False).find("desc").text != said


def test_answers_are_drawn_where_users_were_asked(advice):
    found = advice.calibration.whole
    chart = response_chart(found, advice.draws, advice.calibration.tally.shapes.stated)
    cells = [cell for cell in found.cells if cell.decisions]
    places = marks(chart, "mark")
    assert len(places) == len(cells)
    share = [cell.leaves / cell.decisions for cell in cells]
    slope, middle = np.polyfit(share, places[:, 1], 1)
    assert slope < 0 and places[:, 1] == pytest.approx([slope * x + middle for x in share], abs=0.1)
    whiskers = [path.get("d") for path in chart.iter("path") if "whisker" in path.get("class")]
    for place, path in zip(places, whiskers, strict=True):
        across, low, high = map(float, re.fullmatch(r"M([\d.]+) ([\d.]+)V([\d.]+)", path).groups())
        assert across == pytest.approx(place[0], abs=0.1) and high <= place[1] <= low


def test_commitments_that_are_told_apart_look_different(advice):
    """On either side of a cliff, as the log states them or not."""
    near = (0.07832, 0.07832425, 0.0783)
    cells = tuple(replace(advice.calibration.whole.cells[0], route=1, cascade_prob=s) for s in near)
    for stated in ((), near):
        said = response_chart(replace(advice.calibration.whole, cells=cells), advice.draws, np.array(stated))
        shares = re.findall(r"route 1, (\S+) %", said.find("desc").text)
        assert [round(float(share) / 100, 5) for share in shares] == [0.07832, 0.07832, 0.0783]
        assert len(set(shares)) == 3


def test_leaving_has_a_mark_for_every_pass_of_every_model(advice):
    rows, models = advice.calibration.abandonment(), advice.calibration.log.models
    chart = hazard_chart(rows, models)
    for k, model in enumerate(models):
        own = [row for row in rows if row["model"] == model]
        places = marks(chart, f"k{k}")
        assert len(places) == len(own)
        assert np.argsort(places[:, 0]).tolist() == np.argsort([str(row["pass"]) for row in own]).tolist()
    assert hazard_chart([], models) is None
    few = [row | {"decisions": 1} for row in rows[:2]]
    assert len(marks(hazard_chart(few, models), "mark")) == 2


def test_a_bar_runs_from_the_low_end_to_the_high_one(advice):
    scale = sensitivity_scale(advice.sensitivities)
    costs = [end.least_cost for moved in advice.sensitivities for end in (moved.low, moved.high)]
    assert scale.low < min(costs) and max(costs) < scale.high
    for moved in advice.sensitivities:
        bar = sensitivity_bar(scale, moved, costs[0])
        low, high = (float(mark.get("x")) for mark in bar.iter("use"))
        assert (low, high) == pytest.approx(
            [float(scale(end.least_cost)) for end in (moved.low, moved.high)], abs=0.051
        )
        assert next(bar.iter("use")).get("class").split()[1] == "hollow", "the low end"


def test_a_commitment_to_route_2_is_marked_in_the_strip(advice):
    d = replace(advice.decision, commitment=Offer(2, 0.0))
    (star,) = marks(commitment_chart(d, advice.calibration.in_force.arms, True), "best")
    assert BEGIN < star[0] < END

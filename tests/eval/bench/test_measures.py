"""What measures come to over runs: means and shares of those that have them, and no more."""

import pytest

from routegame.eval.bench.measures import MEASURES, legend, measured, met
from routegame.eval.bench.row import COLUMNS


def test_every_measure_is_a_column_of_the_table_of_runs():
    columns = [measure.column for measure in MEASURES]
    assert set(columns) <= set(COLUMNS) and len(set(columns)) == len(columns)


def test_runs_without_a_measure_do_not_count_in_it():
    """None and a column that is missing are alike; 0 and false are values."""
    runs = [
        {"route_right": True, "cascade_distance": 0.0, "kind_right": None},
        {"route_right": False, "cascade_distance": None, "kind_right": None},
        {"route_right": False, "cascade_distance": 0.3},
        {"other": 5.0},
    ]
    assert measured(runs) == {"route_right": pytest.approx(1 / 3), "cascade_distance": pytest.approx(0.15)}
    assert measured(iter(runs)) == measured(runs) and measured([]) == {}


def test_measures_that_anybody_has_are_met_in_their_order():
    found = met([{"weak_regret_relative": 0.1}, {}, {"route_right": 0.5, "weak_regret_relative": 0.2}])
    assert [measure.column for measure in found] == ["route_right", "weak_regret_relative"]
    assert met([]) == [] and met([{"nothing": 1.0}]) == []


def test_a_legend_explains_each_once():
    said = legend(MEASURES)
    assert all(said.count(measure.meaning) == 1 for measure in MEASURES) and said.endswith(".") and ".." not in said

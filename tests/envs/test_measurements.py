"""What was measured of real models, against the reference data where that is at hand."""

import csv
from pathlib import Path

import pytest

from routegame.envs.measurements import MEASURED, POLYGLOT_RUNS

BOARDS = Path(__file__).parents[2].parent / "shared" / "data" / "aider_leaderboards.csv"


def test_measured_models_agree_with_the_reference_data():
    if not BOARDS.exists():
        pytest.skip("the reference data is not beside this clone")
    with BOARDS.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["leaderboard"] == "polyglot_leaderboard"]
    numbers = ("pass_rate_1", "seconds_per_pass", "cost_usd_per_pass", "test_cases")
    priced = [row for row in rows if row["cost_usd_per_pass"] and not row["dup_of"]]
    assert len(priced) == len(POLYGLOT_RUNS) == len({run.model for run in POLYGLOT_RUNS}) == 51
    for row, run in zip(priced, POLYGLOT_RUNS, strict=True):
        known = (run.success_prob, run.latency, run.cost, run.num_cases)
        assert known == tuple(float(row[name]) for name in numbers) and run.date == row["date"]
        vendor = run.model.split("-")[0].split(" ")[0]
        assert vendor.lower() in row["model"].lower()


def test_every_model_has_a_name_of_its_own():
    assert [MEASURED[run.model] for run in POLYGLOT_RUNS] == list(POLYGLOT_RUNS) and len(MEASURED) == 51

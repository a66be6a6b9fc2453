"""Logs of known games, as users ask for them; what is in them is tested with `calibrate.log.simulated`."""

import csv

import pytest

SIMULATE = ["simulate-log", "nano-gpt5", "--out", "log.csv"]


def test_the_equilibrium_is_simulated_unless_one_says_otherwise(run, tmp_path):
    out = tmp_path / "log.csv"
    status, said, err = run(
        "simulate-log", "figure-4-left-reasoning", "--tasks", "50", "--users", "3", "--out", str(out)
    )
    assert (status, err) == (0, "")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert said.split(maxsplit=1) == [str(out), f"{len(rows)} passes of 50 tasks, simulated\n"]
    assert {row["model"] for row in rows} == {"2"} and len({row["user"] for row in rows}) == 3


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([*SIMULATE, "--tasks", "0"], "--tasks must be an integer from 1 to"),
        ([*SIMULATE, "--users", "0"], "--users must be an integer from 1 to"),
        ([*SIMULATE, "--commitment", "3"], "--commitment must be ROUTE:CASCADE_PROB"),
        ([*SIMULATE, "--segment", "a:0:1"], "--segment must be NAME:SHARE:VALUE_SCALE"),
        ([*SIMULATE, "--noise", "-1"], "--noise must be a finite number in [0, 10], got -1.0"),
        ([*SIMULATE, "--noise", "1e-300"], "--noise must be 0 or a number from 1e-06 to 10, got 1e-300"),
        ([*SIMULATE, "--segment", "a:1:1e308"], "--segment must be one that multiplies V = 120 to a number from 1e-30"),
        ([*SIMULATE[:2], "--out", "log.txt"], "--out must be a file whose name ends in"),
        (SIMULATE[:2], "the following arguments are required: --out"),
        (["simulate-log", "--out", "log.csv"], "SCENARIO must be given, or else --task-value"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)

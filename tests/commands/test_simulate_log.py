"""Logs of known games, as users ask for them; what is in them is tested with `calibrate.log.simulated`."""

import csv
import json

import menu_logs
import mixed_menus
import numpy as np
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


def test_a_log_of_three_models_names_its_commitments(run, tmp_path):
    for name, policy in (("few", menu_logs.FEW), ("back", menu_logs.BACK)):
        (tmp_path / name).write_text(json.dumps(policy.to_dict()), encoding="utf-8")
    numbers = "--task-value 10 --churn-penalty 9 --success-prob .25 .2 .5 --latency 6 2.2 2.5 --cost .2 .5 3".split()
    out, policies = tmp_path / "log.csv", [f"--policy={tmp_path / name}" for name in ("few", "back")]
    status, _, err = run("simulate-log", *numbers, *policies, "--tasks", "200", "--out", str(out))
    assert (status, err) == (0, "")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["commitment"] for row in rows} == {"1", "2"}
    assert {row["model"] for row in rows if row["pass"] == "1" and row["commitment"] == "1"} == {"1"}
    assert {row["model"] for row in rows if row["pass"] == "1" and row["commitment"] == "2"} == {"1", "3"}


def test_a_commitment_of_other_models_is_refused(run, tmp_path):
    (tmp_path / "few").write_text(json.dumps(menu_logs.FEW.to_dict()), encoding="utf-8")
    status, _, err = run(*SIMULATE, "--policy", str(tmp_path / "few"))
    assert (status, err) == (2, "routegame simulate-log: --policy must be of 2 models, got 3\n")


def test_a_mix_in_a_file_is_simulated_with_users_who_know_their_context_or_do_not(run, tmp_path):
    """Those who do leave otherwise in the other context."""
    mix, policy, shares = tmp_path / "mix.json", tmp_path / "few.json", {}
    mix.write_text(json.dumps(mixed_menus.MIX.to_dict()), encoding="utf-8")
    policy.write_text(json.dumps(mixed_menus.FEW.to_dict()), encoding="utf-8")
    given = ["--mix", str(mix), "--policy", str(policy), "--tasks", "3000", "--temperature", "1"]
    for blind in ([], ["--blind"]):
        out = tmp_path / "log.csv"
        status, _, err = run("simulate-log", *given, *blind, "--out", str(out))
        assert (status, err) == (0, "")
        with out.open(newline="") as file:
            failed = [row for row in csv.DictReader(file) if row["next"]]
        shares[len(blind)] = [
            np.mean([row["next"] == "leave" for row in failed if row["context"] == name]) for name in ("easy", "hard")
        ]
    assert abs(np.diff(shares[1])[0]) < 0.05 < abs(np.diff(shares[0])[0]) - 0.05
    wrong = {
        "--policy must be given for a mix of tasks": given[:2],
        "SCENARIO must be left out beside --mix, got nano-gpt5": ["nano-gpt5", *given],
        "--blind must be left out without --mix": ["nano-gpt5", "--blind"],
        "(--mix) must be a JSON file of a mix of tasks": ["--mix", str(policy)],
    }
    for said, arguments in wrong.items():
        status, printed, err = run("simulate-log", *arguments, "--out", str(out))
        assert (status, printed, err.count("\n")) == (2, "", 1) and said in err

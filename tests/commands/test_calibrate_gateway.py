"""Calibrating what a gateway wrote, as users and scripts meet it."""

import json
from pathlib import Path

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.quantal import quantal_response
from routegame.envs.chain import outcome

REAL = Path(__file__).parents[3] / "shared/data/gateway"


@pytest.mark.skipif(not REAL.is_dir(), reason="the log made with litellm's Router is not here")
def test_the_truth_is_found_in_a_log_of_litellm(run):
    command = [
        "calibrate",
        "--from",
        "litellm",
        str(REAL / "litellm_payloads.jsonl.gz"),
        "--churn-penalty",
        "0.1",
        "--json",
    ]
    arms = [f"--commitment=arm{k}={what}" for k, what in enumerate(("1:0.05", "1:0.1", "1:0.3", "2"))]
    status, out, err = run(*command, "--feedback", str(REAL / "clicks.jsonl.gz"), "--models", "cheap", "strong", *arms)
    assert (status, err) == (0, "")
    found = json.loads(out)
    truth = {"success_prob": (0.0311, 0.4311), "cost": (0.000966, 0.02938)}
    for name, values in truth.items():
        assert all(low < x < high for x, (low, high) in zip(values, found["intervals"][name], strict=True))
    assert found["game"]["latency"][0] == pytest.approx(6.5, rel=0.03)
    low, high = found["intervals"]["task_value"]
    assert low < 120 < high
    assert all(check["holds"] for check in found["assumptions"])
    decided = found["decision"]["commitment"]
    game = Game(120, 0.1, truth["success_prob"], (6.5, 40.4), truth["cost"])
    every = [(1, s) for s in np.linspace(0, 1, 101)] + [(2, 0.0)]
    costs = [outcome(game, route, s, quantal_response(game, route, s, 6.0)).provider_cost for route, s in every]
    recommended = costs[every.index((decided["route"], decided["cascade_prob"]))]
    assert recommended <= 1.01 * min(costs)
    status, _, err = run(*command)
    assert status == 2 and "whether the answer solved the task" in err


def test_options_of_a_gateway_go_with_one(run, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("task\n")
    assert "leave-after must be left out without --from" in run("calibrate", str(log), "--leave-after", "30m")[2]
    assert "without --from there is one LOG, got 2" in run("calibrate", str(log), str(log))[2]
    odd = run("calibrate", str(log), "--from", "litellm", "--leave-after", "soon")[2]
    assert "a time above 0 such as 90s, 30m or 2h" in odd
    assert (
        "prices must be left out without --from otel"
        in run("calibrate", str(log), "--from", "litellm", "--prices", "p")[2]
    )
    both = run("calibrate", str(log), "--from", "otel", "--evaluation", "a", "--feedback", "b")[2]
    assert "evaluation must be left out beside --feedback" in both
    assert "NAME or NAME>=SCORE" in run("calibrate", str(log), "--from", "otel", "--evaluation", "a>1")[2]

"""Solving as users and scripts meet it: the agreed document, words, and refusals."""

import json
import re

import pytest
from command_line import NANO, PROFILE

SOLVE = ["solve", "nano-gpt5"]


def test_solve_prints_the_agreed_document(run):
    status, out, err = run("solve", "nano-gpt5", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert set(document) == {
        "game",
        "net_value",
        "cost_of_pass",
        "regime",
        "thresholds",
        "equilibrium",
        "weak_provider_cost",
        "user_preferred",
        "misalignment_gap",
        "throttling",
        "no_commitment",
        "information",
        "validity",
    }
    assert list(document["equilibrium"]) == list(document["user_preferred"]) == PROFILE
    assert set(document["thresholds"]) == {"s_0", "s_L", "s_H"}
    assert document["thresholds"]["s_L"] is None
    assert set(document["throttling"]) == {"pays", "gain", "provider_cost", "throttled_latency", "safe_churn_penalty"}
    assert set(document["no_commitment"]) == {"provider_cost", "value_of_commitment", "pure"}
    assert document["regime"] == "latency-value"
    assert document["equilibrium"]["cascade_prob"] == pytest.approx(0.07832424029284)


def test_solve_prints_a_mix_of_tasks(run):
    status, out, _ = run("solve", "subjects-sighted", "--json")
    document = json.loads(out)
    assert status == 0 and document["certificate"]["status"] == "exact" and len(document["contexts"]) == 57
    assert document["provider_cost"] == pytest.approx(0.118596, abs=1e-6) and document["scenario"] == "subjects-sighted"
    _, text, _ = run("solve", "easy-hard-blind", "--information", "memoryless", "--order", "paper")
    assert "a task costs        4.4; no policy costs less" in text
    assert len(run("solve", "subjects-sighted")[1].splitlines()) < 25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--delta", "1"], "--delta must be left out for a mix of tasks, got 1.0"),
        (["--task-value", "3"], "--task-value must be left out for a mix of tasks, got 3.0"),
        (["--throttling"], "--throttling must be left out for a mix of tasks, got True"),
        (["--order", "any"], "--order must be 'fixed' or 'free', got any"),
    ],
)
def test_what_mixes_do_not_have_is_refused(refused, arguments, message):
    refused("solve", "easy-hard-sighted", *arguments, message=message)


def test_a_game_by_its_numbers_is_the_scenario(run):
    _, by_name, _ = run("solve", "nano-gpt5", "--json")
    _, by_numbers, _ = run("solve", *NANO, "--json")
    named, numbers = json.loads(by_name), json.loads(by_numbers)
    assert len(named["validity"].pop("success_prob")) == 2 and 0.8 < named["validity"].pop("answer_stays") < 0.95
    assert numbers["validity"].pop("success_prob") == [] and numbers["validity"].pop("answer_stays") is None
    assert numbers == named


def test_options_override_the_scenario(run):
    _, out, _ = run("solve", "nano-gpt5", "--churn-penalty", "0.01", "--json")
    assert json.loads(out)["game"]["churn_penalty"] == 0.01
    assert json.loads(out)["game"]["task_value"] == 120


def test_throttling_changes_the_equilibrium(run):
    cost = []
    for flags in ([], ["--throttling"]):
        _, out, _ = run("solve", "figure-5-throttle", "--json", *flags)
        cost.append(json.loads(out)["equilibrium"]["provider_cost"])
    assert cost == pytest.approx([10, 5.5])


@pytest.mark.parametrize(
    "information, abandon_prob, said",
    [
        ("memoryless", 0.0, "users           stay"),
        ("model", [0.0, 1.0], "users           stay after a failure of model 1, leave after one of model 2"),
        ("history", None, "users           leave after failure 25"),
    ],
)
def test_what_users_see(run, information, abandon_prob, said):
    _, out, _ = run("solve", "gpt41-o3", "--information", information, "--json")
    document = json.loads(out)
    assert (document["information"], document["equilibrium"]["abandon_prob"]) == (information, abandon_prob)
    assert (document["no_commitment"] is None) == (information != "memoryless")
    assert said in run("solve", "gpt41-o3", "--information", information)[1]


def test_users_who_answer_nearly_at_their_best(run):
    worst = []
    for delta in ("0", "1", "5"):
        _, out, _ = run("solve", "nano-gpt5", "--delta", delta, "--json")
        document = json.loads(out)
        assert document["robust"]["delta"] == float(delta)
        worst.append(document["robust"]["provider_cost"])
    assert worst == sorted(worst)
    assert worst[0] == pytest.approx(document["weak_provider_cost"], rel=1e-9)
    assert "within 5 s" in run("solve", "nano-gpt5", "--delta", "5")[1]


def test_solve_in_words(run):
    _, out, _ = run("solve", "nano-gpt5")
    assert "route 1, cascade probability 0.0783243" in out
    assert "no pure equilibrium" in out
    assert "the answer holds  for a task value from 92.2524 to 195.819 s" in out
    assert "gpt-4.1-nano: 3.11 % of 225 tasks solved at once (1.52 % to 6.28 %)" in " ".join(out.split())
    _, out, _ = run("solve", "nano-gpt5", "--success-prob", "0.05", "0.4311")
    assert "the answer holds" in out and "tasks solved at once" not in out


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([*SOLVE, "--task-value", "0"], "--task-value must be a finite number in (0, inf), got 0.0"),
        ([*SOLVE, "--task-value", "nan"], "--task-value must be a finite number in (0, inf), got nan"),
        ([*SOLVE, "--task-value", "inf"], "--task-value must be a finite number in (0, inf), got inf"),
        (
            ["solve", "nano-gpt5", "--churn-penalty", "-1"],
            "--churn-penalty must be a finite number in [0, inf), got -1.0",
        ),
        (
            ["solve", "nano-gpt5", "--success-prob", "0", "0.5"],
            "--success-prob must be a finite number in (0, 1), got 0.0",
        ),
        (
            ["solve", "nano-gpt5", "--success-prob", "0.5", "1"],
            "--success-prob must be a finite number in (0, 1), got 1.0",
        ),
        ([*SOLVE, "--latency", "1", "-2"], "--latency must be a finite number in [0, inf), got -2.0"),
        ([*SOLVE, "--cost", "inf", "1"], "--cost must be a finite number in [0, inf), got inf"),
        ([*SOLVE, "--cost", "1"], "--cost must be 2 to 64 values, one for each model, got [1.0]"),
        (
            [*SOLVE, "--cost", "1", "2", "3"],
            "--cost must be 2 values, as many as success_prob and latency, got (1.0, 2.0, 3.0)",
        ),
        ([*SOLVE, "--cost", "1", "x"], "argument --cost: invalid float value: 'x'"),
        ([*SOLVE, "--information", "all"], "--information must be 'memoryless' or 'model' or 'history', got all"),
        (
            [*SOLVE, "--information", "model", "--delta", "1"],
            "--delta must be left out unless users are memoryless, got 1.0",
        ),
        ([*SOLVE, "--delta", "-1"], "--delta must be a finite number in [0, inf), got -1.0"),
        ([*SOLVE, "--delta", "1e308"], "--delta must be 0 or a number from 1e-30 to 1e+30, got 1e+308"),
        (["solve", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (["solve"], "SCENARIO must be given, or else --task-value"),
        (["solve", *NANO[2:]], "SCENARIO must be given, or else --task-value too"),
        ([*SOLVE, "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)


def test_names_of_a_menu_stay_with_its_models_while_it_has_as_many(run):
    _, out, _ = run("solve", "openai-five", "--churn-penalty", "1")
    assert "  model 5, gpt-5 (low)" in out
    three = ("--success-prob", "0.1", "0.2", "0.3", "--latency", "1", "2", "3", "--cost", "1", "2", "3")
    _, out, _ = run("solve", "openai-five", *three)
    assert re.search(r"^  model 3 +a pass", out, re.MULTILINE)
    two = ("--success-prob", "0.1", "0.2", "--latency", "1", "2", "--cost", "1", "2")
    _, out, _ = run("solve", "openai-five", *two)
    assert out.startswith("openai-five\n") and "gpt-4.1" not in out


def test_what_is_left_of_a_probability_is_short_too(run):
    _, out, _ = run("solve", "menu-branch")
    assert "model 2 with probability 0.588235, 3 with probability 0.411765;" in re.sub(r"\s+", " ", out)

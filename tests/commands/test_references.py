"""Rules that learn nothing, as users and scripts meet them."""

import json

import pytest
from command_line import NANO, PROFILE


def test_references(run):
    status, out, err = run("references", "figure-5-throttle", "--throttling", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert (document["scenario"], document["throttling"]) == ("figure-5-throttle", True)
    found = {row["rule"]: row for row in document["references"]}
    assert list(found["analytic"]["profile"]) == PROFILE and found["random"]["profile"] is None
    assert found["analytic"]["provider_cost"] == pytest.approx(5.5)
    _, text, _ = run("references", *NANO)
    rules = [line.split()[0] for line in text.splitlines() if line]
    assert rules[rules.index("rule") + 1 :] == list(found)
    assert run("references", "nano-gpt5", "--churn-penalty", "0.05")[1] != text


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["references", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (
            ["references", "nano-gpt5", "--churn-penalty", "0", "--cost", "5e-324", "1.7e308"],
            "--cost must be 0 or a number from 1e-30 to 1e+30, got 5e-324",
        ),
        (
            ["references", "nano-gpt5", "--success-prob", "5e-324", "0.5"],
            "--success-prob must be a finite number in [1e-15, 1), got 5e-324",
        ),
        (["references", "nano-gpt5", "--task-value", "5e-324"], "--task-value must be a number from 1e-30 to 1e+30"),
        (["references", "--task-value", "9"], "SCENARIO must be given, or else --churn-penalty, --success-prob"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)


EXTREMES = [
    ["--cost", "1e-30", "1e30", "--churn-penalty", "0"],
    ["--cost", "1e30", "1e30", "--churn-penalty", "1e30"],
    ["--cost", "0", "0", "--churn-penalty", "1e-30"],
    ["--cost", "0", "0", "--churn-penalty", "0"],
    ["--task-value", "1e30", "--latency", "0", "1e30", "--success-prob", "1e-15", "0.9999999999999999"],
    ["--task-value", "1e-30", "--latency", "1e30", "0", "--success-prob", "0.5", "1e-15"],
]


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("numbers", EXTREMES, ids=" ".join)
@pytest.mark.parametrize("throttling", [[], ["--throttling"]], ids=["", "throttling"])
def test_numbers_of_all_sizes_that_are_allowed_are_computed_with(run, numbers, throttling):
    """Every document is JSON, and nothing is said on the way: here a warning would be an error."""
    for command in ("references", "solve"):
        status, out, err = run(command, "nano-gpt5", *numbers, *throttling, "--json")
        assert (status, err) == (0, "")
        json.loads(out, parse_constant=refuse)
        assert run(command, "nano-gpt5", *numbers, *throttling)[0] == 0

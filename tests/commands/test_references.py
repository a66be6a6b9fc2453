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
    assert set(found["analytic"]["profile"]) == PROFILE and found["random"]["profile"] is None
    assert found["analytic"]["provider_cost"] == pytest.approx(5.5)
    _, text, _ = run("references", *NANO)
    assert [line.split()[0] for line in text.splitlines()[3:]] == list(found)
    assert run("references", "nano-gpt5", "--churn-penalty", "0.05")[1] != text


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["references", "gpt2"], "SCENARIO must be one of nano-gpt5"),
        (["references", "--task-value", "9"], "SCENARIO must be given, or else --churn-penalty, --success-prob"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)

"""The explorer as its users ask for it: for a scenario, for a game of their own or for none, and what is refused."""

import json
import re

import pytest

GAME = ["--task-value", "10", "--churn-penalty", "9", "--success-prob", "0.25", "0.2", "0.5"]
GAME += ["--latency", "6", "2.2", "2.5", "--cost", "0.2", "0.5", "3"]


def start(path):
    """What a page opens with."""
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text(encoding="utf-8"))[1]
    return json.loads(text)["start"]


@pytest.mark.parametrize(
    "arguments, name, models, throttling",
    [
        ([], "nano-gpt5", 2, False),
        (["gateway-eight", "--throttling"], "gateway-eight", 8, True),
        (["polyglot-51"], "polyglot-51", 8, False),
        (GAME, None, 3, False),
    ],
)
def test_it_prints_where_the_page_is(run, tmp_path, arguments, name, models, throttling):
    out = tmp_path / "page.html"
    assert run("explore", *arguments, "--out", str(out)) == (0, f"{out}\n", "")
    opened = start(out)
    assert (opened["name"], len(opened["p"]), opened["throttling"]) == (name, models, throttling)


def test_an_option_overrides_the_scenarios_number(run, tmp_path):
    run("explore", "nano-gpt5", "--churn-penalty", "0.05", "--out", str(tmp_path / "page.html"))
    opened = start(tmp_path / "page.html")
    assert (opened["penalty"], opened["value"], opened["units"]) == (0.05, 120, ["s", "$"])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["explore", "nowhere"], "SCENARIO must be one of"),
        (["explore", "--task-value", "10"], "SCENARIO must be given, or else --churn-penalty"),
        (["explore", "nano-gpt5", "--latency", "-1", "2"], "--latency must be"),
        (["explore", "nano-gpt5", "--out", "no/such/folder.html"], "cannot write no/such/folder.html (--out)"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)

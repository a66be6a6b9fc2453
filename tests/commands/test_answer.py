"""Asking a policy as users and scripts meet it."""

import json

import pytest
import small_policies
from command_line import NANO


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    path = tmp_path_factory.mktemp("policies") / "policy"
    small_policies.write(path)
    return str(path)


def test_a_scenario_and_its_numbers_have_one_answer(run, policy):
    status, text, err = run("answer", "nano-gpt5", "--policy", policy, "--json")
    document = json.loads(text)
    assert (status, err) == (0, "")
    assert list(document) == ["game", "policy", "commitment", "abandon_prob", "predicted_provider_cost"]
    assert document["commitment"]["route"] in (1, 2) and 0 <= document["commitment"]["cascade_prob"] <= 1
    again = json.loads(run("answer", *NANO, "--policy", policy, "--json")[1])
    assert again["commitment"] == document["commitment"]


def test_in_words(run, policy):
    status, text, _ = run("answer", "nano-gpt5", "--policy", policy)
    assert status == 0
    assert text.startswith("starts with   gpt-") and "as far as the policy knows" in text
    assert "starts with   model " in run("answer", *NANO, "--policy", policy)[1]


def test_what_cannot_be_answered(run, policy, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text('{"learner": "evolution"}')
    for arguments, message in (
        (["gateway-eight", "--policy", policy], "--success-prob must be two numbers: the policy answers games of two"),
        (["nano-gpt5", "--policy", policy, "--throttling"], "--throttling must be left out"),
        (["nano-gpt5", "--policy", str(tmp_path)], "--policy must be the directory of a finished run of"),
        (["nano-gpt5", "--policy", str(other)], "got one of learner evolution"),
        (["nano-gpt5"], "the following arguments are required: --policy"),
    ):
        status, out, err = run("answer", *arguments)
        assert (status, out) == (2, "") and message in err and err.count("\n") == 1


def test_suites_are_trained_for_all_games_or_one(run, tmp_path):
    for arguments, message in (
        (["nano-gpt5", "--learner", "amortised"], "--learner must be one that learns a single game, or else --suite"),
        (["--suite", "random", "--learner", "evolution"], "--learner must be one that learns one policy for a suite"),
        (["nano-gpt5", "--suite", "random", "--learner", "amortised"], "SCENARIO must be left out where --suite is"),
        (["--suite", "random", "--learner", "amortised", "--throttling"], "--throttling must be left out where"),
        (["--suite", "random", "--learner", "amortised", "--seed", "-1"], "--seed must be a whole number from 0"),
        (["--suite", "menus", "--learner", "amortised"], "--suite must be one of games of two models"),
        (["--suite", "all", "--learner", "amortised"], "--suite must be one of reference"),
    ):
        status, out, err = run("train", *arguments, "--out", str(tmp_path / "run"))
        assert (status, out) == (2, "") and message in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_run_from_beginning_to_end(run, tmp_path):
    tiny = [f"--{name.replace('_', '-')}={value}" for name, value in small_policies.TINY.items()]
    command = ["train", "--suite", "random", "--learner", "amortised", *tiny, "--out", str(tmp_path / "run")]
    status, text, _ = run(*command)
    assert status == 0 and text.startswith("suite random, 60 games, learner amortised, seed 0\n")
    assert run(*command)[1] == text
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"config.json", "metrics.jsonl", "result.json", "report.html", "checkpoints"}
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert {"suite", "games", "within_1_percent", "within_0.1_percent", "worst", "median", "certified"} <= set(result)
    assert json.loads(run("eval", str(tmp_path / "run"), "--json")[1]) == result
    assert text.startswith(run("eval", str(tmp_path / "run"))[1].rstrip("\n"))
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 6
    page = (tmp_path / "run" / "report.html").read_text()
    assert "What was built in" in page and "Five commitments are candidates" in page
    assert run("report", str(tmp_path / "run"))[0] == 0 and (tmp_path / "run" / "report.html").read_text() == page
    assert run("answer", "nano-gpt5", "--policy", str(tmp_path / "run"))[0] == 0

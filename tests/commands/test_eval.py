"""Judging a finished run as users and scripts meet it."""

import json
from dataclasses import fields

import pytest
from command_line import PROFILE

from routegame.eval.judge.distance import Distance


def test_eval_prints_result_json_again(finished, run):
    out, _ = finished
    status, text, err = run("eval", str(out), "--json")
    document = json.loads(text)
    assert (status, err) == (0, "")
    assert document == json.loads((out / "result.json").read_text())
    assert {
        "learner",
        "scenario",
        "seed",
        "learned",
        "equilibrium",
        "leader_regret",
        "leader_regret_relative",
        "follower_gap",
        "follower_gap_relative",
        "certified",
        "normalised_score",
        "passes",
        "wall_seconds",
    } <= set(document)
    assert {field.name for field in fields(Distance)} <= set(document)
    assert (document["learner"], document["scenario"], document["seed"]) == ("meta_follower", "nano-gpt5", 1)
    assert list(document["learned"]) == list(document["equilibrium"]) == PROFILE


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["eval", "nowhere"], "RUN_DIR must be a directory that `routegame train` wrote, got nowhere"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)

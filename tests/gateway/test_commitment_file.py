"""What solve, answer and calibrate write is enacted as it is meant; what is no commitment is refused, and why."""

import json
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest

from routegame import solve
from routegame.__main__ import main
from routegame.calibrate.gateway.commitments import commitment_of, tagged
from routegame.envs.document import FileError
from routegame.envs.policy import Policy
from routegame.gateway.commitment_file import Arm, Lot, arms_of, read_arms

NAMES = ("nano", "gpt-5")


def one(document, models=NAMES):
    (arm,) = arms_of(document, models)
    return arm.policy


def printed(*command):
    out = StringIO()
    with redirect_stdout(out):
        assert main([*command, "--json"]) == 0
    return json.loads(out.getvalue())


def test_what_solve_prints_is_enacted():
    best = solve("nano-gpt5").equilibrium
    assert one(printed("solve", "nano-gpt5")) == Policy.cascade(best.cascade_prob)
    menu = solve("menu-stay")
    assert one(printed("solve", "menu-stay"), "abc") == menu.policy


@pytest.mark.parametrize(
    "document,policy",
    [
        ({"route": 1, "cascade_prob": 0.25}, Policy.cascade(0.25)),
        ({"route": 2}, Policy.cascade(0.0, route=2)),
        ({"start": [1, 0], "matrix": [[0.5, 0.5], [0.25, 0.75]]}, Policy([1, 0], [[0.5, 0.5], [0.25, 0.75]])),
        ({"policy": "runs/mine", "commitment": {"route": 1, "cascade_prob": 0.5}}, Policy.cascade(0.5)),
        (
            {"recommendation": {"route": 2, "cascade_prob": 0.0}, "equilibrium": {"route": 1, "cascade_prob": 0.1}},
            Policy.cascade(0.0, route=2),
        ),
        (
            {"recommendation": {"models": [1, 2], "policy": {"start": [0, 1], "matrix": [[1, 0], [1, 0]]}}},
            Policy([0, 1], [[1, 0], [1, 0]]),
        ),
    ],
)
def test_a_commitment_is_found_wherever_it_stands(document, policy):
    assert one(document) == policy


def test_several_share_sessions_out():
    arms = arms_of({"commitments": [{"route": 1, "cascade_prob": 0.5, "share": 3}, {"route": 2, "share": 1}]}, NAMES)
    assert [arm.share for arm in arms] == [0.75, 0.25]
    lot = Lot(arms)
    assert [lot.arm(word) is arms[0] for word in (0, 3 * 2**30 - 1, 3 * 2**30, 2**32 - 1)] == [True, True, False, False]


def test_tags_tell_commitments_apart():
    assert Arm(Policy.cascade(0.05), 1.0).tags == ("routegame:route=1", "routegame:s=0.05")
    assert Arm(Policy.cascade(0.05, route=2), 1.0).tags == ("routegame:route=2", "routegame:s=0.0")
    back, three = Policy([1, 0], [[0.5, 0.5], [0.25, 0.75]]), Policy([1, 0, 0], np.eye(3))
    tags = [Arm(policy, 1.0).tags for policy in (back, three)]
    assert all(len(names) == 1 and names[0].startswith("routegame:commitment=") for names in tags)
    assert tags[0] != tags[1]


def test_calibrate_knows_the_commitments_by_their_tags(tmp_path):
    """Of two models by themselves, of more by the file that says what a name stands for."""
    _, told = commitment_of(["mine", *Arm(Policy.cascade(0.05), 1.0).tags], {})
    assert (told.route, told.cascade_prob) == (1, 0.05)
    three, file = Policy([1, 0, 0], np.eye(3)), tmp_path / "three.json"
    file.write_text(json.dumps(three.to_dict()))
    (tag,) = Arm(three, 1.0).tags
    assert commitment_of([tag], tagged([f"{tag}={file}"]))[1].in_full() == three


@pytest.mark.parametrize(
    "document,complaint",
    [
        ({}, "route and cascade_prob"),
        ({"route": 3}, "route must be 1 or 2"),
        ({"route": 1, "cascade_prob": 1.5}, "cascade_prob"),
        ({"commitments": []}, "commitments"),
        ({"commitments": [{"route": 1, "share": 0}]}, "share"),
        ({"start": [1, 0, 0], "matrix": np.eye(3).tolist()}, "of 2 models"),
        ({"start": [0.5, 0.4], "matrix": [[1, 0], [0, 1]]}, "add up to 1"),
        ({"recommendation": None, "reason": "nobody knows V"}, "nobody knows V"),
        (
            {
                "game": {"latency": [1, 2]},
                "equilibrium": {"route": 1, "cascade_prob": 0.1, "throttled_latency": [1, 3]},
            },
            "slows them down",
        ),
        ({"log": {"models": ["gpt-5", "nano"]}, "recommendation": {"route": 1}}, "nano, gpt-5"),
    ],
)
def test_what_cannot_be_enacted_says_why(tmp_path, document, complaint):
    path = tmp_path / "commitment.json"
    path.write_text(json.dumps(document))
    with pytest.raises(FileError) as error:
        read_arms(path, NAMES)
    assert complaint in str(error.value) and str(path) in str(error.value)


def test_models_that_are_numbers_in_the_log_may_have_names_here():
    assert one({"log": {"models": ["1", "2"]}, "recommendation": {"route": 2}}) == Policy.cascade(0.0, route=2)

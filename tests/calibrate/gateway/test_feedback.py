"""Whether an answer solved its task is what the application says, and nothing else."""

import json

import pytest
from gateway_logs import END, JUDGED, PLAIN, payload, turn

from routegame.calibrate.gateway.conversion import Request, converted
from routegame.calibrate.log.layout import LogError


def test_feedback_that_fits_no_turn_is_named(convert):
    assert (
        "1 line of feedback on sessions that are not in the log: line 5"
        in convert(PLAIN, [*JUDGED, turn("nowhere", 1, 5, 1)])[1]
    )
    assert "1 of them judged both ways" in convert(PLAIN, [*JUDGED, turn("t", 1, 9, 1)])[1]


def test_who_is_said_to_have_left_has_left_whenever_that_was(convert):
    """Neither the end of the log nor the next turn says otherwise; who is said to be there has an open task."""
    near = [payload("r", END, END + 1), payload("q", END, END + 1)]
    said = [turn("r", 1, END + 1, 0), turn("q", 1, END + 1, 0)]
    assert [row[6] for row in convert([*PLAIN, *near], [*JUDGED, *said])[0]] == [
        None,
        None,
        "retry",
        "retry",
        None,
        "leave",
    ]
    said = [said[0] | {"left": 1}, said[1] | {"left": 0}]
    rows, remarks = convert([*PLAIN, *near], [*JUDGED, *said])
    assert [row[6] for row in rows] == [None, "leave", "retry", "retry", None, "leave"]
    assert "or is said to have left" in remarks and "1 turn after" not in remarks
    rows, remarks = convert(PLAIN, [JUDGED[0] | {"left": True}, *JUDGED[1:]])
    assert [(row[0], row[6]) for row in rows] == [("s", "leave"), ("t", "leave")] and "2 turns after" in remarks


def test_that_a_user_left_may_be_said_later(convert):
    later = {"session_id": "t", "turn": 1, "time": 50, "left": 1}
    rows, remarks = convert(PLAIN, [*JUDGED, later])
    assert rows == convert(PLAIN, JUDGED)[0] and "had some already" not in remarks


def test_success_is_nothing_that_a_gateway_knows(convert, tmp_path):
    log = tmp_path / "unheard.jsonl"
    log.write_text(json.dumps(PLAIN[0]))
    with pytest.raises(LogError, match="neither HTTP status nor a thumb"), converted(Request((log,), None)):
        raise AssertionError("converted without feedback")
    with pytest.raises(LogError, match="every answer is a success"):
        convert(PLAIN, [line | {"judged_solved": 1} for line in JUDGED])
    thumbs = [{k: v for k, v in line.items() if k != "judged_solved"} | {"event": "thumbs_up"} for line in JUDGED]
    with pytest.raises(LogError, match=r"has no judged_solved or success or solved: .*nor a thumb"):
        convert(PLAIN, thumbs, alone=True)

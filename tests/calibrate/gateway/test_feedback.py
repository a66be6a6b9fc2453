"""Whether an answer solved its task is what the application says, and nothing else."""

import json

import pytest
from gateway_logs import JUDGED, PLAIN, turn

from routegame.calibrate.gateway.conversion import Request, converted
from routegame.calibrate.log.layout import LogError


def test_feedback_that_fits_no_turn_is_named(convert):
    assert (
        "1 line of feedback on sessions that are not in the log: line 5"
        in convert(PLAIN, [*JUDGED, turn("nowhere", 1, 5, 1)])[1]
    )
    assert "1 of them judged both ways" in convert(PLAIN, [*JUDGED, turn("t", 1, 9, 1)])[1]


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

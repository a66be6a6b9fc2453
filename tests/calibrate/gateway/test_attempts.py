"""Lines that are attempts and can be used, models that they were with, and what has no price."""

import pytest
from gateway_logs import ITS_FEEDBACK, JUDGED, LONG_AFTER, PLAIN, payload, turn

from routegame.calibrate.log.layout import LogError


def test_the_log_tells_the_models_where_nobody_else_does(convert):
    rows, said = convert(PLAIN, JUDGED, models=())
    assert rows[2][2] == "large" and "The models are small, large, the cheapest first" in said
    with pytest.raises(LogError, match="has one model that answered, maker/small: two are needed"):
        convert(PLAIN[:2], JUDGED, models=(), alone=True)
    with pytest.raises(LogError, match="--models names none of the models that answered: small, large, maker/small"):
        convert(PLAIN, JUDGED, models=("nano", "gpt-5"))


def test_models_may_go_by_the_name_that_answered(convert):
    """A group of two deployments has one name; then what did not answer is of no known model, and hides none."""
    log = [call | {"model_group": "assistant"} for call in [*PLAIN, *LONG_AFTER]]
    log.insert(0, log[0] | {"litellm_call_id": "f", "status": "failure", "startTime": -3, "endTime": -1})
    names = ("maker/small", "maker/large")
    rows, said = convert(log, [*JUDGED, *ITS_FEEDBACK], alone=True, models=names)
    assert [row[2] for row in rows] == ["maker/small", "maker/small", "maker/large", "maker/small"]
    assert rows[0][3] == 8 and "a fallback (" not in said


def test_an_answer_without_a_price_cuts_its_task_unless_it_is_said_to_be_free(convert):
    log = [PLAIN[0], PLAIN[1] | {"response_cost": None}, *PLAIN[2:]]
    rows, said = convert(log, JUDGED)
    assert [row[:2] for row in rows] == [("s", 1), ("t", 1)]
    assert "1 task cut before a turn whose answer has no price (line 2)" in said
    assert len(convert(log, JUDGED, insist=True)[0]) == 4


def test_a_line_is_read_once_however_often_it_was_written(convert):
    """A writer that was killed writes its last lines again; half a line spoils the one that follows it."""
    lines = [*PLAIN, PLAIN[1], PLAIN[1], PLAIN[3]]
    rows, said = convert(lines, JUDGED)
    assert rows == convert(PLAIN, JUDGED)[0]
    assert "3 lines written twice, as after a crash of the writer, and read once: lines 5, 6 and 7" in said
    rows, said = convert([PLAIN[0], '{"status": "succ{"status": "success"}', *PLAIN[2:]], JUDGED)
    assert [row[:2] for row in rows] == [("s", 1), ("t", 1)] and "1 line with no payload, left out: line 2" in said


def test_calls_without_an_id_are_all_different(convert):
    log = [call | {"litellm_call_id": None} for call in PLAIN]
    assert convert(log, JUDGED)[0] == convert(PLAIN, JUDGED)[0]


def test_time_to_the_first_token_is_no_latency(convert):
    """`response_time` of a stream is that; it is not read."""
    assert convert([payload("t", 0, 9, response_time=0.2)], [turn("t", 1, 9, 0)])[0][0][3] == 9

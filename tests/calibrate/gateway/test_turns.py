"""Attempts are told apart by success, and where that is not enough by the application's times."""

import pytest
from gateway_logs import ITS_FEEDBACK, JUDGED, LONG_AFTER, PLAIN, payload, turn

from routegame.calibrate.log.layout import LogError

FAILS = [payload("t", time, time + 2, status="failure") for time in (0, 4)]


def test_attempts_are_one_turn_from_the_first_start_to_the_last_end(convert):
    rows, said = convert([*FAILS, payload("t", 9, 12)], [turn("t", 1, 12, 0)])
    assert rows == [("t", 1, "small", 12, 0.001, False, "leave")]
    assert "1 took more than one, and 2 attempts failed" in said


def test_failures_before_an_answer_are_counted_where_a_line_is_a_turn(convert):
    """As lines of our own logger are: one, though two attempts failed before it."""
    rows, said = convert([PLAIN[0] | {"failures": 2}, *PLAIN[1:]], JUDGED)
    assert rows == convert(PLAIN, JUDGED)[0]
    assert "8 attempts that litellm logged are 6 turns" in said
    assert "1 took more than one, and 2 attempts failed" in said


def test_a_line_that_says_whether_it_is_a_fallback_needs_no_model_asked_for(convert):
    said = [*JUDGED, *ITS_FEEDBACK]
    judged = [{key: value for key, value in line.items() if key != "requested_model"} for line in said]
    lines = [line | {"failures": 1} for line in [*PLAIN, *LONG_AFTER]]
    told = [convert([line | more for line in lines], judged, alone=True)[1] for more in ({}, {"fallback": False})]
    assert ["a fallback is seen only where" in words for words in told] == [True, False]


OUTAGE = [payload("s", k, k + 1, status="failure") for k in (10, 12, 14)]
LOG = [payload("s", 0, 5), *OUTAGE, payload("s", 20, 26)]
SAID = [turn("s", 1, 5, 0), turn("s", 2, 15, 0), turn("s", 3, 26, 1)]


def test_a_turn_that_nobody_answered_is_told_from_the_next_by_time(convert):
    rows, said = convert(LOG, SAID)
    assert rows == [("s", 1, "small", 5, 0.001, False, "retry")]
    assert "1 task cut before a turn that ended without an answer, as in an outage (line 2)" in said


def test_without_times_a_task_is_followed_up_to_the_first_failure(convert):
    untimed = [{key: value for key, value in line.items() if key != "time"} for line in SAID]
    rows, said = convert(LOG, untimed)
    assert rows == [("s", 1, "small", 5, 0.001, False, "retry")]
    assert "1 task cut before a turn that cannot be told from the next, for want of times in the feedback" in said


def test_an_unanswered_turn_that_nobody_mentions_is_part_of_the_wait(convert):
    rows, _ = convert(LOG, [SAID[0], SAID[2] | {"turn": 2}])
    assert [row[1:4] for row in rows] == [(1, "small", 5), (2, "small", 16)]


def test_times_say_which_answer_was_meant_where_order_would_mislead(convert):
    """As many turns as groups of attempts, and yet one is unanswered and the last has no feedback."""
    log = [*LOG, payload("s", 30, 31, status="failure")]
    others = [payload(f"q{k}", 100 * k, 100 * k + 5) for k in range(100)]
    judged = [turn(f"q{k}", 1, 100 * k + 5, 1) for k in range(100)]
    rows, said = convert([*log, *others], [*SAID, *judged])
    rows = [row for row in rows if row[0] == "s"]
    assert [row[1] for row in rows] == [1] and "without an answer" in said


def test_answers_without_feedback_cut_where_times_tell_and_are_left_out_else(convert):
    rows, said = convert(PLAIN, [JUDGED[0], *JUDGED[2:]])
    assert [row[:2] for row in rows] == [("s", 1), ("t", 1)]
    assert "1 task cut before a turn with two answers" in said
    untimed = [{key: value for key, value in line.items() if key != "time"} for line in JUDGED]
    rows, said = convert(PLAIN, [untimed[0], *untimed[2:]])
    assert {row[0] for row in rows} == {"t"}
    assert "1 trace with more answers than turns in the feedback, and no times that would tell them apart" in said


def test_each_turn_may_have_a_trace_of_its_own(convert):
    log = [payload("x1", 0, 5), payload("x2", 10, 16), payload("s", 20, 25), payload("s", 30, 36)]
    feedback = [
        turn("s", 1, 5, 0, trace_id="x1"),
        turn("s", 2, 16, 0, trace_id="x2"),
        turn("s", 3, 25, 0),
        turn("s", 4, 36, 1),
    ]
    rows, said = convert(log, feedback)
    assert [row[1] for row in rows] == [1, 2, 3, 4]
    assert "1 session of 3 with traces of single turns beside traces of several" in said


def test_a_line_without_times_spoils_the_turn_that_it_is_in(convert):
    """It is put where it was written, so that the others are not taken for each other."""
    for spoilt in ({"startTime": None, "endTime": None}, {"status": None}, {"endTime": -1}):
        lines = [PLAIN[0], PLAIN[1] | spoilt, *PLAIN[2:]]
        rows, said = convert(lines, JUDGED)
        assert [row[:2] for row in rows] == [("s", 1), ("t", 1)], spoilt
        assert "1 task cut before a turn with a line that cannot be used (line 2)" in said


def test_turns_that_overlap_or_run_backwards_cut(convert):
    rows, said = convert([payload("s", 0, 15), *PLAIN[1:]], [JUDGED[0] | {"time": 15}, *JUDGED[1:]])
    assert [row[:2] for row in rows] == [("s", 1), ("t", 1)]
    assert "1 task cut before a turn that began before the one before had ended (line 2)" in said
    rows, said = convert(PLAIN, [JUDGED[0] | {"time": 17}, *JUDGED[1:]])
    assert "1 task cut before a turn that began before" in said


def test_feedback_on_other_traces_is_refused(convert):
    with pytest.raises(LogError, match=r"of 2 traces 2 have no feedback .*session_id in the feedback must be"):
        convert(PLAIN, [line | {"session_id": f"no {k}"} for k, line in enumerate(JUDGED)], alone=True)

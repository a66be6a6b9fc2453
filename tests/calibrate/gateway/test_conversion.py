"""What a gateway wrote becomes passes: each trap has a log of its own, in the form of litellm's payloads."""

import pytest
from gateway_logs import END, JUDGED, PLAIN, payload, turn

from routegame.calibrate.log.layout import LogError


def test_turns_of_a_session_are_the_passes_of_a_task(convert):
    rows, _ = convert(PLAIN, JUDGED)
    assert rows == [
        ("s", 1, "small", 5, 0.001, False, "retry"),
        ("s", 2, "small", 6, 0.001, False, "retry"),
        ("s", 3, "large", 40, 0.03, True, None),
        ("t", 1, "small", 6, 0.001, False, "leave"),
    ]


def test_attempts_are_one_turn_from_the_first_start_to_the_last_end(convert):
    tries = [payload("t", 0, 2, status="failure"), payload("t", 4, 5, status="failure"), payload("t", 9, 12)]
    rows, said = convert(tries, [turn("t", 1, 12, 0)])
    assert rows == [("t", 1, "small", 12, 0.001, False, "leave")]
    assert "1 took more than one, and 2 attempts failed" in said


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param([payload("s", 20, 22, status="failure"), payload("s", 23, 60, "large")], id="in the failures"),
        pytest.param([payload("s", 20, 60, "large")], id="by cooldown, without a failure"),
        pytest.param([payload("s", 20, 60, "spare", fallback=True)], id="as our own logger says it"),
    ],
)
def test_a_task_is_cut_before_its_fallback(convert, broken):
    asked = None if "fallback" in broken[0] else "small"
    rows, said = convert(
        [payload("s", 0, 5), payload("s", 10, 16), *broken],
        [turn("s", 1, 5, 0), turn("s", 2, 16, 0), turn("s", 3, 60, 1, asked)],
    )
    assert [row[1:2] + row[-1:] for row in rows] == [(1, "retry"), (2, "retry")]
    assert "1 task cut before a turn that another model answered than was asked for, a fallback (line 3)" in said


def test_a_turn_that_nobody_answered_is_told_from_the_next_by_time(convert):
    outage = [payload("s", k, k + 1, status="failure") for k in (10, 12, 14)]
    log = [payload("s", 0, 5), *outage, payload("s", 20, 26)]
    rows, said = convert(log, [turn("s", 1, 5, 0), turn("s", 2, 15, 0), turn("s", 3, 26, 1)])
    assert rows == [("s", 1, "small", 5, 0.001, False, "retry")]
    assert "1 task cut before a turn that ended without an answer, as in an outage (line 2)" in said


def test_an_outage_is_named(convert):
    calls = [payload(f"q{k}", 1000 * k, 1000 * k + 1) for k in range(60)]
    calls += [payload(f"q{k}", 1000 * k - 5, 1000 * k - 4, status="failure") for k in range(30, 33)]
    calls += [payload("q30", 30_000 - 5 - j, 30_000 - 4 - j, status="failure") for j in range(1, 12)]
    feedback = [turn(f"q{k}", 1, 1000 * k + 1, k % 2) for k in range(60)]
    assert "An outage: between " in convert(calls, feedback)[1]


def test_answers_of_a_cache_are_said_to_be(convert, tmp_path):
    hit = payload("t", 0, 0.03, cost=0.0, cache_hit=True)
    rows, _ = convert([hit], [turn("t", 1, 0.03, 0)])
    assert rows == [("t", 1, "small", 0.03, 0, False, "leave")]


def test_who_comes_back_too_late_has_left(convert):
    log = [payload("t", 0, 5), payload("t", 5000, 5006)]
    rows, said = convert(log, [turn("t", 1, 5, 0), turn("t", 2, 5006, 0)])
    assert [row[-1] for row in rows] == ["leave"]
    assert "1 turn after the user had left by that measure left out" in said
    rows, _ = convert(log, [turn("t", 1, 5, 0), turn("t", 2, 5006, 0)], leave_after=7200)
    assert [row[-1] for row in rows] == ["retry", "leave"]


def test_what_the_log_does_not_live_to_see_is_not_known(convert):
    late = [payload("u", END - 100, END - 90), payload("u", END - 50, END - 40)]
    rows, said = convert([*PLAIN, *late], [*JUDGED, turn("u", 1, END - 90, 0), turn("u", 2, END - 40, 0)])
    assert rows[-1] == ("u", 1, "small", 10, 0.001, False, None)
    assert "1 task of the log's last 30 minutes end open" in said


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


def test_the_last_turn_of_a_session_is_not_its_success(convert):
    calls = [payload(f"q{k}", 100 * k + 10 * j, 100 * k + 10 * j + 5) for k in range(30) for j in range(2)]
    feedback = [turn(f"q{k}", j + 1, 100 * k + 10 * j + 5, j) for k in range(30) for j in range(2)]
    with pytest.raises(LogError, match="nobody ever left, and every task ends in success"):
        convert(calls, feedback)

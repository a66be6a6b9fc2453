"""What was grouped, cut and left out is said, with lines."""

import pytest
from gateway_logs import END, ITS_FEEDBACK, JUDGED, LONG_AFTER, PLAIN, payload, turn

from routegame.calibrate.log.layout import LogError


def test_an_outage_is_named(convert):
    calls = [payload(f"q{k}", 1000 * k, 1000 * k + 1) for k in range(60)]
    calls += [payload(f"q{k}", 1000 * k - 5, 1000 * k - 4, status="failure") for k in range(30, 33)]
    calls += [payload("q30", 30_000 - 5 - j, 30_000 - 4 - j, status="failure") for j in range(1, 12)]
    feedback = [turn(f"q{k}", 1, 1000 * k + 1, k % 2) for k in range(60)]
    assert "An outage: between " in convert(calls, feedback)[1]


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


def test_a_log_of_which_nothing_is_left_is_refused_with_all_that_was_found(convert):
    log = [payload("s", 0, 5, status="failure"), payload("y", 0, 9, "large", cost=0.03), payload("z", 0, 9)]
    feedback = [turn("s", 1, 5, 0), turn("y", 1, 9, None), turn("z", 1, 9, None)]
    with pytest.raises(LogError, match=r"has no turn that counts: 3 attempts .* 1 task cut before a turn that nobody"):
        convert(log, feedback, alone=True)


def test_it_is_said_where_a_fallback_may_hide(convert):
    broken = [payload("t", 0, 1, status="failure"), payload("t", 3, 9)]
    words = "Feedback does not say which model was asked for"
    assert words not in convert([*PLAIN[:3], *broken], JUDGED)[1]
    unasked = [line | {"requested_model": None} for line in [*JUDGED, *ITS_FEEDBACK]]
    assert words in convert([*PLAIN[:3], *broken, *LONG_AFTER], unasked, alone=True)[1]

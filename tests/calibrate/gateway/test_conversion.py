"""What a gateway wrote becomes passes: each trap has a log of its own, in the form of litellm's payloads."""

import pytest
from gateway_logs import JUDGED, PLAIN, payload, turn

from routegame.calibrate.log.layout import LogError


def test_turns_of_a_session_are_the_passes_of_a_task(convert):
    rows, _ = convert(PLAIN, JUDGED)
    assert rows == [
        ("s", 1, "small", 5, 0.001, False, "retry"),
        ("s", 2, "small", 6, 0.001, False, "retry"),
        ("s", 3, "large", 40, 0.03, True, None),
        ("t", 1, "small", 6, 0.001, False, "leave"),
    ]


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


def test_answers_of_a_cache_are_said_to_be(convert, tmp_path):
    hit = payload("t", 0, 0.03, cost=0.0, cache_hit=True)
    rows, _ = convert([hit], [turn("t", 1, 0.03, 0)])
    assert rows == [("t", 1, "small", 0.03, 0, False, "leave")]


def test_the_last_turn_of_a_session_is_not_its_success(convert):
    calls = [payload(f"q{k}", 100 * k + 10 * j, 100 * k + 10 * j + 5) for k in range(30) for j in range(2)]
    feedback = [turn(f"q{k}", j + 1, 100 * k + 10 * j + 5, j) for k in range(30) for j in range(2)]
    with pytest.raises(LogError, match="nobody ever left, and every task ends in success"):
        convert(calls, feedback)

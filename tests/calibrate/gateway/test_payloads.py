"""Lines that are no attempt, or none that can be used, are named."""

import pytest
from gateway_logs import ITS_FEEDBACK, JUDGED, LONG_AFTER, PLAIN, payload

from routegame.calibrate.log.layout import LogError


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("{not json", "1 line with no payload, left out: line 5", id="no JSON"),
        pytest.param(payload("t", 20, 21) | {"status": None}, "1 line with no status", id="no status"),
        pytest.param(payload("t", 20, 21) | {"endTime": None}, "1 line with no startTime or endTime", id="no time"),
        pytest.param(payload("t", 20, 11), "1 line with an end before their start", id="backwards"),
        pytest.param(payload("t", 3, 9), "1 line written twice", id="twice"),
        pytest.param(payload("u", 3, 9), "1 trace of 1 attempt without feedback, left out: line 5", id="no feedback"),
    ],
)
def test_a_line_that_is_no_attempt_is_named(convert, line, words):
    rows, said = convert([*PLAIN, line], JUDGED)
    assert words in said
    assert [row[:2] for row in rows][:3] == [("s", 1), ("s", 2), ("s", 3)]


def test_a_model_without_a_price_is_not_free(convert):
    calls = [
        call | {"response_cost": 0.0} if call["model_group"] == "large" else call for call in [*PLAIN, *LONG_AFTER]
    ]
    with pytest.raises(LogError, match=r"has no price of large: all of its 2 answers cost 0\.0"):
        convert(calls, [*JUDGED, *ITS_FEEDBACK], alone=True)

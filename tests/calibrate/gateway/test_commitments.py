"""Tags of requests say which commitment was in force."""

import pytest
from gateway_logs import JUDGED, PLAIN, payload, turn

from routegame.calibrate.gateway.commitments import tagged
from routegame.calibrate.log.layout import LogError
from routegame.envs.checks import ParameterError


def test_tags_say_what_was_in_force(convert):
    with pytest.raises(LogError, match=r"request_tags that nobody explained: .*--commitment"):
        convert([*PLAIN, payload("u", 3, 9, tags=("b",))], [*JUDGED, turn("u", 1, 9, 0)], commitments={})
    rows, said = convert(
        [*PLAIN, payload("u", 3, 9, tags=("b",))], [*JUDGED, turn("u", 1, 9, 0)], commitments=tagged(["a=1:0.1"])
    )
    assert "u" not in {row[0] for row in rows}
    assert "Tags that nobody explained: b (1); tasks under them are left out: line 5." in said
    with pytest.raises(LogError, match="tags of two commitments, a and b"):
        convert([payload("t", 0, 1, tags=("a", "b"))], JUDGED, commitments=tagged(["a=1", "b=2"]))
    with pytest.raises(ParameterError, match="two for a"):
        tagged(["a=1", "a=2"])

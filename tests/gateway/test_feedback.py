"""Feedback says what became of a turn in the words that `calibrate --from litellm --feedback` reads."""

import json

import pytest

from routegame.envs.checks import ParameterError
from routegame.gateway.feedback import Feedback


def test_a_report_is_a_line(tmp_path):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    feedback.report("s", 1, success=False)
    feedback.report("s", 1, left=True, user="u", segment="free")
    first, second = map(json.loads, feedback.lines.path.read_text().splitlines())
    assert 1e9 < first.pop("time") <= second.pop("time")
    assert first == {"session_id": "s", "turn": 1, "trace_id": "s#1", "judged_solved": 0}
    assert second == {"session_id": "s", "turn": 1, "trace_id": "s#1", "left": 1, "user": "u", "segment": "free"}


@pytest.mark.parametrize(
    "report,complaint", [(("", 1), "session"), (("s", 0), "turn"), (("s", 1.0), "turn"), (("s", 1, True, True), "left")]
)
def test_what_nobody_can_mean_is_refused(tmp_path, report, complaint):
    feedback = Feedback(tmp_path / "feedback.jsonl")
    with pytest.raises(ParameterError, match=complaint):
        feedback.report(*report)
    assert not feedback.lines.path.exists()

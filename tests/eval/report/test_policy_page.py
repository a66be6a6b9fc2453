"""The page of a run that learns one policy for a suite."""

import small_policies

from routegame.eval.report.policy_page import policy_page
from routegame.eval.report.write import write_report


def test_a_run_that_has_not_finished_says_so(tmp_path):
    small_policies.write(tmp_path / "run")
    page = policy_page(tmp_path / "run")
    assert "has not finished" in page and "What was built in" in page
    assert write_report(tmp_path / "run").read_text(encoding="utf-8") == page

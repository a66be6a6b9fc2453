"""The page of a single run, finished or not, whoever its users are."""

import json
import shutil
from pathlib import Path

import pytest
from report_pages import HOSTILE, MESSAGE, change, harmless, report

from routegame.envs.checks import ParameterError
from routegame.eval.report.write import write_report
from routegame.numerals import as_shown, percent


def test_names_in_a_run_are_text(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    change(copy / "config.json", lambda config: config.update(scenario=HOSTILE))
    change(copy / "result.json", lambda result: result["diagnosis"][0].update(name=HOSTILE, explanation=MESSAGE))
    spoiled = report(copy)
    assert harmless(spoiled) and HOSTILE in spoiled.text and MESSAGE[:-1] in spoiled.text
    assert HOSTILE.encode() not in spoiled.raw


def test_a_run_has_a_page(run):
    shown = report(run)
    result = json.loads((run / "result.json").read_text())
    assert f"Its commitment costs {percent(result['leader_regret_relative'])} more" in shown.text
    assert "not certified (†)" in shown.text and as_shown(result["diagnosis"][0]["explanation"]) in shown.text
    assert shown.table("The learned profile")["failures handed to the second model"] == ["0 %", "7.833 %"]
    assert "users as they learned" in shown.text and shown.of("path", class_="line believed")
    assert len(shown.of("svg", class_="chart")) == 2


def test_a_run_that_has_not_finished(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "result.json").unlink()
    (copy / "metrics.jsonl").unlink()
    shown = report(copy)
    assert "This run has not finished" in shown.text and "There is no learning curve" in shown.text
    (copy / "config.json").write_text("{}")
    with pytest.raises(ParameterError, match=r"config\.json"):
        write_report(copy)


def test_damaged_users_of_a_run(run, tmp_path):
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "checkpoints" / "follower.npz").write_bytes(b"PK")
    with pytest.raises(ParameterError, match=r"follower\.npz must be an \.npz file with the arrays of users"):
        write_report(copy)

"""Reporting as users meet it: the page's path, and directories of which no page can be made."""

import shutil
from pathlib import Path

import pytest

BEFORE = Path(__file__).parents[1] / "eval" / "written_before"


@pytest.mark.parametrize("what", ["run", "bench"])
def test_it_prints_where_the_page_is(run, tmp_path, what):
    directory = shutil.copytree(BEFORE / what, tmp_path / what)
    assert run("report", str(directory)) == (0, f"{directory / 'report.html'}\n", "")
    assert (directory / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["report", "nowhere"], "DIR must be"),
        (["report", "."], "DIR must be"),
        (["report"], "the following arguments are required: DIR"),
    ],
)
def test_bad_input_is_refused(refused, arguments, message):
    refused(*arguments, message=message)

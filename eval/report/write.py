"""A bench or a run as one page that needs nothing else: no network, no script, the same bytes for the same files."""

from __future__ import annotations

from pathlib import Path

from routegame.envs.checks import ParameterError
from routegame.eval.report.archive import BenchArchive, RunArchive
from routegame.eval.report.bench_page import BenchPage
from routegame.eval.report.policy_page import policy_page
from routegame.eval.report.run_page import run_page
from routegame.train.runs.policy_directory import is_policy_run
from routegame.whole_file import whole_file


def write_report(directory: Path) -> Path:
    """Write `report.html` into the directory of a bench or of a run, and return its path.

    Raises:
        ParameterError: it is neither, or its files are damaged.
        WriteError: it cannot be written.
    """
    if (directory / "bench.json").exists():
        page = BenchPage(BenchArchive.open(directory)).page()
    elif (directory / "config.json").exists():
        page = policy_page(directory) if is_policy_run(directory) else run_page(RunArchive.open(directory))
    else:
        allowed = "a directory that `routegame bench` or `routegame train` wrote"
        raise ParameterError("directory", allowed, str(directory))
    path = directory / "report.html"
    with whole_file(path) as beside:
        # A lone surrogate, which JSON can spell and UTF-8 cannot, is shown as what it is not rather than refused.
        beside.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
    return path

"""A bench or a run as one page that needs nothing else: no network, no script, the same bytes for the same files."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from routegame.envs.checks import ParameterError
from routegame.eval.report.archive import BenchArchive, RunArchive
from routegame.eval.report.bench_page import BenchPage, row_path
from routegame.eval.report.policy_page import policy_page
from routegame.eval.report.run_page import run_page
from routegame.train.runs.policy_directory import is_policy_run
from routegame.whole_file import whole_file, writing


def write_report(directory: Path, *, rows: bool = False) -> Path:
    """Write `report.html` into the directory of a bench or of a run, and return its path.

    Args:
        directory: of the bench or the run.
        rows: of a bench: whether each run gets a page of its own as well, in `rows`, to which the first has links.

    Raises:
        ParameterError: it is neither, or its files are damaged; rows of something else than a bench.
        WriteError: it cannot be written.
    """
    path = directory / "report.html"
    if (directory / "bench.json").exists():
        archive = BenchArchive.open(directory)
        if rows:
            _write_rows(archive)
        page = BenchPage(archive, rows=rows).page()
    elif rows:
        raise ParameterError("directory", "of a bench, whose runs are its rows", str(directory))
    elif (directory / "config.json").exists():
        page = policy_page(directory) if is_policy_run(directory) else run_page(RunArchive.open(directory))
    else:
        allowed = "a directory that `routegame bench` or `routegame train` wrote"
        raise ParameterError("directory", allowed, str(directory))
    _write(path, page)
    return path


def _write_rows(archive: BenchArchive) -> None:
    """Write the page of each run that has ended."""
    for key in tqdm(archive.ended, desc="report", unit="page", delay=2, leave=False):
        path = archive.directory.joinpath(*row_path(*key))
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, run_page(RunArchive.of_bench(archive, key), bench="../../../report.html"))


def _write(path: Path, page: str) -> None:
    with whole_file(path) as beside:
        # A lone surrogate, which JSON can spell and UTF-8 cannot, is shown as what it is not rather than refused.
        beside.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))

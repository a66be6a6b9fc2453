"""A bench and a run whose pages are looked at: made once, copied to be spoiled."""

import shutil
from pathlib import Path

import pytest
from report_pages import GAMES, LEARNERS, Page

from routegame.__main__ import main
from routegame.eval.bench.bench import Bench, BenchPlan, provenance
from routegame.eval.bench.leaderboard import write_leaderboard
from routegame.eval.bench.suites import instances
from routegame.eval.bench.worker import execute
from routegame.eval.report.write import write_report
from routegame.train.learner import admit


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A bench of two games with a learner that fails and one whose users are not certified."""
    for name in LEARNERS:
        admit(name)
    games = [known for known in instances("reference") if known.name in GAMES]
    directory = tmp_path_factory.mktemp("bench")
    bench = Bench(directory, BenchPlan("reference", games, LEARNERS, range(2)))
    for job in bench.jobs:
        execute(job)
    write_leaderboard(bench, provenance(["bench", "--seeds", "2"]))
    write_report(directory)
    return directory


@pytest.fixture(scope="session")
def page(made):
    return Page(made / "report.html")


@pytest.fixture
def bench(made, tmp_path):
    """A copy, to be spoiled."""
    return Path(shutil.copytree(made, tmp_path / "bench"))


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run with users that were learned."""
    directory = tmp_path_factory.mktemp("runs") / "run"
    arguments = ["train", "nano-gpt5", "--learner", "plugins:Liar", "--out", str(directory)]
    admit("plugins:Liar")
    assert main(arguments) == 0
    return directory

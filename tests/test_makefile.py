"""What `make` sets up before a target: the main job asks for what it needs, tests for more, and neither twice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAND_IN = f"""#!{sys.executable}
import sys
from pathlib import Path

if "venv" in sys.argv:
    tools = Path(".venv/bin")
    tools.mkdir(parents=True)
    for name in ("python", "routegame", "ruff", "mypy"):
        (tools / name).write_text(Path(sys.argv[0]).read_text())
        (tools / name).chmod(0o755)
if "-c" in sys.argv:
    exec(sys.argv[sys.argv.index("-c") + 1])
else:
    with open("said", "a") as file:
        print(Path(sys.argv[0]).name, *sys.argv[1:], file=file)
"""
"""A Python that makes an environment of itself, and writes down what else it is asked for."""


@pytest.fixture
def make(tmp_path):
    """Run a target where nothing is set up but for what stands in for Python; return what was asked of that."""
    if shutil.which("make") is None:
        pytest.skip("make is not here")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "stand_in").write_text(STAND_IN)
    (tmp_path / "stand_in").chmod(0o755)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    def said(target):
        said = tmp_path / "said"
        said.write_text("")
        subprocess.run(("make", "PYTHON=./stand_in", target), cwd=tmp_path, env=variables, check=True, text=True)
        return said.read_text().splitlines()

    return said


def installed(lines):
    return [line.partition("constraints.txt ")[2] for line in lines if "-m pip install" in line]


def test_the_main_job_installs_what_it_needs_and_no_more(make):
    lines = make("run")
    assert installed(lines) == ["--no-compile --editable ."]
    assert lines[-1].startswith("routegame train nano-gpt5")
    assert [line for line in make("run") if "install" in line] == []


def test_an_environment_of_before_is_left_as_it_is(make, tmp_path):
    """It holds what tests need, and its mark is the one that the main job looks for."""
    make("setup")
    (tmp_path / ".venv/tests").unlink()
    assert [line for line in make("run") if "install" in line] == []
    assert installed(make("setup")) == ["--requirement .venv/dev.txt"]


def test_tests_add_to_that_what_they_need(make, tmp_path):
    make("run")
    assert installed(make("test")) == ["--requirement .venv/dev.txt"]
    wanted = (tmp_path / ".venv/dev.txt").read_text().splitlines()
    assert {"pytest>=8", "ruff>=0.11"} <= set(wanted) and not any(line.startswith("numpy") for line in wanted)
    assert [line for line in make("check") if "install" in line] == []

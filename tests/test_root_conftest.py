"""Folders that src/routegame leads to are not imported a second time by pytest, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def collected(*paths, folder=ROOT):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", *paths]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    "given,folder,inside",
    [
        (["calibrate/features"], ROOT, "calibrate/features"),
        (["tests/test_house.py", "./train/meter.py::routegame.train.meter"], ROOT, "train/meter.py"),
        ([], ROOT / "envs" / "luck", "envs/luck"),
    ],
)
def test_it_says_which_path_leads_to_the_same_place(given, folder, inside):
    found = collected(*given, folder=folder)
    assert found.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"give src/routegame/{inside}, or tests/{inside}" in found.stderr


def test_what_src_leads_to_is_collected_by_its_name():
    found = collected("src/routegame/train/considered.py", "src/routegame/envs/chain.py")
    assert found.returncode == pytest.ExitCode.OK

"""Drawing figures as users meet it: the path of every picture, and a folder that cannot be written."""

from dataclasses import replace

import pytest

from routegame.__main__ import main
from routegame.eval.figures import catalogue
from routegame.eval.figures.catalogue import DRAWINGS

FEW = 9


def test_the_command_names_every_picture(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(catalogue, "DRAWINGS", [replace(DRAWINGS[1], arrays=lambda _: DRAWINGS[1].arrays(FEW))])
    assert main(["figures", "--out", str(tmp_path / "out")]) == 0
    output = capsys.readouterr()
    assert output.out.split(maxsplit=1) == [str(tmp_path / "out" / "figure-3.png"), f"{DRAWINGS[1].title}\n"]
    assert (tmp_path / "out" / "figure-3.npz").exists()


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys, place):
    (tmp_path / "file").write_text("in the way")
    assert main(["figures", "--out", str(tmp_path / place)]) == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert error[0].startswith(f"routegame figures: cannot write {tmp_path / place} (--out): ")
    assert (tmp_path / "file").read_text() == "in the way"

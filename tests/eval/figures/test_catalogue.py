"""The figures as files: all there, the same bytes again, and nothing cut off."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from routegame.eval.figures import catalogue
from routegame.eval.figures.catalogue import DRAWINGS, draw_figures


@pytest.mark.slow
def test_every_figure_has_all_its_files(drawn):
    folder, paths, _ = drawn
    names = [figure.name for figure in DRAWINGS]
    assert [path.stem for path in paths] == names and len(set(names)) == len(names) >= 10
    expected = {f"{name}.{ending}" for name in names for ending in ("png", "svg", "npz")} | {"captions.md"}
    assert {path.name for path in folder.iterdir()} == expected
    for name in names:
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert ElementTree.parse(folder / f"{name}.svg").getroot().tag.endswith("svg")
        assert b"dc:date" not in (folder / f"{name}.svg").read_bytes()


@pytest.mark.slow
def test_arrays_are_those_drawn_and_have_their_axes(drawn):
    for figure in DRAWINGS:
        with np.load(drawn[0] / f"{figure.name}.npz") as stored:
            arrays = drawn[2][figure.name][1]
            assert list(stored) == list(arrays)
            for name, values in arrays.items():
                np.testing.assert_array_equal(stored[name], values)


@pytest.mark.slow
def test_captions_tell_of_every_figure(drawn):
    text = (drawn[0] / "captions.md").read_text(encoding="utf-8")
    for figure in DRAWINGS:
        assert f"({figure.name}.png)" in text and figure.caption in text
    assert "3.33" in text and "2.30" in text, "the two errors of the published figure are told"


@pytest.mark.slow
def test_the_same_bytes_again(drawn, few, coarse_paper):
    some = [d for d in DRAWINGS if d.name in ("figure-4-left",)]
    again = drawn[0].parent / "again"
    with coarse_paper() as patch:
        patch.setattr(catalogue, "DRAWINGS", some)
        list(draw_figures(again, few))
    for figure in some:
        for ending in ("npz", "svg", "png"):
            name = f"{figure.name}.{ending}"
            assert (again / name).read_bytes() == (drawn[0] / name).read_bytes(), name


@pytest.mark.slow
@pytest.mark.parametrize("name", [figure.name for figure in DRAWINGS])
def test_nothing_is_cut_off_at_the_edge_of_a_figure(drawn, name):
    figure, _ = drawn[2][name]
    (left, bottom), (right, top) = figure.get_tightbbox().get_points()
    width, height = figure.get_size_inches()
    assert width == 3.35, "a column of a two-column page"
    assert left >= 0 and bottom >= 0 and right <= width and top <= height


def test_captions_are_wrapped_without_breaking_mathematics():
    lines = catalogue._wrapped("a word and $c_1 + c_2 = 3$ " * 10, 1.5)
    assert len(lines) > 5 and all(line.count("$") % 2 == 0 for line in lines)
    assert re.sub(r"\s+", " ", " ".join(lines)) == ("a word and $c_1 + c_2 = 3$ " * 10).strip()

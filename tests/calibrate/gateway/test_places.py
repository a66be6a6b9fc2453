"""Lines of several files are named by their numbers, blank lines counted."""

import pytest

from routegame.calibrate.gateway.places import Places, check_files
from routegame.calibrate.log.layout import LogError


def test_the_first_lines_are_named_and_their_file_where_there_are_several(tmp_path):
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    first.write_text("{}\n\n{}\n")
    second.write_text("\n{}\n{}\n{}\n{}\n{}\n")
    places = Places()
    places.add(first, 0)
    assert places.first([1]) == "line 3" and places.first([]) == ""
    places.add(second, 2)
    assert places.first([2, 4, 3, 5]) == "lines 2, 3 and 4 of b.jsonl first"
    assert places.first([1, 2]) == "line 3 of a.jsonl first"


def test_files_are_json_lines_with_something_in_them(tmp_path):
    empty = tmp_path / "a.jsonl"
    empty.touch()
    for path, words in ((empty, "is empty: 0 bytes"), (tmp_path / "b.jsonl", "that is there"), (tmp_path, "is there")):
        with pytest.raises(LogError, match=words):
            check_files([path], "LOG")
    table = tmp_path / "c.csv"
    table.write_text("a,b")
    with pytest.raises(LogError, match="must be JSON Lines"):
        check_files([table], "--feedback")

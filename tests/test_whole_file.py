"""Files that are there whole or not at all."""

import pytest

from routegame.whole_file import whole_file


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_text("old")
    with path.open() as reader:
        with whole_file(path) as beside:
            beside.write_text("n")
            assert path.read_text() == "old" and beside.parent == tmp_path
            beside.write_text("new")
        assert reader.read() == "old", "who has opened it reads on in it"
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("begun", [False, True])
def test_a_writer_that_fails_leaves_nothing_behind(tmp_path, error, begun):
    path = tmp_path / "answer.txt"
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as beside:
        if begun:
            beside.write_text("n")
        raise error
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_writer_that_writes_nothing_is_told(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "answer.txt"):
        pass
    assert list(tmp_path.iterdir()) == []

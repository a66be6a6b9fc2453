"""Damaged files: named, with what they may be and what was found, in one sentence."""

import os
import pickle

import pytest

from routegame.envs.document import FileError, checked, read_document, read_text


def test_an_object_is_read(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"seed": 3}', encoding="utf-8")
    assert read_document(path, "a run's configuration") == {"seed": 3}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "no JSON: Expecting value"),
        (b'{"seed": 3', "no JSON: Expecting ',' delimiter"),
        (b"\xff\xfe", "no JSON: 'utf-8' codec"),
        (b"[1]", "a JSON list, no object"),
        (b"3", "a JSON value, no object"),
        (b"[" * 100_000, "no JSON: maximum recursion"),
    ],
)
def test_what_is_no_object_is_named_with_what_was_found(tmp_path, content, found):
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_document(path, "a run's configuration")
    sentence = str(caught.value)
    assert sentence.startswith(f"{path} must be a run's configuration, got ") and found in sentence
    assert caught.value.path == path and "\n" not in sentence


def test_a_file_that_is_missing_or_a_directory_is_none(tmp_path):
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(FileError, match="none: "):
            read_document(path, "a result")


def test_a_device_is_not_read(tmp_path):
    """It may never end; so the text of a file that is linked to one is not asked for."""
    (tmp_path / "result.json").symlink_to(os.devnull)
    with pytest.raises(FileError, match="none: it is no regular file"):
        read_document(tmp_path / "result.json", "an object")
    with pytest.raises(OSError, match="no regular file"):
        read_text(tmp_path / "result.json")


def test_whatever_goes_wrong_inside_is_the_files_fault(tmp_path):
    path = tmp_path / "result.json"
    with pytest.raises(FileError, match="one without 'seed'"), checked(path, "a result"):
        {}["seed"]
    inner = FileError(tmp_path / "other.json", "whole", "half")
    with pytest.raises(FileError) as caught, checked(path, "a result"):
        raise inner
    assert caught.value is inner
    assert pickle.loads(pickle.dumps(inner)).path == inner.path

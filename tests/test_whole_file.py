"""Files that are there whole or not at all."""

import errno
import os
import pickle
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from devices import make_device

from routegame.whole_file import WriteError, check_place, whole_file, writing


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
    with pytest.raises(WriteError, match="No such file"), whole_file(tmp_path / "answer.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


def written(path, text="new"):
    with whole_file(path) as beside:
        beside.write_text(text)


def test_a_link_is_followed(tmp_path):
    (tmp_path / "away").mkdir()
    target, link, second = tmp_path / "away" / "target", tmp_path / "link", tmp_path / "second"
    target.write_text("old")
    link.symlink_to(target)
    second.symlink_to("link")
    written(second)
    assert target.read_text() == "new" and link.is_symlink() and second.is_symlink()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["away", "link", "second", "target"]


def test_a_link_to_nothing_is_followed_as_well(tmp_path):
    (tmp_path / "link").symlink_to("target")
    written(tmp_path / "link")
    assert (tmp_path / "target").read_text() == "new" and (tmp_path / "link").is_symlink()


def test_what_is_no_regular_file_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    written(pipe)
    reader.join()
    assert heard == ["new"] and stat.S_ISFIFO(pipe.stat().st_mode)
    make_device(tmp_path / "null", "null")
    before = os.stat(tmp_path / "null")
    written(tmp_path / "null")
    after = os.stat(tmp_path / "null")
    assert os.path.samestat(before, after) and stat.S_ISCHR(after.st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["null", "pipe"]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no full device here")
@pytest.mark.parametrize("linked", [False, True])
def test_a_full_device_stays_one(tmp_path, linked):
    make_device(tmp_path / "full", "full")
    (tmp_path / "link").symlink_to("full")
    before = os.stat(tmp_path / "full")
    with pytest.raises(WriteError, match="No space left on device"):
        written(tmp_path / ("link" if linked else "full"))
    assert os.path.samestat(before, os.stat(tmp_path / "full")) and (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "link"]


def test_nothing_reaches_a_pipe_before_it_is_whole(tmp_path):
    """Else a writer that fails would have to wait for a reader first."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(KeyError), whole_file(tmp_path / "pipe") as beside:
        beside.write_text("n")
        raise KeyError


@pytest.mark.parametrize("redirected", ["> out.html", ">> out.html", "| cat > out.html"])
def test_standard_output_by_its_name(tmp_path, redirected):
    """Where it is a file itself, that file is not replaced: what is printed later follows in it."""
    (tmp_path / "out.html").write_text("first\n" if ">>" in redirected else "")
    code = (
        "from pathlib import Path; from routegame.whole_file import whole_file\n"
        "print('before')\n"
        "with whole_file(Path('/dev/stdout')) as beside: beside.write_text('page\\n')\n"
        "print('after')"
    )
    done = subprocess.run(["bash", "-c", f'"$0" -c "$1" {redirected}', sys.executable, code], cwd=tmp_path, check=False)
    wanted = ["first"] * (">>" in redirected) + ["before", "page", "after"]
    assert done.returncode == 0 and (tmp_path / "out.html").read_text().split() == wanted


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("folder", "Is a directory; name a file, not a folder"),
        ("file/below", "Not a directory; choose another place"),
        ("nowhere/file", "No such file or directory; choose another place"),
        ("loop", "Too many levels of symbolic links; choose another place"),
        ("x" * 300, "File name too long; choose a shorter name"),
    ],
)
@pytest.mark.parametrize("write", [written, check_place])
def test_places_that_cannot_be_written(tmp_path, name, told, write):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(WriteError) as caught:
        write(tmp_path / name)
    assert str(caught.value) == f"cannot write {tmp_path / name}: {told}"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_is_not_to_be_written_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "answer.txt"
    path.write_text("old")
    path.chmod(0o400)
    monkeypatch.setattr(os, "access", lambda path, mode: bool(os.stat(path).st_mode & 0o200))  # root may do anything
    with pytest.raises(WriteError, match="Permission denied; choose a place that you may write to"):
        written(path)
    with pytest.raises(WriteError, match="Permission denied"):
        check_place(path)
    assert path.read_text() == "old"


def test_who_may_read_a_file_stays_the_same(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("old")
    path.chmod(0o600)
    written(path)
    assert path.read_text() == "new" and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_place_is_looked_at_and_left_alone(tmp_path):
    check_place(tmp_path / "new")
    check_place(tmp_path / "some" / "where" / "new", made=True)
    assert list(tmp_path.iterdir()) == []


def test_the_error_survives_the_way_from_one_process_to_another():
    error = WriteError(Path("a b"), "No space left on device", errno.ENOSPC)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and (again.place, again.errno) == (Path("a b"), errno.ENOSPC)


def limited(path, size, code):
    """Run code in a process that may write no file beyond a size: there, the disk is full."""
    head = (
        "import resource, signal, sys; from pathlib import Path; from routegame.whole_file import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); path = Path({str(path)!r})\n"
    )
    return subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, check=False)


def test_a_disk_that_is_full_keeps_what_was_there(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_text("old")
    code = "with whole_file(path) as beside: beside.write_bytes(bytes(10_000))"
    done = limited(path, 1000, code)
    assert done.stderr.splitlines()[-1].endswith(
        "File too large; allow larger files there, then run the same command again"
    )
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_records_are_whole_or_not_there(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"first\n")
    code = (
        "records = WholeRecords(path)\n"
        "records.append(b'second' * 100 + b'\\n')\n"
        "try: records.append(b'third' * 100 + b'\\n')\n"
        "except WriteError as error: print(error)\n"
        "records.append(b'fourth\\n')"
    )
    done = limited(path, 1000, code)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"cannot write {path}: File too large")
    assert path.read_bytes() == b"first\n" + b"second" * 100 + b"\nfourth\n"


def test_an_error_of_a_library_is_one_of_writing():
    with pytest.raises(WriteError) as caught, writing("log.csv", KeyError):
        raise KeyError("IO Error: No space left on device")
    assert (caught.value.errno, caught.value.reason) == (errno.ENOSPC, "No space left on device")
    with pytest.raises(KeyError), writing("log.csv", IndexError):
        raise KeyError("another")

"""Lines are whole, whoever else writes, dies or runs out of room, and no writer is stopped by it."""

import errno
import json
import logging
import os
import subprocess
import sys

import pytest

from routegame.gateway import line_file
from routegame.gateway.line_file import LineFile


def test_a_record_is_a_line(tmp_path):
    file = LineFile(tmp_path / "log.jsonl")
    file.append({"task": "ä", "n": 1.5})
    file.append({"task": None})
    assert file.path.read_text(encoding="utf-8") == '{"task":"ä","n":1.5}\n{"task":null}\n'


def test_a_file_that_is_moved_away_begins_anew(tmp_path):
    file = LineFile(tmp_path / "log.jsonl")
    file.append({"n": 1})
    file.path.rename(tmp_path / "log.1")
    file.append({"n": 2})
    assert file.path.read_text() == '{"n":2}\n'


def test_a_line_that_broke_off_is_ended_first(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"n":1}\n{"n":')
    file = LineFile(path)
    file.append({"n": 2})
    file.append({"n": 3})
    assert path.read_text() == '{"n":1}\n{"n":\n{"n":2}\n{"n":3}\n'


def test_a_line_that_another_process_is_writing_is_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "log.jsonl"
    path.write_text('{"n":')

    def goes_on(_):
        with path.open("a") as other:
            other.write("1}\n")

    monkeypatch.setattr(line_file, "sleep", goes_on)
    LineFile(path).append({"n": 2})
    assert path.read_text() == '{"n":1}\n{"n":2}\n'


def test_a_writer_waits_once_however_many_lines_break_off(tmp_path, monkeypatch):
    path, waited = tmp_path / "log.jsonl", []
    monkeypatch.setattr(line_file, "sleep", waited.append)
    file = LineFile(path)
    for _ in range(3):
        path.write_text('{"n":')
        file._ends_whole = False
        file.append({"n": 2})
    assert len(waited) == 1 and path.read_text() == '{"n":\n{"n":2}\n'


def test_a_full_disk_gives_one_warning_and_whole_lines(tmp_path, monkeypatch, caplog):
    """The disk takes half a line, then nothing, then there is room again."""
    file, real = LineFile(tmp_path / "log.jsonl"), os.write
    room = [8, 3]

    def write(number, data):
        if not room:
            return real(number, data)
        if room[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(number, bytes(data)[: room[0]])
        room[0] = 0 if written < len(data) else room[0] - written
        return written

    monkeypatch.setattr("routegame.gateway.line_file.os.write", write)
    with caplog.at_level(logging.WARNING, "routegame.gateway"):
        for number in range(4):
            file.append({"n": number})
        room.clear()
        file.append({"n": 9})
    (said,) = caplog.messages
    assert "No space left on device" in said and str(file.path) in said
    assert file.path.read_text() == '{"n":0}\n{"n\n{"n":9}\n' or file.lost
    lines = file.path.read_text().splitlines()
    assert json.loads(lines[0]) == {"n": 0} and json.loads(lines[-1]) == {"n": 9} and file.lost == 3


@pytest.mark.skipif(os.name != "posix", reason="limits of files are POSIX")
def test_a_limit_of_the_system_stops_nobody(tmp_path):
    code = """
import resource, sys
from routegame.gateway import line_file
from routegame.gateway.line_file import LineFile
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 1000))
file = LineFile(sys.argv[1])
for number in range(50):
    file.append({"number": number})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file.append({"number": "last"})
print(file.lost)
"""
    path = tmp_path / "log.jsonl"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.count("cannot write") == 1 and "Traceback" not in done.stderr
    *whole, torn, last = path.read_text().splitlines()
    assert [json.loads(line)["number"] for line in whole] == list(range(50 - int(done.stdout)))
    assert json.loads(last) == {"number": "last"} and not torn.endswith("}")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_who_is_killed_loses_at_most_the_line_under_way(tmp_path):
    code = """
import sys
from routegame.gateway import line_file
from routegame.gateway.line_file import LineFile
file, number = LineFile(sys.argv[1]), 0
while True:
    file.append({"number": number, "text": "x" * 200})
    print(number, flush=True)
    number += 1
"""
    path = tmp_path / "log.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    told = []
    for writer in writers:
        for _ in range(100):
            line = writer.stdout.readline()
        writer.kill()
        told.append(int((line + writer.stdout.read()).split()[-1]))
        writer.wait()
        writer.stdout.close()
    numbers = sorted(json.loads(line)["number"] for line in path.read_text().splitlines())
    wanted = sorted([*range(told[0] + 1), *range(told[1] + 1)])
    assert len(numbers) - len(wanted) in (0, 1, 2)
    assert set(numbers) >= set(wanted)


def test_four_processes_mix_no_lines(tmp_path):
    code = """
import sys
from routegame.gateway import line_file
from routegame.gateway.line_file import LineFile
file = LineFile(sys.argv[1])
for number in range(200):
    file.append({"writer": sys.argv[2], "number": number, "text": "x" * 500})
"""
    path = tmp_path / "log.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", code, path, name]) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0] * 4
    found = [json.loads(line) for line in path.read_text().splitlines()]
    for name in "abcd":
        assert [line["number"] for line in found if line["writer"] == name] == list(range(200))


def test_a_file_that_others_go_on_writing_has_not_broken_off(tmp_path, monkeypatch):
    """A look may fall within one line of theirs, and the next look within another."""
    path = tmp_path / "log.jsonl"
    path.write_text('{"theirs": ')

    def meanwhile(seconds):
        with path.open("a") as file:
            file.write('1}\n{"theirs": ')

    monkeypatch.setattr(line_file, "sleep", meanwhile)
    LineFile(path).append({"ours": 1})
    assert path.read_text().splitlines()[0] == '{"theirs": 1}'
    assert "" not in path.read_text().splitlines() and path.read_text().count("\n") == 2


@pytest.mark.parametrize("place", ["missing/log.jsonl", "."])
def test_a_place_that_cannot_be_written_to_stops_nobody(tmp_path, place, caplog):
    file = LineFile(tmp_path / place)
    file.append({})
    file.append({})
    assert file.lost == 2 and len(caplog.messages) == 1

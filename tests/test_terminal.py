"""Standard output and standard error, whatever stands behind them."""

import ast
import io
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

from routegame.commands import COMMANDS
from routegame.terminal import Stream, print_json, readable
from routegame.whole_file import WriteError

ROOT = Path(__file__).resolve().parents[1]
SHORT = [["solve", "nano-gpt5"], ["solve", "nano-gpt5", "--json"], ["scenarios"], ["--help"], ["calibrate", "--help"]]


def shell(*arguments, redirected="", **variables):
    """Run a command as a shell does; return its status, and what it wrote to both streams, as bytes."""
    words = " ".join([sys.executable, "-m", "routegame", *arguments, redirected])
    done = subprocess.run(["bash", "-c", words], capture_output=True, env={**os.environ, **variables}, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


@cache
def told_in_full(*arguments):
    """What a command prints where everything can be."""
    return shell(*arguments, PYTHONIOENCODING="utf-8")[1].decode()


@pytest.mark.quick_cases(2)
@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no full device here")
@pytest.mark.parametrize("arguments", SHORT, ids=" ".join)
def test_a_full_standard_output_is_one_line(arguments):
    status, _, error = shell(*arguments, redirected=">/dev/full")
    name = arguments[0] if arguments[0] in COMMANDS else ""
    told = "cannot write standard output: No space left on device; make room there, then run the same command again"
    assert (status, error) == (2, f"{f'routegame {name}'.strip()}: {told}\n")


@pytest.mark.parametrize("arguments", [["solve", "nano-gpt5"], ["--help"]], ids=" ".join)
def test_a_closed_standard_output_is_one_line(arguments):
    status, _, error = shell(*arguments, redirected=">&-")
    assert status == 2 and error.endswith("cannot write standard output: it is closed; choose another place\n")
    assert error.count("\n") == 1


def test_nothing_is_begun_without_a_standard_output(tmp_path):
    log = tmp_path / "log.csv"
    assert shell("simulate-log", "nano-gpt5", "--tasks", "9", "--out", str(log), redirected=">&-")[0] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("redirected", ["<&- 2>&-", "2>/dev/full"])
def test_other_streams_may_be_closed_or_full(tmp_path, redirected):
    """Then a file must not get the number of one of them, and with it what is meant for the terminal."""
    log = tmp_path / "log.csv"
    arguments = ["simulate-log", "nano-gpt5", "--tasks", "9", "--out", str(log)]
    status, out, error = shell(*arguments, redirected=redirected)
    assert (status, error) == (0, "") and out.startswith(bytes(log))
    assert log.read_text().startswith("task,pass,")
    status, out, error = shell("solve", redirected=f"nano-gpt5 --task-value x {redirected}")
    assert (status, out) == (2, b"") and error.count("\n") <= 1


def test_all_streams_may_be_closed():
    assert shell("solve", "nano-gpt5", redirected="<&- >&- 2>&-") == (2, b"", "")


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "encoding",
    ["cp1252", "ascii", "utf-8", *(pytest.param(name, marks=pytest.mark.slow) for name in ("latin-1", "cp437"))],
)
@pytest.mark.parametrize(
    "arguments", [["scenarios"], ["solve", "nano-gpt5"], ["references", "nano-gpt5"]], ids=" ".join
)
def test_what_an_encoding_lacks_is_readable_all_the_same(arguments, encoding):
    status, out, error = shell(*arguments, PYTHONIOENCODING=encoding)
    assert (status, error) == (0, "")
    text = out.decode(encoding)
    assert "?" not in text and "\\" not in text
    in_full = readable(told_in_full(*arguments), encoding)
    assert text.split() == in_full.split(), "lines break elsewhere where an arrow takes two columns"


def test_the_c_locale_is_heeded_by_those_who_say_so():
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": ""}
    status, out, error = shell("scenarios", **environment)
    assert (status, error) == (0, "") and out.isascii() and b"gpt-4.1-nano -> gpt-5" in out
    assert not shell("scenarios", **environment | {"PYTHONUTF8": "1"})[1].isascii()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("−3.5 s", "-3.5 s"),
        ("€5, £6, ¥7", "EUR5, GBP6, JPY7"),
        ("ξ = (1, 2), σ ≤ ∞", "xi = (1, 2), sigma <= inf"),
        ("4.5 × 10¹³ and 10⁻⁶", "4.5 x 10^13 and 10^-6"),
        ("Ω", "Omega"),
        ("┌─┐│█▂░", "+-+|###"),
        ("⠀⣿", " :"),
        ("Zoë’s ½ ﬁne", "Zoe's 1/2 fine"),
        ("猫🐈", "\\u732b\\U0001f408"),
        ("caf\udce9.csv", "caf\\xe9.csv"),
    ],
)
def test_substitutes(text, plain):
    assert readable(text, "ascii") == plain


def test_what_an_encoding_has_stays_as_it_is():
    assert readable("−5 € at 10² ± 1, ξ", "cp1252") == "-5 € at 10² ± 1, xi"
    assert readable("−5 € ξ", "utf-8") == "−5 € ξ"


def test_every_character_that_the_project_prints_has_a_substitute():
    """None is spelt by its number; page templates and drawings are not printed."""
    texts = set()
    for folder in ("envs", "agents", "train", "eval", "calibrate", "src/routegame/commands", "src/routegame"):
        for path in (ROOT / folder).glob("**/*.py" if "src" not in folder else "*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
            texts |= {str(node.value) for node in nodes if isinstance(node, ast.Constant) and id(node) not in said}
    characters = {one for text in texts for one in text if one.isprintable()}
    assert {"−", "ξ", "≤"} <= characters
    assert {one for one in characters if not one.isascii() and "\\" in readable(one, "ascii")} == set()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_loses_nothing(monkeypatch, encoding):
    """What cannot be shown is spelt as JSON does, lone surrogates included, so that whoever reads it has it again."""
    document = {"−": "10⁻⁶ 猫🐈", "surrogate": "\ud800"}
    inner = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    stream = Stream(inner, "standard output")
    monkeypatch.setattr(sys, "stdout", stream)
    print_json(document)
    stream.flush()
    assert json.loads(inner.buffer.getvalue().decode(encoding)) == document


class Broken(io.StringIO):
    """Takes a text, and finds when it is written that nobody wants it."""

    def __init__(self, error):
        super().__init__()
        self.error, self.tried = error, 0

    def write(self, text):
        self.tried += 1
        raise self.error


def test_an_error_is_remembered_until_somebody_looks():
    """argparse, for one, passes over errors of the stream that it writes its help to."""
    inner = Broken(OSError(28, "No space left on device"))
    stream = Stream(inner, "standard output")
    with pytest.raises(WriteError):
        stream.write("a")
    stream.write("b")
    with pytest.raises(WriteError, match="cannot write standard output"):
        stream.flush()
    assert inner.tried == 1


def test_a_reader_who_has_gone_is_no_error_of_writing():
    with pytest.raises(BrokenPipeError):
        Stream(Broken(BrokenPipeError(32, "Broken pipe")), "standard output").write("a")


def test_errors_of_standard_error_are_of_no_importance():
    stream = Stream(Broken(OSError(28, "No space left on device")), None)
    stream.write("a")
    stream.flush()


@pytest.mark.slow
def test_a_progress_bar_is_drawn_in_what_there_is():
    status, _, error = shell("train", "nano-gpt5", "--learner", "oracle", "--max-passes", "1", "--out", "/dev/null/x",
                             PYTHONIOENCODING="ascii")  # fmt: skip
    assert status == 2 and error.isascii() and "Not a directory" in error


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("kilobytes", [1, 200])
def test_a_folder_for_temporary_files_that_is_full_is_one_line(kilobytes):
    """Whether the log, one of those that are too long to be held in memory, is being read or counted by then."""
    code = (
        "import resource, signal, sys; from routegame.__main__ import main; from routegame.calibrate.log import log\n"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); size = {kilobytes} * 1024; log.AT_HAND = 0\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))\n"
        "sys.exit(main(['calibrate', 'docs/simulated_log.csv', '--churn-penalty', '0.1']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    told = f"cannot write {tempfile.gettempdir()}: File too large; allow larger files there, then run the same command"
    assert (done.returncode, done.stdout) == (2, "") and done.stderr == f"routegame calibrate: {told} again\n"

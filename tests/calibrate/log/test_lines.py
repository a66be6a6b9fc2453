"""Lines that are no rows are found, and rows have the numbers of their lines, quotes, empty lines and all."""

import csv
import gzip
import io
import resource

import pytest
from log_rows import changed, counted, write

from routegame.calibrate.log import lines
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.lines import OPEN_QUOTE, SHOWN, Form, Rejects, count_lines, find_lines, find_rejects

COMMA = Form(b",", 3)


def written(folder, text, name="log.csv"):
    path = folder / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
@pytest.mark.parametrize(
    "text,number", [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("a\n\n\n", 3), ("\n" * 2**21, 2**21)]
)
def test_lines_are_counted(tmp_path, name, text, number):
    assert count_lines(written(tmp_path, text, name)) == number


BAD = [
    ("1,2\n", "missing columns"),
    ("1,2,3,4\n", "too many columns"),
    (b"1,\xff,3\n", "invalid encoding"),
    ('1,"a"b,3\n', "a quote within a field"),
    ('1,"a,b",3,4\n', "too many columns"),
    ('1,"a\nb"\n', "missing columns"),
]


@pytest.mark.parametrize("bad,kind", BAD)
def test_a_line_that_is_no_row_is_found(tmp_path, bad, kind):
    bad = bad if isinstance(bad, bytes) else bad.encode()
    path = written(tmp_path, b"a,b,c\n1,2,3\n" + bad + b"\n4,5,6\n")
    assert find_rejects(path, COMMA, 2) == Rejects(1, (kind,), (3,))
    size = bad.count(b"\n")
    assert find_lines(path, COMMA, {0, 1}) == {0: 2, 1: 4 + size}


def test_the_first_few_are_named_and_all_are_counted(tmp_path):
    path = written(tmp_path, "a,b,c\n" + "1,2,3\n1,2\n" * 10 + "1\n")
    assert find_rejects(path, COMMA, 10) == Rejects(11, ("missing columns",), tuple(range(3, 3 + 2 * SHOWN, 2)))


def test_a_quote_that_is_never_closed_swallows_what_follows(tmp_path):
    """A reader has read three rows, and of the rest nobody knows which lines they are in."""
    path = written(tmp_path, 'a,b,c\n1,2,3\n4,5,6\n7,"8,9\n1,2,3\n1,2,3\n')
    assert find_rejects(path, COMMA, 2) == Rejects(3, (OPEN_QUOTE,), (4,), False)


def test_a_quote_is_given_up_after_so_many_bytes_and_the_rest_is_counted(tmp_path, monkeypatch):
    """Empty lines of the rest are no rows that could be missing."""
    monkeypatch.setattr(lines, "LONGEST", 10)
    path = written(tmp_path, 'a,b,c\n1,2,3\n"4,5,6\n' + "1,2,3\n" * 10 + "\n\n")
    assert find_rejects(path, COMMA, 1) == Rejects(11, (OPEN_QUOTE,), (3,), False)


@pytest.mark.parametrize("num_rows,count", [(3, 1), (2, 1), (1, 2)])
def test_where_a_reader_disagrees_no_line_is_named(tmp_path, num_rows, count):
    """It has read more or fewer rows than there are."""
    path = written(tmp_path, "a,b,c\n1,2,3\n4,5\n4,5,6\n" if num_rows < 3 else "a,b,c\n1,2,3\n4,5,6\n")
    found = find_rejects(path, COMMA, num_rows)
    assert found.numbered == (num_rows == 2) and found.count == count
    assert ("something unreadable" in found.kinds) == (num_rows != 2)


def test_rows_begin_where_python_s_reader_says(tmp_path):
    """Fields with quotes, delimiters and ends of lines in them, in every place."""
    fields = ["1", "", "a b", 'say "hi"', "x,y", "two\nlines", 'one",\n"two', "ä"]
    rows = [[x, y, z] for x in fields for y in fields for z in fields]
    text, begins = "a,b,c\n", []
    for k, row in enumerate(rows):
        text += "\n" * (k % 5 == 0)
        begins.append(text.count("\n") + 1)
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        text += line.getvalue()
    path = written(tmp_path, text)
    assert find_rejects(path, COMMA, len(rows)) == Rejects()
    assert find_lines(path, COMMA, range(len(rows))) == dict(enumerate(begins))
    assert find_lines(path, COMMA, {7, 500}) == {7: begins[7], 500: begins[500]}


def test_documents_are_a_line_each(tmp_path):
    """Without a header; whether they are documents is not asked here."""
    path = written(tmp_path, '{"a": 1}\n\n{"a": "x"}\nnone\n', "log.jsonl")
    assert find_lines(path, Form(), {0, 1, 2}) == {0: 1, 1: 3, 2: 4}
    assert find_rejects(path, Form(), 3) == Rejects()


def test_lines_that_are_no_rows_move_no_line_number(tmp_path, rows):
    broken = [*rows[:4], ["1", "2"], *changed(rows, (5, "latency", "-1"))[4:], list("abcdefghijkl")]
    path = write(tmp_path / "log.csv", broken)
    with pytest.raises(LogError, match="2 broken lines") as error:
        counted(path)
    assert f"missing columns, too many columns (first: line 5, {len(broken):,}); 1 row with" in str(error.value)
    assert "1 row with a negative latency (first: line 7)" in str(error.value)
    log, _ = counted(path, drop_bad_rows=True)
    assert log.dropped.lines == 2


def test_so_many_broken_lines_are_counted_and_not_remembered(tmp_path, rows):
    path = write(tmp_path / "log.csv", rows)
    with path.open("a") as file:
        file.write("garbage\n" * 300_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(LogError, match="300,000 broken lines"):
        counted(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 10**5  # kB; DuckDB: 1.5 GB


def test_what_follows_an_open_quote_is_counted(tmp_path, rows):
    text = [",".join(row[:7]) for row in rows]
    (tmp_path / "log.csv").write_text("\n".join([*text[:300], '"' + text[300], *text[301:]]) + "\n")
    with pytest.raises(LogError, match=rf"{len(rows) - 300} broken lines, with a quote .* \(first: line 301\)"):
        counted(tmp_path / "log.csv")
    log, _ = counted(tmp_path / "log.csv", drop_bad_rows=True)
    assert log.num_passes == 299 and log.dropped.lines == len(rows) - 300


def test_lines_are_numbered_as_editors_do(tmp_path, rows):
    """A quoted field may go on over lines and hold quotes, and lines may be empty."""
    bad = changed(rows, (60, "latency", "-1"))
    noted = [[*row[:7], 'say "hi",\nthen go'[: 3 + 15 * (k % 7 == 3)]] for k, row in enumerate(bad)]
    path = write(tmp_path / "log.csv", noted)
    lines = path.read_text().splitlines()
    lines[40:40] = ["", "1,2", ""]
    path.write_text("\n".join(lines))
    with pytest.raises(LogError) as error:
        counted(path)
    line = next(k for k, text in enumerate(lines, 1) if ",-1," in text)
    assert line > 68 and f"1 row with a negative latency (first: line {line})" in str(error.value)
    assert "1 broken line, with missing columns (first: line 42)" in str(error.value)

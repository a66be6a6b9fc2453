"""Files of all kinds are the same log, whatever their headers; one that is no log is refused in a sentence."""

import gzip
import json
import zlib
from pathlib import Path

import duckdb
import numpy as np
import pytest
from log_rows import HEADER, counted, write

from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.source import legible


def lines(rows, between=","):
    return "\n".join(between.join(row) for row in rows)


def nested(rows):
    """The rows as objects, whose costs are within another object."""
    for row in rows[1:]:
        entry = dict(zip(rows[0], row, strict=True))
        yield {**entry, "usage": {"cost": float(entry.pop("cost")), "a.b": 1}}


HEADERS = {
    "index of pandas": lambda rows: lines([["", *rows[0]], *([str(k), *row] for k, row in enumerate(rows[1:]))]),
    "trailing comma": lambda rows: lines([[*row, ""] for row in rows]),
    "two without names": lambda rows: lines([["", *rows[0], ""], *(["7", *row, "8"] for row in rows[1:])]),
    "names apart in case": lambda rows: lines([["Cost", *rows[0]], *(["x", *row] for row in rows[1:])]),
    "one twice that is not read": lambda rows: lines([["a", "a", *rows[0]], *(["x", "y", *row] for row in rows[1:])]),
    "byte order mark": lambda rows: "\ufeff" + lines(rows),
    "spaces": lambda rows: lines(rows, ", "),
    "quotes": lambda rows: lines([[f'"{entry}"' for entry in row] for row in rows]),
    "semicolons": lambda rows: lines(rows, ";"),
    "tabs": lambda rows: lines(rows, "\t"),
    "CR LF": lambda rows: lines(rows).replace("\n", "\r\n") + "\r\n",
}


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_may_look_odd(tmp_path, rows, name):
    path = tmp_path / "log.csv"
    path.write_bytes(HEADERS[name](rows).encode())
    log, found = counted(path)
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    np.testing.assert_array_equal(found.moments.latency, expected.moments.latency)
    said = " ".join(log.remarks)
    assert ("A column without a name is not read." in said) == (name in list(HEADERS)[:3])
    assert ("The column Cost is not read: cost is." in said) == (name == "names apart in case")


NO_LOGS = {
    "case": (lambda rows: lines([["Cost" if x == "cost" else x for x in rows[0]], *rows[1:]]), "--column cost=Cost"),
    "no header": (lambda rows: lines(rows[1:]), "has no line with the names of columns: its first one is"),
    "CR": (lambda rows: lines(rows).replace("\n", "\r"), "lines that end in CR alone"),
    "two ends": (lambda rows: lines(rows[:9]) + "\r\n" + lines(rows[9:]), "end in CR LF and others in LF"),
    "Parquet": (lambda rows: "PAR1....", "is not what its name says: it begins like Parquet"),
    "zip": (lambda rows: "PK\3\4....", "it begins like a zip or an Excel file"),
    "nul": (lambda rows: "task\0,pass\n", "is not text: its first line has a byte 0x00"),
    "twice": (lambda rows: lines([[*row, row[4]] for row in rows]), "more than one column called cost"),
}


@pytest.mark.parametrize("name", NO_LOGS)
def test_a_file_that_is_no_log_is_refused(tmp_path, rows, name):
    content, said = NO_LOGS[name]
    (tmp_path / "log.csv").write_bytes(content(rows).encode())
    with pytest.raises(LogError) as error:
        counted(tmp_path / "log.csv")
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_file_in_which_no_line_is_a_row_is_refused(tmp_path, rows):
    """Decimal commas between commas: every line has too many fields, and what would be dropped is all there is."""
    text = "\n".join(",".join(entry.replace(".", ",") for entry in row) for row in rows[:50])
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(LogError, match=r"broken lines, with too many columns .*\. No other line is a row of a task$"):
        counted(tmp_path / "log.csv")


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("form", ["lines", "array", "pretty"])
def test_keys_within_objects_go_by_names_with_dots(tmp_path, rows, form):
    path = tmp_path / ("log.jsonl" if form == "lines" else "log.json")
    objects = list(nested(rows))
    if form == "lines":
        path.write_text("".join(json.dumps(entry) + "\n" for entry in objects))
    else:
        path.write_text(json.dumps(objects, indent=1 if form == "pretty" else None))
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    _, found = counted(path, Layout.of(["cost=usage.cost"]))
    np.testing.assert_allclose(found.moments.cost, expected.moments.cost, rtol=1e-12)
    with pytest.raises(LogError, match=r"lacks the column usage\.price; it has task, .*usage"):
        counted(path, Layout.of(["cost=usage.price"]))


def test_a_key_with_a_dot_goes_before_one_within_an_object(tmp_path, rows):
    path = tmp_path / "log.jsonl"
    both = ({**entry, "usage.cost": 7} for entry in nested(rows))
    path.write_text("".join(json.dumps(entry) + "\n" for entry in both))
    _, found = counted(path, Layout.of(["cost=usage.cost"]))
    np.testing.assert_array_equal(found.moments.cost, 7 * found.moments.passes)


def test_an_object_of_a_parquet_file_is_looked_into(tmp_path, rows):
    write(tmp_path / "plain.csv", rows)
    columns = "* EXCLUDE cost, {'cost': cost} AS usage"
    read = f"SELECT {columns} FROM read_csv('{tmp_path}/plain.csv')"
    duckdb.sql(f"COPY ({read}) TO '{tmp_path}/log.parquet' (FORMAT parquet)")
    _, expected = counted(tmp_path / "plain.csv")
    _, found = counted(tmp_path / "log.parquet", Layout.of(["cost=usage.cost"]))
    np.testing.assert_allclose(found.moments.cost, expected.moments.cost, rtol=1e-12)
    np.testing.assert_allclose(found.moments.latency, expected.moments.latency, rtol=1e-12)
    with pytest.raises(LogError, match=r"lacks one of usage\.price"):
        counted(tmp_path / "log.parquet", Layout.of(["cost=usage.price"]))


@pytest.mark.parametrize(
    "content,said",
    [('[{"task": 1}, {"ta', "cannot be read"), ("[]", "none of its first"), ("[1]", "none of its first")],
)
def test_half_an_array_is_none(tmp_path, content, said):
    (tmp_path / "log.json").write_text(content)
    with pytest.raises(LogError, match=said):
        counted(tmp_path / "log.json")


@pytest.fixture
def packed(tmp_path, rows):
    """The log, packed by zstd, and as it is."""
    write(tmp_path / "plain.csv", rows)
    read = f"SELECT * FROM read_csv('{tmp_path}/plain.csv', all_varchar = true)"
    duckdb.sql(f"COPY ({read}) TO '{tmp_path}/log.csv.zst' (FORMAT csv, HEADER, COMPRESSION zstd)")
    duckdb.sql(f"COPY ({read}) TO '{tmp_path}/log.jsonl.zst' (FORMAT json, COMPRESSION zstd)")
    return tmp_path


@pytest.mark.parametrize("name", ["log.csv.zst", "log.jsonl.zst"])
def test_zstd_is_unpacked(packed, name):
    _, expected = counted(packed / "plain.csv")
    _, found = counted(packed / name)
    np.testing.assert_array_equal(found.moments.latency, expected.moments.latency)


@pytest.mark.parametrize("missing", [1, 5, 2000])
def test_a_zstd_file_that_is_cut_short_is_refused(packed, missing):
    """DuckDB reads what there is, as if that were all."""
    path = packed / "log.csv.zst"
    path.write_bytes(path.read_bytes()[:-missing])
    with pytest.raises(LogError, match="is cut short: its zstd stream ends too early"):
        counted(path)


def test_a_broken_line_of_a_packed_file_is_named(packed, rows):
    bad = lines([*rows[:5], rows[5][:3], *rows[6:]])
    (packed / "bad.csv").write_text(bad)
    plain = "header = false, quote = '', delim = '\x01'"
    read = f"read_csv('{packed}/bad.csv', auto_detect = false, columns = {{'line': 'VARCHAR'}}, {plain})"
    form = "FORMAT csv, HEADER false, QUOTE '', DELIMITER '\x01', COMPRESSION zstd"
    duckdb.sql(f"COPY (FROM {read}) TO '{packed}/bad.csv.zst' ({form})")
    with pytest.raises(LogError, match=r"1 broken line, with missing columns \(first: line 6\)"):
        counted(packed / "bad.csv.zst")


def test_what_is_no_zstd_is_said_to_be_none(tmp_path):
    (tmp_path / "log.csv.zst").write_bytes(gzip.compress(",".join(HEADER).encode()))
    with pytest.raises(LogError, match=r"log\.csv\.zst cannot be read"):
        counted(tmp_path / "log.csv.zst")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (zlib.error("Error -3"), "log.csv.gz is cut short or damaged: its gzip stream says Error -3"),
        (EOFError(), "log.csv.gz is cut short: its gzip stream ends too early"),
        (OSError(5, "Input/output error"), "log.csv.gz cannot be read: Input/output error"),
    ],
)
def test_whoever_reads_on_in_a_file_finds_it_out_in_a_sentence(error, said):
    """DuckDB may have read a damaged file to its end without a word."""
    with pytest.raises(LogError) as caught, legible(Path("log.csv.gz")):
        raise error
    assert str(caught.value) == said


def test_a_key_in_another_case_is_seen_wherever_it_begins(tmp_path, rows):
    """Logged from another day on, beyond the lines that columns are looked for in."""
    head, *entries = ([*row[:7]] for row in rows)
    objects = [dict(zip(head, row, strict=True)) | ({"User": 7} if k >= 1100 else {}) for k, row in enumerate(entries)]
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in objects) + "broken\n[1]\n")
    log, _ = counted(tmp_path / "log.jsonl", drop_bad_rows=True)
    assert "The column User is not read; --column user=User would." in log.remarks
    log, _ = counted(tmp_path / "log.jsonl", Layout.of(["user=User"]), drop_bad_rows=True)
    assert log.has_users and not any("User is not read" in remark for remark in log.remarks)

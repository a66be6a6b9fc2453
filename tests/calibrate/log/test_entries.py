"""Entries that are read in one way only are read so, with a remark; those that may mean several things are refused."""

import json
import re

import duckdb
import numpy as np
import pytest
from log_rows import Rows, counted, write

from routegame.calibrate.log.entries import (
    NAMELESS,
    NOBODY,
    SOMEBODY,
    WORDS,
    Form,
    Reading,
    Style,
    _is_one_of,
    normalised,
    style_of,
)
from routegame.calibrate.log.layout import Layout, LogError
from routegame.calibrate.log.source import find_source

CASCADE = "cascade_prob"


def rewritten(rows: Rows, column: str, entry) -> Rows:
    """Rows in which an entry of a column is written in another way, which may depend on the number of the row."""
    k = rows[0].index(column)
    return [rows[0], *([*row[:k], entry(row[k], n), *row[k + 1 :]] for n, row in enumerate(rows[1:]))]


def same(found, expected):
    np.testing.assert_array_equal(found.shapes.count, expected.shapes.count)
    for name in ("passes", "success"):
        np.testing.assert_array_equal(getattr(found.moments, name), getattr(expected.moments, name))
    for name in ("latency", "cost"):
        np.testing.assert_allclose(getattr(found.moments, name), getattr(expected.moments, name), rtol=1e-9)


def milliseconds(entry):
    return f"{float(entry) * 1000!r}"


READ = {
    "seconds": ("latency", lambda x, n: f"{x}s", "in seconds, by the units of its entries (s)."),
    "both": ("latency", lambda x, n: f"{milliseconds(x)} ms" if n % 3 else f"{x} sec", "(ms, sec)."),
    "capitals": ("latency", lambda x, n: f" {milliseconds(x)}MS ", "(ms)."),
    "dollars": ("cost", lambda x, n: f"${x}", "The column cost is read in $."),
    "euros behind": ("cost", lambda x, n: f"{x} EUR", "The column cost is read in eur."),
    "words before": ("cost", lambda x, n: f"USD {x}" if n % 2 else f"US${x}", "The column cost is read in us$, usd."),
    "comma": ("latency", lambda x, n: x.replace(".", ","), "with commas for points ("),
    "comma and unit": ("latency", lambda x, n: f"{x.replace('.', ',')} s", "and with commas for points ("),
    "thousands": ("cost", lambda x, n: x if n else "1,000.5", "with commas between thousands (1,000.5)."),
    "yes": ("success", lambda x, n: ["No", "Yes"][int(x)], "The column success is read with yes for 1; no for 0."),
    "SUCCESS": ("success", lambda x, n: ["FAILED", "SUCCESS"][int(x)], "success for 1; failed for 0."),
    "passed": ("success", lambda x, n: ["failed", "1"][int(x)], "is read with failed for 0."),
    "NA": ("next", lambda x, n: x or "NA", "The column next is read with na for empty."),
    "<NA>": ("next", lambda x, n: x or "<NA>", "with <na> for empty."),
    "\\N": ("next", lambda x, n: x or "\\N", "with \\n for empty."),
    "-": ("next", lambda x, n: x or "-", "with - for empty."),
    "left": (
        "next",
        lambda x, n: {"leave": "left", "retry": "RETRIED"}.get(x, x),
        "retried for retry; left for leave.",
    ),
    "from 0": ("pass", lambda x, n: str(int(x) - 1), "The column pass counts from 0"),
    "percent": (CASCADE, lambda x, n: f"{float(x) * 100:g} %", "The column cascade_prob is read in percent."),
}


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("name", READ)
def test_what_has_one_meaning_is_read_and_said(tmp_path, rows, name):
    column, entry, said = READ[name]
    large = rewritten(rows, "cost", lambda x, n: x if n else "1000.5")
    plain, expected = counted(write(tmp_path / "plain.csv", large if name == "thousands" else rows))
    log, found = counted(write(tmp_path / "log.csv", rewritten(rows, column, entry)))
    same(found, expected)
    assert plain.remarks == () and len(log.remarks) == 1 and said in log.remarks[0]
    assert log.summary.remarks == log.remarks


@pytest.mark.parametrize(
    "column,entry,said",
    [
        ("latency", lambda x, n: f"{x}s" if n % 2 else x, "latency with a unit, such as .*s, and without, such as .*:"),
        ("latency", lambda x, n: f"{1 + n % 9},{n % 1000:03d}", "which may be a fraction or thousands"),
        ("latency", lambda x, n: "1,5" if n % 2 else "2.5", "with commas, such as 1,5, and with points, such as 2.5"),
        ("cost", lambda x, n: f"${x}" if n % 2 else f"{x} €", "in more than one currency"),
        ("cost", lambda x, n: "1,2,3" if n else x, "with commas, such as 1,2,3"),
    ],
)
def test_what_may_mean_several_things_is_refused(tmp_path, rows, column, entry, said):
    with pytest.raises(LogError, match=said) as error:
        counted(write(tmp_path / "log.csv", rewritten(rows, column, entry)), drop_bad_rows=True)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "column,entry,said",
    [
        (
            "latency",
            "2025-01-01T00:00:00Z",
            r"whose latency is no number \(such as 2025-01-01T00:00:00Z; write a duration as 1\.58,",
        ),
        ("latency", "5 parsecs", r"such as 5 parsecs"),
        ("latency", "0 days 00:00:01.58", r"such as 0 days 00:00:01\.58; write a duration"),
        ("latency", "ms350", r"such as ms350; write a duration"),
        ("cost", "5 s", r"whose cost is no number \(such as 5 s; write an amount as"),
        ("success", "ok", r"whose success is neither 0 nor 1 \(but ok 1 time; write 1 or 0, or yes"),
        ("next", "gone{0}", r"whose next is not retry, leave or empty \(but gone\{0\} 1 time; write retry or"),
    ],
)
def test_an_entry_that_cannot_be_read_is_shown(tmp_path, rows, column, entry, said):
    with pytest.raises(LogError, match=rf"1 row {said}" if said.startswith("whose") else said):
        counted(write(tmp_path / "log.csv", rewritten(rows, column, lambda x, n: entry if n == 40 else x)))


def test_what_is_written_in_one_way_is_read_the_same_from_other_files(tmp_path, rows):
    """A unit in JSON Lines; a number there, and in Parquet, has none."""
    path = tmp_path / "log.jsonl"
    odd = rewritten(rows, "latency", lambda x, n: f"{x} s")
    path.write_text("".join(json.dumps(dict(zip(rows[0], row, strict=True))) + "\n" for row in odd[1:]))
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    same(counted(path)[1], expected)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize(
    "nobody", ["NA", "<NA>", "\\N", "anonymous", "Unknown", "-", " ", "00000000-0000-0000-0000-000000000000"]
)
def test_a_user_whom_nobody_knows_has_many_names(tmp_path, rows, nobody):
    named = [[*rows[0], "user"], *([*row, nobody if int(row[0]) % 10 else "u1"] for row in rows[1:])]
    apart = [[*rows[0], "user"], *([*row, f"of {row[0]}" if int(row[0]) % 10 else "u1"] for row in rows[1:])]
    (log, found), (_, expected) = (
        counted(write(tmp_path / f"{name}.csv", of)) for name, of in (("named", named), ("apart", apart))
    )
    np.testing.assert_array_equal(found.moments.clusters, expected.moments.clusters)
    number = sum(int(row[0]) % 10 > 0 for row in rows[1:])
    assert log.apart.nobody == number and f"{number:,} rows name no user" in log.remarks[0]


def test_user_0_is_somebody(tmp_path, rows):
    log, found = counted(write(tmp_path / "log.csv", [[*rows[0], "user"], *([*row, "0"] for row in rows[1:])]))
    assert "0" not in NOBODY and log.apart.nobody == 0 and (found.moments.clusters == 1).all()


def form(skeleton, example="", zero=False):
    return Form(skeleton, 1, example or skeleton, zero)


@pytest.mark.parametrize(
    "skeletons,expected",
    [
        (["9.99", "99"], None),
        (["9,9"], Style({}, "", ",")),
        (["9,999", "9,99"], Style({}, "", ",")),
        (["9.999,9", "9,9"], Style({}, ".", ",")),
        (["9,999.9", "9.9"], Style({}, ",", ".")),
        (["9,999", "99.9"], Style({}, ",", ".")),
        (["abc", "9.9"], None),
    ],
)
def test_commas_and_points_are_looked_at_together(skeletons, expected):
    assert style_of("latency", "latency", [form(skeleton) for skeleton in skeletons])[0] == expected


def test_a_zero_before_a_comma_is_no_thousand():
    assert style_of("cost", "cost", [form("9,999", "0,125", zero=True)])[0] == Style({}, "", ",")
    with pytest.raises(ValueError, match="may be a fraction or thousands"):
        style_of("cost", "cost", [form("9,999", "1,125")])


def test_names_of_one_model_are_told_with_a_bar(tmp_path, rows):
    names = {"1": ["nano", "nano-2025", "azure/nano"], "2": ["gpt-5"]}
    log = rewritten(rows, "model", lambda x, n: names[x][n % len(names[x])])
    _, expected = counted(write(tmp_path / "plain.csv", rows))
    layout = Layout.of(models=("nano|nano-2025|azure/nano", "gpt-5"))
    opened, found = counted(write(tmp_path / "log.csv", log), layout)
    same(found, expected)
    assert opened.summary.models == ("nano", "gpt-5")
    with pytest.raises(LogError, match=r"neither nano nor gpt-5 \(but nano-2025 .* times, azure/nano .* times;"):
        counted(tmp_path / "log.csv", Layout.of(models=("nano", "gpt-5")))


def test_a_model_whose_name_is_not_what_it_looks_like_is_shown_in_ascii(tmp_path, rows):
    log = rewritten(rows, "model", lambda x, n: "gpt\u20105{x}" if n == 3 else x)
    with pytest.raises(LogError, match=r"but 'gpt\\u20105\{x\}' 1 time"):
        counted(write(tmp_path / "log.csv", log))


def test_a_user_of_most_tasks_is_named(tmp_path, rows):
    """It may stand for all whom nobody knows, by a name that is on no list."""
    log = [[*rows[0], "user"], *([*row, f"u{row[0]}" if int(row[0]) % 10 == 0 else "default"] for row in rows[1:])]
    opened, _ = counted(write(tmp_path / "log.csv", log))
    assert opened.remarks[0].startswith("540 of 600 tasks are of one user, default: if that is nobody in particular")


@pytest.mark.quick_cases(6)
@pytest.mark.parametrize(
    "nobody",
    [
        *(
            "#N/A",
            "(not set)",
            "<null>",
            "[NULL]",
            "anonymous_user",
            "Unknown User",
            "--",
            "\u2014",
            "n.a.",
            "NaT",
            "{}",
        ),
        *(
            '""',
            "missing",
            "null\t",
            "\u200b",
            "-1",
            "not logged in",
            "{00000000-0000-0000-0000-000000000000}",
            "0" * 32,
        ),
    ],
)
def test_a_user_whom_nobody_knows_is_known_by_its_letters(tmp_path, rows, nobody):
    log, found = counted(write(tmp_path / "log.csv", [[*rows[0], "user"], *([*row, nobody] for row in rows[1:])]))
    assert log.apart.nobody == len(rows) - 1 and found.moments.clusters[0, 0] > 100


@pytest.mark.parametrize("somebody", ["1", "n", "Nan-12", "日誌", "guest 7", "unknown@example.org", "000"])
def test_a_user_of_few_letters_is_somebody(tmp_path, rows, somebody):
    log, _ = counted(write(tmp_path / "log.csv", [[*rows[0], "user"], *([*row, somebody] for row in rows[1:])]))
    assert log.apart.nobody == 0


def test_a_user_s_number_is_also_written_as_a_float(tmp_path, rows):
    """In the parts of a log in which some users were unknown, say."""
    users = [[*rows[0], "user"], *([*row, str(int(row[0]) % 50)] for row in rows[1:])]
    floats = [users[0], *([*row[:-1], f" {row[-1]}.0"] if k % 2 else row for k, row in enumerate(users[1:]))]
    (_, expected), (_, found) = (
        counted(write(tmp_path / f"{name}.csv", log)) for name, log in (("plain", users), ("mixed", floats))
    )
    np.testing.assert_array_equal(found.moments.clusters, expected.moments.clusters)
    np.testing.assert_array_equal(found.moments.latency_spread, expected.moments.latency_spread)


@pytest.mark.parametrize("share,named", [(3, True), (1, False)])
def test_a_user_of_far_more_tasks_than_others_is_named(tmp_path, rows, share, named):
    """A third of all tasks beside users of one task each; a tenth may be somebody's."""
    users = ([*row, "cron" if int(row[0]) % 10 < share else f"u{row[0]}"] for row in rows[1:])
    log, _ = counted(write(tmp_path / "log.csv", [[*rows[0], "user"], *users]))
    assert any("of 600 tasks are of one user, cron: " in remark for remark in log.remarks) is named


def test_a_percentage_is_read_to_the_last_bit(tmp_path, rows):
    shares = [[*rows[0][:7], "cascade_prob"], *([*row[:7], "7.832425 %"] for row in rows[1:])]
    _, found = counted(write(tmp_path / "log.csv", shares))
    assert set(found.shapes.stated.tolist()) == {0.07832425}


def test_nobody_is_known_at_first_sight():
    """Nor is whoever has another name besides, by spaces, or as a number with a point."""
    for entry in (*NOBODY, *NAMELESS, "-7", " 7", "7.0", "(user 7)", "usér7"):
        assert not re.fullmatch(SOMEBODY, entry)
    for entry in ("7", "1048", "user-7", "0a1e0000", "20_000"):
        assert re.fullmatch(SOMEBODY, entry)


def test_entries_are_read_where_they_stand(tmp_path, rows):
    """A join with a list of words would look at all entries, plain ones, too: that took a quarter of the time."""
    more = ["user", "context", "hit", "length"]
    path = write(tmp_path / "log.csv", [[*rows[0], *more], *([*row, "7", "easy", "0", "3"] for row in rows[1:])])
    for options in ({"cached": "hit"}, {"features": ["length"]}):
        layout = Layout.of(models=("1|one|uno|un|eins", "2"), **options)
        source = find_source(path, layout, tmp_path)
        for words in ((), tuple(WORDS)):
            ((_, plan),) = duckdb.sql(f"EXPLAIN {normalised(source, layout, Reading(words=words))}").fetchall()
            assert "READ_CSV" in plan.upper()
            assert "JOIN" not in plan.upper()


def test_a_word_is_found_in_a_long_list_as_in_a_short_one():
    """Whatever letters it has, and whatever letters those of the list have."""
    words = [*NOBODY, "a.c", "(x)", "[y]", "1|2", "it's"]
    others = ["abc", "1", "2", "x", " ", "unknown ", "n/", "n", r"\\n"]
    for word in (*words, *others):
        query = f"SELECT {_is_one_of(f'$${word}$$', words)}, {_is_one_of(f'$${word}$$', [*words[:2], word])}"
        assert duckdb.sql(query).fetchall() == [(word in words, True)]
    assert duckdb.sql(f"SELECT {_is_one_of('NULL::VARCHAR', words)}").fetchall() == [(None,)]

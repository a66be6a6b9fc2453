"""Text laid out within a width: words are wrapped, numbers are not, and tables stay tables."""

import pytest

from routegame.typesetting import FEWEST, MOST_OF_PROSE, labelled, markdown, paragraph, table, text_width, together

WORDS = "what users do is what counts, " * 20


def widest(text):
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("columns,width", [("80", 80), ("200", 200), ("7", FEWEST)])
def test_the_width_is_that_of_the_terminal(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert text_width() == width
    assert widest(labelled("users", WORDS, 10)) <= width
    assert width - 12 <= widest(labelled("users", WORDS, 10)), "it is used"
    assert widest(paragraph(WORDS)) <= min(width, MOST_OF_PROSE)


def test_without_a_terminal_there_are_80_columns(monkeypatch):
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr("sys.__stdout__", None)
    assert text_width() == 80


@pytest.mark.parametrize(
    "whole",
    ["7.83 %", "0.801 s", "(0.4003 to 0.4617)", "(4.9 % to 8.8 %)", "claude-sonnet-4", "runs/nano-gpt5-evolution-0"],
)
def test_numbers_keep_their_units_and_names_are_not_broken(whole):
    """Wherever the line ends."""
    for before in range(1, 30):
        text = paragraph(f"{'x' * before} {whole} and more words behind it", width=30)
        assert whole in text and "\N{NO-BREAK SPACE}" not in text


def test_a_word_without_room_stands_out():
    path = "a/" * 30
    assert paragraph(f"in {path} there", width=20).splitlines() == ["in", path, "there"]
    assert labelled("picture", together("my runs/" + path), 12, indent=0, width=20) == f"picture     my runs/{path}"


def test_a_label_is_told_from_what_is_said():
    assert labelled("a long label", "text", 6) == "  a long label text"
    assert labelled("", "text", 6) == "        text"


ROWS = [
    ("rule", "users leave", "what it does"),
    ("grid", "0.5 %", "looks at every hundredth of a cascade"),
    ("static", "100 %", "nothing"),
]


def test_a_table_with_room_has_a_line_a_row():
    assert table(ROWS, left=(0, 2), width=70) == [
        "rule     users leave   what it does",
        "grid           0.5 %   looks at every hundredth of a cascade",
        "static         100 %   nothing",
    ]


def test_a_table_without_room_wraps_heads_first_and_then_cells():
    assert table(ROWS, left=(0, 2), width=54) == [
        "         users",
        "rule     leave   what it does",
        "grid     0.5 %   looks at every hundredth of a cascade",
        "static   100 %   nothing",
    ]
    assert table(ROWS, left=(0, 2), width=36) == [
        "        users",
        "rule    leave  what it does",
        "grid    0.5 %  looks at every",
        "               hundredth of a",
        "               cascade",
        "static  100 %  nothing",
    ]


@pytest.mark.parametrize("width", range(30, 200, 10))
def test_tables_keep_all_cells_within_the_width(width):
    """Of many columns there are several parts, each with the first one."""
    rows = [["game", *(f"learner_{k:02}" for k in range(12))]]
    rows += [[f"game-{name}", *(f"0.{k:02}{name} %" for k in range(12))] for name in range(5)]
    lines = table(rows, width=width, indent=2)
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    assert all(text.count(cell) == 1 for row in rows for cell in row[1:])
    assert all(text.count(row[0]) == lines.count("") + 1 for row in rows[1:])
    assert not any(line.endswith(" ") for line in lines)


def test_markdown_keeps_its_code_and_headings():
    text = markdown(f"# Title\n\n{WORDS}\n\n    {WORDS}\n", width=50).split("\n\n")
    assert text[0] == "# Title" and widest("\n".join(text)) <= 50
    assert all(line.startswith("    ") for line in text[2].splitlines()) and text[2].split() == WORDS.split()

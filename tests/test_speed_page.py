"""The page of `make speed`: what stands on it is found again, and only what has become slower is told of."""

from dataclasses import replace

import pytest
from speed import page
from speed.turns import Ratio, Table

TABLES = [
    Table(
        "Games", [Ratio("ours", 5000.0), Ratio("theirs", 4.0, 1250.0, 3.0), Ratio("bytes", 1e5, 0.05)], limit="bytes"
    ),
    Table("Steps", [Ratio("ours", 2.5), Ratio("theirs", 1.0, 2.5), Ratio("memory", 260.0, unit="bytes a game")]),
]


@pytest.fixture
def written(monkeypatch):
    monkeypatch.setattr(page, "commit", lambda: "abc1234")
    return page.page(TABLES)


def test_a_page_has_every_row_with_its_share_of_the_limit(written):
    assert "commit abc1234" in written
    assert "| ours | 5,000 |  |  | 5% |" in written
    assert "| theirs | 4 | 1,250 | 3 | 0% |" in written
    assert "| *bytes* | 100,000 | 0.05 |  | 100% |" in written
    assert "| memory | 260 bytes a game |  |  |  |" in written
    assert "| theirs | 1 | 2.5 |  |  |" in written


def test_ratios_that_have_fallen_are_told_of_and_no_others(written):
    assert page.slower(TABLES, written) == []

    def measured(ratio):
        rows = [replace(row, ratio=ratio) if row.name == "theirs" else row for row in TABLES[0].rows]
        return [replace(TABLES[0], rows=rows), TABLES[1]]

    assert page.slower(measured(0.72 * 1250), written) == []
    assert page.slower(measured(0.6 * 1250), written) == ["Games, theirs: 750, 1,250 before"]


def test_tables_and_rows_that_the_page_does_not_have_are_new(written):
    other = Table("More", [Ratio("ours", 1.0), Ratio("theirs", 1.0, 0.1)])
    row = Ratio("another", 1.0, 0.1)
    assert page.slower([other, replace(TABLES[1], rows=[row])], written) == []

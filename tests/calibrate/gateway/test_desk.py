"""A desk answers queries of counts, and names lines by the places of rows."""

import duckdb

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.gateway.payloads import WORDS


def test_counts_are_whole_numbers_and_lines_are_named(tmp_path):
    log, said = tmp_path / "log.jsonl", tmp_path / "said.jsonl"
    log.write_text("{}\n\n{}\n{}\n")
    said.write_text("{}\n{}\n")
    with duckdb.connect() as database:
        desk = Desk(database, log, said, WORDS)
        desk.lines.add(log, 0)
        desk.pages.add(said, 0)
        assert desk.counts("SELECT sum(x), count(*) FROM (SELECT 1 AS x WHERE false)") == (0, 0)
        assert desk.counts("SELECT 1 WHERE false") == ()
        assert desk.first_lines("SELECT 2 AS place UNION SELECT 1") == "lines 3 and 4"
        assert desk.first_pages("SELECT 1 AS place") == "line 2"

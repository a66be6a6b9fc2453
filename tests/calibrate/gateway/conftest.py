"""Small logs of a gateway, converted."""

import json

import duckdb
import pytest
from gateway_logs import ITS_FEEDBACK, LONG_AFTER, SECRET

from routegame.calibrate.gateway.commitments import tagged
from routegame.calibrate.gateway.conversion import Request, converted


@pytest.fixture
def convert(tmp_path):
    """Passes and remarks of some payloads, which may be lines of text, and their feedback."""

    def passes_of(payloads, feedback, alone=False, **more):
        log, clicks = tmp_path / "log.jsonl", tmp_path / "clicks.jsonl"
        lines = [*payloads, *([] if alone else LONG_AFTER)]
        log.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        clicks.write_text("".join(f"{json.dumps(line)}\n" for line in [*feedback, *([] if alone else ITS_FEEDBACK)]))
        more = {"models": ("small", "large"), "commitments": tagged(["a=1:0.1", "*=1:0.1"])} | more
        with converted(Request((log,), clicks, **more)) as made:
            assert SECRET.encode() not in made.path.read_bytes()
            rows = duckdb.sql(
                f"SELECT task, pass, model, latency, round(cost, 6), success, next FROM read_parquet('{made.path}')"
                " WHERE task NOT IN ('y', 'z') ORDER BY task, pass"
            ).fetchall()
            return rows, " ".join(made.remarks)

    return passes_of

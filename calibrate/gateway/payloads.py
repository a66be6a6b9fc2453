"""litellm's standard logging payloads as attempts: one a call that litellm made, not one a turn.

Lines of `routegame.gateway.litellm.TurnLogger` have the same keys. They are whole turns, and say `fallback` besides.

No prompt, no answer and no metadata is read: only the keys in `KEYS` are. `response_time` is not among them, since of a
stream it is the time to its first token.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from routegame.calibrate.gateway.places import Places, rows_of

KEYS = {
    "litellm_call_id": "VARCHAR",
    "id": "VARCHAR",
    "trace_id": "VARCHAR",
    "status": "VARCHAR",
    "cache_hit": "VARCHAR",
    "response_cost": "VARCHAR",
    "startTime": "VARCHAR",
    "endTime": "VARCHAR",
    "model": "VARCHAR",
    "model_group": "VARCHAR",
    "end_user": "VARCHAR",
    "request_tags": "VARCHAR",
    "fallback": "VARCHAR",
}


def _seconds(key: str) -> str:
    return f"""coalesce(TRY_CAST("{key}" AS DOUBLE), epoch(TRY_CAST("{key}" AS TIMESTAMPTZ)))"""


def read_payloads(database: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> Places:
    """Make the table `attempts`, a row a line, and say which lines its rows are in."""
    database.execute(
        """CREATE TABLE attempts (place BIGINT, call VARCHAR, trace VARCHAR, ok BOOLEAN, hit BOOLEAN, cost DOUBLE,
        began DOUBLE, ended DOUBLE, model VARCHAR, family VARCHAR, person VARCHAR, tags VARCHAR, fallback BOOLEAN,
        empty BOOLEAN)"""
    )
    places, columns = Places(), "{" + ", ".join(f"'{key}': '{kind}'" for key, kind in KEYS.items()) + "}"
    nothing = " AND ".join(f'"{key}" IS NULL' for key in ("status", "trace_id", "startTime", "litellm_call_id", "id"))
    for path in paths:
        (before,) = database.execute("SELECT count(*) FROM attempts").fetchone() or (0,)
        places.add(path, before)
        database.execute(
            f"""INSERT INTO attempts SELECT {before} + row_number() OVER () - 1, coalesce(litellm_call_id, id),
            nullif(trace_id, ''), CASE lower(status) WHEN 'success' THEN true WHEN 'failure' THEN false END,
            coalesce(lower(cache_hit) = 'true', false), TRY_CAST(response_cost AS DOUBLE),
            {_seconds("startTime")}, {_seconds("endTime")}, nullif(model, ''), coalesce(nullif(model_group, ''), model),
            nullif(end_user, ''), coalesce(request_tags, '[]'), coalesce(lower(fallback) = 'true', false),
            {nothing} FROM ({rows_of(path, columns)})"""
        )
    return places

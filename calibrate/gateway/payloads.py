"""litellm's standard logging payloads as attempts: one a call that litellm made, not one a turn.

Lines of `routegame.gateway.litellm.TurnLogger` have the same keys. They are whole turns, and besides
say `fallback`, and how many `failures` came before.

No prompt, no answer and no metadata is read: only the keys in `KEYS` are. `response_time` is not among them, since of a
stream it is the time to its first token.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from routegame.calibrate.gateway.attempts import ATTEMPTS
from routegame.calibrate.gateway.desk import Desk, Words
from routegame.calibrate.gateway.places import rows_of

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
    "failures": "BIGINT",
}


WORDS = Words(
    "litellm",
    "a standard logging payload of litellm, with trace_id, status, startTime and endTime",
    {
        "empty": "no payload",
        "traceless": "no trace_id",
        "unknown": "no status",
        "timeless": "no startTime or endTime",
        "backwards": "an end before their start",
    },
    "the payloads' trace_id (litellm puts metadata.session_id there)",
    "give the model a price there (input_cost_per_token)",
)


def read_payloads(desk: Desk, paths: Sequence[Path]) -> None:
    """Make the table `attempts`, a row a line."""
    desk.database.execute(f"CREATE TABLE attempts {ATTEMPTS}")
    columns = "{" + ", ".join(f"'{key}': '{kind}'" for key, kind in KEYS.items()) + "}"
    nothing = " AND ".join(f'"{key}" IS NULL' for key in ("status", "trace_id", "startTime", "litellm_call_id", "id"))
    for path in paths:
        (before,) = desk.counts("SELECT count(*) FROM attempts")
        desk.lines.add(path, before)
        desk.database.execute(
            f"""INSERT INTO attempts SELECT {before} + row_number() OVER () - 1, coalesce(litellm_call_id, id),
            nullif(trace_id, ''), CASE lower(status) WHEN 'success' THEN true WHEN 'failure' THEN false END,
            coalesce(lower(cache_hit) = 'true', false), TRY_CAST(response_cost AS DOUBLE),
            {_seconds("startTime")}, {_seconds("endTime")}, nullif(model, ''), coalesce(nullif(model_group, ''), model),
            nullif(end_user, ''), coalesce(request_tags, '[]'), lower(fallback) = 'true', coalesce(failures, 0),
            {nothing} FROM ({rows_of(path, columns)})"""
        )


def _seconds(key: str) -> str:
    return f"""coalesce(TRY_CAST("{key}" AS DOUBLE), epoch(TRY_CAST("{key}" AS TIMESTAMPTZ)))"""

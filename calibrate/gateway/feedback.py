"""The application's own record of each turn: what no gateway knows, whether an answer solved the task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from routegame.calibrate.gateway.places import rows_of
from routegame.calibrate.log.entries import WORDS
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.source import text

NAMES: Mapping[str, tuple[str, ...]] = {
    "task": ("session_id", "session", "conversation_id", "task"),
    "pass": ("turn", "turn_index", "pass"),
    "success": ("judged_solved", "success", "solved"),
    "model": ("requested_model", "model"),
    "user": ("user", "user_id", "end_user"),
    "segment": ("segment",),
    "time": ("time", "timestamp"),
    "trace": ("trace_id",),
    "left": ("left",),
}
"""Keys that are looked for, the first that occurs is read; `--column success=ok` names another."""

NEEDED = ("task", "pass", "success")

WHY = (
    "a gateway knows whether a call went through, and not whether the answer solved the task: neither HTTP status nor"
    " a thumb nor the end of a session says so"
)


def read_feedback(database: duckdb.DuckDBPyConnection, path: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """Make the table `feedback`, a row a line: session, turn, whether it was solved, the model asked for, user, time.

    Args:
        database: to make it in.
        path: a JSON Lines file, plain or .gz.
        columns: what it calls things, by our names, where not as `NAMES` has it.

    Returns:
        Keys that were read, by our names.

    Raises:
        LogError: a key that is needed does not occur.
    """
    objects = rows_of(path, "json_object")
    listed = database.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM (SELECT json FROM ({objects}) LIMIT 1000)")
    there = {key for (key,) in listed.fetchall()}
    chosen = {ours: name for ours, names in NAMES.items() for name in reversed(names) if name in there}
    chosen |= columns
    missing = [ours for ours in NEEDED if chosen.get(ours) not in there]
    if missing:
        ours = missing[0]
        wanted = chosen.get(ours, " or ".join(NAMES[ours]))
        said = f"{path} has no {wanted}: it has {', '.join(sorted(there)) or 'no keys'}"
        more = f"; {WHY}" if ours == "success" else ""
        raise LogError(f"{said}; --column {ours}=NAME says what {_IS[ours]} is called{more}")

    def entry(ours: str) -> str:
        if ours not in chosen:
            return "CAST(NULL AS VARCHAR)"
        key = text(f'$."{chosen[ours]}"')
        return f"nullif(trim(json_extract_string(json, {key})), '')"

    truths = [("1", "true", "1.0"), ("0", "false", "0.0")]
    yes, no = (", ".join(map(text, (*truths[k], *WORDS["success"][k][1]))) for k in (0, 1))
    word = f"lower({entry('success')})"
    gone = f"CASE WHEN lower({entry('left')}) IN ({yes}) THEN true WHEN lower({entry('left')}) IN ({no}) THEN false END"
    database.execute(
        f"""CREATE TABLE feedback AS SELECT row_number() OVER () - 1 AS place, {entry("task")} AS session,
        TRY_CAST(TRY_CAST({entry("pass")} AS DOUBLE) AS INTEGER) AS turn,
        CASE WHEN {word} IN ({yes}) THEN true WHEN {word} IN ({no}) THEN false END AS solved, {word} AS verdict,
        {entry("model")} AS asked, {entry("user")} AS person, {entry("segment")} AS segment,
        coalesce(TRY_CAST({entry("time")} AS DOUBLE), epoch(TRY_CAST({entry("time")} AS TIMESTAMPTZ))) AS moment,
        {entry("trace")} AS trace, {gone} AS gone, 0 AS twin FROM ({objects})"""
    )
    odd = database.execute(
        "SELECT verdict, count(*) FROM feedback WHERE solved IS NULL AND verdict IS NOT NULL GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    if odd:
        listed_words = ", ".join(repr(word) for word, _ in odd[:3])
        raise LogError(
            f"{path} has {chosen['success']} {listed_words}, which is neither success nor failure: write 1 or 0, and"
            f" nothing where nobody judged; {WHY}"
        )
    return chosen


_IS = {"task": "the session", "pass": "the turn", "success": "whether the answer solved the task"}

"""The application's own record of each turn: what no gateway knows, whether an answer solved the task."""

from __future__ import annotations

from collections.abc import Mapping

from routegame.calibrate.gateway.account import time_in_words
from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.gateway.places import rows_of
from routegame.calibrate.log.entries import WORDS
from routegame.calibrate.log.faults import number_of
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

_IS = {"task": "the session", "pass": "the turn", "success": "whether the answer solved the task"}

WHY = (
    "a gateway knows whether a call went through, and not whether the answer solved the task: neither HTTP status nor"
    " a thumb nor the end of a session says so"
)


FEW_DECISIONS = 20
"""Failures from which on it is odd that no user ever left."""

FEEDBACK = """(place BIGINT, session VARCHAR, turn INTEGER, solved BOOLEAN, verdict VARCHAR, asked VARCHAR,
    person VARCHAR, segment VARCHAR, moment DOUBLE, trace VARCHAR, gone BOOLEAN)"""
"""Columns of the table `feedback`."""


def read_feedback(desk: Desk, columns: Mapping[str, str]) -> dict[str, str]:
    """Make the table `feedback`, a row a line: session, turn, whether it was solved, the model asked for, user, time.

    Args:
        desk: with the path of a JSON Lines file, plain or .gz.
        columns: what it calls things, by our names, where not as `NAMES` has it.

    Returns:
        Keys that were read, by our names.

    Raises:
        LogError: a key that is needed does not occur.
    """
    database, path = desk.database, desk.feedback
    desk.pages.add(path, 0)
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
    word, left = (f"lower({entry(ours)})" for ours in ("success", "left"))
    gone = f"CASE WHEN {left} IN ({yes}) THEN true WHEN {left} IN ({no}) THEN false END"
    database.execute(f"CREATE TABLE feedback {FEEDBACK}")
    database.execute(
        f"""INSERT INTO feedback SELECT row_number() OVER () - 1 AS place, {entry("task")} AS session,
        TRY_CAST(TRY_CAST({entry("pass")} AS DOUBLE) AS INTEGER) AS turn,
        CASE WHEN {word} IN ({yes}) THEN true WHEN {word} IN ({no}) THEN false END AS solved, {word} AS verdict,
        {entry("model")} AS asked, {entry("user")} AS person, {entry("segment")} AS segment,
        coalesce(TRY_CAST({entry("time")} AS DOUBLE), epoch(TRY_CAST({entry("time")} AS TIMESTAMPTZ))) AS moment,
        {entry("trace")} AS trace, {gone} AS gone FROM ({objects})"""
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


def sort_feedback(desk: Desk) -> None:
    """Find feedback that cannot be used, said twice, or contradictory: the table `said`, a row a turn."""
    nameless = "SELECT place FROM feedback WHERE session IS NULL OR turn IS NULL"
    (count,) = desk.counts(f"SELECT count(*) FROM ({nameless})")
    if count:
        where = desk.first_pages(nameless)
        desk.remarks.append(f"{number_of(count, 'line')} of feedback without session or turn, left out: {where}.")
    desk.database.execute(
        """CREATE TABLE said AS SELECT session, turn, min(place) AS place, greatest(count(solved), 1) AS copies,
        CASE WHEN min(solved) IS NOT DISTINCT FROM max(solved) THEN min(solved) END AS solved,
        min(solved) IS DISTINCT FROM max(solved) AS contradicts, arg_min(asked, place) AS asked,
        arg_min(person, place) AS person, arg_min(segment, place) AS segment, min(moment) AS moment,
        coalesce(arg_min(trace, place), session) AS key, bool_or(gone) AS gone FROM feedback
        WHERE session IS NOT NULL AND turn IS NOT NULL GROUP BY session, turn"""
    )
    twice, against = desk.counts("SELECT sum(copies - 1), count_if(contradicts) FROM said")
    if twice:
        also = f", {against:,} of them judged both ways and taken for not judged" if against else ""
        where = desk.first_pages("SELECT place FROM said WHERE copies > 1")
        desk.remarks.append(f"{number_of(twice, 'line')} of feedback on a turn that had some already{also}: {where}.")
    both, sessions = desk.counts(
        """SELECT count_if(own AND shared), count(*) FROM (SELECT session, bool_or(n = 1) AS own, bool_or(n > 1) AS
        shared FROM (SELECT session, key, count(*) AS n FROM said GROUP BY 1, 2) GROUP BY session)"""
    )
    if both:
        desk.remarks.append(
            f"{number_of(both, 'session')} of {sessions:,} with traces of single turns beside traces of several:"
            " attempts are told apart within each trace."
        )


def check_meaning(desk: Desk, leave_after: float, *, insist: bool) -> None:
    """Refuse feedback that means something else than success.

    Args:
        desk: with `kept`.
        leave_after: seconds without another turn after which a user has left.
        insist: take it for true that nobody ever left.

    Raises:
        LogError: all turns are successes, none is, or nobody ever left.
    """
    solved, failed, left, unknown = desk.counts(
        """SELECT count_if(solved), count_if(NOT solved), count_if(next = 'leave'),
        count_if(NOT solved AND next IS NULL) FROM kept"""
    )
    by = desk.feedback
    if solved and not failed:
        raise LogError(f"every answer is a success by {by}: that is how the calls went, and {WHY}")
    if not solved:
        raise LogError(f"no answer is a success by {by}: what it calls success is something else; {WHY}")
    if not left and unknown and unknown >= failed / 2:
        raise LogError(
            f"whether users left is not known: the log ends within {time_in_words(leave_after)} of {unknown:,} of"
            f" {failed:,} failures; --leave-after says how long a user who comes back takes"
        )
    if not left and failed >= FEW_DECISIONS and not insist:
        raise LogError(
            f"nobody ever left, and every task ends in success, by {by}: it is likely made by calling the last turn of"
            f" a session its success, and users who gave up look solved then; {WHY}. If it is so, say --insist"
        )

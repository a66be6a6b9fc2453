"""The account of a conversion: what was grouped, cut and left out, in sentences that open the report."""

from __future__ import annotations

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.gateway.tasks import CUTS, ENDS, NEVER
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.source import text
from routegame.numerals import plain_percent

OUTAGE, TIMES_USUAL = 0.25, 3
"""Share of attempts that fail from which on it is an outage, and how many times that of half of the log."""

SLICES, LEAST_ATTEMPTS = 50, 10
"""Parts of equal duration that the log is cut into to look for outages; attempts in one that say anything."""


def account(desk: Desk, leave_after: float) -> None:
    """Put what became of attempts, turns and tasks before the remarks.

    Raises:
        LogError: no turn is left.
    """
    attempts, (turns, sessions, several, failures) = (
        desk.counts("SELECT count(*) + sum(earlier) FROM usable"),
        desk.counts(
            "SELECT count(attempts), count(DISTINCT session), count_if(attempts > 1), sum(failures) FROM walked"
        ),
    )
    desk.remarks[:0] = [
        f"{attempts[0]:,} attempts that {desk.words.logger} logged are {turns:,} turns of"
        f" {number_of(sessions, 'session')}: {several:,} took more than one, and {failures:,} attempts failed. A turn"
        " lasts from the start of its first attempt to the end of its last, and costs their sum.",
        *_cuts(desk),
        *_ends(desk, leave_after),
        *_unmatched(desk),
        *_outage(desk),
    ]
    (passes,) = desk.counts("SELECT count(*) FROM kept")
    if not passes:
        raise LogError(f"{desk.log} has no turn that counts: {' '.join(desk.remarks)}")


def _cuts(desk: Desk) -> list[str]:
    """Say before what tasks were cut, and how many."""
    reached = f"NOT stops.strange AND cut_at <= {ENDS}"
    found = desk.database.execute(
        f"SELECT cut, count(*), count_if(cut_at = 1) FROM stops WHERE {reached} GROUP BY 1"
    ).fetchall()
    said = []
    for cut, count, whole in sorted(found, key=lambda row: list(CUTS).index(row[0])):
        places = f"""SELECT coalesce(row, 0) FROM walked JOIN stops USING (session) WHERE k = cut_at AND
            stops.cut = {text(cut)} AND row IS NOT NULL AND {reached}"""
        where = desk.first_lines(places)
        none = f", {whole:,} of which have no turn before" if whole else ""
        said.append(f"{number_of(count, 'task')} cut before {CUTS[cut]}{none}{f' ({where})' if where else ''}.")
    return said


def _ends(desk: Desk, leave_after: float) -> list[str]:
    """Say when a user has left, and what came after the end of a task."""
    after, late, dark, strange = desk.counts(
        f"""SELECT sum(CASE WHEN solved_at < turns AND solved_at < coalesce(cut_at, {NEVER})
        THEN turns - solved_at END),
        sum(CASE WHEN left_at < turns AND left_at < least(coalesce(solved_at, {NEVER}), coalesce(cut_at, {NEVER}))
        THEN turns - left_at END), count_if(dark_at <= least(coalesce(solved_at, {NEVER}), coalesce(left_at, {NEVER}),
        coalesce(cut_at, {NEVER}))), count_if(strange) FROM stops"""
    )
    window = time_in_words(leave_after)
    (stated,) = desk.counts("SELECT count(gone) FROM said")
    also = " or is said to have left" if stated else ""
    ends = f" {number_of(dark, 'task')} of the log's last {window} end open." if dark else ""
    said = [f"A user has left who does not ask again within {window} of an answer (--leave-after){also}.{ends}"]
    for count, what in ((after, "after a success"), (late, "after the user had left by that measure")):
        if count:
            said.append(f"{number_of(count, 'turn')} {what} left out.")
    if strange:
        said.append(f"{number_of(strange, 'task')} under no known commitment left out.")
    return said


def _unmatched(desk: Desk) -> list[str]:
    """Say which feedback is on sessions that are not in the log, and whether it says which model was asked for."""
    stray = "SELECT place FROM said WHERE session NOT IN (SELECT session FROM walked)"
    (count,) = desk.counts(f"SELECT count(*) FROM ({stray})")
    said = []
    if count:
        where = desk.first_pages(stray)
        said.append(f"{number_of(count, 'line')} of feedback on sessions that are not in the log: {where}.")
    (asked, broken) = desk.counts("SELECT count(asked) + count(fell_back), sum(failures) FROM walked")
    if not asked and broken:
        said.append(
            "Feedback does not say which model was asked for (requested_model), so that a fallback is seen only where"
            " the model before it was tried."
        )
    return said


def _outage(desk: Desk) -> list[str]:
    """Say when attempts failed far more often than else, or that they do so all along."""
    bins = desk.database.execute(
        f"""SELECT bin, (count_if(NOT ok) + sum(earlier))::BIGINT, (count(*) + sum(earlier))::BIGINT,
        min(began), max(ended) FROM (SELECT ok, earlier, began, ended,
        least(floor((began - low) / greatest(high - low, 1e-9) * {SLICES}), {SLICES - 1}) AS bin FROM usable,
        (SELECT min(began) AS low, max(began) AS high FROM usable) WHERE NOT hit) GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    total, failed = sum(row[2] for row in bins), sum(row[1] for row in bins)
    shares = sorted(row[1] / row[2] for row in bins)
    usual = shares[len(shares) // 2] if shares else 0.0
    bad = [row for row in bins if row[2] >= LEAST_ATTEMPTS and row[1] / row[2] > max(OUTAGE, TIMES_USUAL * usual)]
    if bad:
        inside, broken = sum(row[2] for row in bad), sum(row[1] for row in bad)
        since, until = min(row[3] for row in bad) - bins[0][3], max(row[4] for row in bad) - bins[0][3]
        here, elsewhere = plain_percent(broken / inside, 0), plain_percent(usual, 0)
        return [
            f"An outage: between {time_in_words(since)} and {time_in_words(until)} after the log begins, {here} of"
            f" {inside:,} attempts failed, and {elsewhere} elsewhere; its turns count with their waits, and its"
            " fallbacks cut their tasks."
        ]
    if total and failed / total > OUTAGE:
        share = plain_percent(failed / total, 0)
        return [f"{share} of attempts failed, all along the log: waits for the infrastructure count."]
    return []


def time_in_words(seconds: float) -> str:
    """Return a time for a sentence, its unit in full; tables have `routegame.numerals.duration`.

    >>> time_in_words(1800), time_in_words(3601), time_in_words(0.5)
    ('30 minutes', '1 hour', '0.5 seconds')
    """
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    unit, size = next((known for known in units if seconds >= known[1]), units[-1])
    many = f"{seconds / size:.3g}"
    return f"{many} {unit}{'' if many == '1' else 's'}"

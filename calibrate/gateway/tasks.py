"""Tasks: a session up to its first success, followed as far as it can be.

A task is followed up to the turn before the first one that is no pass of the model that was asked for: one that a
fallback answered, or nobody. To cut there, and not to leave the whole task out, keeps the passes before a fair sample,
since what breaks in the infrastructure does not ask how the task goes. To leave it out would leave out long tasks.
"""

from __future__ import annotations

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.source import text

CUTS = {
    "spoilt": "a turn with a line that cannot be used",
    "unseen": "a turn without an attempt in the log, as while a model cools down",
    "untold": "a turn that cannot be told from the next, for want of times in the feedback",
    "unanswered": "a turn that ended without an answer, as in an outage",
    "doubled": "a turn with two answers",
    "fallback": "a turn that another model answered than was asked for, a fallback",
    "unjudged": "a turn that nobody judged",
    "overlapping": "a turn that began before the one before had ended",
    "skipped": "a turn whose number does not follow",
    "retagged": "a turn under another commitment than the one before",
    "unpriced": "a turn whose answer has no price",
    "rerouted": "a first turn on another model than its commitment says",
    "balanced": "a turn on another model than the one before, drawn by lot, as often as fallbacks cut the others",
}
"""Why a task is cut before a turn, in the order in which reasons are looked for."""

BROKEN = ("fallback", "unanswered", "unseen")
"""Cuts that come of the infrastructure."""

UNEVEN = 0.01
"""Difference of the shares of turns that are cut, from which on it matters that it hangs on the model."""

NEVER = "2147483647"
"""A number of a turn that no task has."""

ENDS = f"least(coalesce(solved_at, {NEVER}), coalesce(left_at, {NEVER}), coalesce(dark_at, {NEVER}))"
"""Where a task ends unless it is cut before."""


def walk(desk: Desk, layout: Layout, *, tagged: bool, insist: bool) -> None:
    """Put the turns of each session in order, with why its task would be cut before each: the table `walked`.

    Args:
        desk: with `numbered`, `turns` and `tagging`.
        layout: names of the models.
        tagged: whether tags say which commitment was in force.
        insist: take answers without a price for free ones.
    """
    _pair(desk, layout)
    names = ", ".join(map(text, layout.models))
    (least,) = desk.counts("SELECT min(turn) FROM numbered WHERE number = 1 AND turn >= 0")
    base = 0 if least == 0 else 1
    conditions = {
        "spoilt": "coalesce(spoilt, false)",
        "unseen": "attempts IS NULL",
        "untold": "untold",
        "unanswered": "answers = 0",
        "doubled": "answers > 1",
        "fallback": f"models > 1 OR fell_back OR (asked IN ({names}) AND asked <> model)",
        "unjudged": "solved IS NULL",
        "overlapping": "began < earlier OR backwards",
        "skipped": f"turn <> k - 1 + {base}",
        "retagged": "tag IS DISTINCT FROM first_tag" if tagged else "false",
        "unpriced": "false" if insist else "unpriced",
        "rerouted": "k = 1 AND route IS NOT NULL AND route <> model",
    }
    reason = " ".join(f"WHEN {test} THEN {text(name)}" for name, test in conditions.items())
    desk.database.execute(
        f"""CREATE TABLE walked AS SELECT *, CASE {reason} ELSE '' END AS cut,
        {"tag IS NULL" if tagged else "false"} AS strange FROM
        (SELECT *, row_number() OVER w AS k, lag(ended) OVER w AS earlier, first_value(tag) OVER w AS first_tag,
        lead(coalesce(began, moment)) OVER w AS later, lead(turn) OVER w IS NOT NULL AS goes_on FROM paired
        WINDOW w AS (PARTITION BY session ORDER BY turn
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))"""
    )
    _balance(desk)


def _balance(desk: Desk) -> None:
    """Cut by lot before turns on a model that seldom falls back, as often as turns on the others are cut.

    A retry on the same model is cut when that falls back, one that is handed over is not, as the second model has no
    fallback. So of the retries that remain too many are handed over, by the share that falls back. Drawn by a lot that
    depends on nothing but the names, as many of the others go: then what remains is a fair sample of those, too.
    """
    broken = ", ".join(map(text, BROKEN))
    desk.database.execute(
        f"""CREATE TABLE moved AS SELECT session, k, origin, goal, cut IN ({broken}) AS broken FROM (SELECT session, k,
        cut, coalesce(asked, model) AS goal, lag(coalesce(asked, model)) OVER w AS origin,
        coalesce(max(cut) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '') AS before FROM walked
        WINDOW w AS (PARTITION BY session ORDER BY k)) WHERE k > 1 AND before = '' AND cut IN ('', {broken})"""
    )
    desk.database.execute(
        f"""CREATE TABLE evened AS SELECT session, k FROM moved JOIN (SELECT goal, avg(broken::DOUBLE) AS share
        FROM moved GROUP BY 1) AS own USING (goal) JOIN (SELECT origin, max(share) AS most FROM (SELECT DISTINCT origin,
        goal FROM moved) JOIN (SELECT goal, avg(broken::DOUBLE) AS share FROM moved GROUP BY 1) USING (goal)
        GROUP BY 1) AS worst USING (origin) WHERE NOT broken AND most < 1 AND most > share + {UNEVEN}
        AND (md5_number_lower(session || ' ' || k) % 1000000)::DOUBLE / 1e6 >= (1 - most) / (1 - share)"""
    )
    desk.database.execute(
        "UPDATE walked SET cut = 'balanced' FROM evened AS e WHERE walked.session = e.session AND walked.k = e.k"
    )


def _pair(desk: Desk, layout: Layout) -> None:
    """Put what the application said of each turn beside its attempts: the table `paired`.

    Turns that only one of the two knows are among them: the gateway's come last, as they have no feedback.
    """
    spelling = " ".join(
        f"WHEN asked IN ({', '.join(map(text, layout.spellings(k)))}) THEN {text(name)}"
        for k, name in enumerate(layout.models, 1)
    )
    shared = "t.* EXCLUDE (trace, person), g.tag, g.route, g.share"
    desk.database.execute(
        f"""CREATE TABLE paired AS SELECT n.session, n.turn, n.solved, n.gone, CASE {spelling} END AS asked, n.moment,
        n.segment, n.place, n.backwards, coalesce(n.person, t.person) AS person, n.key AS trace, {shared}
        FROM numbered AS n JOIN (SELECT DISTINCT session FROM numbered JOIN turns ON trace = key) USING (session)
        LEFT JOIN turns AS t ON t.trace = n.key AND t.number = n.number LEFT JOIN tagging AS g ON g.tags = t.tags
        UNION ALL SELECT n.session, n.last + t.number - n.turns, NULL, NULL, NULL, NULL, NULL, NULL, false, t.person,
        t.trace, {shared} FROM turns AS t JOIN (SELECT key, any_value(session) AS session, max(turn) AS last,
        max(turns) AS turns FROM numbered GROUP BY 1) AS n ON n.key = t.trace AND t.number > n.turns
        LEFT JOIN tagging AS g ON g.tags = t.tags"""
    )


def cut(desk: Desk, leave_after: float) -> None:
    """End each task where it ends: at success, after its user left, or where it cannot be followed any further.

    Makes the tables `stops`, of tasks, and `kept`, of passes.

    Args:
        desk: with `walked`.
        leave_after: seconds without another turn after which a user has left.
    """
    wait = repr(float(leave_after))
    left = f"coalesce(gone, NOT goes_on OR later > ended + {wait})"
    dark = "CASE WHEN gone IS NULL THEN ended > horizon ELSE NOT gone AND NOT goes_on END"
    desk.database.execute(
        f"""CREATE TABLE stops AS SELECT session, min(CASE WHEN cut <> '' THEN k END) AS cut_at,
        arg_min(cut, k) FILTER (WHERE cut <> '') AS cut, min(CASE WHEN solved AND cut = '' THEN k END) AS solved_at,
        min(CASE WHEN NOT solved AND cut = '' AND {left} THEN k END) AS left_at,
        min(CASE WHEN NOT solved AND cut = '' AND {dark} THEN k END) AS dark_at,
        bool_or(strange AND k = 1) AS strange, max(k) AS turns, min(coalesce(began, moment)) AS since FROM walked,
        (SELECT max(ended) - {wait} AS horizon FROM usable) GROUP BY session"""
    )
    desk.database.execute(
        f"""CREATE TABLE kept AS SELECT w.*, s.since, CASE WHEN w.solved OR w.k = s.dark_at THEN NULL
        WHEN w.k = s.left_at THEN 'leave' ELSE 'retry' END AS next FROM walked AS w JOIN stops AS s USING (session)
        WHERE NOT s.strange AND w.k < coalesce(s.cut_at, {NEVER}) AND w.k <= {ENDS}"""
    )

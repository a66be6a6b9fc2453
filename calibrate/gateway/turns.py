"""Turns: what a user waited for, all attempts at one answer, from the start of the first to the end of the last.

Attempts of a trace are told apart by success: what follows one is of the next turn. Where that makes another number of
turns than the application counted, as after a request that nobody answered, they are told apart by its times, if it
wrote any. A request that nobody answered and that the application does not mention is part of the wait for the next.
"""

from __future__ import annotations

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import LogError

SLACK = 0.5
"""Seconds by which the clocks of the application and of the gateway may differ."""

FITTING = 0.95
"""Share of turns whose times must fit their attempts for times to be believed."""


def make_turns(desk: Desk) -> None:
    """Make the tables `numbered`, turns by feedback, and `turns`, turns by attempts: they meet in trace and number.

    Raises:
        LogError: feedback does not fit the log.
    """
    database = desk.database
    database.execute(
        """CREATE TABLE split AS SELECT *, 1 + coalesce(sum(coalesce(ok, false)::INTEGER) OVER (PARTITION BY trace
        ORDER BY moment, ended, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::INTEGER AS number
        FROM calls"""
    )
    database.execute(
        """CREATE TABLE numbered AS SELECT *, row_number() OVER (PARTITION BY key ORDER BY turn)::INTEGER AS number,
        count(*) OVER (PARTITION BY key)::INTEGER AS turns,
        coalesce(moment < lag(moment) OVER (PARTITION BY session ORDER BY turn), false) AS backwards FROM said"""
    )
    _find_ways(desk)
    _check_fit(desk)
    by_time = """SELECT s.place AS of, 1 + count(n.moment)::INTEGER AS number FROM split AS s JOIN ways AS t
        ON t.trace = s.trace AND t.way = 'time' LEFT JOIN numbered AS n ON n.key = s.trace
        AND (n.moment < s.moment OR (n.moment = s.moment AND s.moment < s.ended)) GROUP BY s.place"""
    database.execute(
        f"""CREATE TABLE placed AS SELECT s.* REPLACE (coalesce(k.number, s.number) AS number),
        t.way = 'start' AND s.number >= t.broken AS untold FROM split AS s JOIN ways AS t ON t.trace = s.trace
        LEFT JOIN ({by_time}) AS k ON k.of = s.place WHERE t.way IN ('order', 'time', 'start')"""
    )
    database.execute(
        """CREATE TABLE turns AS SELECT trace, number, min(place) AS row, min(began) AS began, max(ended) AS ended,
        (count(*) + sum(earlier))::BIGINT AS attempts, (count_if(NOT ok) + sum(earlier))::BIGINT AS failures,
        count_if(ok) AS answers, sum(coalesce(cost, 0)) AS cost,
        bool_or(wrong <> '') AS spoilt, bool_or(untold) AS untold, bool_or(hit) AS hit,
        arg_min(model, (moment, ended, place)) FILTER (WHERE model <> '') AS model,
        count(DISTINCT model) FILTER (WHERE model <> '') AS models, bool_or(fallback) AS fell_back,
        bool_or(ok AND NOT hit AND coalesce(cost, 0) = 0) AS unpriced,
        min(tags) AS tags, min(person) AS person FROM placed GROUP BY trace, number"""
    )


def _find_ways(desk: Desk) -> None:
    """Say in the table `ways` how the attempts of each trace are told apart.

    By order, where there are as many turns as answers; by time, where there are not, or times say otherwise; by order
    up to the first failure, from the start, where the application counted more turns than were answered, and no times
    are believed; and not at all, or nobody has heard of the trace.
    """
    desk.database.execute(
        f"""CREATE TABLE fitting AS SELECT n.key, bool_and(n.moment IS NOT NULL) AS timed,
        bool_or(n.backwards) AS backwards, max(n.turns) AS turns, count(g.until) AS compared,
        count_if(n.moment BETWEEN g.until - {SLACK} AND coalesce(g.later, 'inf'::DOUBLE) + {SLACK}) AS fits
        FROM numbered AS n LEFT JOIN (SELECT trace, number, max(ended) AS until,
        lead(min(moment)) OVER (PARTITION BY trace ORDER BY number) AS later FROM split GROUP BY 1, 2) AS g
        ON g.trace = n.key AND g.number = n.number GROUP BY 1"""
    )
    groups = """SELECT trace, max(number) AS groups, count_if(ok) AS answers,
        coalesce(min(number) FILTER (WHERE NOT coalesce(ok, false)), 2147483647) AS broken FROM split GROUP BY 1"""
    fit, timed = desk.counts(
        f"""SELECT sum(fits), sum(compared) FROM fitting JOIN ({groups}) ON trace = key
        WHERE timed AND groups = turns"""
    )
    believed = "timed" if timed and fit >= FITTING * timed else "false"
    desk.database.execute(
        f"""CREATE TABLE ways AS SELECT trace, groups, turns, broken, CASE WHEN turns IS NULL THEN ''
        WHEN groups = turns AND (turns = 1 OR NOT {believed} OR fits = compared OR backwards) THEN 'order'
        WHEN {believed} AND NOT backwards THEN 'time' WHEN turns = 1 OR groups = turns THEN 'order'
        WHEN turns > answers THEN 'start' ELSE 'none' END AS way FROM ({groups}) LEFT JOIN fitting ON key = trace"""
    )


def _check_fit(desk: Desk) -> None:
    unheard, attempts, apart, total = desk.counts(
        """SELECT count_if(way = ''), sum(CASE WHEN way = '' THEN n ELSE 0 END), count_if(way = 'none'), count(*)
        FROM ways JOIN (SELECT trace, count(*) AS n FROM calls GROUP BY 1) USING (trace)"""
    )
    if 2 * (unheard + apart) > total:
        raise LogError(
            f"{desk.feedback} does not fit {desk.log}: of {total:,} traces {unheard:,} have no feedback and {apart:,}"
            f" another number of turns; session_id in the feedback must be {desk.words.session}, or the feedback must"
            " have each turn's trace_id"
        )
    if unheard:
        where = desk.first_lines("SELECT place FROM calls JOIN ways USING (trace) WHERE way = ''")
        desk.remarks.append(
            f"{number_of(unheard, 'trace')} of {number_of(attempts, 'attempt')} without feedback, left out: {where}."
        )
    if apart:
        where = desk.first_lines("SELECT place FROM calls JOIN ways USING (trace) WHERE way = 'none'")
        desk.remarks.append(
            f"{number_of(apart, 'trace')} with more answers than turns in the feedback, and no times that would tell"
            f" them apart, left out: {where}."
        )

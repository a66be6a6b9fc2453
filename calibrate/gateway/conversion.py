"""From attempts and feedback to passes: attempts become turns, turns become tasks, and tasks are cut where they must.

A turn is what a user waited for: all attempts at one answer, from the start of the first to the end of the last. A task
is a session up to its first success. It is followed up to the turn before the first one that is no pass of the model
that was asked for: one that a fallback answered, or nobody. To cut there, and not to leave the whole task out, keeps
the passes before a fair sample, since what breaks in the infrastructure does not ask how the task goes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from routegame.agents.exact.solution import Order
from routegame.calibrate.gateway.commitments import ANY_OTHER, TOOLS, TaggedCommitment, commitment_of
from routegame.calibrate.gateway.feedback import WHY, read_feedback
from routegame.calibrate.gateway.payloads import read_payloads
from routegame.calibrate.gateway.places import Places, check_files, some_rows
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import CACHED, Layout, LogError
from routegame.calibrate.log.source import legible, room_to_work, text
from routegame.envs.policy import Policy

MEMORY, THREADS = "1GB", 2

MOST_TAGS = 10_000
"""Different lists of tags that are told apart."""

FEW_DECISIONS = 20
"""Failures from which on it is odd that no user ever left."""

SLACK = 0.5
"""Seconds by which the clocks of the application and of the gateway may differ."""

CUTS = {
    "spoilt": "a turn with a line that cannot be used",
    "unseen": "a turn without an attempt in the log, as while a model cools down",
    "unanswered": "a turn that ended without an answer, as in an outage",
    "doubled": "a turn with two answers",
    "fallback": "a turn that another model answered than was asked for, a fallback",
    "unjudged": "a turn that nobody judged",
    "overlapping": "a turn that began before the one before had ended",
    "skipped": "a turn whose number does not follow",
    "retagged": "a turn under another commitment than the one before",
    "unpriced": "a turn whose answer has no price",
    "rerouted": "a first turn on another model than its commitment says",
}
"""Why a task is cut before a turn, in the order in which reasons are looked for."""


@dataclass(frozen=True)
class Converted:
    """A log of passes, made from what a gateway wrote.

    Attributes:
        path: where it is, a Parquet file with our names of columns.
        layout: how it names things.
        remarks: what was grouped, cut and left out, in sentences.
        stated: commitments in full by their tags, where the order of models is free.
    """

    path: Path
    layout: Layout
    remarks: tuple[str, ...]
    stated: Mapping[str, Policy]


@dataclass(frozen=True)
class Request:
    """What a conversion is told.

    Attributes:
        logs: files of the gateway, in their order.
        feedback: the application's record of each turn.
        models: their names, with others after `|`; none if the log is to tell.
        columns: what the feedback calls things, by our names.
        commitments: what tags of requests mean.
        leave_after: seconds without another turn after which a user has left.
        order: of models, see `Layout`.
        insist: take answers without a price for free ones.
    """

    logs: tuple[Path, ...]
    feedback: Path | None
    models: tuple[str, ...] = ()
    columns: Mapping[str, str] | None = None
    commitments: Mapping[str, TaggedCommitment] | None = None
    leave_after: float = 1800.0
    order: Order | None = None
    insist: bool = False


@contextmanager
def converted(request: Request) -> Iterator[Converted]:
    """Make a log of passes, to be deleted at the end.

    Raises:
        LogError: it cannot be made, or would mean something else than it says; the reason names the mapping.
    """
    check_files(request.logs, "LOG")
    if request.feedback is None:
        raise LogError(
            f"{request.logs[0]} cannot be calibrated by itself: {WHY}; --feedback FILE names the application's own"
            " record of each turn, JSON Lines with session_id, turn and judged_solved"
        )
    check_files([request.feedback], "--feedback")
    with tempfile.TemporaryDirectory(prefix="routegame-") as folder, room_to_work():
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": folder,
        }
        with duckdb.connect(Path(folder) / "gateway.duckdb", config=config) as database, legible(request.logs[0]):
            made = _Conversion(database, request).run(Path(folder) / "passes.parquet")
        yield made


class _Conversion:
    """The steps of one conversion, over one database."""

    def __init__(self, database: duckdb.DuckDBPyConnection, request: Request) -> None:
        self.database = database
        self.request = request
        self.known = dict(request.commitments or {})
        self.remarks: list[str] = []
        self.stated: dict[str, Policy] = {}
        self.places, self.pages = Places(), Places()

    def run(self, target: Path) -> Converted:
        self.places = read_payloads(self.database, self.request.logs)
        assert self.request.feedback is not None
        self.pages.add(self.request.feedback, 0)
        with legible(self.request.feedback):
            chosen = read_feedback(self.database, self.request.feedback, self.request.columns or {})
        self._sort_lines()
        layout = self._name_models()
        tagged = self._name_commitments(layout)
        self._sort_feedback()
        self._make_turns()
        self._walk(layout, tagged)
        self._cut(layout)
        self._describe()
        self._check_meaning()
        self._write(target, layout, chosen, tagged)
        return Converted(target, layout, tuple(self.remarks), self.stated if layout.free else {})

    def one(self, query: str) -> tuple[int, ...]:
        """The only row of a query of counts."""
        return tuple(int(count or 0) for count in self.database.execute(query).fetchone() or ())

    def _sort_lines(self) -> None:
        """Find lines that cannot be used, and lines that were written twice."""
        self.database.execute(
            """CREATE TABLE judged AS SELECT *, CASE WHEN empty THEN 'no payload'
            WHEN trace IS NULL THEN 'no trace_id' WHEN ok IS NULL THEN 'no status' WHEN began IS NULL OR ended IS NULL
            THEN 'no startTime or endTime' WHEN ended < began THEN 'an end before their start' ELSE '' END AS wrong,
            CASE WHEN call IS NULL THEN 1 ELSE row_number() OVER
            (PARTITION BY call, trace, ok, began, ended, cost ORDER BY place) END AS copy FROM attempts"""
        )
        total, twins = self.one("SELECT count(*), count_if(copy > 1 AND wrong = '') FROM judged")
        wrongs = self.database.execute(
            "SELECT wrong, count(*) FROM judged WHERE wrong <> '' GROUP BY 1 ORDER BY 2 DESC, 1"
        ).fetchall()
        if sum(count for _, count in wrongs) == total:
            raise LogError(
                f"{self.request.logs[0]} has no line that is a standard logging payload of litellm, with trace_id,"
                f" status, startTime and endTime: {wrongs[0][1]:,} have {wrongs[0][0]}"
                if wrongs
                else f"{self.request.logs[0]} has no line"
            )
        for wrong, count in wrongs:
            rows = some_rows(self.database, f"SELECT place FROM judged WHERE wrong = {text(wrong)}")
            after = (
                "left out" if wrong in ("no payload", "no trace_id") else "left out with what follows in their tasks"
            )
            self.remarks.append(f"{number_of(count, 'line')} with {wrong}, {after}: {self.places.first(rows)}.")
        if twins:
            rows = some_rows(self.database, "SELECT place FROM judged WHERE copy > 1 AND wrong = ''")
            self.remarks.append(
                f"{number_of(twins, 'line')} written twice, as after a crash of the writer, and read once:"
                f" {self.places.first(rows)}."
            )
        self.database.execute("CREATE VIEW usable AS SELECT * FROM judged WHERE wrong = '' AND copy = 1")

    def _name_models(self) -> Layout:
        """Say by which key models are told apart, and what they are called."""
        answered = "FROM usable WHERE ok AND NOT hit"
        named = {
            key: [
                name
                for (name,) in self.database.execute(
                    f"SELECT {key} {answered} AND {key} IS NOT NULL GROUP BY 1 ORDER BY avg(cost), 1"
                ).fetchall()
            ]
            for key in ("family", "model")
        }
        asked = Layout.of(models=self.request.models, order=self.request.order) if self.request.models else None
        if asked is not None:
            spelt = {name for k in range(1, len(asked.models) + 1) for name in asked.spellings(k)}
            key = next((key for key in ("family", "model") if spelt & set(named[key])), "")
            if not key:
                there = ", ".join(dict.fromkeys([*named["family"], *named["model"]]))
                raise LogError(f"--models names none of the models that answered: {there or 'none did'}")
            layout = asked
        else:
            key = "family" if len(named["family"]) > 1 else "model"
            names = tuple(named[key])
            if len(names) < 2:
                one = "".join(names) or "none"
                raise LogError(f"{self.request.logs[0]} has one model that answered, {one}: two are needed")
            layout = Layout.of(models=names, order=self.request.order)
            self.remarks.append(f"The models are {', '.join(names)}, the cheapest first; --models says otherwise.")
        which = " ".join(
            f"WHEN {key} IN ({', '.join(map(text, layout.spellings(k)))}) THEN {text(name)}"
            for k, name in enumerate(layout.models, 1)
        )
        free = self.database.execute(
            f"SELECT {key}, count(*), count_if(coalesce(cost, 0) = 0) {answered} GROUP BY 1"
        ).fetchall()
        for name, count, zeros in free:
            if count == zeros and name and not self.request.insist:
                raise LogError(
                    f"{self.request.logs[0]} has no price of {name}: all of its {count:,} answers cost 0.0, which is"
                    " what litellm writes where it knows none; give the model a price there (input_cost_per_token), or"
                    " say --insist if it is free"
                )
        self.database.execute(
            f"CREATE TABLE calls AS SELECT * REPLACE (CASE {which} ELSE coalesce({key}, '') END AS model) FROM judged"
            " WHERE copy = 1 AND trace IS NOT NULL AND NOT empty"
        )
        return replace(layout, names={CACHED: CACHED})

    def _name_commitments(self, layout: Layout) -> bool:
        """Say which commitment each list of tags speaks of; and whether any does."""
        lists = self.database.execute(
            f"SELECT tags, count(DISTINCT trace) FROM calls GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_TAGS + 1}"
        ).fetchall()
        if len(lists) > MOST_TAGS:
            raise LogError(f"{self.request.logs[0]} has more than {MOST_TAGS:,} different lists of request_tags")
        self.database.execute("CREATE TABLE tagging (tags VARCHAR, tag VARCHAR, route VARCHAR, share DOUBLE)")
        strange: dict[str, int] = {}
        seen: set[str] = set()
        for listed, count in lists:
            try:
                tags = [tag for tag in json.loads(listed) if isinstance(tag, str) and not tag.startswith(TOOLS)]
            except (ValueError, TypeError):
                tags = []
            name, commitment = commitment_of(tags, self.known)
            if commitment is None:
                strange[", ".join(tags) or "no tag"] = strange.get(", ".join(tags) or "no tag", 0) + count
            else:
                seen.add(name)
                if not layout.free and commitment.route is None:
                    raise LogError(f"--commitment {name} is of models in any order: say --order free")
                if layout.free:
                    self.stated[name] = self.known[name].in_full() if name in self.known else commitment.in_full()
            route = None if commitment is None or commitment.route is None else layout.models[commitment.route - 1]
            share = None if commitment is None else commitment.cascade_prob
            self.database.execute(
                "INSERT INTO tagging VALUES (?, ?, ?, ?)", [listed, name if commitment else None, route, share]
            )
        if not seen and len(strange) > 1:
            named = ", ".join(f"{tags} ({count:,})" for tags, count in list(strange.items())[:5])
            raise LogError(
                f"{self.request.logs[0]} has request_tags that nobody explained: {named}; say which commitment each"
                f" stands for, as in --commitment {next(iter(strange))}=1:0.05 (model 1 first, 5 % of retries handed"
                f" over) or TAG=2, or --commitment '{ANY_OTHER}=1:0.05' for all others"
            )
        unused = [tag for tag in self.known if tag not in seen and tag != ANY_OTHER]
        if unused:
            self.remarks.append(f"No request has the tag {', '.join(unused)}, which --commitment explains.")
        if seen and strange:
            named = ", ".join(f"{tags} ({count:,})" for tags, count in list(strange.items())[:3])
            rows = some_rows(self.database, "SELECT place FROM calls JOIN tagging USING (tags) WHERE tag IS NULL")
            self.remarks.append(
                f"Tags that nobody explained: {named}; tasks under them are left out: {self.places.first(rows)}."
            )
        return bool(seen)

    def _sort_feedback(self) -> None:
        """Find feedback that cannot be used, said twice, or contradictory."""
        database = self.database
        (nameless,) = self.one("SELECT count(*) FROM feedback WHERE session IS NULL OR turn IS NULL")
        if nameless:
            rows = some_rows(database, "SELECT place FROM feedback WHERE session IS NULL OR turn IS NULL")
            self.remarks.append(
                f"{number_of(nameless, 'line')} of feedback without session or turn, left out:"
                f" {self.pages.first(rows)}."
            )
        database.execute(
            """CREATE TABLE said AS SELECT session, turn, min(place) AS place, greatest(count(solved), 1) AS copies,
            bool_or(gone) AS gone,
            CASE WHEN min(solved) IS NOT DISTINCT FROM max(solved) THEN min(solved) END AS solved,
            min(solved) IS DISTINCT FROM max(solved) AS contradicts, arg_min(asked, place) AS asked,
            arg_min(person, place) AS person, arg_min(segment, place) AS segment, min(moment) AS moment,
            coalesce(arg_min(trace, place), session) AS key FROM feedback
            WHERE session IS NOT NULL AND turn IS NOT NULL GROUP BY session, turn"""
        )
        twice, against = self.one("SELECT sum(copies - 1), count_if(contradicts) FROM said")
        if twice:
            rows = some_rows(database, "SELECT place FROM said WHERE copies > 1")
            also = f", {against:,} of them judged both ways and taken for not judged" if against else ""
            self.remarks.append(
                f"{number_of(twice, 'line')} of feedback on a turn that had some already{also}:"
                f" {self.pages.first(rows)}."
            )
        both, sessions = self.one(
            """SELECT count_if(own AND shared), count(*) FROM (SELECT session, bool_or(n = 1) AS own, bool_or(n > 1) AS
            shared FROM (SELECT session, key, count(*) AS n FROM said GROUP BY 1, 2) GROUP BY session)"""
        )
        if both:
            self.remarks.append(
                f"{number_of(both, 'session')} of {sessions:,} with traces of single turns beside traces of several:"
                " attempts are told apart within each trace."
            )

    def _make_turns(self) -> None:
        """Tell attempts at one answer from the next turn: by trace, by success, and where that fails by time."""
        database = self.database
        database.execute(
            """CREATE TABLE split AS SELECT *, 1 + coalesce(sum(coalesce(ok AND wrong = '', false)::INTEGER) OVER
            (PARTITION BY trace ORDER BY began, ended, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
            ::INTEGER AS number FROM calls"""
        )
        database.execute(
            """CREATE TABLE numbered AS SELECT *, row_number() OVER (PARTITION BY key ORDER BY turn)::INTEGER AS number,
            count(*) OVER (PARTITION BY key)::INTEGER AS turns,
            coalesce(moment < lag(moment) OVER (PARTITION BY session ORDER BY turn), false) AS backwards FROM said"""
        )
        database.execute(
            """CREATE TABLE traces AS SELECT trace, groups, turns, timed, bool_or(backwards) AS backwards FROM
            (SELECT trace, max(number) AS groups FROM split GROUP BY 1) LEFT JOIN
            (SELECT key, turns, bool_and(moment IS NOT NULL) AS timed, bool_or(backwards) AS backwards FROM numbered
            GROUP BY 1, 2) ON trace = key GROUP BY 1, 2, 3, 4"""
        )
        after, timed = self.one(
            f"""SELECT count_if(moment >= until - {SLACK}), count(*) FROM (SELECT trace, number AS
            k, max(ended) AS until
            FROM split GROUP BY 1, 2) AS a JOIN traces AS t ON t.trace = a.trace JOIN numbered AS n
            ON n.key = a.trace AND n.number = a.k WHERE t.groups = t.turns AND n.moment IS NOT NULL"""
        )
        by_time = "timed" if timed and after >= 0.95 * timed else "false"
        database.execute(
            f"""CREATE TABLE placed AS SELECT s.* REPLACE (CASE WHEN t.groups = t.turns OR t.turns = 1 THEN s.number
            ELSE k.number END AS number) FROM split AS s JOIN traces AS t ON t.trace = s.trace
            LEFT JOIN (SELECT s.place AS of, 1 + count(n.moment)::INTEGER AS number FROM split AS s JOIN traces AS t
            ON t.trace = s.trace AND t.groups <> t.turns LEFT JOIN numbered AS n ON n.key = s.trace
            AND n.moment < s.began GROUP BY s.place) AS k ON k.of = s.place
            WHERE t.turns IS NOT NULL AND (t.groups = t.turns OR {by_time})"""
        )
        unheard, attempts, apart = self.one(
            f"""SELECT count_if(t.turns IS NULL), sum(CASE WHEN t.turns IS NULL THEN n ELSE 0 END),
            count_if(t.turns <> t.groups AND NOT {by_time}) FROM traces AS t JOIN
            (SELECT trace, count(*) AS n FROM calls GROUP BY 1) USING (trace)"""
        )
        (traces,) = self.one("SELECT count(*) FROM traces")
        if 2 * (unheard + apart) > traces:
            raise LogError(
                f"{self.request.feedback} does not fit {self.request.logs[0]}: of {traces:,} traces {unheard:,} have no"
                f" feedback and {apart:,} another number of turns; session_id in the feedback must be the payloads'"
                " trace_id (litellm puts metadata.session_id there), or the feedback must have each turn's trace_id"
            )
        if unheard:
            rows = some_rows(database, "SELECT place FROM calls JOIN traces USING (trace) WHERE turns IS NULL")
            self.remarks.append(
                f"{number_of(unheard, 'trace')} of {number_of(attempts, 'attempt')} without feedback, left out:"
                f" {self.places.first(rows)}."
            )
        if apart:
            rows = some_rows(
                database, f"SELECT place FROM calls JOIN traces USING (trace) WHERE turns <> groups AND NOT {by_time}"
            )
            self.remarks.append(
                f"{number_of(apart, 'trace')} with more or fewer answers than turns in the feedback, and no times that"
                f" would tell them apart, left out: {self.places.first(rows)}."
            )
        database.execute(
            """CREATE TABLE turns AS SELECT trace, number, min(place) AS row, min(began) AS began, max(ended) AS ended,
            count(*) AS attempts, count_if(NOT ok) AS failures, count_if(ok) AS answers, sum(coalesce(cost, 0)) AS cost,
            bool_or(wrong <> '') AS spoilt, bool_or(hit) AS hit, arg_min(model, (began, ended, place)) AS model,
            count(DISTINCT model) AS models, bool_or(ok AND NOT hit AND coalesce(cost, 0) = 0) AS unpriced,
            bool_or(fallback) AS fell_back,
            min(tags) AS tags, min(person) AS person FROM placed GROUP BY trace, number"""
        )

    def _walk(self, layout: Layout, tagged: bool) -> None:
        """Put the turns of each session in order, with why a task would be cut before each."""
        names = ", ".join(text(name) for k in range(len(layout.models)) for name in layout.spellings(k + 1))
        (least,) = self.one("SELECT min(turn) FROM numbered WHERE number = 1 AND turn >= 0")
        base = 0 if least == 0 else 1
        spelling = " ".join(
            f"WHEN asked IN ({', '.join(map(text, layout.spellings(k + 1)))}) THEN {text(layout.models[k])}"
            for k in range(len(layout.models))
        )
        self.database.execute(
            f"""CREATE TABLE paired AS
            SELECT n.session, n.turn, n.solved, n.gone, CASE {spelling} END AS asked, n.moment, n.segment,
            n.place, n.backwards, coalesce(n.person, t.person) AS person, n.key AS trace, t.* EXCLUDE (trace, person),
            g.tag, g.route, g.share FROM numbered AS n JOIN (SELECT DISTINCT session FROM numbered
            JOIN turns ON trace = key) USING (session) LEFT JOIN turns AS t ON t.trace = n.key AND t.number = n.number
            LEFT JOIN tagging AS g ON g.tags = t.tags
            UNION ALL SELECT n.session, n.last + t.number - n.turns, NULL, NULL, NULL, NULL, NULL, NULL, false,
            t.person, t.trace, t.* EXCLUDE (trace, person), g.tag, g.route, g.share FROM turns AS t JOIN
            (SELECT key, any_value(session) AS session, max(turn) AS last, max(turns) AS turns FROM numbered GROUP BY 1)
            AS n ON n.key = t.trace AND t.number > n.turns LEFT JOIN tagging AS g ON g.tags = t.tags"""
        )
        unknown = "tag IS NULL" if tagged else "false"
        fails = {
            "spoilt": "coalesce(spoilt, false)",
            "unseen": "attempts IS NULL",
            "unanswered": "answers = 0",
            "doubled": "answers > 1",
            "fallback": f"models > 1 OR fell_back OR (asked IN ({names}) AND asked <> model)",
            "unjudged": "solved IS NULL",
            "overlapping": "began < earlier OR backwards",
            "skipped": f"turn <> k - 1 + {base}",
            "retagged": "tag IS DISTINCT FROM first_tag" if tagged else "false",
            "unpriced": "false" if self.request.insist else "unpriced",
            "rerouted": "k = 1 AND route IS NOT NULL AND route <> model",
        }
        reason = " ".join(f"WHEN {test} THEN {text(name)}" for name, test in fails.items())
        self.database.execute(
            f"""CREATE TABLE walked AS SELECT *, CASE {reason} ELSE '' END AS cut, {unknown} AS strange FROM
            (SELECT *, row_number() OVER w AS k, lag(ended) OVER w AS earlier, first_value(tag) OVER w AS first_tag,
            lead(coalesce(began, moment)) OVER w AS later, lead(turn) OVER w IS NOT NULL AS goes_on FROM paired
            WINDOW w AS (PARTITION BY session ORDER BY turn
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))"""
        )

    def _cut(self, layout: Layout) -> None:
        """End each task where it ends: at success, after the user left, or where it cannot be followed any further."""
        wait = float(self.request.leave_after)
        self.database.execute(
            f"""CREATE TABLE stops AS SELECT session, min(CASE WHEN cut <> '' THEN k END) AS cut_at,
            arg_min(cut, k) FILTER (WHERE cut <> '') AS cut, min(CASE WHEN solved AND cut = '' THEN k END) AS solved_at,
            min(CASE WHEN NOT solved AND cut = '' AND coalesce(gone, NOT goes_on OR later > ended + {wait!r})
            THEN k END) AS left_at, min(CASE WHEN NOT solved AND cut = '' AND
            CASE WHEN gone IS NULL THEN ended > horizon ELSE NOT gone AND NOT goes_on END THEN k END) AS dark_at,
            bool_or(strange AND k = 1) AS strange, max(k) AS turns, min(coalesce(began, moment)) AS since FROM walked,
            (SELECT max(ended) - {wait!r} AS horizon FROM usable) GROUP BY session"""
        )
        self.database.execute(
            """CREATE TABLE kept AS SELECT w.*, s.since, CASE WHEN w.solved OR w.k = s.dark_at THEN NULL
            WHEN w.k = s.left_at THEN 'leave' ELSE 'retry' END AS next FROM walked AS w JOIN stops AS s USING (session)
            WHERE NOT s.strange AND w.k < coalesce(s.cut_at, 1e9)
            AND w.k <= least(coalesce(s.solved_at, 1e9), coalesce(s.left_at, 1e9), coalesce(s.dark_at, 1e9))"""
        )

    def _describe(self) -> None:
        """Say what was grouped, cut and left out."""
        (attempts,) = self.one("SELECT count(*) FROM usable")
        turns, sessions, several, failures = self.one(
            "SELECT count(attempts), count(DISTINCT session), count_if(attempts > 1), sum(failures) FROM walked"
        )
        (passes,) = self.one("SELECT count(*) FROM kept")
        said = [
            f"{attempts:,} attempts that litellm logged are {turns:,} turns of {number_of(sessions, 'session')}:"
            f" {several:,} took more than one, and {failures:,} attempts failed. A turn lasts from the start of its"
            " first attempt to the end of its last, and costs their sum."
        ]
        cuts = self.database.execute(
            """SELECT cut, count(*), count_if(cut_at = 1) FROM stops WHERE NOT strange AND cut_at IS NOT NULL AND
            cut_at <= least(coalesce(solved_at, 1e9), coalesce(left_at, 1e9), coalesce(dark_at, 1e9)) GROUP BY 1"""
        ).fetchall()
        for name in CUTS:
            for cut, count, whole in cuts:
                if cut != name:
                    continue
                rows = some_rows(
                    self.database,
                    f"""SELECT coalesce(row, 0) FROM walked JOIN stops USING (session) WHERE k = cut_at AND
                    stops.cut = {text(cut)} AND row IS NOT NULL AND cut_at <= least(coalesce(solved_at, 1e9),
                    coalesce(left_at, 1e9), coalesce(dark_at, 1e9))""",
                )
                where = f" ({self.places.first(rows)})" if rows else ""
                none = f", {whole:,} of which have no turn before" if whole else ""
                said.append(f"{number_of(count, 'task')} cut before {CUTS[name]}{none}{where}.")
        after, late, dark, strange = self.one(
            """SELECT sum(CASE WHEN solved_at < turns AND solved_at < coalesce(cut_at, 1e9) THEN turns - solved_at END),
            sum(CASE WHEN left_at < turns AND left_at < least(coalesce(solved_at, 1e9), coalesce(cut_at, 1e9))
            THEN turns - left_at END), count_if(dark_at <= least(coalesce(solved_at, 1e9), coalesce(left_at, 1e9),
            coalesce(cut_at, 1e9))), count_if(strange) FROM stops"""
        )
        window = _duration(self.request.leave_after)
        ends = f" {number_of(dark, 'task')} of the log's last {window} end open." if dark else ""
        (stated,) = self.one("SELECT count(gone) FROM said")
        also = " or is said to have left" if stated else ""
        said.append(f"A user has left who does not ask again within {window} of an answer (--leave-after){also}.{ends}")
        for count, what in ((after, "after a success"), (late, "after the user had left by that measure")):
            if count:
                said.append(f"{number_of(count, 'turn')} {what} left out.")
        if strange:
            said.append(f"{number_of(strange, 'task')} under no known commitment left out.")
        stray = "place IS NOT NULL AND session NOT IN (SELECT session FROM walked)"
        (unmatched,) = self.one(f"SELECT count(*) FROM said WHERE {stray}")
        if unmatched:
            rows = some_rows(self.database, f"SELECT place FROM said WHERE {stray}")
            said.append(
                f"{number_of(unmatched, 'line')} of feedback on sessions that are not in the log:"
                f" {self.pages.first(rows)}."
            )
        said += self._outage()
        self.remarks = [*said, *self.remarks]
        if not passes:
            raise LogError(f"{self.request.logs[0]} has no turn that counts: {' '.join(self.remarks)}")

    def _outage(self) -> list[str]:
        """Say when attempts failed far more often than else, and how often they fail in all."""
        bins = self.database.execute(
            """SELECT bin, count_if(NOT ok), count(*), min(began), max(ended) FROM (SELECT ok, began, ended,
            least(floor((began - low) / greatest(high - low, 1e-9) * 50), 49) AS bin FROM usable,
            (SELECT min(began) AS low, max(began) AS high FROM usable) WHERE NOT hit) GROUP BY 1 ORDER BY 1"""
        ).fetchall()
        total, failed = sum(row[2] for row in bins), sum(row[1] for row in bins)
        shares = sorted(row[1] / row[2] for row in bins)
        usual = shares[len(shares) // 2] if shares else 0.0
        bad = [row for row in bins if row[2] >= 10 and row[1] / row[2] > max(0.25, 3 * usual)]
        if bad:
            inside, broken = sum(row[2] for row in bad), sum(row[1] for row in bad)
            start = bins[0][3]
            since, until = min(row[3] for row in bad) - start, max(row[4] for row in bad) - start
            return [
                f"An outage: between {_duration(since)} and {_duration(until)} after the log begins,"
                f" {broken / inside:.0%} of {inside:,} attempts failed, and {usual:.0%} elsewhere;"
                " its turns count with their waits, and its fallbacks cut their tasks."
            ]
        if total and failed / total > 0.25:
            return [f"{failed / total:.0%} of attempts failed, all along the log: waits for the infrastructure count."]
        return []

    def _check_meaning(self) -> None:
        """Refuse logs whose feedback means something else than success."""
        solved, failed, left, unknown = self.one(
            """SELECT count_if(solved), count_if(NOT solved), count_if(next = 'leave'),
            count_if(NOT solved AND next IS NULL) FROM kept"""
        )
        feedback = self.request.feedback
        if solved and not failed:
            raise LogError(f"every answer is a success by {feedback}: that is how the calls went, and {WHY}")
        if not solved:
            raise LogError(f"no answer is a success by {feedback}: what it calls success is something else; {WHY}")
        if not left and unknown and unknown >= failed / 2:
            raise LogError(
                f"whether users left is not known: the log ends within {_duration(self.request.leave_after)} of"
                f" {unknown:,} of {failed:,} failures; --leave-after says how long a user who comes back takes"
            )
        if not left and failed >= FEW_DECISIONS:
            raise LogError(
                f"nobody ever left, and every task ends in success, by {feedback}: it is likely made by calling the"
                f" last turn of a session its success, and users who gave up look solved then; {WHY}"
            )

    def _write(self, target: Path, layout: Layout, chosen: Mapping[str, str], tagged: bool) -> None:
        columns = [
            "session AS task",
            "k AS pass",
            "model",
            "ended - began AS latency",
            "cost",
            "solved AS success",
            "next",
            f"hit AS {CACHED}",
        ]
        if tagged:
            columns.append("tag AS commitment" if layout.free else "share AS cascade_prob")
        (named, total) = self.one("SELECT count(person), count(*) FROM kept")
        if "user" in chosen or 2 * named > total:
            columns.append("person AS user")
        if "segment" in chosen:
            columns.append("segment")
        query = f"SELECT {', '.join(columns)} FROM kept ORDER BY since, session, k"
        self.database.execute(f"COPY ({query}) TO {text(str(target))} (FORMAT parquet)")


def _duration(seconds: float) -> str:
    """A time in words: `30 minutes`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}{'' if seconds == size else 's'}"
    return f"{seconds:.3g} seconds"

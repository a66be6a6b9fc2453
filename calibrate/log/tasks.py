"""The table of tasks: passes grouped, with all that faults of tasks and estimates need.

Nearly all tasks are plain: their passes are 1, 2, …, n, all entries make sense, and nothing comes after the end. What
happened in a plain task of two models fits in the bits of two numbers, a bit a pass, and is read off them. Other tasks
are grouped again, by as many aggregates as there are questions. That takes half the time of asking them of all tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import duckdb

from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.faults import LARGEST, contradiction
from routegame.calibrate.log.fixed_point import FixedPoint
from routegame.calibrate.log.layout import Layout
from routegame.calibrate.log.source import NOTHING, Source

PASSES_AT_ONCE, MOST_PARTS = 1 << 24, 64
"""Passes of the tasks that are made at once; the most parts that tasks are taken in."""

PLAIN = 31
"""Most passes of a plain task: two bits for each are in a BIGINT."""

MASK = (1 << PLAIN) - 1
"""Of the lower bits of each pass."""


@dataclass(frozen=True)
class Grouping:
    """How the passes of a log are grouped into tasks.

    Attributes:
        source: of the log, for what it has.
        layout: for its models.
        groups: the column by which tasks are grouped, or empty.
        latency: the unit that sums of latencies are taken in.
        cost: the same of costs.
    """

    source: Source
    layout: Layout
    groups: str
    latency: FixedPoint
    cost: FixedPoint

    @property
    def has_plain(self) -> bool:
        """Whether plain tasks are read off bits."""
        return len(self.layout.models) == 2

    def sums(self, model: int) -> dict[str, str]:
        """SQL for what the passes of a model took and cost in a task.

        Values that cannot be true are left out: there may be no room for them, and their tasks do not count.
        """
        made = {}
        for name, column, unit in (("t", "latency", self.latency), ("c", "cost", self.cost)):
            valid = f"model = {model} AND {column} BETWEEN 0 AND {LARGEST}"
            made[f"{name}{model}"] = unit.double(f"sum(CASE WHEN {valid} THEN {unit.rounded(column)} ELSE 0 END)")
        return made

    @property
    def shared(self) -> dict[str, str]:
        """SQL for what all passes of a task have to agree on, and whether they do.

        What a log does not have is the same in all tasks: a column of it would take as much memory as any other while
        they are grouped.
        """
        has_stated = self.source.has("cascade_prob")
        return {
            "stated": "min(stated)" if has_stated else "NULL::DOUBLE",
            "commitments_differ": "min(stated) IS DISTINCT FROM max(stated)" if has_stated else "false",
            "tag": "min(tag)" if self.layout.free else NOTHING,
            "tags_differ": "min(tag) <> max(tag)" if self.layout.free else "false",
            "segment": f"min({self.groups})" if self.groups else NOTHING,
            "segments_differ": "min(segment) <> max(segment)" if self.groups == "segment" else "false",
            "contexts_differ": "min(context) <> max(context)" if self.source.has("context") else "false",
            "cluster": "coalesce(min(user), task)" if self.source.has("user") else "task",
        }


def make_tasks(database: duckdb.DuckDBPyConnection, grouping: Grouping, num_passes: int) -> None:
    """Make the table of tasks in parts of about `PASSES_AT_ONCE`, told apart by the hashes that tasks go by.

    What does not fit in memory DuckDB writes to the folder for temporary files, which takes less time than more parts
    do, each of which goes through all passes: so it was for six times the tasks that fit, and for rows in any order.
    """
    parts = min(max(-(-num_passes // PASSES_AT_ONCE), 1), MOST_PARTS)
    bounds = [2**64 * k // parts for k in range(parts + 1)]
    chosen = [f"task BETWEEN {first}::UBIGINT AND {after - 1}::UBIGINT" for first, after in pairwise(bounds)]
    first_of_all = plain_tasks if grouping.has_plain else every_task
    for k, part in enumerate(chosen):
        create = "INSERT INTO tasks" if k else "CREATE TABLE tasks AS"
        database.execute(f"{create} {first_of_all(grouping, part)}")
    odd = "SELECT task FROM tasks WHERE ending IS NULL"
    if not grouping.has_plain or database.execute(f"{odd} LIMIT 1").fetchone() is None:
        return
    for part in chosen:
        database.execute(f"INSERT INTO tasks {every_task(grouping, f'{part} AND task IN ({odd})')}")
    database.execute("DELETE FROM tasks WHERE ending IS NULL")


def plain_tasks(grouping: Grouping, chosen: str) -> str:
    """The query of chosen tasks of two models; those that are not plain have no `ending`, and nothing else that counts.

    A pass has a bit in each of four numbers: that there is one, that it was of model 2, and two for what came after it.
    """
    sums, shared = grouping.sums(1) | grouping.sums(2), grouping.shared
    sensible = f"pass BETWEEN 1 AND {PLAIN} AND model IS NOT NULL AND success IS NOT NULL AND next IS NOT NULL"
    high, both = 1 << PLAIN, 1 + (1 << PLAIN)
    after = f"CASE WHEN success THEN 1 WHEN next = 2 THEN {high} WHEN next = 0 THEN {both} ELSE 0 END"
    differ = " OR ".join(f"coalesce({name}, false)" for name in shared if name.endswith("_differ"))
    last, solved = f"(1::BIGINT << (least(n, {PLAIN}) - 1))", "low AND NOT high"
    return f"""
        SELECT task, n, n - n2 AS n1, ({solved} AND on_2 < {last})::INTEGER AS k1, t1, c1,
            n2, ({solved} AND on_2 >= {last})::INTEGER AS k2, t2, c2,
            (on_2 & 1) = 1 AS starts_on_2, on_2 <> 0 AND on_2 + (on_2 & (-on_2)) <> {last} * 2 AS handed_back,
            (CASE WHEN NOT coalesce(plain, false) THEN NULL WHEN low AND high THEN {Ending.UNDECIDED:d}
            WHEN low THEN {Ending.SOLVED:d} WHEN high THEN {Ending.LEFT:d} ELSE {Ending.OPEN:d} END)::TINYINT AS ending,
            stated, tag, segment, cluster, NULL::TINYINT AS contradiction, 0::TINYINT AS fault
        FROM (SELECT *, bit_count(on_2)::INTEGER AS n2, done_low <> 0 AS low, done_high <> 0 AS high,
            seen = {last} * 2 - 1 AND n <= {PLAIN} AND (done_low | done_high) IN (0, {last})
            AND NOT ({differ}) AS plain
        FROM (SELECT *, seen_on >> {PLAIN} AS on_2, seen_on & {MASK} AS seen, done >> {PLAIN} AS done_high,
            done & {MASK} AS done_low
        FROM (SELECT task, count(*)::INTEGER AS n,
            bit_or((CASE WHEN model = 2 THEN {both} ELSE 1 END)::BIGINT << place) AS seen_on,
            bit_or(({after})::BIGINT << place) AS done,
            {", ".join(f"{sql} AS {name}" for name, sql in (sums | shared).items())}
        FROM (SELECT *, CASE WHEN {sensible} THEN pass - 1 END AS place FROM passes)
        WHERE NOT no_task AND NOT apart AND {chosen} GROUP BY task)))"""


def every_task(grouping: Grouping, chosen: str) -> str:
    """The query of chosen tasks, whatever their passes are."""
    shared = grouping.shared

    def pass_where(which: str, condition: str) -> str:
        return f"{which}(pass) FILTER (WHERE {condition})"

    of_models: dict[str, str] = {}
    for k in range(1, len(grouping.layout.models) + 1):
        of_models[f"n{k}"] = f"count_if(model = {k})::INTEGER"
        of_models[f"k{k}"] = f"count_if(success AND model = {k})::INTEGER"
        of_models |= grouping.sums(k)
    return f"""
        SELECT task, n, {", ".join(of_models)}, coalesce(first2 = 1, false) AS starts_on_2,
            coalesce(last1 > first2, false) AS handed_back,
            (CASE WHEN solved_at IS NOT NULL THEN {Ending.SOLVED:d} WHEN left_at IS NOT NULL THEN {Ending.LEFT:d}
            WHEN silent_at IS NOT NULL THEN {Ending.UNDECIDED:d} ELSE {Ending.OPEN:d} END)::TINYINT AS ending,
            stated, tag, segment, cluster, ({contradiction()})::TINYINT AS contradiction, 0::TINYINT AS fault
        FROM (SELECT
            task,
            count(*)::INTEGER AS n,
            min(pass) AS first, max(pass) AS last, sum(pass)::BIGINT AS pass_sum,
            bit_or(1::BIGINT << least(greatest(pass - 1, 0), 62)) AS passes_seen,
            {", ".join(f"{sql} AS {name}" for name, sql in of_models.items())},
            {pass_where("max", "model = 1")} AS last1,
            {pass_where("min", "model = 2")} AS first2,
            {pass_where("min", "success")} AS solved_at,
            {pass_where("min", "next = 2")} AS left_at,
            {pass_where("min", "next = 0 AND NOT success")} AS silent_at,
            {", ".join(f"{sql} AS {name}" for name, sql in shared.items())}
        FROM passes WHERE NOT no_task AND NOT apart AND {chosen} GROUP BY task)"""

"""Attempts: which lines of a gateway's log can be used, and which model each was with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from routegame.agents.exact.solution import Order
from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.log.faults import number_of
from routegame.calibrate.log.layout import CACHED, Layout, LogError
from routegame.calibrate.log.source import text

FAULTS = {
    "empty": "empty",
    "traceless": "trace IS NULL",
    "unknown": "ok IS NULL",
    "timeless": "began IS NULL OR ended IS NULL",
    "backwards": "ended < began",
}
"""What may be wrong with a line, as a condition; a line has the first that holds."""

PLACELESS = ("empty", "traceless")
"""Faults of lines that are of no known task."""

ATTEMPTS = """(place BIGINT, call VARCHAR, trace VARCHAR, ok BOOLEAN, hit BOOLEAN, cost DOUBLE, began DOUBLE,
    ended DOUBLE, model VARCHAR, family VARCHAR, person VARCHAR, tags VARCHAR, fallback BOOLEAN, earlier BIGINT,
    empty BOOLEAN)"""
"""Columns of the table `attempts`. `family` is the name that was asked for, `model` the one that answered; `earlier`
attempts failed before one whose line is a whole turn; `fallback`, where that is said, is whether another was meant."""


def sort_lines(desk: Desk) -> None:
    """Find lines that cannot be used, and lines that were written twice: tables `judged` and `usable`.

    Raises:
        LogError: no line can be used.
    """
    fault = " ".join(f"WHEN {condition} THEN {text(name)}" for name, condition in FAULTS.items())
    desk.database.execute(
        f"""CREATE TABLE judged AS SELECT *, CASE {fault} ELSE '' END AS wrong,
        CASE WHEN call IS NULL THEN 1 ELSE row_number() OVER
        (PARTITION BY call, trace, ok, began, ended, cost ORDER BY place) END AS copy FROM attempts"""
    )
    total, twins = desk.counts("SELECT count(*), count_if(copy > 1 AND wrong = '') FROM judged")
    wrongs = desk.database.execute(
        "SELECT wrong, count(*) FROM judged WHERE wrong <> '' GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if not total:
        raise LogError(f"{desk.log} has no line that is {desk.words.line}")
    if sum(count for _, count in wrongs) == total:
        wrong, count = wrongs[0]
        raise LogError(f"{desk.log} has no line that is {desk.words.line}: {count:,} have {desk.words.faults[wrong]}")
    for wrong, count in wrongs:
        after = "left out" if wrong in PLACELESS else "left out with what follows in their tasks"
        where = desk.first_lines(f"SELECT place FROM judged WHERE wrong = {text(wrong)}")
        desk.remarks.append(f"{number_of(count, 'line')} with {desk.words.faults[wrong]}, {after}: {where}.")
    if twins:
        where = desk.first_lines("SELECT place FROM judged WHERE copy > 1 AND wrong = ''")
        desk.remarks.append(
            f"{number_of(twins, 'line')} written twice, as after a crash of the writer, and read once: {where}."
        )
    desk.database.execute("CREATE VIEW usable AS SELECT * FROM judged WHERE wrong = '' AND copy = 1")


def name_models(desk: Desk, models: Sequence[str], order: Order | None, *, insist: bool) -> Layout:
    """Say what the models are called, and make the table `calls` of attempts that are of a task.

    Args:
        desk: with `judged` and `usable`.
        models: their names, as `Layout.of` takes them; none if the log is to tell.
        order: of the models.
        insist: take a model whose answers all cost nothing for a free one.

    Raises:
        LogError: fewer than two models answered, or one of them has no price.
    """
    answered = "FROM usable WHERE ok AND NOT hit"
    named = {
        key: [
            name
            for (name,) in desk.database.execute(
                f"SELECT {key} {answered} AND {key} IS NOT NULL GROUP BY 1 ORDER BY avg(cost), 1"
            ).fetchall()
        ]
        for key in ("family", "model")
    }
    if models:
        layout = Layout.of(models=models, order=order)
        spelt = {name for k in range(1, len(layout.models) + 1) for name in layout.spellings(k)}
        key = max(named, key=lambda key: len(spelt & set(named[key])))
        if not spelt & set(named[key]):
            there = ", ".join(dict.fromkeys([*named["family"], *named["model"]]))
            raise LogError(f"--models names none of the models that answered: {there or 'none did'}")
    else:
        key = "family" if len(named["family"]) > 1 else "model"
        names = tuple(named[key])
        if len(names) < 2:
            raise LogError(f"{desk.log} has one model that answered, {''.join(names) or 'none'}: two are needed")
        layout = Layout.of(models=names, order=order)
        desk.remarks.append(f"The models are {', '.join(names)}, the cheapest first; --models says otherwise.")
    if not insist:
        _check_prices(desk, key)
    which = " ".join(
        f"WHEN {key} IN ({', '.join(map(text, layout.spellings(k)))}) THEN {text(name)}"
        for k, name in enumerate(layout.models, 1)
    )
    # Where models go by the name that answered, what did not answer is of no known model, whatever was asked for.
    silent = "WHEN NOT ok AND model IS NOT DISTINCT FROM family THEN ''" if key == "model" else ""
    desk.database.execute(
        f"""CREATE TABLE calls AS SELECT * REPLACE (CASE {which} {silent} ELSE coalesce({key}, '') END AS model),
        coalesce(began, ended, last_value(coalesce(ended, began) IGNORE NULLS) OVER (PARTITION BY trace ORDER BY place
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS moment
        FROM judged WHERE copy = 1 AND trace IS NOT NULL AND NOT empty"""
    )
    return replace(layout, names={CACHED: CACHED})


def _check_prices(desk: Desk, key: str) -> None:
    free = desk.database.execute(
        f"SELECT {key}, count(*) FROM usable WHERE ok AND NOT hit GROUP BY 1 HAVING bool_and(coalesce(cost, 0) = 0)"
    ).fetchall()
    for name, count in free:
        if name:
            raise LogError(
                f"{desk.log} has no price of {name}: all of its {count:,} answers cost 0.0, which is what"
                f" {desk.words.logger} writes where it knows none; {desk.words.price}, or say --insist if it is free"
            )

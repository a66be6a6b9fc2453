"""The models of a log that nobody has named: what they are called, and in which order they are numbered.

Two models have roles, the standard and the reasoning model, so that two names have to be said by whoever knows which is
which. Of more than two no order is better than another: the closed form of `routegame.agents.menus` looks at all.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from routegame.calibrate.log.layout import Layout, LogError
from routegame.envs.checks import MOST_MODELS

FEWEST = 10
"""Least number of rows of a model that nobody has named: fewer are taken for a slip of the pen."""


def named_by_log(database: duckdb.DuckDBPyConnection, path: Path, layout: Layout) -> tuple[Layout, str]:
    """Return a layout with the models that a log turns out to have, and a remark on them; as it was, and none, for two.

    Numbers are taken in their order, names in the order in which they occur first. Numbers beside names, and two names,
    are left to whoever says --models.

    Args:
        database: with passes that were read as if there were two models, called 1 and 2.
        path: of the log.
        layout: with these two.

    Raises:
        LogError: more than `MOST_MODELS`, or more than two where the order is that of the paper.
    """
    query = f"""SELECT other_model, count(*), min(rowid) FROM passes WHERE coalesce(trim(other_model), '') <> ''
        GROUP BY ALL HAVING count(*) >= {FEWEST} ORDER BY 3"""
    others = [name for name, _, _ in database.execute(query).fetchall()]
    if not others:
        return layout, ""
    known = [
        str(k) for (k,) in database.execute("SELECT DISTINCT model FROM passes WHERE model IS NOT NULL").fetchall()
    ]
    numbers = sorted({*known, *others}, key=lambda name: (len(name), name))
    if all(name.isdecimal() for name in numbers):
        names, by = numbers, "in the order of their numbers"
    else:
        names, by = others, "in the order in which they occur first"
    if len(names) < 3 or (names is others and known):
        return layout, ""
    if len(names) > MOST_MODELS:
        raise LogError(
            f"{path} has {len(names):,} models, and at most {MOST_MODELS} can be told apart; --models says which"
        )
    listed = ", ".join(names)
    return layout.called(tuple(names), ((),) * len(names)), f"The log has {len(names)} models, {by}: {listed}."

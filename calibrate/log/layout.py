"""The layout of a log: its names of columns and models; and the error of a log that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

REQUIRED = ("task", "pass", "model", "latency", "cost", "success", "next")
"""Columns that every log has, by our names; `routegame.calibrate.log.log` says what is in them."""

OPTIONAL = ("user", "segment", "cascade_prob")
"""Columns that a log may have besides."""


class LogError(ValueError):
    """Says in one paragraph why a log cannot be used."""


@dataclass(frozen=True)
class Layout:
    """Names that a log has for its columns and models.

    Attributes:
        names: what columns are called in the log, where not by their own names.
        models: what the standard and the reasoning model are called.
    """

    names: Mapping[str, str]
    models: tuple[str, str] = ("1", "2")

    @classmethod
    def of(cls, specs: Sequence[str] = (), models: tuple[str, str] = ("1", "2")) -> Layout:
        """Read specifications such as `success=ok`: a column and what the log calls it.

        Raises:
            LogError: not of that form, no such column, or two models of one name.
        """
        names = {}
        for spec in specs:
            column, _, name = spec.partition("=")
            if column not in REQUIRED + OPTIONAL or not name:
                known = ", ".join(REQUIRED + OPTIONAL)
                raise LogError(f"--column must be COLUMN=NAME with COLUMN one of {known}, got {spec!r}")
            names[column] = name
        if models[0] == models[1]:
            raise LogError(f"--models must be two different names, got {models[0]!r} twice")
        return cls(names, models)

    def name(self, column: str) -> str:
        """The log's name of a column."""
        return self.names.get(column, column)

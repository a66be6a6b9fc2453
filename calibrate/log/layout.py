"""The layout of a log: its names of columns and models; and the error of a log that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

REQUIRED = ("task", "pass", "model", "latency", "cost", "success", "next")
"""Columns that every log has, by our names; `routegame.calibrate.log.log` says what is in them."""

OPTIONAL = ("user", "segment", "cascade_prob")
"""Columns that a log may have besides."""

CACHED = "cached"
"""The column that says which answers came from a cache; read only if `Layout.names` names it."""

BETWEEN = "|"
"""Stands between the names of one model."""


def title_of(model: str) -> str:
    """A model's name within a sentence."""
    return f"model {model}" if model in ("1", "2") else model


class LogError(ValueError):
    """Says in one paragraph why a log cannot be used."""


@dataclass(frozen=True)
class Layout:
    """Names that a log has for its columns and models.

    Attributes:
        names: what columns are called in the log, where not by their own names.
        models: what the standard and the reasoning model are called.
        aliases: other names of either, of which a log may use any.
    """

    names: Mapping[str, str]
    models: tuple[str, str] = ("1", "2")
    aliases: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @classmethod
    def of(cls, specs: Sequence[str] = (), models: tuple[str, str] = ("1", "2"), cached: str | None = None) -> Layout:
        """Read specifications such as `success=ok`: a column and what the log calls it.

        Args:
            specs: of columns. A name with dots is looked for as it is, and else within objects: `usage.cost`.
            models: a name for each, or several with `|` between them, of which the first is the one to show.
            cached: the column that says which answers came from a cache; None without one.

        Raises:
            LogError: not of that form, no such column, or two models of one name.

        >>> Layout.of(models=("nano|nano-2025-04-14", "gpt-5")).aliases
        (('nano-2025-04-14',), ())
        """
        names = {}
        for spec in specs:
            column, _, name = spec.partition("=")
            if column not in REQUIRED + OPTIONAL or not name:
                known = ", ".join(REQUIRED + OPTIONAL)
                raise LogError(f"--column must be COLUMN=NAME with COLUMN one of {known}, got {spec!r}")
            names[column] = name
        if cached is not None:
            names[CACHED] = cached
        first, second = (tuple(name.split(BETWEEN)) for name in models)
        every = first + second
        if "" in every:
            raise LogError(f"--models must be two names, or several with {BETWEEN} between them, got {models!r}")
        twice = [name for k, name in enumerate(every) if name in every[:k]]
        if twice:
            raise LogError(f"--models must be two different names, got {twice[0]!r} twice")
        return cls(names, (first[0], second[0]), (first[1:], second[1:]))

    def name(self, column: str) -> str:
        """The log's name of a column."""
        return self.names.get(column, column)

    def spellings(self, model: int) -> list[str]:
        """Entries that stand for model 1 or 2, sorted.

        Names are text. Only a whole number is also written as 1.0, in a column that became one of floats.
        """
        own, other = ((self.models[k], *self.aliases[k]) for k in (model - 1, 2 - model))
        floats = {f"{name}.0" for name in own if name.isdecimal()}
        return sorted({*own, *(floats - set(other))})

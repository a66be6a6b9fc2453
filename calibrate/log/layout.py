"""The layout of a log: its names of columns and models; and the error of a log that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routegame.agents.exact.solution import Order
from routegame.envs.checks import MOST_MODELS

REQUIRED = ("task", "pass", "model", "latency", "cost", "success", "next")
"""Columns that every log has, by our names; `routegame.calibrate.log.log` says what is in them."""

OPTIONAL = ("user", "segment", "context", "cascade_prob", "commitment")
"""Columns that a log may have besides."""

CACHED = "cached"
"""The column that says which answers came from a cache; read only if `Layout.names` names it."""

MOST_FEATURES = 20
"""Most columns of numbers that are known of each task."""

BETWEEN = "|"
"""Stands between the names of one model."""


def feature_column(number: int) -> str:
    """Our name of the column of a feature, from 0, and of what it holds that is no number."""
    return f"feature_{number}"


def title_of(model: str, num_models: int = 2) -> str:
    """A model's name within a sentence: model 3 where it is one of those that are called 1, 2, …, `num_models`."""
    return f"model {model}" if model in map(str, range(1, num_models + 1)) else model


class LogError(ValueError):
    """Says in one paragraph why a log cannot be used."""


@dataclass(frozen=True)
class Layout:
    """Names that a log has for its columns and models.

    Attributes:
        names: what columns are called in the log, where not by their own names.
        models: what the models are called, the standard and the reasoning model where there are two; empty if the log
            is to tell, see `routegame.calibrate.log.menu`.
        aliases: other names of each, of which a log may use any.
        order: "paper", two models of which the second never hands back; "free", any number in any order. Default:
            paper for two models, free for more.
        reads_contexts: whether a column of contexts is read, if there is one.
        features: columns of numbers that are known of each task, by the log's names.
    """

    names: Mapping[str, str]
    models: tuple[str, ...] = ("1", "2")
    aliases: tuple[tuple[str, ...], ...] = ((), ())
    order: Order | None = None
    reads_contexts: bool = True
    features: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        specs: Sequence[str] = (),
        models: Sequence[str] = ("1", "2"),
        cached: str | None = None,
        order: Order | None = None,
        context: str | None = None,
        features: Sequence[str] = (),
    ) -> Layout:
        """Read specifications such as `success=ok`: a column and what the log calls it.

        Args:
            specs: of columns. A name with dots is looked for as it is, and else within objects: `usage.cost`.
            models: a name for each, or several with `|` between them, of which the first is the one to show.
            cached: the column that says which answers came from a cache; None without one.
            order: of the models, see the class.
            context: the column of contexts; empty if none is to be read, None for the one that is called so, if any.
            features: columns of numbers that are known of each task; no contexts are read beside them.

        Raises:
            LogError: not of that form, no such column, two models of one name, too many or too few of them, or a name
                that no log can hold, since UTF-8 has none of its letters.

        >>> Layout.of(models=("nano|nano-2025-04-14", "gpt-5")).aliases
        (('nano-2025-04-14',), ())
        """
        for option, words in (
            ("--column", specs),
            ("--models", models),
            ("--cached", [cached or ""]),
            ("--context", [context or ""]),
            ("--features", features),
        ):
            for word in words:
                if not _in_utf8(word):
                    raise LogError(f"{option} must be text in UTF-8, as logs are, got {word!r}")
        names = {}
        for spec in specs:
            column, _, name = spec.partition("=")
            if column not in REQUIRED + OPTIONAL or not name:
                known = ", ".join(REQUIRED + OPTIONAL)
                raise LogError(f"--column must be COLUMN=NAME with COLUMN one of {known}, got {spec!r}")
            names[column] = name
        if cached is not None:
            names[CACHED] = cached
        if context:
            if names.get("context", context) != context:
                raise LogError(
                    f"--context must be the column that --column names, got {context!r} beside {names['context']!r}"
                )
            names["context"] = context
        if features:
            _check_features(features, context)
            names |= {feature_column(k): name for k, name in enumerate(features)}
        spelt = [tuple(name.split(BETWEEN)) for name in models]
        every = [name for names_of_one in spelt for name in names_of_one]
        if "" in every:
            raise LogError(
                f"--models must be two names or more, or several with {BETWEEN} between them, got {tuple(models)!r}"
            )
        twice = [name for k, name in enumerate(every) if name in every[:k]]
        if twice:
            raise LogError(f"--models must be two different names or more, got {twice[0]!r} twice")
        if spelt and not 2 <= len(spelt) <= MOST_MODELS:
            raise LogError(f"--models must be 2 to {MOST_MODELS} names, got {len(spelt)}")
        reads = context != "" and not features
        models_and_others = tuple(own[0] for own in spelt), tuple(own[1:] for own in spelt)
        layout = cls(names, *models_and_others, order, reads, tuple(features))
        return layout.called(layout.models, layout.aliases) if spelt else layout

    def called(self, models: tuple[str, ...], aliases: tuple[tuple[str, ...], ...]) -> Layout:
        """Return the layout with other models.

        Raises:
            LogError: more than two of them in the order of the paper, or names of commitments there, which would not
                be read.
        """
        if self.order == "paper" and len(models) > 2:
            raise LogError(f"--order paper is for two models, got {len(models)}: say free, or leave it out")
        layout = replace(self, models=models, aliases=aliases)
        if not layout.free and "commitment" in self.names:
            raise LogError(
                "--column commitment is for --order free, got it for two models in the order of the paper: add that, or"
                " say in a column cascade_prob what share of retries was to be handed over"
            )
        return layout

    @property
    def titles(self) -> tuple[str, ...]:
        """Names of the models within a sentence."""
        return tuple(title_of(model, len(self.models)) for model in self.models)

    @property
    def free(self) -> bool:
        """Whether tasks may go from any model to any other, so that commitments are told apart in full."""
        return self.order != "paper" if self.order is not None else len(self.models) > 2

    def name(self, column: str) -> str:
        """The log's name of a column."""
        return self.names.get(column, column)

    def spellings(self, model: int) -> list[str]:
        """Entries that stand for model 1, 2, …, sorted.

        Names are text. Only a whole number is also written as 1.0, in a column that became one of floats.
        """
        spelt = [(name, *others) for name, others in zip(self.models, self.aliases, strict=True)]
        own = spelt.pop(model - 1)
        floats = {f"{name}.0" for name in own if name.isdecimal()}
        return sorted({*own, *floats.difference(*spelt)})


def _check_features(features: Sequence[str], context: str | None) -> None:
    """Refuse features that cannot be columns of a log, and contexts beside them."""
    if context:
        raise LogError(f"--context must be left out beside --features, got {context!r}")
    if "" in features:
        raise LogError(f"--features must be names of columns with commas between them, got {','.join(features)!r}")
    twice = [name for k, name in enumerate(features) if name in features[:k]]
    if twice:
        raise LogError(f"--features must be different columns, got {twice[0]!r} twice")
    if len(features) > MOST_FEATURES:
        raise LogError(f"--features must be at most {MOST_FEATURES} columns, got {len(features)}")


def _in_utf8(word: str) -> bool:
    """Whether a word can be written: bytes of a command line that are no UTF-8 become halves of letters."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True

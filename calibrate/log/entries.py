"""Entries of a log as numbers and words: plain ones, and those that can be read in one way only.

A column whose entries are all plain is read at once. Where some are not, the forms of all its entries are looked at
together: `350 ms` beside `1.58s` are times, `0,5` is half where no entry has a point, and `1,234` by itself may be
anything. What is read in another way than plainly is said in a remark; what is ambiguous is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from routegame.calibrate.log.faults import shown, times
from routegame.calibrate.log.layout import CACHED, Layout, feature_column
from routegame.calibrate.log.source import NOTHING, Source, text

EMPTY = ("", "none", "null", "nan")
"""Entries of nothing, in lower case, that are read without a remark."""

MISSING = (*EMPTY, "na", "n/a", "<na>", "\\n", "nil", "undefined")
"""Entries of nothing, as other programs write them."""

NOBODY = (*MISSING, "-", "?", "anonymous", "anon", "unknown", "guest", "-1")
"""Users whom nobody knows; 0 may be a user's number."""

NAMELESS = (
    *("", "null", "none", "nan", "nat", "na", "pdna", "nil", "undefined", "missing", "empty", "blank", "unset"),
    *("notset", "anon", "anonymous", "anonymoususer", "useranonymous", "unknown", "unknownuser", "userunknown"),
    *("guest", "guestuser", "nobody", "noone", "nouser", "notloggedin", "loggedout", "notavailable", "notprovided"),
    "0" * 32,
)
"""What is left of other such users without signs and spaces: of `(not set)`, `anonymous_user`, `#N/A` or `--`."""

SOMEBODY = "[1-9][0-9A-Za-z_-]*|[0-9A-Za-z][0-9A-Za-z_-]*[1-9][0-9A-Za-z_-]*"
"""Users who are known at first sight, by a digit in a name of letters, digits and what joins them: no other has one."""

WORDS: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]] = {
    "success": (
        ("1", ("yes", "y", "t", "success", "succeeded", "successful", "pass", "passed", "solved")),
        ("0", ("no", "n", "f", "failure", "failed", "fail", "unsuccessful", "unsolved")),
    ),
    "next": (
        ("retry", ("retried", "retries")),
        ("leave", ("left", "leaves", "abandon", "abandoned")),
        ("empty", (*MISSING[len(EMPTY) :], "-")),
    ),
}
"""Other words for entries, all in lower case."""

TIMES = {
    **dict.fromkeys(("ns", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("us", "µs", "μs", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
}
"""Units of latencies, in seconds."""

MONEY = {"$": "$", "usd": "$", "us$": "$", "€": "€", "eur": "€", "£": "£", "gbp": "£", "¥": "¥", "jpy": "¥", "¢": "¢"}
"""Currencies of costs; they are not converted."""

WRITTEN = {
    "latency": "write a duration as 1.58, 1.58s or 1580 ms",
    "cost": "write an amount as 0.0001 or $0.0001",
    "cascade_prob": "write a share as 0.05 or 5 %",
    "success": "write 1 or 0, or yes or no",
    "next": "write retry or leave, or nothing after a success",
}
"""Ways to write the entries of a column that are read."""

MOST_FORMS = 5000
"""Most forms of entries of a column that are looked at."""

FEW_WORDS = 4
"""Most words of a list that DuckDB 2.0.0 looks through in its place, see `_is_one_of`."""

ENTRY = re.compile(
    r"(?P<before>[^\s\d.,+-]+)?\s*(?P<number>[-+]?[9.,]*9[9.,]*(?:[eE][-+]?9+)?)\s*(?P<after>[^\s\d.,+-]+)?"
)
"""Form of a number, whose digits are all 9, with its unit."""


@dataclass(frozen=True)
class Style:
    """The way in which the numbers of a column are written.

    Attributes:
        factors: of the units that its entries have, in lower case.
        thousands: what stands between groups of three digits; empty for nothing.
        decimal: what stands before the fraction.
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    thousands: str = ""
    decimal: str = "."

    def number(self, cell: str) -> str:
        """SQL for the number that an entry stands for; NULL if it is of another form."""
        entry = f"trim(CAST({cell} AS VARCHAR))"
        digits = f"regexp_extract({entry}, '[-+]?[0-9.,]*[0-9][0-9.,]*([eE][-+]?[0-9]+)?')"
        if self.thousands:
            digits = f"replace({digits}, {text(self.thousands)}, '')"
        if self.decimal != ".":
            digits = f"replace({digits}, {text(self.decimal)}, '.')"
        units = "|".join(map(re.escape, sorted(self.factors, key=len, reverse=True)))
        unit = f"({units})?" if units else ""
        whole = f"(?i){unit}\\s*[-+]?[0-9.,]*[0-9][0-9.,]*(e[-+]?[0-9]+)?\\s*{unit}"
        greater, smaller = (
            " ".join(f"WHEN {text(name)} THEN {x!r}" for name, x in factors.items() if x > 1)
            for factors in (self.factors, {name: float(f"{1 / of:.9g}") for name, of in self.factors.items()})
        )
        end = f"lower(regexp_extract({entry}, '[^\\s0-9.,+-]*$'))"
        times = f" * CASE {end} {greater} ELSE 1.0 END" if greater else ""
        times += f" / CASE {end} {smaller} ELSE 1.0 END" if smaller else ""  # 7.83 % is 0.0783 to the last bit
        return f"CASE WHEN regexp_full_match({entry}, {text(whole)}) THEN TRY_CAST({digits} AS DOUBLE){times} END"


@dataclass(frozen=True)
class Form:
    """A form of entries: the same but for their digits.

    Attributes:
        skeleton: with 9 for every digit.
        count: how many entries have it.
        example: the first of them in the order of text.
        zero: whether one begins with a 0 and a comma.
    """

    skeleton: str
    count: int
    example: str
    zero: bool


@dataclass(frozen=True)
class Reading:
    """How the entries of a log are read.

    Attributes:
        styles: of the columns of numbers that are not plain.
        words: columns of which more words are read than the plain ones.
        remarks: on both, in sentences.
        examples: entries that cannot be read, in words, by column.
    """

    styles: Mapping[str, Style] = field(default_factory=dict)
    words: Collection[str] = ()
    remarks: tuple[str, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)


def forms_query(source: Source, column: str) -> str:
    """The query of the forms of a column's entries, the commonest first."""
    entry = f"trim(CAST({source.cells[column]} AS VARCHAR))"
    return f"""SELECT regexp_replace(entry, '[0-9]', '9', 'g') AS skeleton, count(*), min(entry),
        bool_or(regexp_matches(entry, '^[^0-9]*0,')) FROM (SELECT {entry} AS entry FROM ({source.query}))
        WHERE lower(entry) NOT IN {_tuple(MISSING)} GROUP BY skeleton ORDER BY 2 DESC, 1 LIMIT {MOST_FORMS}"""


def words_query(source: Source, column: str) -> str:
    """The query of the words of a column, in lower case, the commonest first."""
    word = f"lower(trim(CAST({source.cells[column]} AS VARCHAR)))"
    return f"SELECT {word} AS word, count(*) FROM ({source.query}) GROUP BY word ORDER BY 2 DESC, 1 LIMIT {MOST_FORMS}"


def style_of(column: str, name: str, forms: Sequence[Form]) -> tuple[Style | None, str]:
    """Find out how the numbers of a column are written, and say it; None if plainly.

    Args:
        column: by our name.
        name: the log's.
        forms: of all its entries.

    Raises:
        ValueError: in several ways that do not go together, or in one that may mean several things.
    """
    read = [(form, match) for form in forms if (match := _number(column, form))]
    units: dict[str, Form] = {}
    for form, match in read:
        units.setdefault(_unit(match), form)
    meanings = {unit: _meaning(column, unit) for unit in units if unit}
    if meanings and "" in units:
        with_unit = next(form for unit, form in units.items() if unit)
        raise ValueError(
            f"has entries of {name} with a unit, such as {with_unit.example}, and without, such as"
            f" {units[''].example}: write all of them with one, or none"
        )
    if column == "cost" and len(set(meanings.values())) > 1:
        both = " and ".join(form.example for form in units.values())
        raise ValueError(f"has entries of {name} in more than one currency, such as {both}: write all of them in one")
    thousands, decimal = _separators(name, [(form, match["number"]) for form, match in read])
    factors = {unit: float(of) if isinstance(of := meanings[unit], float) else 1.0 for unit in meanings}
    if not factors and decimal == "." and not thousands:
        return None, ""
    said = []
    if factors:
        named = ", ".join(sorted(factors))
        said.append(
            {"latency": f"in seconds, by the units of its entries ({named})", "cascade_prob": "in percent"}.get(
                column, f"in {named}"
            )
        )
    comma = next((form.example for form, match in read if "," in match["number"]), "")
    if comma:
        said.append(f"with commas {'for points' if decimal == ',' else 'between thousands'} ({comma})")
    return Style(factors, thousands, decimal), f"The column {name} is read {' and '.join(said)}."


def _number(column: str, form: Form) -> re.Match[str] | None:
    """The parts of entries of a form; None if they are no number with or without a unit of its column."""
    match = ENTRY.fullmatch(form.skeleton)
    if match is None or (match["before"] and (match["after"] or column != "cost")):
        return None
    return match if not _unit(match) or _meaning(column, _unit(match)) is not None else None


def _unit(match: re.Match[str]) -> str:
    return (match["before"] or match["after"] or "").lower()


def _meaning(column: str, unit: str) -> float | str | None:
    """Return the factor or the currency that a unit stands for; None if it is no unit of this column."""
    if column == "latency":
        return TIMES.get(unit)
    if column == "cost":
        return MONEY.get(unit)
    return 0.01 if unit == "%" else None


def _separators(name: str, numbers: Sequence[tuple[Form, str]]) -> tuple[str, str]:
    """What stands between thousands, and before the fraction."""
    commas = [(form, number) for form, number in numbers if "," in number]
    if not commas:
        return "", "."
    example = commas[0][0].example
    grouped, fraction = re.compile(r"[-+]?9{1,3}(,999)+(\.9*)?"), re.compile(r"[-+]?9*,9+([eE][-+]?9+)?")
    points = [number for _, number in numbers if "." in number]
    if all(fraction.fullmatch(number) for _, number in commas) and not points:
        sure = any(form.zero or not grouped.fullmatch(number) for form, number in commas)
        if sure:
            return "", ","
        raise ValueError(
            f"has entries of {name} such as {example}, which may be a fraction or thousands: write them with points"
        )
    if all(grouped.fullmatch(number) for _, number in commas) and points and not any(form.zero for form, _ in commas):
        return ",", "."
    swapped = re.compile(r"[-+]?9{1,3}(\.999)*(,9*)?")
    if all(swapped.fullmatch(number) for _, number in numbers if "," in number or "." in number) and any(
        "." in number and "," in number for _, number in numbers
    ):
        return ".", ","
    raise ValueError(
        f"has entries of {name} with commas, such as {example}, and with points, such as"
        f" {next((form.example for form, number in numbers if '.' in number), example)}: write all of them with points"
    )


def words_of(column: str, name: str, words: Sequence[tuple[str | None, int]]) -> str:
    """Say which other words of a column are read, and for what; empty if none is, or if not all can be."""
    used = []
    for meaning, known in WORDS[column]:
        found = [word for word, _ in words if word in known]
        if found:
            used.append(f"{', '.join(found)} for {meaning}")
    return f"The column {name} is read with {'; '.join(used)}." if used else ""


def unread_words(column: str, words: Sequence[tuple[str | None, int]]) -> str:
    """The commonest words of a column that cannot be read, with their numbers; empty if there are none."""
    plain = {"success": ("1", "true", "1.0", "0", "false", "0.0"), "next": (*EMPTY, "retry", "leave")}[column]
    known = {*plain, *(word for _, more in WORDS[column] for word in more)}
    odd = [(word, count) for word, count in words if word is not None and word not in known and word != ""]
    found = ", ".join(f"{shown(word)} {times(count)}" for word, count in odd[:3])
    return f"but {found}; {WRITTEN[column]}" if odd else ""


def unread_numbers(column: str, forms: Sequence[Form]) -> str:
    """An entry of a column that is no number, and how to write it; empty if there is none."""
    for form in forms:
        if _number(column, form) is None and not re.fullmatch(r"[-+]?inf(inity)?", form.skeleton.lower()):
            return f"such as {shown(form.example)}; {WRITTEN[column]}"
    return ""


def normalised(source: Source, layout: Layout, reading: Reading) -> str:
    """The query of a log's passes in our own columns; what cannot be read becomes NULL, and is found by that.

    Passes without a task have NULL for one, and a cascade probability that is stated and cannot be read is nan. What
    the log does not have is left to `absent`.
    """

    def raw(column: str) -> str:
        return source.cells[column]

    def word(column: str) -> str:
        return f"lower(trim(CAST({raw(column)} AS VARCHAR)))"

    def entry(column: str) -> str:
        return f"CAST({raw(column)} AS VARCHAR)"

    def number(column: str, kind: str = "DOUBLE") -> str:
        style = reading.styles.get(column)
        return f"TRY_CAST({raw(column)} AS {kind})" if style is None else style.number(raw(column))

    def words(column: str, plain: Sequence[str], place: int) -> Sequence[str]:
        more = WORDS[column][place][1] if column in reading.words else ()
        return (*plain, *more)

    def meaning(column: str, meanings: Mapping[str, Sequence[str]]) -> str:
        # Nearly all entries are words as they stand, and those need no other letters made of them.
        tried = ((x, to, of) for x in (entry(column), word(column)) for to, of in meanings.items())
        return f"CASE {' '.join(f'WHEN {_is_one_of(x, of)} THEN {to}' for x, to, of in tried)} END"

    numbers = range(1, len(layout.models) + 1)
    models = [f"({_is_one_of(entry('model'), layout.spellings(k))})" for k in numbers]
    which = " ".join(f"WHEN {model} THEN {k}" for k, model in zip(numbers, models, strict=True))
    truths = ("1", "true", "1.0"), ("0", "false", "0.0")
    decisions = {
        "0": words("next", EMPTY, 2),
        "1": words("next", ("retry",), 0),
        "2": words("next", ("leave",), 1),
    }
    chosen = {
        # Of 10^7 tasks, two share a number once in 10^5 logs.
        "task": f"CASE WHEN {entry('task')} <> '' THEN hash({entry('task')}) END",
        "pass": f"CASE WHEN strlen({entry('pass')}) = 1 THEN {number('pass', 'INTEGER')}"
        f" WHEN {number('pass')} % 1 = 0 THEN {number('pass', 'INTEGER')} END",  # 1.5 would be 2
        "model": f"CAST(CASE {which} END AS TINYINT)",
        "other_model": f"CASE WHEN NOT coalesce({' OR '.join(models)}, false) THEN CAST({raw('model')} AS VARCHAR) END",
        "latency": number("latency"),
        "cost": number("cost"),
        "success": meaning(
            "success", {"true": words("success", truths[0], 0), "false": words("success", truths[1], 1)}
        ),
        "next": f"CAST(CASE WHEN {raw('next')} IS NULL THEN 0 ELSE {meaning('next', decisions)} END AS TINYINT)",
    }
    if source.has("user"):
        bare = f"regexp_replace({word('user')}, '[\\s\\pP\\pS\\pZ\\pC]+', '', 'g')"
        somebody = f"NOT {_is_one_of(word('user'), NOBODY)} AND NOT {_is_one_of(bare, NAMELESS)}"
        known = f"regexp_full_match({entry('user')}, {text(SOMEBODY)})"
        chosen["user"] = (
            f"CASE WHEN {known} THEN hash({entry('user')}) WHEN {somebody} THEN hash({user_name(source)}) END"
        )
    if source.has("segment"):
        chosen["segment"] = f"coalesce(CAST({raw('segment')} AS VARCHAR), '')"
    if source.has("context"):
        nothing = _is_one_of(word("context"), MISSING)
        chosen["context"] = f"CASE WHEN NOT {nothing} THEN {context_name(source)} END"
    if source.has("cascade_prob"):
        as_text = f"TRY_CAST({entry('cascade_prob')} AS DOUBLE)"  # 0.1 of four bytes is 0.1
        share = number("cascade_prob") if "cascade_prob" in reading.styles else as_text
        digit = f"{entry('cascade_prob')} >= '0' AND {entry('cascade_prob')} < ':'"  # none of `MISSING`
        missing = _is_one_of(word("cascade_prob"), MISSING)
        states = f"CASE WHEN {digit} THEN true ELSE NOT coalesce({missing}, true) END"
        chosen["stated"] = f"CASE WHEN {states} THEN coalesce({share}, 'nan') + 0.0 END"  # -0 is 0
    if layout.free:
        named = source.has("commitment")
        chosen["tag"] = f"coalesce(trim(CAST({raw('commitment')} AS VARCHAR)), '')" if named else "''"
    if source.has(CACHED):
        yes, no = ((*truths[k], *WORDS["success"][k][1], *more) for k, more in ((0, ("hit",)), (1, ("miss", *MISSING))))
        hit, miss = _is_one_of(word(CACHED), yes), _is_one_of(f"coalesce({word(CACHED)}, '')", no)
        chosen[CACHED] = f"CASE WHEN {hit} THEN true WHEN {miss} THEN false END"
        chosen["apart"] = "false"
    for k in range(len(layout.features)):
        column = feature_column(k)
        value = f"TRY_CAST({raw(column)} AS DOUBLE)"
        chosen[column] = f"CASE WHEN isfinite({value}) THEN {value} END"
        given = f"coalesce(NOT {_is_one_of(word(column), MISSING)}, false)"
        chosen[f"odd_{column}"] = (
            f"CASE WHEN {given} AND NOT coalesce(isfinite({value}), false) THEN CAST({raw(column)} AS VARCHAR) END"
        )
    return f"SELECT {', '.join(f'{expression} AS {name}' for name, expression in chosen.items())} FROM ({source.query})"


def absent(source: Source) -> Mapping[str, str]:
    """SQL for columns of passes that are the same in all of them, since the log does not have what they say."""
    same = {"apart": (CACHED, "false"), "context": ("context", NOTHING), "stated": ("cascade_prob", "NULL::DOUBLE")}
    return {name: sql for name, (column, sql) in same.items() if not source.has(column)}


def user_name(source: Source) -> str:
    """SQL for what tells users apart: 12 is also written as 12.0, in a column that became one of floats."""
    return _without_fraction(source.cells["user"])


def context_name(source: Source) -> str:
    """SQL for the name of a context: 12 is also written as 12.0, in a column that became one of floats."""
    return _without_fraction(source.cells["context"])


def _without_fraction(cell: str) -> str:
    return f"regexp_replace(trim(CAST({cell} AS VARCHAR)), '^([0-9]+)\\.0$', '\\1')"


def _is_one_of(entry: str, words: Sequence[str]) -> str:
    """SQL for whether an entry is one of some words; NULL where there is none.

    Of a longer list after IN DuckDB makes a join, in which all entries are looked up, also those that are plain and for
    which no later branch of a CASE is needed.
    """
    if len(words) <= FEW_WORDS:
        return f"{entry} IN {_tuple(words)}"
    return f"regexp_full_match({entry}, {text('|'.join(map(re.escape, words)))})"


def _tuple(words: Sequence[str]) -> str:
    return f"({', '.join(map(text, words))})"

"""Text for the terminal: paragraphs, lines with a label and tables, within its width.

Lines break between words. A number stays with its unit, and an interval in one piece; a word that is longer than the
line, such as the path of a file, is not broken but stands out.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from textwrap import TextWrapper

NO_TERMINAL = 80
"""Columns where nobody knows how many there are: in a file or a pipe."""

FEWEST = 40
"""Columns below which nothing is made narrower."""

MOST_OF_PROSE = 110
"""Columns of a paragraph at most: longer lines are hard to read, however wide the terminal is."""

NARROW = 2
"""Columns between those of a table that has no room for more."""

BOUND = "\N{NO-BREAK SPACE}"
"""Stands for a space at which no line is broken."""

UNBROKEN = re.compile(
    r"(?<=[\d∞]) (?=(?:%|s|ms|min|h|k|M|G)(?!\w))"
    r"|(?<=[\d∞%]) to (?=[−+$€£¥]*[\d∞])"
)
"""Spaces between a number and its unit, and in an interval."""


def text_width() -> int:
    """Return the number of columns: of the terminal, or what the variable COLUMNS says."""
    return max(FEWEST, shutil.get_terminal_size((NO_TERMINAL, 24)).columns)


def together(text: object) -> str:
    """Return a text in which no line is broken, for one of the functions below."""
    return str(text).replace(" ", BOUND)


def paragraph(text: str, *, first: str = "", rest: str = "", width: int | None = None) -> str:
    """Lay out a paragraph.

    Args:
        text: in one line.
        first: what the first line begins with.
        rest: what all others begin with.
        width: columns there are; None for `text_width`.

    >>> print(paragraph("It takes 7.83 % of them (0.1 to 0.2), or more.", rest="  ", width=18))
    It takes 7.83 % of
      them
      (0.1 to 0.2), or
      more.
    """
    room = min(MOST_OF_PROSE, text_width()) if width is None else width
    return "\n".join(_lines(text, room, first, rest))


def indented(text: str) -> str:
    """Lay out an entry of a list: a paragraph whose first line is set in a little and all others further.

    >>> print(indented("one entry"))
      one entry
    """
    return paragraph(text, first="  ", rest="    ")


def labelled(label: str, text: str, column: int, *, indent: int = 2, width: int | None = None) -> str:
    """Lay out a label and a text beside it, whose lines stand below each other.

    Args:
        label: of at most one line.
        text: in one line.
        column: where the text begins, counted from the label.
        indent: columns before the label.
        width: columns there are; None for `text_width`.

    >>> print(labelled("users", "stay after a failure", 8, width=24))
      users   stay after a
              failure
    """
    label = _as_written(label)
    first = f"{'':{indent}}{label:<{column}}"
    if label and len(label) >= column:
        first += " "
    return "\n".join(_lines(text, text_width() if width is None else width, first, " " * (indent + column)))


def table(
    rows: Sequence[Sequence[str]],
    *,
    left: Collection[int] = (0,),
    gap: int = 3,
    indent: int = 0,
    width: int | None = None,
) -> list[str]:
    r"""Lay out a table; return its lines.

    One that is too wide has its heads on several lines, then less space between columns, then cells on several lines;
    and where all that does not help it is cut into several below each other, each with the first column.

    Args:
        rows: cells, the heads first.
        left: numbers of columns whose cells begin below each other; others end so.
        gap: columns between those of the table, if there is room.
        indent: columns before each line.
        width: columns there are; None for `text_width`.

    >>> rows = [("rule", "users leave", "regret"), ("grid", "0 %", "0.28 %"), ("static", "100 %", "71 %")]
    >>> print(*table(rows, width=22), sep="\n")
            users
    rule    leave  regret
    grid      0 %  0.28 %
    static  100 %    71 %
    >>> print(*table(rows, width=16), sep="\n")
             users
    rule     leave
    grid       0 %
    static   100 %
    <BLANKLINE>
    rule     regret
    grid     0.28 %
    static     71 %
    """
    room = (text_width() if width is None else width) - indent
    rows = [[_as_written(cell) for cell in row] for row in rows]
    columns = list(zip(*rows, strict=True))
    widths, between = _fitting(columns, gap, room)
    lines = [f"{'':{indent}}{line}".rstrip() for line in _set(rows, widths, between, left)]
    if sum(widths) + between * (len(widths) - 1) <= room or len(columns) < 3:
        return lines
    lines = []
    for block in _blocks(widths, room):
        part = [[row[k] for k in block] for row in rows]
        aligned = [place for place, k in enumerate(block) if k in left]
        lines += ["", *table(part, left=aligned, gap=gap, indent=indent, width=width)]
    return lines[1:]


def markdown(text: str, width: int | None = None) -> str:
    r"""Lay out Markdown for the terminal: its paragraphs, its code, a command a block, and its tables.

    >>> print(markdown("# Title\n\nA line of words.\n\n| a | b |\n| --- | --- |\n| 1 | 22 |\n", width=12))
    # Title
    <BLANKLINE>
    A line of
    words.
    <BLANKLINE>
    a    b
    1   22
    """
    parts = []
    for part in text.strip("\n").split("\n\n"):
        if part.startswith("| "):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()]
            parts += table([rows[0], *rows[2:]], width=width)
        else:
            code = part.startswith("    ")
            parts.append(paragraph(part, first="    " if code else "", rest="      " if code else "", width=width))
        parts.append("")
    return "\n".join(parts[:-1])


def _lines(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    wrapper = TextWrapper(width, first, rest, break_long_words=False, break_on_hyphens=False)
    return [line.replace(BOUND, " ") for line in wrapper.wrap(_bound(_as_written(text)))] or [first.rstrip()]


def _as_written(text: str) -> str:
    """Return a text as standard output is going to write it, if that says how: as wide as it will be."""
    told: Callable[[str], str] | None = getattr(sys.stdout, "as_written", None)
    return text if told is None else told(text)


def _bound(text: str) -> str:
    """Return a text with what is not to be broken in one piece."""
    return UNBROKEN.sub(lambda found: found[0].replace(" ", BOUND), text)


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in _bound(cell).split(" ")), default=0)


def _fitting(columns: Sequence[Sequence[str]], gap: int, room: int) -> tuple[list[int], int]:
    """Return the widths of columns and the gap between them: the most generous that fit, or the least."""
    layouts = _layouts(columns, gap, room)
    fits = (known for known in layouts if sum(known[0]) + known[1] * (len(columns) - 1) <= room)
    return next(fits, layouts[-1])


def _layouts(columns: Sequence[Sequence[str]], gap: int, room: int) -> list[tuple[list[int], int]]:
    full = [max(map(len, column)) for column in columns]
    headed = [max(_longest_word(column[:1]), *map(len, column[1:]), 0) for column in columns]
    least, widths = [_longest_word(column) for column in columns], list(headed)
    while sum(widths) + NARROW * (len(widths) - 1) > room:
        free = [k for k, width in enumerate(widths) if width > least[k]]
        if not free:
            break
        widths[max(free, key=lambda k: widths[k])] -= 1
    return [(full, gap), (headed, gap), (headed, NARROW), (widths, NARROW)]


def _blocks(widths: Sequence[int], room: int) -> Iterator[list[int]]:
    """Cut a table: return the numbers of the columns of each part, as many beside the first as fit, at least one."""
    block, used = [0], widths[0]
    for k, width in enumerate(widths[1:], 1):
        if len(block) > 1 and used + NARROW + width > room:
            yield block
            block, used = [0], widths[0]
        block.append(k)
        used += NARROW + width
    yield block


def _set(rows: Sequence[Sequence[str]], widths: Sequence[int], gap: int, left: Collection[int]) -> Iterator[str]:
    for number, row in enumerate(rows):
        cells = [_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
        height = max(map(len, cells))
        for place in range(height):
            line = []
            for k, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                at = place - (height - len(cell) if number == 0 else 0)  # heads stand at the bottom, cells at the top
                part = cell[at] if 0 <= at < len(cell) else ""
                line.append(part.ljust(width) if k in left else part.rjust(width))
            yield (" " * gap).join(line).rstrip()

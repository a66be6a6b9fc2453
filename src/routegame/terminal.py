"""Standard output and standard error as they are found: full, closed, or behind a terminal that lacks characters."""

from __future__ import annotations

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from routegame.numerals import SUPERSCRIPTS
from routegame.whole_file import writing

STANDARD_OUTPUT = "standard output"

SUBSTITUTES = {
    **dict.fromkeys("−–—‐‑─━═", "-"),
    **dict.fromkeys("⁄∕", "/"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("‘’′", "'"),
    **dict.fromkeys("“”″", '"'),
    **dict.fromkeys("·•●★", "*"),
    **dict.fromkeys("░▒▓█", "#"),
    "←": "<-",
    "→": "->",
    "↔": "<->",
    "⇒": "=>",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "±": "+-",
    "×": "x",
    "∞": "inf",
    "√": "sqrt",
    "∈": "in",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "¢": "ct",
    "°": "deg",
    "†": "+",
    "✓": "yes",
    "✗": "no",
}
"""What is written for characters that cannot be shown, where nothing can be told from their names."""

NAMED = (
    (re.compile(r"GREEK SMALL LETTER (\w+)$"), str.lower),
    (re.compile(r"GREEK CAPITAL LETTER (\w+)$"), str.capitalize),
    (re.compile(r"(BOX DRAWINGS) "), lambda _: "+"),
    (re.compile(r"(LOWER|LEFT|UPPER|RIGHT|QUADRANT|BLOCK).* (?:BLOCK|HALF|EIGHTH|QUARTERS?)"), lambda _: "#"),
    (re.compile(r"(BRAILLE PATTERN) BLANK$"), lambda _: " "),
    (re.compile(r"(BRAILLE PATTERN) "), lambda _: ":"),
)
"""What is written for characters whose names say enough, as a function of the first group."""

PLAIN = {high: low for low, high in SUPERSCRIPTS.items()}

POWER = re.compile(f"[{''.join(map(chr, PLAIN))}]+")
"""An exponent."""


def readable(text: str, encoding: str) -> str:
    r"""Return a text with nothing in it that an encoding lacks: near enough in ASCII, or else by its number.

    >>> readable("−$0.05 → ξ ≤ 10⁻⁶, José", "ascii")
    '-$0.05 -> xi <= 10^-6, Jose'
    >>> readable("Größe 10²⁰: 1 €, 猫", "latin-1")
    'Größe 10^20: 1 EUR, \\u732b'
    """
    if _shown(text, encoding):
        return text
    text = POWER.sub(lambda found: _power(found[0], encoding), text)
    return "".join(one if _shown(one, encoding) else _substitute(one) for one in text)


def _shown(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _power(digits: str, encoding: str) -> str:
    return digits if _shown(digits, encoding) else f"^{digits.translate(PLAIN)}"


def _substitute(character: str) -> str:
    """Return ASCII for a character."""
    if character in SUBSTITUTES:
        return SUBSTITUTES[character]
    for name, write in NAMED:
        found = name.match(unicodedata.name(character, ""))
        if found:
            return write(found[1])
    if "\udc80" <= character <= "\udcff":  # a byte of a file's name that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    apart = unicodedata.normalize("NFKD", character)
    if apart != character:
        return "".join(part if part.isascii() else _substitute(part) for part in apart)
    return "" if unicodedata.combining(character) else character.encode("ascii", "backslashreplace").decode()


class Stream:
    """A standard stream that writes what can be shown, and fails in one way whatever is wrong with it.

    Whatever else it is asked for, the stream below answers.

    Args:
        inner: the stream; None for one that is closed.
        name: what it is called in errors; None for one whose errors are of no importance.
        encoding: of what it can show; None for all that it can write.
    """

    def __init__(self, inner: TextIO | None, name: str | None, encoding: str | None = None) -> None:
        self._inner, self._name = inner, name
        self._failure: OSError | None = None
        self.encoding: str = encoding or getattr(inner, "encoding", None) or "utf-8"

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def write(self, text: str) -> int:
        """Write a text, or what is readable of it.

        Raises:
            WriteError: it cannot be written.
            BrokenPipeError: nobody reads it any more.
        """
        if self._failure is None:
            with self._told():
                self._open().write(self.as_written(text))
        return len(text)

    def as_written(self, text: str) -> str:
        """Return a text as it will be written, which may be wider; `routegame.typesetting` asks for it."""
        return readable(text, self.encoding)

    def flush(self) -> None:
        """Write what is still to be written; errors are those of `write`, of which none is forgotten."""
        with self._told():
            if self._failure is not None:
                raise self._failure
            self._open().flush()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._inner is not None and self._inner.isatty()

    def _open(self) -> TextIO:
        if self._inner is None:
            raise OSError(errno.EBADF, "it is closed")
        return self._inner

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let errors be of one kind; after the first one nothing goes to the stream, not even at the very end."""
        try:
            with writing(self._name or "standard error"):
                yield
        except OSError as error:
            self._failure = error
            if self._inner is not None:
                with suppress(OSError, ValueError), open(os.devnull, "w") as nowhere:
                    os.dup2(nowhere.fileno(), self._inner.fileno())
            if self._name is not None:
                raise


@contextmanager
def standard_streams() -> Iterator[None]:
    """Let standard output and standard error be such streams; where one is closed, no file gets its number."""
    before = sys.stdout, sys.stderr
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the smallest number that is free, which is this one
    plain = "ascii" if _wants_ascii() else None
    sys.stdout = cast(TextIO, Stream(before[0], STANDARD_OUTPUT, plain))
    sys.stderr = cast(TextIO, Stream(before[1], None, plain))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def print_json(document: object) -> None:
    """Print a document as JSON: characters as they are, or where they cannot be shown as JSON spells them."""
    import json

    text = json.dumps(document, indent=2, ensure_ascii=False)
    shown = _shown(text, sys.stdout.encoding or "utf-8")
    print(text if shown else json.dumps(document, indent=2))


def _wants_ascii() -> bool:
    """Return whether someone has asked for the C locale, in which Python would write UTF-8 all the same."""
    told = any(os.environ.get(name) for name in ("PYTHONUTF8", "PYTHONIOENCODING"))
    return os.environ.get("LC_ALL") in ("C", "POSIX") and not told

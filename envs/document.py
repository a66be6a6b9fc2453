"""What a file of a run or of a bench holds before anyone has looked at it, and the error that says it is damaged."""

from __future__ import annotations

import errno
import json
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routegame.envs.checks import ParameterError

Document = Mapping[str, Any]
"""A JSON object as it was read: every value may be anything, and is checked or converted where it is used.

What is written has a type: `dict[str, object]`, of values that JSON knows.
"""


class FileError(ParameterError):
    """A file is not what it should be; says which, what is allowed and what was found, in one sentence.

    Args:
        path: of the file; or, by itself, the whole sentence, see `Refusal`.
        allowed: what it may be.
        found: what it is.
    """

    path = Path()

    def __init__(self, path: object, allowed: str | None = None, found: str | None = None) -> None:
        super().__init__(path, allowed, found)
        if allowed is not None:
            self.path = Path(str(path))


@contextmanager
def checked(path: Path, allowed: str) -> Iterator[None]:
    """Let whatever goes wrong while the content of a file is read and taken apart be the file's fault.

    Args:
        path: of the file.
        allowed: that it may be.

    Raises:
        FileError: in place of any other exception.
    """
    try:
        yield
    except FileError:
        raise
    except Exception as error:  # a damaged file can go wrong in every library that reads it
        raise FileError(path, allowed, _found(error)) from error


@contextmanager
def read_arrays(path: Path, allowed: str) -> Iterator[Mapping[str, NDArray[Any]]]:
    """Open an .npz file of arrays by name, none of which is executed; what goes wrong with them is the file's fault.

    Args:
        path: of the file.
        allowed: that it may be.

    Raises:
        FileError: as `checked` does.
    """
    with checked(path, allowed), path.open("rb") as file, np.load(file, allow_pickle=False) as named:
        yield named


def read_text(path: Path, errors: str = "strict") -> str:
    """Read a file that is a regular one: a device may never end, and a pipe never begin.

    Raises:
        OSError: it is another, or cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return path.read_text(encoding="utf-8", errors=errors)


def read_document(path: Path, allowed: str) -> Document:
    """Read a JSON object.

    Raises:
        FileError: there is none in the file.
    """
    with checked(path, allowed):
        document = json.loads(read_text(path))
        if not isinstance(document, dict):
            raise TypeError(f"a JSON {'list' if isinstance(document, list) else 'value'}, no object")
    return document


def _found(error: Exception) -> str:
    """Say what was found, given what came of it."""
    if isinstance(error, OSError):
        return f"none: {error.strerror or error}"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
        return f"no JSON: {error}"
    if isinstance(error, KeyError):
        return f"one without {error}"
    text = " ".join(str(error).split())
    return text[:200] or type(error).__name__

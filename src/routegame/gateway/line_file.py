"""Files that grow by whole lines of JSON, from several processes, and whose writer is never stopped by them."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import sleep

log = logging.getLogger("routegame.gateway")

MOMENT = 0.02
"""Seconds after which a line that another process was writing is whole."""


class LineFile:
    """A file to which lines are appended, each by one write of the system.

    Writers do not mix their lines, and one that is killed leaves whole lines behind. The file is opened for each line,
    so that it may be moved away at any time. Where a line cannot be written it is lost: the first time there is one
    warning to the logger `routegame.gateway`, and no error ever.

    Args:
        path: of the file; made with its first line.

    Attributes:
        path: as given.
        lost: lines that could not be written.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.lost = 0
        self._ends_whole = self._waited = False
        self._lock = Lock()

    def append(self, record: Mapping[str, object]) -> None:
        """Append a record.

        Args:
            record: of values that JSON knows.
        """
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        with self._lock:
            try:
                self._write(line)
            except OSError as error:
                self.lost += 1
                if self.lost == 1:
                    said = error.strerror or type(error).__name__
                    log.warning("cannot write %s: %s; requests go on, lines are lost", self.path, said)

    def _write(self, line: bytes) -> None:
        """Write a line, on a new one if the last broke off.

        Raises:
            OSError: it cannot be written, or not all of it.
        """
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            whole = line if self._ends_whole or not self._breaks_off() else b"\n" + line
            self._ends_whole = False
            if os.write(file, whole) < len(whole):
                with suppress(OSError):  # others may append before this process does
                    os.write(file, b"\n")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._ends_whole = True
        finally:
            os.close(file)

    def _breaks_off(self) -> bool:
        """Whether the file ends within a line that nobody is writing any more; that is waited for once, and not again.

        A disk that is full may leave half a line before each line that is lost, and must not make every request wait.
        A file that grows meanwhile has a writer, who sees to it that lines are whole.
        """
        seen = _end_within_a_line(self.path)
        if seen is not None and not self._waited:
            self._waited = True
            sleep(MOMENT)
        return seen is not None and _end_within_a_line(self.path) == seen


def _end_within_a_line(path: Path) -> int | None:
    """Bytes of a file that ends within a line; None where it ends with one, or cannot be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            return None if file.read(1) in (b"", b"\n") else size
    except OSError:
        return None

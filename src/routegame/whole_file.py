"""Files that are there whole or not at all, whenever their writer is killed, and one error where they cannot be."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

REMEDIES = {
    errno.ENOSPC: "make room there, then run the same command again",
    errno.EDQUOT: "make room there, then run the same command again",
    errno.EFBIG: "allow larger files there, then run the same command again",
    errno.EROFS: "choose a place that is not read-only",
    errno.EACCES: "choose a place that you may write to",
    errno.EPERM: "choose a place that you may write to",
    errno.EISDIR: "name a file, not a folder",
    errno.ENAMETOOLONG: "choose a shorter name",
}
"""What can be done about an error of the system, by its number."""

CHOOSE = "choose another place"
"""What can be done about all others."""


class WriteError(OSError):
    """Something cannot be written: says what, why, and what can be done about it, in one sentence.

    Like every error of ours it is also made from itself, and from its sentence: so it arrives from other processes.

    Attributes:
        place: the file, or what else it is; the sentence where that is all there is.
        reason: why, in the system's words.
        errno: the system's number of the reason, None where it has none.
    """

    place: Path | str
    reason: str

    def __init__(self, place: WriteError | Path | str, reason: str = "", number: int | None = None) -> None:
        if isinstance(place, WriteError):
            super().__init__(place.reason)
            self.place, self.reason, self.errno = place.place, place.reason, place.errno
        else:
            super().__init__(reason)
            self.place, self.reason, self.errno = place, reason, number

    def __reduce__(self) -> tuple[type[WriteError], tuple[Path | str, str, int | None]]:
        return WriteError, (self.place, self.reason, self.errno)

    def __str__(self) -> str:
        return self.told()

    def told(self, option: str | None = None) -> str:
        """Return the sentence.

        Args:
            option: that named the place.

        >>> WriteError(Path("game.html"), "No space left on device", errno.ENOSPC).told("--report")
        'cannot write game.html (--report): No space left on device; make room there, then run the same command again'
        """
        if not self.reason:
            return str(self.place)
        place = str(self.place) if option is None else f"{self.place} ({option})"
        return f"cannot write {place}: {self.reason}; {REMEDIES.get(self.errno or 0, CHOOSE)}"


@contextmanager
def writing(place: Path | str, *errors: type[Exception]) -> Iterator[None]:
    """Let an error of the system that comes up in here say what could not be written.

    A reader who has gone is no such error.

    Args:
        place: that is written.
        *errors: of a library, which are the system's in its words.

    Raises:
        WriteError: in place of any other OSError, and of those.
    """
    try:
        yield
    except (WriteError, BrokenPipeError):
        raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise WriteError(place, reason, error.errno) from error
    except errors as error:
        told = " ".join(str(error).split())
        number = next((number for number in REMEDIES if os.strerror(number) in told), None)
        raise WriteError(place, told if number is None else os.strerror(number), number) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Hand out the path of a new file, which takes the place of `path` once it is written.

    Where writing fails nothing of it is left, and what was at `path` still is. A link stays, and its target is
    replaced. To what is no regular file, a pipe or /dev/stdout, the new one is copied when it is whole.

    Raises:
        WriteError: the system does not let it be written.

    >>> with TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "answer.txt") as beside:
    ...         _ = beside.write_text("42")
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('answer.txt', '42')]
    """
    with writing(path):
        present = _present(path)
        if present is not None and (not stat.S_ISREG(present.st_mode) or _stream(present) is not None):
            with TemporaryDirectory(prefix="routegame-") as folder:
                yield Path(folder) / path.name
                _copy(Path(folder) / path.name, path, _stream(present))
            return
        target = Path(os.path.realpath(path)) if path.is_symlink() else path
        beside = target.with_name(target.name + ".part")
        try:
            yield beside
            if present is not None:
                _give_to_same(beside, present)
            os.replace(beside, target)
        except BaseException:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise


def check_place(path: Path, *, made: bool = False) -> None:
    """See, before it takes long to make what is written there, that a file can be.

    Args:
        path: of the file.
        made: whether folders that are missing will be made.

    Raises:
        WriteError: it cannot.
    """
    with writing(path):
        if _present(path) is None:
            folder = Path(os.path.realpath(path)).parent
            while made and not folder.exists():
                folder = folder.parent
            if not stat.S_ISDIR(os.stat(folder).st_mode):
                raise _error(errno.ENOTDIR)
            if not os.access(folder, os.W_OK):
                raise _error(errno.EACCES)


class WholeRecords:
    """A file that grows by whole records: where one cannot be written, nothing of it is left.

    Args:
        path: the file; what it has stays.

    Raises:
        WriteError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._file = path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def append(self, record: bytes) -> None:
        """Write a record; whoever reads the file from now on finds it.

        Raises:
            WriteError: it cannot be written.
        """
        with writing(self._path):
            size = os.fstat(self._file.fileno()).st_size
            rest = memoryview(record)
            try:
                while rest:
                    rest = rest[self._file.write(rest) :]
            except BaseException:
                with suppress(OSError):
                    self._file.truncate(size)
                raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _present(path: Path) -> os.stat_result | None:
    """Return what is there, None for nothing; refuse what nothing may be written to."""
    try:
        present = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(present.st_mode):
        raise _error(errno.EISDIR)
    if stat.S_ISBLK(present.st_mode):
        raise OSError(errno.EINVAL, "It is a disk")
    if not os.access(path, os.W_OK):
        raise _error(errno.EACCES)
    return present


def _stream(present: os.stat_result) -> int | None:
    """Return which of standard output and standard error a file is, by number; None for neither, as for most."""
    for number in (1, 2):
        with suppress(OSError):
            if os.path.samestat(os.fstat(number), present):
                return number
    return None


def _copy(whole: Path, path: Path, stream: int | None) -> None:
    """Write a file to what is not to be replaced; to a standard stream behind what it has said already."""
    if stream is not None:
        for own in (sys.stdout, sys.stderr):
            own.flush()
    with whole.open("rb") as source, path.open("wb") if stream is None else os.fdopen(os.dup(stream), "wb") as target:
        shutil.copyfileobj(source, target)


def _give_to_same(beside: Path, present: os.stat_result) -> None:
    """Let those who may read and write what was there do so with what takes its place."""
    os.chmod(beside, stat.S_IMODE(present.st_mode))
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(beside, present.st_uid, present.st_gid)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def folder_name(name: str) -> str:
    """Return what a folder of a learner is called: not every file system allows the colon of MODULE:CLASS.

    >>> folder_name("evolution"), folder_name("my_module:MyLearner")
    ('evolution', 'my_module.MyLearner')
    """
    return name.replace(":", ".")

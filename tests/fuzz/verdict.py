"""What is wrong with how a command ended: a traceback, NaN, a warning, another status than there are, half a file."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import signal
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import routegame
from fuzz.grammar import Case
from fuzz.stage import Stage
from routegame.__main__ import main

LONGEST = 30
"""Seconds of CPU time after which a command takes too long."""

ASLEEP = 600
"""Seconds after which a command that does nothing waits for what will not come."""

PACKAGE = str(Path(routegame.__file__).parent)
"""Folder of the project's own code: a checkout may be called as the package is, and holds the tests as well."""

TALKING = ("train", "bench", "figures", "watch")
"""Commands that show on standard error how far they are."""


class TooLongError(BaseException):
    """A command does not end."""


def faults(case: Case, stage: Stage) -> dict[str, str]:
    """Run a command; return what is wrong with how it ended, in short and in full, nothing where nothing is."""
    stage.set(case)
    out, err = io.StringIO(), io.StringIO()
    found: dict[str, str] = {}
    with warnings.catch_warnings(record=True) as warned, _within(stage.place), _limited():
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status: object = main(case.arguments)
        except SystemExit as exited:
            status = exited.code
        except TooLongError:
            return {"takes too long": f"over {LONGEST} s of CPU time, or {ASLEEP} s"}
        except BaseException as error:
            return {_place(error): "".join(traceback.format_exception(error)[-6:])}
    found |= {
        f"warning: {one.category.__name__} at {Path(one.filename).name}:{one.lineno}": str(one.message)
        for one in warned
    }
    said, told = out.getvalue(), err.getvalue()
    if status not in (0, 2, 130):
        found[f"status {status}"] = told
    if "Traceback" in told or "Warning" in told:
        found["a traceback or a warning on standard error"] = told
    if status == 2 and case.command not in TALKING and (said or told.count("\n") != 1):
        found[f"{case.command}: refused, and not in one line"] = said + told
    if status == 2 and not told.split("\n")[-2].startswith("routegame"):
        found[f"{case.command}: refused, and the last line does not say so"] = told
    if status == 0 and told and case.command not in TALKING:
        found[f"{case.command}: done, and something on standard error"] = told
    if status == 0 and "--json" in case.arguments and not {"-h", "--help"} & set(case.arguments):
        found |= _json_faults(case.command, said)
    elif status == 0 and re.search(r"\bnan\b", said) and "nan" not in " ".join(case.arguments) + str(case.spoilt):
        found[f"{case.command}: nan in what is printed"] = said
    if list(stage.place.rglob("*.part")):
        found[f"{case.command}: half a file is left"] = str(list(stage.place.rglob("*.part")))
    return found


def smallest(case: Case, fault: str, stage: Stage) -> Case:
    """Return the case without whatever it has that fault without."""

    def shorter(case: Case) -> Iterator[Case]:
        for k in range(len(case.groups)):
            yield replace(case, groups=case.groups[:k] + case.groups[k + 1 :])
        for k in range(len(case.spoilt)):
            yield replace(case, spoilt=case.spoilt[:k] + case.spoilt[k + 1 :])
        if case.damage[1] != "none":
            yield replace(case, damage=(0, "none"))

    while True:
        smaller = next((one for one in shorter(case) if fault in faults(one, stage)), None)
        if smaller is None:
            return case
        case = smaller


def told(case: Case) -> str:
    """Return a case in words that somebody can try."""
    words = "routegame " + " ".join(shlex.quote(word) for word in case.arguments)
    notes = [f"log: {case.spoilt}"] if case.spoilt else []
    notes += [f"damage: {case.damage}"] if case.damage[1] != "none" and {"run", "bench"} & set(case.arguments) else []
    return "  # ".join([words.encode("utf-8", "backslashreplace").decode(), *notes])


def _json_faults(command: str, said: str) -> dict[str, str]:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} in JSON")

    try:
        json.loads(said, parse_constant=refuse)
    except ValueError as error:
        lines = [line.strip() for line in said.splitlines() if re.search("NaN|Infinity", line)]
        return {f"{command}: {error}": "; ".join(lines[:4])}
    return {}


def _place(error: BaseException) -> str:
    """Return where an error comes from, in the project, and of what kind it is."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(PACKAGE)]
    last = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno} {last.name}"


@contextlib.contextmanager
def _within(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Raise after `LONGEST` seconds of CPU time, which a busy machine does not change, and after `ASLEEP` of any."""

    def late(number: int, frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, late), signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.alarm(ASLEEP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGALRM, before[1])

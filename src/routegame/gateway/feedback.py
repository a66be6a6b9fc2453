"""What an application knows and no gateway does: whether an answer solved its task, and whether the user left."""

from __future__ import annotations

import time
from pathlib import Path

from routegame.envs.checks import ParameterError, as_count
from routegame.gateway.line_file import LineFile


def trace_of(session: str, turn: int) -> str:
    """Return the name of a turn in logs: what the application says is found by it.

    >>> trace_of("s12", 3)
    's12#3'
    """
    return f"{session}#{turn}"


class Feedback:
    """The application's record of turns, which `routegame calibrate --feedback` reads.

    Args:
        path: of a file that is appended to, by as many processes as there are; a full disk is no error, see `LineFile`.
    """

    def __init__(self, path: Path | str) -> None:
        self.lines = LineFile(path)

    def report(
        self,
        session: str,
        turn: int,
        success: bool | None = None,
        left: bool | None = None,
        user: str | None = None,
        segment: str | None = None,
    ) -> None:
        """Report what became of a turn; more than once if more becomes known.

        Args:
            session: as the gateway was told.
            turn: likewise, 1, 2, ….
            success: whether the answer solved the task; None where nobody judged.
            left: whether the user gave up after it; None where nobody knows, or yet.
            user: whose session it is, hashed.
            segment: of users or tasks, for which all is to be estimated, too.

        Raises:
            ParameterError: no session, a turn below 1, or a success that its user left without.
        """
        if not session:
            raise ParameterError("session", "some text", session)
        as_count("turn", turn, 2**31 - 1)
        if success and left:
            raise ParameterError("left", "left out after a success", left)
        said = {"judged_solved": success, "left": left, "user": user, "segment": segment}
        self.lines.append(
            {"session_id": session, "turn": turn, "trace_id": trace_of(session, turn), "time": time.time()}
            | {
                name: int(value) if isinstance(value, bool) else value
                for name, value in said.items()
                if value is not None
            }
        )

"""The endings that tasks have in a log."""

from __future__ import annotations

from enum import IntEnum


class Ending(IntEnum):
    """The end of a task, as far as the log goes."""

    SOLVED = 0
    LEFT = 1
    OPEN = 2
    """Its user had decided to retry."""
    UNDECIDED = 3
    """Its last pass failed, and what the user did is not known: cut off, or the log ends there."""

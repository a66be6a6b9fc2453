"""Devices of a test's own: a command that replaced one would otherwise take it from everybody on the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MINOR = {"null": 3, "full": 7}
"""Numbers of the devices that take everything and nothing, on Linux."""


def make_device(path: Path, kind: str) -> None:
    """Make a device, as root may; whoever may not cannot replace the machine's, and has a link to that."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, MINOR[kind]))
        path.open("wb").close()
    except OSError:  # or what root makes here is not to be opened
        path.unlink(missing_ok=True)
        path.symlink_to(f"/dev/{kind}")

"""The modules of the five folders are collected through src/routegame alone.

`pytest calibrate` would import them a second time, by other names. What Numba compiles is kept beside its source file,
with the name of its module, and commands would not find that one afterwards.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDERS = ("agents", "calibrate", "envs", "eval", "train")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a path into one of these folders, and say which one leads to the same place."""
    for given in config.args:
        path = Path(os.path.abspath(config.invocation_params.dir / given.partition("::")[0]))  # links are not followed
        inside = path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else Path()
        if inside.parts and inside.parts[0] in FOLDERS:
            raise pytest.UsageError(f"give src/routegame/{inside}, or tests/{inside}: {inside} would be imported twice")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these folders out where all that is there is collected."""
    return True if collection_path.parent == config.rootpath and collection_path.name in FOLDERS else None

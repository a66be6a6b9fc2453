"""Compiled functions that are kept on disk: what one process has compiled the next one finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from numba import njit


def kept(function: Callable[..., None], *, error_model: Literal["python", "numpy"] = "python") -> Callable[..., None]:
    """Compile a function, and keep the result on disk if there is a folder to keep it in."""
    compiled: Callable[..., None]
    try:
        compiled = njit(nogil=True, cache=True, error_model=error_model)(function)
    except RuntimeError:  # neither the package's folder nor the user's can be written to
        compiled = njit(nogil=True, error_model=error_model)(function)
    return compiled

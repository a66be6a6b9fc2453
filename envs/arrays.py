"""Arrays and numbers as the whole project annotates them, and how one becomes the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
ByteArray = NDArray[np.uint8]

Number = float | FloatArray
"""A float, or a float64 array where many games are held at once."""

Flag = bool | BoolArray
"""True or false, or an array of them where many games are held at once."""


def plain(value: ArrayLike) -> Any:
    """Return a single number as a plain Python one, anything larger as the array that it is."""
    array = np.asarray(value)
    return array.item() if array.ndim == 0 else array

"""What environments tell, so that two of them can be held against each other to the bit."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


def log_of(told: Any) -> Any:
    """What was told, so that two of them are equal only if they are to the bit, types included."""
    if isinstance(told, np.ndarray) and told.dtype != object:
        return told.dtype.str, told.shape, told.tobytes()
    if isinstance(told, dict):
        return {name: log_of(value) for name, value in told.items()}
    if isinstance(told, (list, tuple, np.ndarray)):
        return [log_of(value) for value in told]
    if dataclasses.is_dataclass(told) and not isinstance(told, type):
        return type(told), [log_of(getattr(told, field.name)) for field in dataclasses.fields(told)]
    if callable(told):
        return type(told)
    return type(told), repr(told)

"""The sign regimes that quick tests keep to: those in which a cascade can pay."""

from collections.abc import Iterable
from typing import Any

import pytest


def either_model_first(regimes: Iterable[str]) -> list[Any]:
    """Regimes as parameters; those in which the models are alike to users are marked slow."""
    alike = ("value-value", "latency-latency")
    return [pytest.param(name, marks=pytest.mark.slow) if name in alike else name for name in regimes]

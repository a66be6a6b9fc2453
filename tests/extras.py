"""Learners whose libraries are an optional extra: tests of them are skipped where it is not installed."""

from importlib.util import find_spec

import pytest

NEEDS_OPTUNA = pytest.mark.skipif(find_spec("optuna") is None, reason="optuna, of the extra `search`, is not installed")

OF_EXTRAS = dict.fromkeys(["tpe", "bayes"], (NEEDS_OPTUNA,))
"""Marks of these learners, by name."""

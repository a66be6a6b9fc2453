"""Learners whose libraries are an optional extra: tests of them are skipped where it is not installed."""

import pytest

from routegame.train.optuna_points import missing

NEEDS_OPTUNA = pytest.mark.skipif(missing() is not None, reason="the extra `search` is not installed")

OF_EXTRAS = dict.fromkeys(["tpe", "bayes"], (NEEDS_OPTUNA,))
"""Marks of these learners, by name."""

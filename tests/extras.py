"""Learners whose libraries are an optional extra: tests of them are skipped where it is not installed."""

from importlib.util import find_spec

import numpy as np
import pytest

from routegame.train.optuna_points import missing

NEEDS_OPTUNA = pytest.mark.skipif(missing() is not None, reason="the extra `search` is not installed")

NEEDS_CONTRIB = pytest.mark.skipif(find_spec("sb3_contrib") is None, reason="the extra `trpo` is not installed")

NEEDS_TORCHRL = pytest.mark.skipif(find_spec("torchrl") is None, reason="the extra `torchrl` is not installed")

OF_EXTRAS = dict.fromkeys(["tpe", "bayes"], (NEEDS_OPTUNA,)) | {"trpo": (NEEDS_CONTRIB,)}
OF_EXTRAS |= dict.fromkeys(["ippo", "mappo", "iql", "qmix"], (NEEDS_TORCHRL,))
"""Marks of these learners, by name."""


def bowl_trials(source, count):
    """The points that a source proposes one by one for a bowl whose bottom is at 0.3 in every dimension."""
    tried = []
    for _ in range(count):
        tried.append(source.ask(10)[0])
        source.tell(np.array([((tried[-1] - 0.3) ** 2).sum()]))
    return np.array(tried)

"""A tiny policy for all games, and the directory of a run that would have learned it."""

import numpy as np

from routegame.train.learners.amortised import Amortised, AmortisedOptions
from routegame.train.runs.policy_directory import PolicyConfig, PolicyDirectory

TINY = {
    "kinds": 500,
    "tasks": 400,
    "per_stratum": 20,
    "iterations": 15,
    "task_updates": 2,
    "edge_updates": 2,
    "end_updates": 2,
}
"""Options that make learning a matter of moments."""


def tiny(seed=0):
    """A learner with few games and few steps."""
    return Amortised(AmortisedOptions(**TINY), seed)


def write(path):
    """Write the files of a run that was trained for no time at all."""
    run = PolicyDirectory.create(path, PolicyConfig("amortised", "random", 0, AmortisedOptions(**TINY)))
    np.savez(path / "checkpoints" / "policy.npz", **tiny().learned().policy.arrays())
    return run

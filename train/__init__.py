"""How policies are learned: one file a learner, on sampled passes, with stable-baselines3's PPO."""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.eval.train_and_judge import run
    from routegame.eval.train_policy import run_suite
    from routegame.train.learner import LEARNERS, Learned, Learner, Snapshot, Users
    from routegame.train.meter import Meter
    from routegame.train.options import Options, option
    from routegame.train.runs.limits import Limits

__all__ = [
    "LEARNERS",
    "Learned",
    "Learner",
    "Limits",
    "Meter",
    "Options",
    "Snapshot",
    "Users",
    "option",
    "run",
    "run_suite",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "LEARNERS": "routegame.train.learner",
        "Learned": "routegame.train.learner",
        "Learner": "routegame.train.learner",
        "Limits": "routegame.train.runs.limits",
        "Meter": "routegame.train.meter",
        "Options": "routegame.train.options",
        "Snapshot": "routegame.train.learner",
        "Users": "routegame.train.learner",
        "option": "routegame.train.options",
        "run": "routegame.eval.train_and_judge",
        "run_suite": "routegame.eval.train_policy",
    },
)

"""How many updates learners make, a tenth of those of a run each; and how long the last choice takes.

Held against a commit this says how much faster a run has become. The shares of a run in which a learner pretrains,
learns and refines are those of its default options.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping

import torch

from routegame.envs.commitment import CommitmentBox as RoutingGame  # the name that earlier commits have
from routegame.envs.scenarios import scenario
from routegame.train.learner import Learner, learner
from speed.turns import Ratio, Table, Work, in_turns

TENTHS: Mapping[str, Mapping[str, int]] = {
    "meta_follower": {
        "follower_updates": 3, "leader_updates": 6, "refinement_updates": 8, "rounds": 1, "round_updates": 4
    },
    "two_timescale": {"leader_updates": 4, "refinement_updates": 5},
    "alternating": {"turns": 1, "follower_updates": 5, "leader_updates": 6, "refinement_updates": 8},
    "independent": {"joint_updates": 30},
    "oracle": {"leader_updates": 6, "refinement_updates": 8},
}  # fmt: skip
"""Options of a tenth of the updates."""


def works() -> dict[str, Work]:
    """Make the updates, and the last choice of one that has learned."""
    torch.set_num_threads(1)
    made = {name: _learning(name, options) for name, options in TENTHS.items()}
    return made | {"meta_follower's last choice": _choosing(_began("meta_follower", TENTHS["meta_follower"]))}


def measure() -> list[Table]:
    """Learn in turns; updates of a learner are not those of another, so nothing is compared."""
    turns = in_turns("learners", works())
    rows = [Ratio(name, statistics.median(rates)) for name, rates in turns.items()]
    return [Table("Updates of learners on nano-gpt5", rows)]


def _began(name: str, options: Mapping[str, int]) -> Learner:
    kind = learner(name)
    return kind(RoutingGame(scenario("nano-gpt5").game), kind.OPTIONS(**options), 0)


def _learning(name: str, options: Mapping[str, int]) -> Callable[[], int]:
    def learn() -> int:
        run = _began(name, options)
        while not run.finished:
            run.update()
        return run.num_updates

    return learn


def _choosing(run: Learner) -> Callable[[], int]:
    def choose() -> int:
        while not run.finished:  # in the turn that is not counted
            run.update()
        run.learned()
        return 1

    return choose

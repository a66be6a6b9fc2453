"""A game that learners learn in no time, and options with which an update is a matter of moments."""

import numpy as np
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.state import load, save

GAME = scenario("figure-4-right-standard").game

BOX = RoutingGame(GAME)

LEADER = {"leader_batch": 64, "leader_tasks": 16, "final_tasks": 512}
"""Options of learners whose users answer by a rule."""

SMALL = {**LEADER, "follower_batch": 64, "follower_tasks": 16}
"""Options of learners with users of their own."""


def stopped_and_resumed(make, stops, path):
    """Two runs of one kind: the one in one go, the other written down at `stops`, and read each time by a new learner.

    Returns:
        snapshots of the first, and of the second; both learners at their ends.
    """
    steady, straight = make(), []
    while not steady.finished:
        straight.append(steady.update())
    broken, again = make(), []
    for stop in stops:
        while broken.updates < stop:
            again.append(broken.update())
        save(path, broken.state())
        broken = make()
        broken.restore(load(path))
        np.random.default_rng().random()
        torch.rand(3)
    while not broken.finished:
        again.append(broken.update())
    return straight, again, steady, broken

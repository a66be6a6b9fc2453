"""Both sides at once, users on a faster clock."""

from itertools import pairwise

import numpy as np
import pytest
from small_learners import BOX, SMALL

from routegame.train.learners.two_timescale import TwoTimescale, TwoTimescaleOptions

pytestmark = pytest.mark.usefixtures("one_thread")


def learner(**options):
    return TwoTimescale(BOX, TwoTimescaleOptions(**SMALL, **options), seed=0)


def test_users_make_so_many_updates_for_each_of_the_leader_s(monkeypatch):
    made, counted = learner(leader_updates=2, refinement_updates=1, follower_updates=4), []
    updates = {"leader": made._leader.update, "follower": made._follower.update}
    for side, update in updates.items():
        target = made._leader if side == "leader" else made._follower
        monkeypatch.setattr(target, "update", lambda *a, s=side, u=update, **k: (counted.append(s), u(*a, **k))[1])
    assert made.num_updates == 3
    while not made.finished:
        assert made.update().phase == "both"
    assert counted == (["leader"] + ["follower"] * 4) * 3


def test_exploration_is_as_narrow_as_it_gets_from_half_way_on():
    made, options = learner(leader_updates=6, refinement_updates=2, follower_updates=1), TwoTimescaleOptions()
    explored = []
    while not made.finished:
        explored.append(made.update().statistics["follower_exploration"])
    wide, narrow = options.widest_exploration, options.narrowest_exploration
    assert explored == pytest.approx([wide, np.sqrt(wide * narrow), *[narrow] * 6])


def test_both_move_at_once_and_everything_is_paid_for():
    made = learner(leader_updates=3, refinement_updates=1, follower_updates=2)
    probe = BOX.commitments(np.random.default_rng(0).random((50, BOX.size)))
    answers, passes = [], []
    while not made.finished:
        snapshot = made.update()
        answers.append(snapshot.respond(probe))
        passes.append(snapshot.passes)
    assert all((one != other).any() for one, other in pairwise(answers))
    assert passes == sorted(set(passes)) and made.meter.pretraining == 0
    learned = made.learned()
    assert learned.follower is not None and learned.meter.passes > passes[-1] == made.meter.passes

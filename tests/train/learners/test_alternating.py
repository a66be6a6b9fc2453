"""Whose turn it is: users begin and have the last word, and nobody moves while the other does."""

import numpy as np
import pytest
from small_learners import BOX, SMALL

from routegame.train.learners.alternating import Alternating, AlternatingOptions

pytestmark = pytest.mark.usefixtures("one_thread")


def learner(**options):
    return Alternating(BOX, AlternatingOptions(**SMALL, **options), seed=0)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "leader,refinement,follower,turns,plan",
    [(2, 1, 2, 3, "ffL" "ffL" "ffL" "ff"), (3, 2, 1, 2, "fLLL" "fLL" "f"), (1, 1, 1, 3, "fL" "fL" "f" "f")],
)  # fmt: skip
def test_turns(leader, refinement, follower, turns, plan):
    """The leader's updates are spread over its own turns as evenly as can be."""
    made = learner(leader_updates=leader, refinement_updates=refinement, follower_updates=follower, turns=turns)
    phases = []
    while not made.finished:
        phases.append(made.update().phase)
    assert ["L" if phase == "leader" else "f" for phase in phases] == list(plan)
    assert made.num_updates == len(plan)


def test_nobody_moves_while_the_other_does():
    made = learner(leader_updates=2, refinement_updates=2, follower_updates=2, turns=2)
    probe = BOX.commitments(np.random.default_rng(0).random((50, BOX.size)))
    before, offer = None, None
    while not made.finished:
        snapshot = made.update()
        answers = snapshot.respond(probe)
        if before is not None:
            assert (snapshot.commitment == offer) or snapshot.phase == "leader"
            assert (np.array_equal(answers, before)) == (snapshot.phase == "leader")
        before, offer = answers, snapshot.commitment


def test_exploration_shrinks_within_each_turn_of_the_users():
    made = learner(leader_updates=1, refinement_updates=1, follower_updates=3, turns=2)
    explored = [s.statistics["exploration"] for s in (made.update() for _ in range(8)) if s.phase == "follower"]
    options = AlternatingOptions()
    turn = [options.widest_exploration, explored[1], options.narrowest_exploration]
    assert explored == pytest.approx(turn * 2)
    assert explored[1] == pytest.approx(np.sqrt(options.widest_exploration * options.narrowest_exploration))


def test_it_ends_with_its_users_and_a_commitment_that_is_paid_for():
    made = learner(leader_updates=1, refinement_updates=1, follower_updates=1, turns=1)
    while not made.finished:
        passes = made.update().passes
    learned = made.learned()
    assert learned.follower is not None and learned.meter.passes > passes == made.meter.passes
    assert made.meter.pretraining == 0

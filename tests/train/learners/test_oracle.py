"""A leader whose users answer as a rule says: they never change, and nothing but the commitment is learned."""

import numpy as np
import pytest
from small_learners import BOX, GAME, LEADER

from routegame import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.envs.checks import ParameterError
from routegame.train.learners.oracle import Oracle, OracleOptions

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = {"leader_updates": 3, "refinement_updates": 2, **LEADER}


@pytest.mark.parametrize("kind", ["exact", "quantal:0.5"])
def test_users_answer_by_their_rule_from_first_to_last(kind):
    made = Oracle(BOX, OracleOptions(**SMALL, follower=kind), seed=0)
    probe = BOX.commitments(np.random.default_rng(0).random((50, BOX.size)))
    if kind == "exact":
        rule = best_response(GAME, probe.route, probe.cascade_prob)
    else:
        rule = quantal_response(GAME, probe.route, probe.cascade_prob, 0.5)
    phases = []
    while not made.finished:
        snapshot = made.update()
        phases.append(snapshot.phase)
        np.testing.assert_allclose(snapshot.respond(probe), rule)
        assert snapshot.commitment is not None
    assert phases == ["leader"] * 5


def test_it_ends_without_users_of_its_own_and_asking_costs_nothing_of_the_run_s():
    made = Oracle(BOX, OracleOptions(**SMALL), seed=0)
    while not made.finished:
        passes = made.update().passes
    first, again = made.learned(), made.learned()
    assert first == again and first.follower is None
    assert made.meter.passes == passes < first.meter.passes


def test_users_that_are_unknown_are_named():
    with pytest.raises(ParameterError, match="follower"):
        OracleOptions(follower="perfect")

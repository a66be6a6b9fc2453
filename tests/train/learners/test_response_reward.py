"""The response phase: from scratch, counted, not paid for; and controls that get it wrong fail as they should."""

import numpy as np
import pytest
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench import check_controls
from routegame.train.learners.negative_controls import CONTROLS
from routegame.train.learners.response_reward import ResponseReward, ResponseRewardOptions

QUICK = ResponseRewardOptions(
    leader_updates=25, refinement_updates=25, leader_batch=128, leader_tasks=256, first_trials=2**9, last_trials=2**13
)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def test_trials_are_counted_and_cost_far_more_than_what_is_paid_for():
    box = RoutingGame(scenario("figure-4-right-leave").game)
    passes = []
    for trials in (2**9, 2**12):
        options = ResponseRewardOptions(leader_tasks=64, leader_batch=64, first_trials=trials, last_trials=trials)
        learner = ResponseReward(box, options, seed=0)
        passes.append(learner.update().passes)
    assert 5 < passes[1] / passes[0] < 9
    tasks = 64 * 64
    assert passes[0] > 20 * tasks


def test_what_it_ends_with_answers_as_users_did_in_training():
    learner = ResponseReward(RoutingGame(scenario("figure-4-left-cascade").game), QUICK, seed=0)
    for _ in range(3):
        snapshot = learner.update()
    probe = learner.box.commitments(np.random.default_rng(0).random((64, 2)))
    assert np.abs(learner.learned().follower.abandon_prob(probe) - snapshot.respond(probe)).mean() < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTROLS)
def test_controls_fail_where_the_sound_learner_does_not(name):
    row = check_controls.compare(name, QUICK, seed=0)
    assert row.fails
    assert row.sound_regret < 0.08
    assert row.sound_paid > -0.02, "it is not paid below the optimum"
    assert row.regret > row.sound_regret + check_controls.CLEAR
    if name == "leader_with_memory":
        assert row.paid < -check_controls.CLEAR, "too good to be true"


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_go_on_from_their_state(name):
    box, tiny = (
        RoutingGame(scenario("gpt41-o3").game),
        ResponseRewardOptions(
            leader_updates=3, refinement_updates=3, leader_batch=64, leader_tasks=16, first_trials=16, last_trials=64
        ),
    )
    steady, broken = (CONTROLS[name](box, tiny, seed=1) for _ in range(2))
    for _ in range(4):
        steady.update()
        broken.update()
    again = CONTROLS[name](box, tiny, seed=1)
    again.restore(broken.state())
    for learner in (steady, again):
        while not learner.finished:
            last = learner.update()
        learner.last = (last.commitment, last.passes, learner.learned().commitment)
    assert steady.last == again.last


def test_the_table_says_which_control_failed():
    sound = check_controls.ControlResult(
        "reward_leak", "nano-gpt5", regret=0.01, sound_regret=0.01, paid=0.0, sound_paid=0.0
    )
    spoilt = check_controls.ControlResult(
        "reward_leak", "nano-gpt5", regret=0.2, sound_regret=0.01, paid=0.0, sound_paid=0.0
    )
    lines = list(check_controls.table(iter([sound, spoilt])))
    assert len(lines) == 3
    assert lines[1].endswith("NO") and "yes: " in lines[2]

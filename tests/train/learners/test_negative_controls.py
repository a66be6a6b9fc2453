"""Learners that are wrong on purpose: each in its own way, and else as sound as any."""

import numpy as np
import pytest
import torch

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.learners.negative_controls import CONTROLS
from routegame.train.learners.response_reward import ResponseReward, ResponseRewardOptions
from routegame.train.meter import Meter

BOX = RoutingGame(scenario("gpt41-o3").game)
TINY = ResponseRewardOptions(
    leader_updates=3, refinement_updates=3, leader_batch=64, leader_tasks=16, first_trials=16, last_trials=64
)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.mark.quick_cases(1)
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


def phase(name, seed=0):
    return CONTROLS[name].PHASE(BOX, TINY, seed, Meter())


def test_rewards_leak_from_answers_on_the_way():
    """What is paid for is the answer after a round drawn at random, not only after the last one."""
    offers = BOX.commitments(np.random.default_rng(0).random((64, BOX.size)))
    meters = Meter(), Meter()
    leaking, sound = (cls.PHASE(BOX, TINY, 0, Meter()) for cls in (CONTROLS["reward_leak"], ResponseReward))
    users = leaking.users(0)
    answers = leaking.answers(users, offers, np.random.default_rng(1), meters[0])
    stages = np.stack(list(users.adapting(offers, np.random.default_rng(1), meters[1].play)))
    assert all(answers[k] in stages[:, k] for k in range(64))
    assert (answers != stages[-1]).any()
    np.testing.assert_array_equal(sound.answers(users, offers, np.random.default_rng(1), Meter()), stages[-1])


def test_users_carry_over_what_they_have_come_to_do():
    """What they do about an offer hangs on what they were offered before; at last they answer everything alike."""
    offers, others = (
        BOX.commitments(np.random.default_rng(seed).random((TINY.leader_batch, BOX.size))) for seed in (0, 1)
    )
    carrying, fresh, sound = phase("carried_state"), phase("carried_state"), ResponseReward.PHASE(BOX, TINY, 0, Meter())
    carrying.respond(0, others)
    assert (carrying.respond(0, offers) != fresh.respond(0, offers)).any()
    assert len(set(carrying.final(offers, Meter()).tolist())) == 1
    assert len(set(sound.final(offers, Meter()).tolist())) > 1


def test_users_are_deceived_by_what_a_leader_with_memory_shows():
    """The same offer to be kept; what is shown alone decides what they do."""
    made = CONTROLS["leader_with_memory"](BOX, TINY, seed=0)
    game = made._two_faced
    assert game.size == 2 * BOX.size
    kept, shown = np.random.default_rng(0).random((2, 64, BOX.size))
    offers, candid = game.commitments(np.hstack([kept, shown])), game.commitments(np.hstack([shown, shown]))
    np.testing.assert_allclose(
        game.actions(offers), np.hstack([BOX.actions(BOX.commitments(x)) for x in (kept, shown)])
    )
    deceived, honest = (phase("leader_with_memory").final(some, Meter()) for some in (offers, candid))
    np.testing.assert_array_equal(deceived, honest)
    assert (offers.cascade_prob == BOX.commitments(kept).cascade_prob).all()

"""Policies for blind users: put together at one price of patience, rounded, and tried on fresh tasks."""

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.envs.mix_game import MixGame
from routegame.envs.task_mixes import MIXES
from routegame.eval.judge.judges import judge_of
from routegame.train.meter import Meter
from routegame.train.ppo.blind_leader import BlindLeader, mixed_policy, roundings

MIX = MIXES["easy-hard-blind"].mix


def leave_always(offers):
    return np.ones(len(offers))


def leader(users="memoryless", seed=0):
    return BlindLeader(MixGame(MIX, users), 2**12, np.random.SeedSequence(seed), Meter())


@pytest.mark.parametrize("users", ["memoryless", "history"])
def test_it_finds_that_the_easy_tasks_pay_for_the_hard_ones(users):
    """And is not held to what users have learned so far, which is wrong."""
    found = leader(users)
    for _ in range(2):
        statistics = found.update(leave_always)
    judge = judge_of(MixGame(MIX, users))
    assert judge.regret(found.commitment()) < 0.03
    assert statistics["least_cost"] == pytest.approx(judge.equilibrium.leader_cost, rel=0.03)


def test_a_mixture_keeps_the_answer_that_is_meant_the_best():
    """It costs what the program says, as users see it who count costs and utilities exactly."""
    rng = np.random.default_rng(0)
    costs, utilities = rng.random((2, 5, 3, 4))
    value, shares = mixed_policy(costs, utilities, 1, 0.1)
    worth = np.einsum("aqc,ca->q", utilities, shares)
    assert worth[1] >= np.delete(worth, 1).max() + 0.1 - 1e-9
    assert value == pytest.approx(np.einsum("ac,ca->", costs[:, 1], shares))
    assert shares.sum(axis=1) == pytest.approx(np.ones(4)) and (shares.max(axis=1) < 1).sum() <= 2
    assert mixed_policy(costs, utilities, 1, 10.0) is None


def test_a_context_in_between_gets_each_of_its_commitments_and_the_cascade_in_between():
    columns = np.array([[[0, 0], [0.2, 0.2]], [[0, 0], [0.6, 0.6]], [[1, 1], [0, 0.0]]])
    made = roundings(columns, np.array([[0.25, 0.75, 0], [0, 0.5, 0.5]]))
    assert len(made) == 3 * 2
    assert sorted({policy[1, 0] for policy in made}) == pytest.approx([0.2, 0.5, 0.6])
    assert {policy[0, 1] for policy in made} == {0, 1} and all(policy[0, 0] == 0 for policy in made)


def test_it_is_asked_twice_and_goes_on_where_it_was():
    one, other = leader(seed=3), leader(seed=3)
    one.update(leave_always)
    other.restore(one.state())
    respond, meter = solved(MixGame(MIX, "memoryless")).best_answer, Meter()
    assert one.final_commitment(respond, meter) == other.final_commitment(respond, Meter())
    assert one.final_commitment(respond, meter) == one.final_commitment(respond, meter) and meter.passes > 0
    assert one.update(respond) == other.update(respond)
    assert one.commitment() == other.commitment()

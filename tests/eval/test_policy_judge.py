"""Policies are judged as single profiles are: under exact best responses."""

import numpy as np
import pytest
import small_policies

from routegame.agents.exact.equilibrium import solve
from routegame.envs.game import Game
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.eval.policy_judge import PolicyJudgement, as_batch, judge_policy, regret

GAMES = [instance.game for instance in instances("random")]


def test_a_batch_has_the_games_in_order():
    batch = as_batch(GAMES)
    assert batch.shape == (60,) and all(batch.single(k) == GAMES[k] for k in range(60))


def test_the_equilibrium_has_no_regret():
    best = solve(as_batch(GAMES)).equilibrium
    assert np.max(regret(as_batch(GAMES), best.route, best.cascade_prob)) < 1e-9
    assert np.max(regret(as_batch(GAMES), 3 - best.route, best.cascade_prob)) > 0.1


def test_regret_and_gap_are_those_of_the_judge_of_one_game():
    policy = small_policies.tiny().learned().policy
    found, answers = judge_policy(policy, as_batch(GAMES)), policy.answers(as_batch(GAMES))
    for k in (0, 17, 35, 59):
        judge = judge_of(GAMES[k])
        point = [answers.route[k] - 1.0, answers.cascade_prob[k]]
        one = judge.judge(judge.solved.game.commitments(np.array([point]))[0], lambda _, k=k: answer(policy, k))
        assert found.regret[k] == pytest.approx(one.leader_regret_relative, abs=1e-9)
        assert found.follower_gap[k] == pytest.approx(one.follower_gap_relative, abs=1e-6)


def answer(policy, k):
    batch = Game(**{**GAMES[k].to_dict(), "task_value": [GAMES[k].task_value]})
    return policy.abandon_prob(batch, policy.answers(batch))


def test_shares():
    judged = PolicyJudgement(np.array([0.0, 0.0005, 0.005, 0.5]), np.array([0, 0, 0.02, 0.0]))
    assert (judged.within(0.01), judged.within(0.001), judged.certified) == (0.75, 0.5, 0.75)
    assert judged.to_dict()["worst"] == 0.5 and judged.to_dict()["games"] == 4

"""Learning without commitment: it goes round where nothing is stable, and rests only where nobody gains by moving."""

import numpy as np
import pytest
import torch

from routegame.agents.exact.equilibrium import solve
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.figures.independent_cycle import mixed_equilibrium, turns
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.train.learners.independent import Independent, IndependentOptions


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def run(name, updates, seed=0):
    """The learner after a run, and (first retries on the reasoning model, users who leave) before each update."""
    options = IndependentOptions(joint_updates=updates, batch=512, tasks=32)
    learner, points = Independent(RoutingGame(scenario(name).game), options, seed), []
    while not learner.finished:
        step = learner.update().statistics
        points.append((step["reasoning_retries"], step["abandon_prob"]))
    return learner, np.array(points)


CORNERS = ["model 1, users stay", "model 1, users leave", "model 2, users leave", "model 2, users stay"]
"""In the order in which each follows from the one before (docs/theory.md)."""


def corners(points, mix):
    """Quarters of the square around the mixed equilibrium that a trajectory comes through, by place in `CORNERS`."""
    reasoning, leave = points[:, 0] > mix.reasoning_first, points[:, 1] > mix.abandon_prob
    visited = np.where(reasoning, np.where(leave, 2, 3), np.where(leave, 1, 0))
    return visited[np.append(True, visited[1:] != visited[:-1])]


@pytest.mark.slow
@pytest.mark.parametrize("name,updates", [("figure-4-left-cascade", 200), ("nano-gpt5", 120)])
def test_they_chase_each_other_where_nothing_is_stable(name, updates):
    game = scenario(name).game
    mix = mixed_equilibrium(game)
    _, points = run(name, updates)
    assert not solve(game).no_commitment.pure
    assert turns(points, (mix.reasoning_first, mix.abandon_prob)) < -1.5, "with the clock"
    visited = corners(points, mix)
    forward = np.diff(visited) % 4 == 1
    assert forward.sum() >= 7 and forward.mean() > 0.8, [CORNERS[k] for k in visited]
    late = points[updates // 2 :]
    assert late[:, 0].max() > 0.9 and late[:, 0].min() < 0.5, "it does not die out either"
    assert late[:, 1].max() > 0.2 and late[:, 1].min() < 0.02


@pytest.mark.slow
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "name,reasoning,leave,commits",
    [
        ("figure-4-left-standard", 0, 1, True),
        pytest.param("figure-4-left-reasoning", 1, 0, True, marks=pytest.mark.slow),
        ("figure-4-right-leave", 0, 0, False),
    ],
)
def test_they_settle_at_a_pure_equilibrium_of_the_game_without_commitment(name, reasoning, leave, commits):
    """It is the Stackelberg equilibrium in the first game; the second takes a cascade that drives users away."""
    game = scenario(name).game
    learner, points = run(name, 100)
    assert np.abs(points[70:] - (reasoning, leave)).mean(axis=0).max() < 0.05
    learned, known = learner.learned(), solve(game)
    judgement = RoutingJudge(learner.box).judge(learned.commitment, learned.follower.abandon_prob)
    assert known.no_commitment.pure
    assert judgement.learned.provider_cost == pytest.approx(known.no_commitment.provider_cost, rel=0.02)
    assert judgement.certified
    assert (judgement.leader_regret_relative < 0.02) == commits
    assert known.no_commitment.value_of_commitment / known.equilibrium.provider_cost == pytest.approx(
        judgement.leader_regret_relative, abs=0.02
    )


def test_users_learn_one_answer_to_everything():
    learner, _ = run("figure-4-left-standard", 5)
    anything = learner.box.commitments(np.random.default_rng(0).random((50, 2)))
    answers = learner.learned().follower.abandon_prob(anything)
    assert np.ptp(answers) == 0 and 0 < answers[0] < 1


def test_users_answer_as_they_move():
    """The users whom a run ends with leave as often as their move says, wherever it is between always and never."""
    learner, _ = run("nano-gpt5", 3)
    offers = learner.box.commitments(np.random.default_rng(0).random((5, 2)))
    for move in (0.0, 0.3, 0.9, 1.0):
        learner._users._centre = lambda move=move: np.array([2 * move - 1])
        assert learner.learned().follower.abandon_prob(offers) == pytest.approx([move] * 5, abs=1e-6)

"""The point that learning without commitment goes round, and how often it does."""

import numpy as np
import pytest

from routegame.agents.exact.equilibrium import solve
from routegame.envs.chain import outcome
from routegame.envs.scenarios import scenario
from routegame.eval.figures.independent_cycle import (
    CHASING,
    SETTLING,
    chase,
    mixed_equilibrium,
    reasoning_that_mixes,
    turns,
)


@pytest.mark.parametrize("name", ["figure-4-left-cascade", "nano-gpt5"])
def test_nobody_gains_by_moving_at_the_mixed_equilibrium(name):
    """Both routes cost the same, and no other answer to the mix of routes is better for users."""
    game, mix = scenario(name).game, mixed_equilibrium(scenario(name).game)
    costs = [outcome(game, route, 0, mix.abandon_prob).provider_cost for route in (1, 2)]
    assert costs == pytest.approx([solve(game).no_commitment.provider_cost] * 2, rel=1e-9)
    shares = (1 - mix.reasoning_first, mix.reasoning_first)
    answers = np.append(np.linspace(0, 1, 1001), mix.abandon_prob)
    utility = sum(share * outcome(game, k + 1, 0, answers).user_utility for k, share in enumerate(shares))
    assert utility.argmax() == len(answers) - 1
    assert reasoning_that_mixes(game, np.array(mix.abandon_prob)) == mix.reasoning_first


def test_turns_are_signed_and_counted_around_the_centre_alone():
    angle = np.linspace(0, 5 * np.pi, 100)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert turns(circle, (0, 0)) == pytest.approx(2.5)
    assert turns(circle * (1, -1), (0.2, 0)) == pytest.approx(-2.5)
    assert turns(circle, (3, 0)) == pytest.approx(0, abs=0.2)


def test_users_who_mix_gain_by_no_small_move():
    """The share of route 2 at which the slope of the mixed utility is 0, by differences."""
    game, q, step = scenario(CHASING).game, np.array([0.01, 0.1, 0.5]), 1e-6
    first, second = (
        (outcome(game, route, 0, q + step).user_utility - outcome(game, route, 0, q - step).user_utility) / (2 * step)
        for route in (1, 2)
    )
    share = reasoning_that_mixes(game, q)
    assert (1 - share) * first + share * second == pytest.approx(np.zeros(3), abs=1e-5)


def test_the_figure_has_the_games_with_and_without_a_pure_equilibrium():
    assert [solve(scenario(name).game).no_commitment.pure for name in (CHASING, SETTLING)] == [False, True]


def test_trajectories_are_cut_off_where_asked():
    found = chase(2)
    mix = mixed_equilibrium(scenario(CHASING).game)
    assert found["chasing"].shape == found["settling"].shape == (2, 2)
    assert found["mix"].tolist() == [mix.reasoning_first, mix.abandon_prob]
    assert found["answers"].shape == found["reasoning_that_mixes"].shape == (201,)
    assert all(((0 <= points) & (points <= 1)).all() for points in found.values())

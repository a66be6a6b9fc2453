"""A commitment to three models in each context, beside one for all, against what is known of the games."""

import numpy as np
import pytest
from mixed_menus import BACK, MIX

from routegame.calibrate.contexts.menu_decision import decide_menu_mix
from routegame.calibrate.decide.menu_decision import best_costs
from routegame.calibrate.decide.menu_offers import worth_of_policy
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.envs.game import Game

NUMBER, TITLES = 4, ("A", "B", "C")


def drawn(x: int, share: float) -> PosteriorDraws:
    """The game of a context, as it is, several times."""
    game = MIX.game(x)
    p, t, c = (tuple(np.full(NUMBER, y) for y in each) for each in (game.success_prob, game.latency, game.cost))
    games = Game(np.full(NUMBER, game.task_value), np.full(NUMBER, game.churn_penalty), p, t, c)
    return PosteriorDraws("", share, games, np.full(NUMBER, 0.5), rough=True)


@pytest.fixture(scope="module")
def decided():
    """The decision in both contexts, with hand-overs everywhere in force."""
    counts = np.ones((3, 3), dtype=np.int64)
    cells = [PolicyCell("", BACK, True, np.array([10, 10, 10]), counts, 30, 30, 10)]
    draws = [drawn(x, share) for x, share in enumerate(MIX.weights)]
    return draws, decide_menu_mix(draws, np.tile(MIX.weights, (NUMBER, 1)), [cells, cells], TITLES)


def test_games_that_are_known_get_what_is_best_in_each(decided):
    draws, found = decided
    least = [float(best_costs([group])[0]) for group in draws]
    assert found.provider_cost.value == pytest.approx(MIX.weights @ least, rel=1e-3) and found.wrong == 0
    assert found.contexts[0].commitment != found.contexts[1].commitment


def test_costs_are_those_of_the_policies_and_the_gain_is_their_difference(decided):
    draws, found = decided
    own = [worth_of_policy([g], each.commitment.policy) for g, each in zip(draws, found.contexts, strict=True)]
    one = [worth_of_policy([g], found.one_for_all.policy) for g in draws]
    force = [worth_of_policy([g], BACK) for g in draws]
    for many, estimate in ((own, found.provider_cost), (one, found.one_for_all_cost), (force, found.in_force_cost)):
        costs = [float(worth.provider_cost[0]) for worth in many]
        assert MIX.weights @ costs == pytest.approx(estimate.value, rel=1e-5)
    assert found.gain.value == pytest.approx(found.one_for_all_cost.value - found.provider_cost.value)
    assert found.gain.value > 0 and found.one_for_all_wrong == 1


def test_no_other_commitment_for_all_is_cheaper(decided):
    draws, found = decided
    for each in found.contexts:
        costs = [float(worth_of_policy([g], each.commitment.policy).provider_cost[0]) for g in draws]
        assert MIX.weights @ costs >= found.one_for_all_cost.value * (1 - 1e-6)

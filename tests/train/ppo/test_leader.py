"""Leaders are paid relative to their own trials, and start all over the box."""

import numpy as np
import pytest
from menu_games import KNOWN

from routegame.agents.exact.solved import solved
from routegame.envs.chain import outcome
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.leader import NUM_TRIALS, LeaderOptions, LeaderPopulation, LeaderSide, first_commitments

GAME = scenario("figure-4-right-cascade").game
BOX = RoutingGame(GAME)
SLOW_BOX = RoutingGame(GAME, throttling=True)


def test_leader_is_paid_relative_to_its_own_trials():
    side = LeaderSide(BOX, 4, 64, 100_000, np.random.default_rng(0), Meter())
    side.answer_with(lambda commitments: np.zeros(len(commitments)))
    actions = np.random.default_rng(1).uniform(-1, 1, (64, 2)).astype(np.float32)
    reward = side.pay(actions).reshape(4, 16)
    assert reward.mean(axis=1) == pytest.approx(np.zeros(4), abs=1e-6)
    assert reward.std(axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    tried = BOX.commitments((1 + actions.astype(np.float64)) / 2)
    exact = outcome(GAME, tried.route, tried.cascade_prob, 0.0).provider_cost.reshape(4, -1, NUM_TRIALS)
    saved = (exact.mean(axis=2, keepdims=True) - exact).reshape(4, 16)
    assert all(np.corrcoef(saved[k], reward[k])[0, 1] > 0.99 for k in range(4))
    same = np.repeat(actions[::NUM_TRIALS], NUM_TRIALS, axis=0)
    assert np.array_equal(side.pay(same), np.zeros(64)), "equal commitments are equally lucky"
    side.keep(np.array([1, 3]))
    assert side.observe().sum(axis=0).tolist() == [0, 32, 0, 32]


@pytest.mark.parametrize("game", [BOX, SLOW_BOX])
def test_leaders_start_where_they_should(game):
    population = LeaderPopulation(game, LeaderOptions(), np.random.SeedSequence(0), Meter())
    starts, commitments = first_commitments(game), population.commitments()
    assert game.actions(commitments)[:, 1:] == pytest.approx(starts[:, 1:], abs=1e-6)
    assert commitments.route.tolist() == [2 if start[0] > 0.5 else 1 for start in starts]
    assert set(commitments.route) == {1, 2}


@pytest.mark.slow
def test_leaders_of_many_models_begin_where_a_race_was_won_and_keep_to_their_lanes():
    game = MenuGame(KNOWN[7][0])
    options = LeaderOptions(leader_updates=2, refinement_updates=2, leader_batch=64, leader_tasks=16, final_tasks=512)
    known = solved(game)
    population = LeaderPopulation(game, options, np.random.SeedSequence(0), Meter())
    population.update(known.best_answer)
    before, rng = population.offers(), np.random.default_rng(0)
    first = game.actions(population.commitments())
    for _ in range(3):
        population.update(known.best_answer)
    after = game.actions(population.commitments())
    assert population.held is not None and len(after) == 4 and len(first) == 8
    for action, held in zip(after, population.held, strict=True):
        assert held.sum() == 5 and (action == 0).sum() >= 3
    offers = game.actions(before(200, rng))  # of eight members, four of whom have been given up since
    assert ((offers == 0).sum(axis=1) >= 3).all()
    again = LeaderPopulation(game, options, np.random.SeedSequence(0), Meter())
    again.restore(population.state())
    assert np.array_equal(game.actions(again.commitments()), after)
    chosen = population.final_commitment(known.best_answer, Meter())
    assert chosen == again.final_commitment(known.best_answer, Meter())
    assert known.answered(chosen).provider_cost == pytest.approx(KNOWN[7][1], rel=0.05)

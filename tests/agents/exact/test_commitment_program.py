"""The best mix by linear programs: OpenSpiel's cases, security games by water-filling, and bounds that meet."""

from itertools import product

import numpy as np
import pytest

from routegame.agents.exact.classic_games import SolvedMatrixGame
from routegame.agents.exact.commitment_program import best_mix
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS, EXPOSED, GUARDED, MATRICES, random_matrix_game
from routegame.envs.classic.matrix_game import MatrixGame, security_game


def mix_of(game, best):
    return game.mixes(game.commitments(np.array([best.coordinates])))[0]


def solved(leader, follower):
    game = MatrixGame(leader, follower)
    best = SolvedMatrixGame(game).equilibrium()
    return best, mix_of(game, best)


@pytest.mark.parametrize(
    "leader, follower, mix, value",
    [
        (((2, 4), (1, 3)), ((1, 0), (0, 1)), (0.5, 0.5), 3.5),
        (((2, 0, 0), (1, 0, 0)), ((0, 2, 5), (0, -1, -4)), (1 / 3, 2 / 3), 4 / 3),
    ],
)
def test_cases_that_openspiel_tests_its_solver_with(leader, follower, mix, value):
    """Both from Conitzer and Sandholm (2006)."""
    best, found = solved(leader, follower)
    assert found == pytest.approx(mix) and -best.provider_cost == pytest.approx(value)


def test_commitment_never_pays_less_than_a_pure_nash_equilibrium():
    """OpenSpiel's other check, with those equilibria that a loop finds."""
    found = 0
    for seed in range(40):
        game = random_matrix_game(4, seed, 5)
        leader, follower = np.array(game.leader_payoff), np.array(game.follower_payoff)
        value = -SolvedMatrixGame(game).equilibrium().provider_cost
        for i, j in product(range(4), range(5)):
            if leader[i, j] == leader[:, j].max() and follower[i, j] == follower[i].max():
                found += 1
                assert value >= leader[i, j] - 1e-12
    assert found > 20


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.quick_cases(12)
def test_what_is_proved_is_what_is_played(seed):
    """The bound of the multipliers meets what the mix earns with its best answer, where payoffs tie as well."""
    rng = np.random.default_rng(seed)
    shape = (2, *rng.integers(2, 9, 2))
    leader, follower = rng.integers(-3, 4, shape) if seed % 2 else rng.normal(size=shape)
    game = SolvedMatrixGame(MatrixGame(leader.tolist(), follower.tolist()))
    best = game.equilibrium()
    assert game.lower_bound() == pytest.approx(best.provider_cost, abs=1e-9)
    points = game.game.commitments(np.random.default_rng(1).random((300, game.game.size)))
    cost, _ = game.outcome(points, game.best_answer(points))
    assert cost.min() >= best.provider_cost - 1e-9


def test_an_action_that_is_never_best_has_no_mix():
    leader, follower = np.array([[1.0, 5.0, 2.0], [0.0, 5.0, 1.0]]), np.array([[2.0, 0.0, 1.0], [1.0, 0.0, 2.0]])
    assert best_mix(leader, follower, 1) == (None, -np.inf)
    mix, bound = best_mix(leader, follower, 0)
    assert mix.tolist() == [1, 0] and bound == pytest.approx(1)


def water_filled(guarded, exposed, guards):
    """The best coverage without a linear program: the attacker's best target is made as bad as guards can make it.

    After ORIGAMI (Kiekintveld et al. 2009): at a level v target i is guarded with (exposed - v) / (exposed - guarded),
    and v is the lowest level that the guards suffice for. Of targets at that level the attacker takes the one that the
    leader likes best.
    """
    (defended, caught), (lost, gained) = np.array(guarded).T, np.array(exposed).T
    low, high = caught.max(), gained.max()
    for _ in range(200):
        level = (low + high) / 2
        cover = np.clip((gained - level) / (gained - caught), 0, 1)
        low, high = (level, high) if cover.sum() > guards else (low, level)
    cover = np.clip((gained - high) / (gained - caught), 0, 1)
    worth = np.where(gained >= high - 1e-9, cover * defended + (1 - cover) * lost, -np.inf)
    return -worth.max(), cover


@pytest.mark.parametrize("guards", [1, 2, 3])
def test_security_games_by_water_filling(guards):
    cost, cover = water_filled(GUARDED, EXPOSED, guards)
    game = security_game(GUARDED, EXPOSED, guards)
    best = SolvedMatrixGame(game).equilibrium()
    assert best.provider_cost == pytest.approx(cost)
    rng = np.random.default_rng(guards)
    for _ in range(5):
        inside = np.stack([rng.uniform(0, 1, 6), rng.uniform(-1, 0, 6)], axis=1).round(3).tolist()
        outside = np.stack([rng.uniform(-1, 0, 6), rng.uniform(0, 1, 6)], axis=1).round(3).tolist()
        game = security_game(inside, outside, guards)
        cost, cover = water_filled(inside, outside, guards)
        assert SolvedMatrixGame(game).equilibrium().provider_cost == pytest.approx(cost)
        assert cover.sum() <= guards + 1e-9


def test_a_follower_with_a_signal_has_no_such_bound():
    noisy = next(classic.game for classic in CLASSICS if classic.name == "noisy-bagwell")
    with pytest.raises(ParameterError, match="without a signal"):
        SolvedMatrixGame(noisy).lower_bound()


def test_the_catalogue_says_what_is_so():
    games = {known.name: known.game for known in MATRICES}
    guard = games["security-guard"]
    mix = mix_of(guard, SolvedMatrixGame(guard).equilibrium())
    expected = mix @ np.array(guard.follower_payoff)
    assert (mix > 1e-9).sum() == 4 and np.ptp(expected[mix > 1e-9]) < 1e-9
    assert expected[mix < 1e-9] < expected.max()
    assert len(games["security-patrols"].leader_payoff) == 10

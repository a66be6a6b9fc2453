"""What is known of games outside routing, against linear programs and brute force."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize_scalar

from routegame.agents.exact.classic_games import SolvedDuopoly, SolvedMatrixGame
from routegame.agents.exact.solved import solved
from routegame.envs.classic.catalogue import CLASSICS, random_matrix_game
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.classic.matrix_game import MatrixGame, NoisyCommitment
from routegame.envs.classic.point_game import Point, Points

GAMES = {classic.name: classic.game for classic in CLASSICS}


def by_linear_programs(game):
    """For each answer the leader's best mix under which it is a best one (Conitzer and Sandholm 2006, theorem 2)."""
    leader, follower = np.array(game.leader_payoff), np.array(game.follower_payoff)
    values = []
    for answer in (0, 1):
        found = linprog(
            -leader[:, answer],
            A_ub=[follower[:, 1 - answer] - follower[:, answer]],
            b_ub=[0],
            A_eq=[np.ones(len(leader))],
            b_eq=[1],
        )
        if found.success:
            values.append(found.fun)
    return min(values)


def points(*rows):
    return Points(np.array(rows, dtype=np.float64))


@pytest.mark.parametrize("num_actions", [2, 3, 5, 8])
def test_matrix_games_as_linear_programs_have_it(num_actions):
    for seed in range(12):
        game = random_matrix_game(num_actions, seed)
        best = SolvedMatrixGame(game).equilibrium()
        assert best.provider_cost == pytest.approx(by_linear_programs(game), abs=1e-9)
        mix = game.mixes(points(best.coordinates))[0]
        assert mix.sum() == pytest.approx(1) and mix.min() >= 0
        assert best.provider_cost == pytest.approx(-mix @ np.array(game.leader_payoff)[:, int(best.answer)])


@pytest.mark.parametrize(
    "name,coordinate,answer,cost,utility",
    [("matrix-textbook", 0.5, 1.0, -3.5, 0.5), ("matrix-inspection", 0.2, 0.0, 0.1, 0.0)],
)
def test_textbook_values(name, coordinate, answer, cost, utility):
    best = solved(GAMES[name]).equilibrium()
    assert best.coordinates == pytest.approx((coordinate,))
    assert (best.answer, best.provider_cost, best.user_utility) == pytest.approx((answer, cost, utility))
    assert best.provider_cost == pytest.approx(by_linear_programs(GAMES[name]))


def test_an_indifferent_follower_plays_what_the_leader_likes_and_any_other_what_it_likes_itself():
    textbook = solved(GAMES["matrix-textbook"])
    assert textbook.best_answer(points([0.5], [0.5 + 1e-9], [0.5 - 1e-9])).tolist() == [1, 0, 1]
    inspection = solved(GAMES["matrix-inspection"])
    assert inspection.best_answer(points([0.2], [0.2 - 1e-9])).tolist() == [0, 1]


def test_without_commitment_the_textbook_leader_earns_less():
    """Its first action is dominant, and the answer to that is the follower's first."""
    game = solved(GAMES["matrix-textbook"])
    assert game.answered(Point((1.0,))).provider_cost == -2


def bayes(game, x):
    """What a follower does at either signal that knows the mix, by Bayes' rule, and what comes of it.

    Every pair of actions, one for each signal, as often as it is a best one to (1 - x, x): (leader, follower) payoffs.
    """
    leader, follower = np.array(game.leader_payoff), np.array(game.follower_payoff)
    joint = np.array([1 - x, x])[:, None] * np.array([[1 - game.noise, game.noise], [game.noise, 1 - game.noise]])
    best = []
    for signal in joint.T:
        expected = signal @ follower / max(signal.sum(), 1e-300)
        best.append(np.flatnonzero(expected >= expected.max() - 1e-9))
    return [
        tuple(sum(joint[a, s] * payoff[a, pair[s]] for a in (0, 1) for s in (0, 1)) for payoff in (leader, follower))
        for pair in ((one, two) for one in best[0] for two in best[1])
    ]


PAYOFFS = [
    (((0, 2), (-0.5, -1)), ((1, 0), (0, 2))),
    (((1, 0), (3, 2)), ((0, -1), (1, 4))),
    (((3, 1), (0, 2)), ((2, 0), (0, 1))),
]
NOISY = {name: game for name, game in GAMES.items() if isinstance(game, NoisyCommitment)} | {
    f"noise-{noise}-{k}": NoisyCommitment(*payoffs, noise)
    for noise in (0, 0.05, 0.3, 0.5)
    for k, payoffs in enumerate(PAYOFFS)
}


@pytest.mark.parametrize("name", NOISY)
def test_noisy_commitment_by_bayes_and_brute_force(name):
    game = NOISY[name]
    solved, grid = SolvedMatrixGame(game), np.linspace(0, 1, 2001)
    commitments = points(*(1 - grid)[:, None])
    cost, utility = solved.outcome(commitments, solved.best_answer(commitments))
    brute = [max(bayes(game, x)) for x in grid]
    assert -cost == pytest.approx(np.array([leader for leader, _ in brute]), abs=1e-9)
    assert utility == pytest.approx(np.array([follower for _, follower in brute]), abs=1e-9)
    best = solved.equilibrium()
    assert best.provider_cost <= cost.min() + 1e-12
    assert best.provider_cost == pytest.approx(cost.min(), abs=0.01)
    assert -best.provider_cost == pytest.approx(max(bayes(game, 1 - best.coordinates[0]))[0])


def test_no_mixture_of_answers_at_signals_is_better_than_those_on_the_line():
    """Any probabilities of the second action at either signal, against the best of the line's three corners."""
    game, rng = NOISY["noise-0.3-0"], np.random.default_rng(0)
    solved, joint = SolvedMatrixGame(game), np.array([[0.7, 0.3], [0.3, 0.7]])
    for x in rng.random(50):
        best = solved.answered(Point((1 - x,))).user_utility
        for second in (rng.random((100, 2)) @ joint, np.array([[1.0, 0.0], [0.0, 1.0]]) @ joint):
            utility = np.einsum("a,nab,ab->n", [1 - x, x], np.stack([1 - second, second], 2), game.follower_payoff)
            assert (utility <= best + 1e-12).all()


def test_bagwells_example_is_his():
    """Where mixes are not shown: moving at once is the pure equilibrium, and a mixed one is close to Stackelberg's.

    A leader that is believed to play its second action (Stackelberg's) is, whatever the signal; then its first pays 6
    instead of 5. The mixed equilibrium has the mix that is best to commit to (van Damme and Hurkens 1997).
    """
    game = GAMES["noisy-bagwell"]
    solved = SolvedMatrixGame(game)

    def paid(first_prob, answer):
        return -solved.profile(Point((first_prob,)), answer).provider_cost

    assert solved.best_answer(points([0.0], [1.0])).tolist() == [1, 0]
    assert (paid(0, 1), paid(1, 1)) == pytest.approx((5, 6))
    assert (paid(1, 0), paid(0, 0)) == pytest.approx((4, 3))
    best = solved.equilibrium()
    assert best.coordinates == pytest.approx((0.1,)) and best.provider_cost == pytest.approx(-5.1)
    at_the_other_signal = (1 - 4 * 0.1) / (2 * (1 - 2 * 0.1))
    mixed = (1 + at_the_other_signal) / 2
    assert paid(0, mixed) == pytest.approx(paid(1, mixed)) == pytest.approx(4.875)
    assert solved.profile(Point((0.1,)), mixed).user_utility == pytest.approx(best.user_utility)


def test_a_signal_that_says_nothing_is_none():
    game = NOISY["noise-0.5-1"]
    plain = SolvedMatrixGame(MatrixGame(game.leader_payoff, game.follower_payoff)).equilibrium()
    assert SolvedMatrixGame(game).equilibrium().provider_cost == pytest.approx(plain.provider_cost)


COSTS = [(0, 0), (0.3, 0), (0, 0.4), (0, 0.55), (0.5, 0), (0.55, 0), (0.2, 0.6), (0, 0.9)]


@pytest.mark.parametrize("costs", COSTS)
@pytest.mark.parametrize("intercept,slope", [(1, 1), (3, 0.5)])
def test_duopolies_by_brute_force(costs, intercept, slope):
    game = Duopoly(intercept, slope, tuple(intercept * c for c in costs), 0.1)
    solved = SolvedDuopoly(game)
    (first, second), grid = game.capacity, np.linspace(0, 1, 4001)

    def profit(own, other, cost):
        return (intercept - slope * (own + other) - cost) * own

    def best_of_follower(x):
        return np.array([grid[np.argmax(profit(grid * second, each * first, game.cost[1]))] for each in x])

    tried = grid[::40]
    assert solved.best_answer(points(*tried[:, None])) == pytest.approx(best_of_follower(tried), abs=1 / 4000)
    cost, utility = solved.outcome(points(*tried[:, None]), tried[::-1])
    assert cost == pytest.approx(-profit(tried * first, tried[::-1] * second, game.cost[0]))
    assert utility == pytest.approx(profit(tried[::-1] * second, tried * first, game.cost[1]))
    best = solved.equilibrium()
    coarse = profit(grid * first, best_of_follower(grid) * second, game.cost[0]).max()
    assert -best.provider_cost == pytest.approx(coarse, abs=slope * first * second / 4000)
    again = -minimize_scalar(
        lambda x: -profit(x * first, solved.best_answer(points([x]))[0] * second, game.cost[0]),
        bounds=(max(best.coordinates[0] - 0.01, 0), min(best.coordinates[0] + 0.01, 1)),
        options={"xatol": 1e-10},
        method="bounded",
    ).fun
    assert -best.provider_cost == pytest.approx(again, abs=1e-7 * intercept**2 / slope)


def test_a_leader_moves_before_cournot_does():
    """1/8 and 1/16 where firms that move at once earn 1/9 each."""
    best = solved(GAMES["duopoly-equal"]).equilibrium()
    assert (best.coordinates, best.answer) == ((0.5,), 0.25)
    assert (-best.provider_cost, best.user_utility) == (1 / 8, 1 / 16)
    assert solved(GAMES["duopoly-equal"]).answered(Point((1 / 3,))).provider_cost == pytest.approx(-1 / 9)
    limit = solved(GAMES["duopoly-limit"]).equilibrium()
    assert limit.coordinates == pytest.approx((0.6,)) and limit.answer == pytest.approx(0, abs=1e-12)

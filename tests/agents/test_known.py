"""What is known of games outside routing, against linear programs and brute force."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize_scalar

from routegame.agents.followers import response
from routegame.agents.known import KnownDuopoly, KnownMatrixGame, known
from routegame.envs.classic import CLASSICS, random_matrix_game
from routegame.envs.commitment import CommitmentBox
from routegame.envs.duopoly import Duopoly
from routegame.envs.game import ParameterError
from routegame.envs.points import Points
from routegame.envs.scenarios import scenario

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
        best = KnownMatrixGame(game).equilibrium()
        assert best.provider_cost == pytest.approx(by_linear_programs(game), abs=1e-9)
        mix = game.mixes(points(best.coordinates))[0]
        assert mix.sum() == pytest.approx(1) and mix.min() >= 0
        assert best.provider_cost == pytest.approx(-mix @ np.array(game.leader_payoff)[:, int(best.answer)])


@pytest.mark.parametrize(
    "name,coordinate,answer,cost,utility",
    [("matrix-textbook", 0.5, 1.0, -3.5, 0.5), ("matrix-inspection", 0.2, 0.0, 0.1, 0.0)],
)
def test_textbook_values(name, coordinate, answer, cost, utility):
    best = known(GAMES[name]).equilibrium()
    assert best.coordinates == pytest.approx((coordinate,))
    assert (best.answer, best.provider_cost, best.user_utility) == pytest.approx((answer, cost, utility))
    assert best.provider_cost == pytest.approx(by_linear_programs(GAMES[name]))


def test_an_indifferent_follower_plays_what_the_leader_likes_and_any_other_what_it_likes_itself():
    textbook = known(GAMES["matrix-textbook"])
    assert textbook.best_answer(points([0.5], [0.5 + 1e-9], [0.5 - 1e-9])).tolist() == [1, 0, 1]
    inspection = known(GAMES["matrix-inspection"])
    assert inspection.best_answer(points([0.2], [0.2 - 1e-9])).tolist() == [0, 1]


def test_without_commitment_the_textbook_leader_earns_less():
    """Its first action is dominant, and the answer to that is the follower's first."""
    game = known(GAMES["matrix-textbook"])
    assert game.profile(points([1.0])).provider_cost == -2


COSTS = [(0, 0), (0.3, 0), (0, 0.4), (0, 0.55), (0.5, 0), (0.55, 0), (0.2, 0.6), (0, 0.9)]


@pytest.mark.parametrize("costs", COSTS)
@pytest.mark.parametrize("intercept,slope", [(1, 1), (3, 0.5)])
def test_duopolies_by_brute_force(costs, intercept, slope):
    game = Duopoly(intercept, slope, tuple(intercept * c for c in costs), 0.1)
    solved = KnownDuopoly(game)
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
    best = known(GAMES["duopoly-equal"]).equilibrium()
    assert (best.coordinates, best.answer) == ((0.5,), 0.25)
    assert (-best.provider_cost, best.user_utility) == (1 / 8, 1 / 16)
    assert known(GAMES["duopoly-equal"]).profile(points([1 / 3])).provider_cost == pytest.approx(-1 / 9)
    limit = known(GAMES["duopoly-limit"]).equilibrium()
    assert limit.coordinates == pytest.approx((0.6,)) and limit.answer == pytest.approx(0, abs=1e-12)


def test_rules_of_answering():
    game = GAMES["matrix-textbook"]
    assert response(game, "exact")(points([0.4], [0.6])).tolist() == [1, 0]
    routing = CommitmentBox(scenario("nano-gpt5").game)
    assert len(response(routing, "quantal:1")(routing.commitments(np.full((3, 2), 0.3)))) == 3
    with pytest.raises(ParameterError, match="follower must be exact in games other than routing"):
        response(game, "quantal:1")


def test_unknown_games():
    with pytest.raises(ParameterError, match="game must be a matrix game or a duopoly"):
        known(None)

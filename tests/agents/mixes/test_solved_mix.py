"""Mixes of tasks in closed form, as they are played: outcomes, answers and the best policy agree with the solver."""

import numpy as np
import pytest

from routegame import Game, ParameterError, TaskMix, solve_mix
from routegame.agents.menus.solved_menu import SolvedMenu
from routegame.agents.mixes.solved_mix import SolvedMix
from routegame.agents.users.kinds import response
from routegame.envs.menu_game import MenuGame
from routegame.envs.mix_game import MixGame
from routegame.envs.task_mixes import drawn_apart

MIX = TaskMix([0.7, 0.3], Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)))
MENUS = TaskMix([3, 1], Game(10, 9, ([0.25, 0.4], [0.2, 0.3], [0.5, 0.6]), (6, 2.2, 2.5), (0.2, 0.5, 3)))


@pytest.mark.parametrize("users", ["sighted", "memoryless", "history"])
def test_the_equilibrium_is_the_solvers_and_costs_what_it_says(users):
    solved, solution = SolvedMix(MixGame(MIX, users)), solve_mix(MIX, users)
    best = solved.equilibrium()
    assert best.provider_cost == pytest.approx(solution.provider_cost, rel=1e-12)
    assert best.context_costs == pytest.approx(solution.context_costs, rel=1e-12)
    assert best.context_utilities == pytest.approx(solution.context_utilities, rel=1e-9, abs=1e-12)
    again = solved.answered(best.commitment)
    assert again.provider_cost == pytest.approx(best.provider_cost, rel=1e-12) and again.answers == best.answers


def test_of_more_models_every_context_is_a_menu():
    solved = SolvedMix(MixGame(MENUS))
    actions = np.random.default_rng(0).random((5, solved.game.size))
    offered = solved.game.commitments(actions)
    answers = solved.best_answer(offered)
    costs, utilities = solved.by_context(offered, answers)
    for x in range(2):
        menu = SolvedMenu(MenuGame(MENUS.game(x)))
        alone = menu.game.commitments(actions.reshape(5, 2, 2, 3)[:, :, x].reshape(5, 6))
        assert (menu.best_answer(alone) == answers[:, x]).all()
        assert np.allclose(menu.outcome(alone, answers[:, x]), (costs[:, x], utilities[:, x]), rtol=1e-12)
    assert solved.equilibrium().provider_cost == pytest.approx(solve_mix(MENUS).provider_cost, rel=1e-12)


@pytest.mark.parametrize(
    ("users", "answers"), [("memoryless", np.linspace(0, 1, 401)), ("history", 1 / np.arange(1, 99))]
)
def test_no_other_answer_of_blind_users_is_better(users, answers):
    solved, rng = SolvedMix(MixGame(MIX, users)), np.random.default_rng(1)
    offered = solved.game.commitments(rng.random((6, 4)))
    best = solved.best_answer(offered)
    for n in range(6):
        each = offered.take(np.full(len(answers), n))
        assert solved.outcome(each, answers)[1].max() <= solved.outcome(each[0].alone(), best[n : n + 1])[1][0] + 1e-9


def test_sighted_users_answer_in_every_context_for_itself():
    solved = SolvedMix(MixGame(MIX))
    offered = solved.game.commitments(np.array([[0, 0, 0, 0.04], [0, 0, 0, 0.042]]))
    assert solved.best_answer(offered).tolist() == [[0, 1], [0, 0]]
    profile = solved.answered(offered[0])
    assert profile.follower_answer == pytest.approx(0.3) and profile.answers == (0, 1)


def test_only_perfect_users_are_known():
    with pytest.raises(ParameterError, match="exact where tasks differ"):
        response(MixGame(MIX), "quantal:1")


@pytest.mark.parametrize("users", ["sighted", "memoryless", "history"])
def test_the_equilibrium_is_a_commitment_that_an_action_stands_for(users):
    """Also where lists are sought in many contexts: files of runs have it, and reports read it."""
    game = MixGame(drawn_apart(4, 3), users)
    solved = SolvedMix(game)
    best = solved.equilibrium()
    assert game.commitment(game.action(best.policy)).start == best.policy.start
    assert best.provider_cost == pytest.approx(solved.solution.provider_cost)

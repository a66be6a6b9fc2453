"""Games with many models as they are judged: known equilibria, and that no commitment beats them."""

import numpy as np
import pytest
from menu_games import KNOWN, random_menu

from routegame import Game, ParameterError
from routegame.agents.exact.solved import solved
from routegame.agents.menus.solved_menu import SolvedMenu
from routegame.agents.users.kinds import follower, response
from routegame.envs.menu_game import MenuCommitment, MenuGame


@pytest.mark.parametrize("number", KNOWN)
@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_equilibria_are_known_and_met_by_the_best_answer(number, form):
    game, cost = KNOWN[number]
    found = solved(MenuGame(game, form=form))
    best = found.equilibrium()
    assert best.leader_cost == pytest.approx(cost, abs=1e-9)
    again = found.answered(best.commitment)
    assert again.leader_cost == pytest.approx(cost, abs=1e-9) or number == 16  # where users are indifferent, unasked
    if form == "compact":
        assert len(set(best.policy.matrix)) == 1


@pytest.mark.parametrize("form", ["compact", "matrix"])
@pytest.mark.parametrize("throttling", [False, True])
def test_no_commitment_is_cheaper(form, throttling):
    rng = np.random.default_rng(4)
    for models in (2, 3, 5):
        menu = MenuGame(random_menu(rng, models), form=form, throttling=throttling)
        found = SolvedMenu(menu)
        actions = rng.random((300, menu.size)) * (rng.random((300, menu.size)) < 0.5)
        offered = menu.commitments(actions)
        cost, _ = found.outcome(offered, found.best_answer(offered))
        assert cost.min() >= found.equilibrium().leader_cost - 1e-9


def test_slowing_down_is_part_of_the_equilibrium_where_it_pays():
    best = SolvedMenu(MenuGame(Game(10, 0.1, (0.3, 0.5, 0.7), (1, 2, 3), (1, 1.5, 2.8)), throttling=True)).equilibrium()
    assert best.leader_cost == pytest.approx(1.07) and best.abandon_prob == 1
    assert best.throttled_latency[0] == pytest.approx(3)


def test_a_list_says_what_is_handed_over():
    found = SolvedMenu(MenuGame(KNOWN[4][0]))
    eye = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    handed = MenuCommitment((1, 0, 0), ((0.75, 0.25, 0), *eye[1:]), (1, 2, 3))
    assert (found.profile(handed, 0.0).route, found.profile(handed, 0.0).cascade_prob) == (1, 0.25)
    drawn = MenuCommitment((0.5, 0.5, 0), eye, (1, 2, 3))
    assert (found.profile(drawn, 0.0).route, found.profile(drawn, 0.0).cascade_prob) == (None, None)


def test_users_of_other_kinds_are_refused():
    menu = MenuGame(KNOWN[4][0])
    assert response(menu, "exact") is not None and follower("quantal:1")
    with pytest.raises(ParameterError, match="exact where the order of the models is free"):
        response(menu, "quantal:1")

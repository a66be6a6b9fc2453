"""A game that changes in closed form: whichever it is by now."""

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.agents.exact.solved_drift import SolvedDrift
from routegame.agents.users.kinds import response
from routegame.envs.checks import ParameterError
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.game import Game

PAIR = (Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), Game(9, 2, (0.2, 0.3), (1, 2), (1, 3.6)))
MENU = tuple(Game(value, 15, (0.1, 0.3, 0.2), (1, 2, 1.5), (1, 3, 1)) for value in (9, 5))


@pytest.mark.parametrize("pair", [PAIR, MENU], ids=["pair", "menu"])
@pytest.mark.parametrize("phase", [0, 1])
def test_it_is_that_of_the_game_as_it_is(pair, phase):
    game = DriftingGame(*pair, 0.5)
    game.keep_time(lambda: float(phase))
    found, own = solved(game), solved(game.phases[phase])
    assert isinstance(found, SolvedDrift)
    points = game.commitments(np.random.default_rng(0).random((30, game.size)))
    answers = own.best_answer(points)
    assert found.best_answer(points).tolist() == response(game, "exact")(points).tolist() == answers.tolist()
    for one, other in zip(found.outcome(points, answers), own.outcome(points, answers), strict=True):
        assert one.tolist() == other.tolist()
    assert found.equilibrium() == own.equilibrium()
    assert found.answered(points[0]) == own.answered(points[0])
    assert found.scale(points, answers).tolist() == own.scale(points, answers).tolist()


def test_users_of_a_rule_answer_by_the_game_as_it_is_when_they_are_asked():
    game, done = DriftingGame(*PAIR, 0.5), [0.0]
    game.keep_time(lambda: done[0])
    respond, points = response(game, "quantal:0.1"), game.commitments(np.array([[0.0, 0.05]]))
    before = respond(points)
    done[0] = 1.0
    assert respond(points) != before
    with pytest.raises(ParameterError, match="follower must be exact"):
        response(DriftingGame(*MENU, 0.5), "quantal:0.1")

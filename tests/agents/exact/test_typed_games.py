"""Games against several types in closed form: expected over types, each of which does what is best for itself."""

import numpy as np
import pytest

from routegame.agents.exact.classic_games import SolvedMatrixGame
from routegame.agents.exact.solved import solved
from routegame.agents.exact.typed_games import SolvedBayesianGame
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.catalogue import MATRICES
from routegame.envs.classic.point_game import Point, Points

GAMES = {known.name: known.game for known in MATRICES if isinstance(known.game, BayesianGame)}
TWO = GAMES["bayes-two-types"]


def test_by_hand():
    """At 1/2 the first type expects 1/2 and 1, the second 2 and 3: both give their second answer."""
    game = SolvedBayesianGame(TWO)
    found = game.answered(Point((0.5,)))
    assert found.answers == (1, 1) and found.answer == pytest.approx(1)
    assert found.provider_cost == pytest.approx(-(0.6 * 3.5 + 0.4 * 0.5))
    assert found.user_utility == pytest.approx(0.6 * 1 + 0.4 * 3)
    other = game.profile(Point((0.5,)), np.array([1.0, 0.0]))
    assert other.provider_cost == pytest.approx(-(0.6 * 3.5 + 0.4 * 2)) and other.answer == pytest.approx(0.6)
    assert game.profile(Point((0.5,)), 1.0) == found


def test_every_type_answers_as_in_its_own_game():
    rng = np.random.default_rng(0)
    for game in GAMES.values():
        points = Points(rng.random((50, game.size)))
        each = [SolvedMatrixGame(one).best_answer(points).tolist() for one in game.types]
        assert solved(game).best_answer(points).T.tolist() == each


@pytest.mark.parametrize("name", GAMES)
def test_no_random_mix_is_better(name):
    game = solved(GAMES[name])
    points = Points(np.random.default_rng(0).random((4000, GAMES[name].size)))
    costs, _ = game.outcome(points, game.best_answer(points))
    assert costs.min() >= game.equilibrium().provider_cost


def test_the_catalogue_says_what_is_so():
    best = [SolvedMatrixGame(one).equilibrium().coordinates[0] for one in TWO.types]
    found = solved(TWO).equilibrium()
    assert best[0] == pytest.approx(2 / 3) and found.coordinates[0] == pytest.approx(1 / 3)
    assert solved(TWO).best_answer(Points(np.array([[2 / 3], [1 / 3]]))).tolist() == [[1, 1], [1, 0]]
    assert found.answers == (1, 0)
    for name in ("bayes-guard", "bayes-patrols"):
        liked = [int(np.argmax([gained for _, gained in targets])) for targets in _exposed(GAMES[name])]
        assert len(set(solved(GAMES[name]).equilibrium().answers)) == 3 and len(set(liked)) > 1


def _exposed(game):
    """What leader and follower get at each target where it is exposed, by type."""
    return [
        [
            (min(column), max(other))
            for column, other in zip(zip(*one, strict=True), zip(*two, strict=True), strict=True)
        ]
        for one, two in zip(game.leader_payoff, game.follower_payoff, strict=True)
    ]

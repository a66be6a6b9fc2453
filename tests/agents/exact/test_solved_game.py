"""What every closed form can do: complete a commitment with its best answer, and know who answers it."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.agents.exact.solved_game import SolvedGame
from routegame.agents.users.kinds import response
from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import CLASSICS
from routegame.envs.classic.point_game import Point, Points
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

GAMES = {classic.name: classic.game for classic in CLASSICS}


def points(*rows):
    return Points(np.array(rows, dtype=np.float64))


def test_rules_of_answering():
    game = GAMES["matrix-textbook"]
    assert response(game, "exact")(points([0.4], [0.6])).tolist() == [1, 0]
    routing = RoutingGame(scenario("nano-gpt5").game)
    assert len(response(routing, "quantal:1")(routing.commitments(np.full((3, 2), 0.3)))) == 3
    with pytest.raises(ParameterError, match="follower must be exact in games other than routing"):
        response(game, "quantal:1")


@dataclass(frozen=True)
class Pair:
    """A commitment and an answer."""

    commitment: Point
    answer: float


class Mirror(SolvedGame):
    """A game whose followers do as the leader does."""

    game = GAMES["duopoly-equal"]

    def best_answer(self, commitments):
        return commitments.coordinates[:, 0]

    def profile(self, commitment, answer):
        return Pair(commitment, answer)

    def outcome(self, commitments, answers):
        raise NotImplementedError

    def equilibrium(self):
        raise NotImplementedError

    def scale(self, commitments, utility):
        raise NotImplementedError


def test_a_commitment_is_completed_with_its_best_answer():
    answered = Mirror().answered(Point((0.25,)))
    assert answered == Pair(Point((0.25,)), 0.25) and type(answered.answer) is float


def test_outside_routing_there_is_but_the_perfect_answer():
    respond = Mirror().response(SimpleNamespace(KIND="exact"))
    assert respond(points([0.1], [0.7])).tolist() == [0.1, 0.7]
    with pytest.raises(ParameterError, match="follower must be exact in games other than routing"):
        Mirror().response(SimpleNamespace(KIND="quantal"))


@pytest.mark.parametrize("name", GAMES)
def test_no_answer_is_better_than_the_best_and_no_commitment_than_the_equilibrium(name):
    """On a grid; the equilibrium is completed by its own commitment."""
    known, game = solved(GAMES[name]), GAMES[name]
    best = known.equilibrium()
    offers = game.commitments(np.linspace(0, 1, 41)[:, None])
    cost, utility = known.outcome(offers, known.best_answer(offers))
    assert cost.min() >= best.leader_cost - 1e-9
    for answer in np.linspace(0, 1, 41):
        assert (known.outcome(offers, np.full(41, answer))[1] <= utility + 1e-9).all()
    again = known.profile(Point(best.coordinates), best.follower_answer)
    assert again.leader_cost == pytest.approx(best.leader_cost)
    assert (known.scale(offers, utility) > 0).all()

"""Games against followers of several types: who comes, who answers, and luck."""

import numpy as np
import pytest

from routegame.agents.exact.solved import solved
from routegame.envs.checks import ParameterError
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.catalogue import random_matrix_game
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.typed_game import as_prior

ONE, OTHER = random_matrix_game(3, 1, 4), random_matrix_game(3, 2, 4)
PAIR = BayesianGame(
    (ONE.leader_payoff, OTHER.leader_payoff), (ONE.follower_payoff, OTHER.follower_payoff), prior=(3, 1)
)
CROWD = CrowdGame((9, 6, 30), (15, 2, 7), (1, 1, 2), (3, 1, 2), (0.1, 0.3, 0.6), (1, 2, 9), (1, 3.6, 2))
WAYS = ("play", "play_totals", "play_compared", "play_with_luck")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("game", [PAIR, CROWD], ids=["matrix", "crowd"])
def test_plays_pay_what_is_expected_over_types(game, way):
    """Within five standard errors of plays apart, answers in between included."""
    rng = np.random.default_rng(0)
    points, answers = game.commitments(rng.random((3, game.size))), rng.random((3, game.num_answers))
    played = [
        getattr(game, way)(points, answers, 1024, seed if way == "play_with_luck" else np.random.default_rng(seed))
        for seed in range(30)
    ]
    assert all(found.passes.shape == (3,) and (found.passes >= 1024).all() for found in played)
    assert {int(found.num_plays) for found in played} == {1024}
    expected = solved(game).outcome(points, answers)
    for wanted, name in zip(expected, ("leader_cost", "follower_utility"), strict=True):
        found = np.array([getattr(each, name) for each in played])
        error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
        assert (np.abs(found.mean(axis=0) - wanted) <= 5 * error).all()


def test_one_number_is_the_answer_of_every_type():
    points = PAIR.commitments(np.random.default_rng(0).random((2, 2)))
    alone = PAIR.play(points, np.array([0.2, 0.9]), 1000, np.random.default_rng(1))
    each = PAIR.play(points, np.array([[0.2, 0.2], [0.9, 0.9]]), 1000, np.random.default_rng(1))
    assert alone.leader_cost.tolist() == each.leader_cost.tolist()
    assert PAIR.by_type(np.array([0.2, 0.9])).tolist() == [[0.2, 0.2], [0.9, 0.9]]


def test_types_that_are_alike_are_one_type():
    """Of one type alone a play is the same to the last bit, for the same luck of its own."""
    twins = BayesianGame([ONE.leader_payoff], [ONE.follower_payoff], [1])
    points, answers = ONE.commitments(np.random.default_rng(0).random((4, 2))), np.array([0, 1 / 3, 0.5, 1])
    rng = np.random.default_rng(5)
    rng.multinomial(100, [1.0])
    wanted = ONE.play(points, answers, 100, rng)
    found = twins.play(points, answers[:, None], 100, np.random.default_rng(5))
    assert found.leader_cost.tolist() == wanted.leader_cost.tolist()


def test_luck_is_the_same_for_the_same_row_of_another_call():
    """Where only one type answers otherwise, what the other type paid cancels."""
    points = PAIR.commitments(np.full((1, 2), 0.4))
    one, other = (PAIR.play_with_luck(points, np.array([[0.0, x]]), 10_000, 3).leader_cost for x in (0.0, 1.0))
    first, last = (PAIR.play_with_luck(points, np.array([[1.0, x]]), 10_000, 3).leader_cost for x in (0.0, 1.0))
    assert one - other == pytest.approx(first - last, abs=1e-12) and one != other


def test_a_prior_is_a_positive_number_for_each_type():
    assert as_prior((1, 1, 2), 3) == (0.25, 0.25, 0.5)
    for prior in ((1, 1), (1, 0, 1), (1, np.nan, 1), (1, -1, 2)):
        with pytest.raises(ParameterError, match="prior must be"):
            as_prior(prior, 3)


@pytest.mark.parametrize("game", [PAIR, CROWD], ids=["matrix", "crowd"])
def test_a_follower_meets_the_game_of_its_type(game):
    """Rows are made to types, who see which they are, and pay what the game against that type alone pays."""
    rng = np.random.default_rng(0)
    points, met = game.commitments(rng.random((6, game.size))), game.as_met
    asked = game.asked(points)
    assert asked.number.tolist() == list(range(game.num_answers)) * 6
    assert met.seen(asked)[: game.num_answers].tolist() == np.eye(game.num_answers).tolist()
    assert met.actions(asked)[:: game.num_answers].tolist() == game.actions(points).tolist()
    drawn = game.met(points, rng)
    assert len(drawn) == 6 and drawn.take(np.array([2, 2])).number.tolist() == [drawn.number[2]] * 2
    rows = np.flatnonzero(asked.number == 1)
    answers = rng.random(len(asked))
    own = game.types[1].commitments(asked.coordinates[rows])
    for way, chance in (("play_with_luck", lambda: 7), ("play", lambda: np.random.default_rng(7))):
        every = getattr(met, way)(asked, answers, 50, chance())
        assert every.num_plays == 50 and (every.passes >= 50).all()
        if way == "play_with_luck":
            alone = getattr(game.types[1], way)(own, answers[rows], 50, chance())
            assert every.follower_utility[rows].tolist() == alone.follower_utility.tolist()
            assert every.leader_cost[rows].tolist() == alone.leader_cost.tolist()


def test_a_meeting_is_a_commitment_like_any_other():
    met = PAIR.as_met
    meeting = met.commitments(np.array([[0.25, 0.5], [0.75, 1.0]]))[1]
    assert (meeting.coordinates, meeting.number) == ((0.75, 1.0), 1)
    assert meeting.alone()[0] == meeting == met.read({"coordinates": [0.75, 1.0], "number": 1})
    assert met.action(meeting).tolist() == [0.75, 1.0] and met.size == PAIR.size
    assert met.figures(meeting.alone()) == {"coordinate_0": 0.75, "coordinate_1": 1.0}
    assert met.starts(np.array([0.5])).tolist() == PAIR.starts(np.array([0.5])).tolist()
    assert met.to_dict() == {"kind": "one-of-types", "game": PAIR.to_dict()}
    assert met.num_switches == 0 and met.utility_scale == PAIR.utility_scale


def test_games_without_types_are_met_as_they_are():
    points = ONE.commitments(np.full((2, 2), 0.5))
    assert ONE.as_met is ONE and ONE.asked(points) is points and ONE.met(points, np.random.default_rng(0)) is points

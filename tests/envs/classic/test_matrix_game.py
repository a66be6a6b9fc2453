"""Matrix games: mixes as points of a box, what plays pay, and signals that err."""

import numpy as np
import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.classic.catalogue import random_matrix_game
from routegame.envs.classic.matrix_game import MatrixGame, NoisyCommitment, security_game
from routegame.envs.classic.point_game import Points


def test_a_point_breaks_a_stick():
    game = random_matrix_game(4, 0)
    mixes = game.mixes(game.commitments(np.array([[0.5, 0.5, 0.5], [0, 0, 0], [1, 0.3, 0.3], [0.2, 0, 1]])))
    assert mixes == pytest.approx(np.array([[0.5, 0.25, 0.125, 0.125], [0, 0, 0, 1], [1, 0, 0, 0], [0.2, 0, 0.8, 0]]))
    rng = np.random.default_rng(0)
    for mix in rng.dirichlet(np.ones(4), 20):
        assert game.mixes(game.commitments(game.point(mix)[None]))[0] == pytest.approx(mix)


def test_a_share_of_nothing_is_nothing():
    """Where the first actions have it all, the coordinates behind them say nothing, and are 0."""
    assert random_matrix_game(4, 0).point([0.25, 0.75, 0, 0]).tolist() == [0.25, 1, 0]


def test_an_answer_is_an_action_or_a_mix_of_two_beside_each_other():
    game = random_matrix_game(2, 0, 4)
    probs = game.column_probs(np.array([0, 1 / 3, 0.5, 0.9, 1]))
    assert probs.shape == (5, 2, 4) and (probs[:, 0] == probs[:, 1]).all()
    wanted = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0.3, 0.7], [0, 0, 0, 1]]
    assert probs[:, 0] == pytest.approx(np.array(wanted))
    assert game.habits.tolist() == [0, 1 / 3, 2 / 3, 1]


@pytest.mark.parametrize("luck", [True, False])
def test_plays_of_many_answers_pay_what_is_expected(luck):
    """Within 4 standard errors, mixed answers included."""
    game, rng, plays = random_matrix_game(3, 2, 5), np.random.default_rng(0), 200_000
    points, answers = game.commitments(rng.random((6, 2))), np.array([0, 0.1, 0.25, 0.6, 0.99, 1.0])
    found = game.play_with_luck(points, answers, plays, 1) if luck else game.play(points, answers, plays, rng)
    pairs = game.mixes(points)[:, :, None] * game.column_probs(answers)
    for payoff, mean in ((game.leader_payoff, -found.leader_cost), (game.follower_payoff, found.follower_utility)):
        expected = np.tensordot(pairs, np.array(payoff))
        error = np.sqrt((np.tensordot(pairs, np.array(payoff) ** 2) - expected**2) / plays)
        assert (np.abs(mean - expected) <= 4 * error + 1e-12).all()
    assert found.passes.tolist() == [plays] * 6


def test_a_security_game_has_a_row_for_each_choice_of_targets():
    game = security_game([(1, -1), (2, -2), (3, -3)], [(-1, 1), (-2, 2), (-3, 3)], num_guards=2)
    assert game.leader_payoff == ((1, 2, -3), (1, -2, 3), (-1, 2, 3))
    assert game.follower_payoff == ((-1, -2, 3), (-1, 2, -3), (1, -2, -3))


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.5])
def test_answers_are_strategies_by_signal(noise):
    """Halfway the follower does what it is told, and is told wrongly as often as there is noise."""
    game = NoisyCommitment(((4, 6), (3, 5)), ((4, 3), (1, 2)), noise)
    never, told, always = game.later_probs(np.array([0, 0.5, 1]))[:, :, 0]
    assert never.tolist() == [0, 0] and always.tolist() == [1, 1] and told == pytest.approx([noise, 1 - noise])
    assert game.habits.tolist() == [0, 0.5, 1]
    assert MatrixGame(game.leader_payoff, game.follower_payoff).habits.tolist() == [0, 1], "without a signal"


def test_pure_strategies_pay_what_the_matrices_say():
    game = random_matrix_game(3, 5)
    for row in range(3):
        for column in range(2):
            points = Points(game.point(np.eye(3)[row])[None])
            for plays in (
                game.play(points, np.array([float(column)]), 7, np.random.default_rng(0)),
                game.play_with_luck(points, np.array([float(column)]), 7, 0),
            ):
                assert -plays.leader_cost == pytest.approx([game.leader_payoff[row][column]])
                assert plays.follower_utility == pytest.approx([game.follower_payoff[row][column]])
                assert plays.passes.tolist() == [7]


@pytest.mark.parametrize(
    "make,message",
    [
        (lambda: MatrixGame(((1, 2),), ((1, 2),)), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, 4, 5)), ((1, 2), (1, 2))), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, float("nan"))), ((1, 2), (1, 2))), "leader_payoff must be at least two rows"),
        (lambda: MatrixGame(((1, 2), (3, 4)), ((1, 2), (1, 2), (1, 2))), "follower_payoff must be as many rows"),
        (lambda: MatrixGame(((1, 2), (3, 4)), ((1, 1), (1, 1))), "follower_payoff must be something that depends"),
        (lambda: MatrixGame(((1,), (2,)), ((1,), (2,))), "leader_payoff must be at least two rows of two"),
        (lambda: MatrixGame(((1, 2, 3),) * 2, ((1, 2), (2, 1))), "follower_payoff must be as many columns"),
        (lambda: NoisyCommitment(((1, 2, 3),) * 2, ((1, 2, 3),) * 2, 0.1), "leader_payoff must be two rows"),
        (lambda: security_game([(1, 2)], [(1, 2)]), "guarded must be at least two rows"),
        (lambda: security_game([(1, 2)] * 3, [(1, 2)] * 2), "exposed must be a pair of numbers for each target"),
        (lambda: security_game([(1, 2)] * 3, [(3, 2)] * 3, 3), "num_guards must be"),
        (lambda: NoisyCommitment(((1, 2),) * 3, ((1, 2),) * 3, 0.1), "leader_payoff must be two rows"),
        (lambda: NoisyCommitment(((1, 2), (3, 4)), ((0, 1), (1, 0)), 0.1), "follower_payoff must be more in favour"),
        (lambda: NoisyCommitment(((1, 2), (3, 4)), ((1, 0), (0, 1)), 0.6), r"noise must be .* in \[0, 0.5\]"),
    ],
)
def test_errors(make, message):
    with pytest.raises(ParameterError, match=message):
        make()

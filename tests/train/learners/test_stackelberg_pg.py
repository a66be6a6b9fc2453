"""The total derivative from samples, piece by piece and as a whole, against derivatives of the exact game."""

import numpy as np
import pytest
from exact_policies import GAMES, paid, place_in, policy_at, slopes, standard_errors_off

from routegame.train.decisions import decisions, softmax
from routegame.train.learners.stackelberg_pg import SoftmaxFollower, derivatives
from routegame.train.meter import Meter


def estimates(game, place, logits, count, batches):
    """Independent estimates of all that the total derivative is made of."""
    rng, played, policy, probs = np.random.default_rng(0), decisions(game), policy_at(game, place), softmax(logits)
    for _ in range(batches):
        episodes = played.play(policy, played.answers(probs, count, rng), rng, Meter())
        yield derivatives(policy, probs, episodes)


def reply_logits(game, seed=1):
    return np.random.default_rng(seed).standard_normal(decisions(game).num_replies)


@pytest.mark.parametrize("name", GAMES)
def test_every_derivative_is_right_within_4_standard_errors(name):
    game = GAMES[name]
    place, logits = place_in(game, 1), reply_logits(game)
    found = list(estimates(game, place, logits, 1000, 40))
    by_reply = lambda at: slopes(lambda own: paid(game, at, own), logits)  # noqa: E731
    for piece, wanted in (
        ("leader", slopes(lambda at: paid(game, at, logits)[0], place)),
        ("reply", by_reply(place)[:, 0]),
        ("curvature", slopes(lambda own: slopes(lambda o: paid(game, place, o)[1], own), logits)),
        ("mixed", slopes(lambda at: by_reply(at)[:, 1], place).T),
    ):
        off = standard_errors_off([getattr(one, piece) for one in found], wanted)
        assert (abs(off) < 4).all(), piece


@pytest.mark.parametrize("name", ["routing-0", "routing-throttled", "matrix-2x3"])
def test_through_the_reply_as_the_implicit_function_theorem_says(name):
    game = GAMES[name]
    place, logits, strong = place_in(game, 1), reply_logits(game), 2 * game.utility_scale
    reply = slopes(lambda own: paid(game, place, own)[0], logits)
    curvature = slopes(lambda own: slopes(lambda o: paid(game, place, o)[1], own), logits)
    mixed = slopes(lambda at: slopes(lambda o: paid(game, at, o)[1], logits), place)
    wanted = mixed @ np.linalg.inv(strong * np.eye(len(logits)) - curvature) @ reply
    found = [one.through_reply(strong) for one in estimates(game, place, logits, 8000, 12)]
    assert (abs(standard_errors_off(found, wanted)) < 4).all()
    assert np.linalg.norm(wanted) > 0


def test_users_who_are_sure_have_no_slope():
    """What the leader would change by making them leave is not felt."""
    game = GAMES["routing-0"]
    place = place_in(game, 1)
    unsure, sure = (next(estimates(game, place, np.array([x, -x]), 4000, 1)) for x in (0.5, 8.0))
    weak = 0.1 * game.utility_scale
    assert np.linalg.norm(unsure.through_reply(weak)) > 0.02 * np.linalg.norm(unsure.leader)
    assert np.linalg.norm(sure.through_reply(weak)) < 1e-3 * np.linalg.norm(sure.leader)


def test_users_climb_to_what_is_best_for_them_and_go_on_from_their_state():
    game, rng = GAMES["matrix-2x3"], np.random.default_rng(0)
    played, policy = decisions(game), policy_at(game, place_in(game, 1))
    follower, again = SoftmaxFollower(3), SoftmaxFollower(3)
    worth = played.worth(policy, game.habits, 1000, rng, Meter())
    for _ in range(60):
        episodes = played.play(policy, played.answers(follower.probs, 500, rng), rng, Meter())
        follower.climb(episodes, 0.2)
    assert follower.probs @ worth > worth.max() - 0.1 * np.ptp(worth)
    again.restore(follower.state())
    for one in (follower, again):
        one.climb(episodes, 0.2)
    assert np.array_equal(again.probs, follower.probs)

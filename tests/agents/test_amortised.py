"""One policy for all games: its answers depend on ratios alone, and its file is arrays and nothing else."""

import numpy as np
import pytest
import small_policies

from routegame.agents.amortised import BUILT_IN, AmortisedPolicy, Ratios, in_full
from routegame.envs.checks import ParameterError
from routegame.envs.document import FileError
from routegame.envs.game import Game


@pytest.fixture(scope="module")
def policy():
    learner = small_policies.tiny()
    while not learner.finished:
        learner.update()
    return learner.learned().policy


def games(money=1.0, time=1.0):
    rng = np.random.default_rng(3)
    value, penalty, p1, p2, t1, t2, c1, c2 = rng.uniform(0.05, 0.95, (8, 200))
    t1, t2 = 2 * t1 * value * p1, 2 * t2 * value * p2
    return Game(value * time, penalty * money, (p1, p2), (t1 * time, t2 * time), (c1 * money, c2 * money))


def test_games_that_differ_in_units_alone_are_one_game(policy):
    one, other = policy.answers(games()), policy.answers(games(money=7, time=3))
    assert np.array_equal(one.route, other.route) and len(set(one.route.tolist())) == 2
    assert np.allclose(one.cascade_prob, other.cascade_prob, rtol=1e-4)
    assert np.allclose(7 * one.predicted_cost, other.predicted_cost, rtol=1e-4)


def test_a_batch_is_answered_as_its_games_are(policy):
    batch = policy.answers(games())
    for k in (0, 7, 150):
        alone = policy.answers(games().single(k))
        assert alone.route[0] == batch.route[k]
        assert alone.cascade_prob[0] == pytest.approx(batch.cascade_prob[k], rel=1e-4)


def test_free_models_and_no_penalty_are_games_as_well(policy):
    answers = policy.answers(Game(9, 0, (0.1, 0.3), (0, 0), (0, 0)))
    assert answers.predicted_cost[0] == 0 and answers.route[0] in (1, 2)


def test_games_of_the_strangest_sizes_have_answers_as_well(policy):
    rng = np.random.default_rng(5)
    amounts = 10.0 ** rng.uniform(-30, 30, (6, 300))
    chances = np.where(rng.random((2, 300)) < 0.5, 10.0 ** rng.uniform(-15, -1, (2, 300)), 1 - 2.0**-53)
    value, penalty, *rest = amounts
    answers = policy.answers(Game(value, penalty, tuple(chances), tuple(rest[:2]), tuple(rest[2:])))
    assert np.all((answers.cascade_prob >= 0) & (answers.cascade_prob <= 1))
    assert np.all(np.isfinite(answers.predicted_cost))


def test_a_network_that_is_sure_beyond_all_bounds_is_believed():
    assert in_full(np.array([[1e4, -1e4]]), np.array([0.5]))[0].tolist() == pytest.approx([0, 1, 0, 1, 1])


def test_cascades_are_odds_relative_to_the_first_chance():
    s = in_full(np.array([[0.0, np.log(3)]]), np.array([0.5]))
    assert s[0].tolist() == pytest.approx([0, 1 / 3, 0.6, 1, 1])


def test_ratios_have_no_units():
    ratios = Ratios.of(Game(10, 4, (0.5, 0.25), (2.5, 5), (1, 2)))
    assert ratios.waits.tolist() == [[0.5], [2.0]]
    assert ratios.prices.tolist() == [[0.25], [0.5]] and ratios.penalty.tolist() == [1] and ratios.unit.tolist() == [4]


def test_the_file_makes_it_again(policy, tmp_path):
    np.savez(tmp_path / "policy.npz", **policy.arrays())
    again = AmortisedPolicy.load(tmp_path / "policy.npz")
    assert np.array_equal(again.answers(games()).cascade_prob, policy.answers(games()).cascade_prob)


@pytest.mark.parametrize("spoil", ["text", "missing", "objects", "shape"])
def test_files_of_something_else_are_refused(policy, tmp_path, spoil):
    path, arrays = tmp_path / "policy.npz", dict(policy.arrays())
    if spoil == "text":
        path.write_text("no arrays")
    elif spoil != "missing":
        arrays["ends_shortcut"] = np.array([{}]) if spoil == "objects" else np.ones((2, 2), np.float32)
        np.savez(path, **arrays)
    with pytest.raises(FileError, match="the arrays of an amortised policy"):
        AmortisedPolicy.load(path)


def test_more_models_are_refused(policy):
    with pytest.raises(ParameterError, match="of two models here"):
        policy.answers("gateway-eight")


def test_what_was_built_in_is_said():
    assert len(BUILT_IN) == 5 and all(sentence.endswith(".") for sentence in BUILT_IN)

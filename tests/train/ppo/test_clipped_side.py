"""A side by TorchRL: what it draws, how likely that was, and that it learns what pays."""

import numpy as np
import pytest
import torch

pytest.importorskip("torchrl")

from routegame.train.ppo.clipped_side import MINIBATCH, ClippedSide

START = np.ones((512, 1), dtype=np.float32)


@pytest.fixture(autouse=True)
def seeded():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def test_points_are_drawn_from_the_box_and_around_its_middle():
    side = ClippedSide(1, 1, 2, choices=False)
    drawn, log_probs = side.draw(START)
    assert drawn.shape == (512, 2) and log_probs.shape == (512,)
    assert drawn.min() >= 0 and drawn.max() <= 1 and drawn.std(axis=0).min() > 0.1
    middle = side.middle(START[:1])[0]
    assert np.abs(np.median(drawn, axis=0) - middle).max() < 0.1


def test_densities_are_those_of_a_squashed_gaussian():
    side = ClippedSide(1, 1, 1, choices=False)
    drawn, log_probs = side.draw(START)
    order = np.argsort(drawn[:, 0])
    points, densities = drawn[order, 0].astype(np.float64), np.exp(log_probs[order].astype(np.float64))
    whole = np.trapezoid(densities, points)
    assert whole == pytest.approx(1, abs=0.05), "what is drawn lies nearly everywhere that is likely"


def test_choices_have_probabilities():
    side = ClippedSide(3, 3, 2, choices=True)
    seen = np.random.default_rng(0).random((5, 3)).astype(np.float32)
    odds = np.exp(side.log_probs(seen))
    assert odds.shape == (5, 2)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-6)
    assert len(side.layers()) == 3 and side.layers()[-1][0].shape == (2, 64)


def test_what_pays_becomes_likelier():
    """Whoever sees 1 is paid for the second choice, whoever sees 0 for the first."""
    side, rng = ClippedSide(1, 1, 2, choices=True), np.random.default_rng(0)
    for _ in range(30):
        seen = rng.integers(0, 2, (512, 1)).astype(np.float32)
        odds = side.log_probs(seen)
        chosen = (rng.random(512) < np.exp(odds[:, 1])).astype(np.int64)
        paid = (chosen == seen[:, 0]).astype(np.float32)
        figures = side.learn(seen, seen, chosen, odds[np.arange(512), chosen], paid, epochs=4, rate=3e-3)
    assert set(figures) == {"loss_critic", "kl_approx", "clip_fraction"}
    odds = np.exp(side.log_probs(np.float32([[0], [1]])))
    assert odds[0, 0] > 0.95 and odds[1, 1] > 0.95


def test_points_go_where_it_pays():
    side = ClippedSide(1, 1, 1, choices=False)
    for _ in range(60):
        drawn, log_probs = side.draw(START)
        side.learn(START, START, drawn, log_probs, -((drawn[:, 0] - 0.2) ** 2), epochs=4, rate=3e-3)
    assert side.middle(START[:1])[0, 0] == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize(("count", "steps"), [(1, 1), (MINIBATCH, 1), (2 * MINIBATCH + 5, 2)])
def test_what_is_left_of_a_minibatch_is_left_out(count, steps, monkeypatch):
    side, taken = ClippedSide(1, 1, 2, choices=True), []
    step = side._optimiser.step
    monkeypatch.setattr(side._optimiser, "step", lambda: taken.append(1) or step())
    seen = np.ones((count, 1), dtype=np.float32)
    chosen, paid = np.zeros(count, dtype=np.int64), np.arange(count, dtype=np.float32)
    side.learn(seen, seen, chosen, side.log_probs(seen)[:, 0], paid, epochs=3, rate=1e-3)
    assert len(taken) == 3 * steps and np.isfinite(side.log_probs(seen[:1])).all()


def test_a_rate_of_zero_changes_nothing():
    side = ClippedSide(1, 1, 1, choices=False)
    before = side.middle(START[:1])
    drawn, log_probs = side.draw(START)
    side.learn(START, START, drawn, log_probs, drawn[:, 0], epochs=2, rate=0.0)
    assert np.array_equal(side.middle(START[:1]), before)

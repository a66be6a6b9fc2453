"""A side by TorchRL that learns values: of a choice now, of what comes after it, and of a team together."""

import numpy as np
import pytest
import torch

pytest.importorskip("torchrl")

from routegame.train.transitions import MINIBATCH, Transitions
from routegame.train.value_side import ValueSide


@pytest.fixture(autouse=True)
def seeded():
    torch.set_num_threads(1)
    torch.manual_seed(0)


def batch(rng, agents, reward, over=None, seen=None):
    """A minibatch: `reward` of choices and of what is seen, `over` of choices, always where it is left out."""
    chosen = rng.integers(0, 2, (MINIBATCH, agents))
    seen = np.ones((MINIBATCH, agents, 1), dtype=np.float32) if seen is None else seen
    known, paid = seen[:, :, 0].copy(), reward(chosen, seen[:, :, 0]).astype(np.float32)
    done = np.ones(MINIBATCH, dtype=np.bool_) if over is None else over(chosen)
    return Transitions(seen, known, chosen, paid, known, done)


def test_values_are_those_of_what_is_paid():
    side, rng = ValueSide(1, 1, 2, 1, 1e-2), np.random.default_rng(0)
    losses = [side.learn(batch(rng, 1, lambda chosen, _: 0.5 - chosen[:, 0])) for _ in range(150)]
    assert losses[-1] < 0.01 < losses[0]
    np.testing.assert_allclose(side.values(np.ones((1, 1), dtype=np.float32)), [[0.5, -0.5]], atol=0.05)


def test_what_comes_after_counts_in_full():
    """To go on costs 0.1 and is over in half of all rounds, so that it costs 0.2 in all; to leave costs 0.3."""
    side, rng = ValueSide(1, 1, 2, 1, 1e-2), np.random.default_rng(0)

    def over(chosen):
        return (chosen[:, 0] == 1) | (rng.random(len(chosen)) < 0.5)

    for _ in range(600):
        side.learn(batch(rng, 1, lambda chosen, _: np.where(chosen[:, 0] == 1, -0.3, -0.1), over))
    np.testing.assert_allclose(side.values(np.ones((1, 1), dtype=np.float32)), [[-0.2, -0.3]], atol=0.04)


def test_targets_follow_slowly():
    side, rng = ValueSide(1, 1, 2, 1, 1e-2), np.random.default_rng(0)
    before = side.state()["loss"]
    side.learn(batch(rng, 1, lambda chosen, _: chosen[:, 0]))
    after = side.state()["loss"]
    moved = {name: np.abs(after[name] - before[name]).max() for name in before if "network_params" in name}
    own = {name: value for name, value in moved.items() if not name.startswith("target")}
    targets = {name: value for name, value in moved.items() if name.startswith("target") and "local" in name}
    assert len(own) == len(targets) == 6 and max(own.values()) > 20 * max(targets.values()) > 0


def test_a_team_is_paid_together_and_each_learns_its_own_part():
    side, rng = ValueSide(1, 2, 2, 2, 1e-2), np.random.default_rng(0)
    for _ in range(200):
        seen = rng.integers(0, 2, (MINIBATCH, 2, 1)).astype(np.float32)
        side.learn(batch(rng, 2, lambda chosen, shown: (chosen == shown).sum(axis=1), None, seen))
    values = side.values(np.float32([[0], [1]]))
    assert values.argmax(axis=1).tolist() == [0, 1], "who sees 1 does better to choose 1"


@pytest.mark.parametrize("agents", [1, 2])
def test_another_side_goes_on_where_the_first_one_was(agents):
    first, second = (ValueSide(1, agents, 2, agents, 1e-2) for _ in range(2))
    rng = np.random.default_rng(0)
    found = [batch(rng, agents, lambda chosen, _: chosen.sum(axis=1)) for _ in range(4)]
    for one in found[:3]:
        first.learn(one)
    second.restore(first.state())
    assert first.learn(found[3]) == second.learn(found[3])
    shown = np.ones((1, 1), dtype=np.float32)
    assert np.array_equal(first.values(shown), second.values(shown))
    for one, other in zip(first.layers(), second.layers(), strict=True):
        assert np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])

"""Rules: cuts where they save most, and no more of them than it takes."""

import numpy as np
import pytest

from routegame.calibrate.features.rule import MOST_LEAVES, Part, grown

X = np.random.default_rng(0).uniform(0, 10, (300, 2)).round(2)
ALIKE = np.full(300, 1 / 300)


def cost_of(parts, cost):
    return sum(cost[part.holds(X), part.choice].sum() for part in parts) / len(X)


def test_a_rule_of_two_cuts_is_found():
    """One commitment in a corner, another one elsewhere."""
    corner = (X[:, 0] > 6) & (X[:, 1] <= 3)
    cost = np.where(corner[:, None], [[5.0, 1.0]], [[1.0, 5.0]])
    parts = grown(X, cost, ALIKE)
    chosen = np.zeros(300, dtype=int)
    for part in parts:
        chosen[part.holds(X)] = part.choice
    assert len(parts) <= 4 and (chosen == corner).mean() > 0.95
    assert sum(part.share for part in parts) == pytest.approx(1)
    assert np.sum([part.holds(X) for part in parts], axis=0).tolist() == [1] * 300


def test_a_part_is_said_in_words_and_as_plain_values():
    part = Part(np.array([6.25, -np.inf, 1.0]), np.array([np.inf, 3.0, 2.0]), 0, 0.1)
    assert part.words(("a", "b", "c")) == "a above 6.25, b up to 3, c above 1 up to 2"
    assert part.to_dict(("a", "b", "c")) == {"a": [6.25, None], "b": [None, 3.0], "c": [1.0, 2.0]}


def test_tasks_that_are_alike_are_not_cut():
    (part,) = grown(X, np.tile([2.0, 1.0], (300, 1)), ALIKE)
    assert (part.choice, part.words(("a", "b"))) == (1, "")


def test_a_rule_stays_short():
    cost = np.stack([(X[:, 0] - place) ** 2 for place in np.linspace(0, 10, 41)], axis=1)
    parts = grown(X, cost, ALIKE)
    assert len(parts) == MOST_LEAVES and cost_of(parts, cost) < cost.mean(axis=0).min() / 20

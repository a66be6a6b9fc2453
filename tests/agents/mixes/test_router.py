"""Routers that see less than the context: partitions, noise, and what finer signals are worth."""

import json

import numpy as np
import pytest
from known_mixes import MIXES
from mixes_by_hand import random_numbers

from routegame import Game, ParameterError, TaskMix, solve_mix
from routegame.agents import router_loss

RNG = np.random.default_rng(3)
MIX = TaskMix(RNG.uniform(0.1, 1, 8), Game(*random_numbers(RNG, 8, 2)))
CELLS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
APART = TaskMix(np.ones(8), Game(9, 15, (np.where(CELLS, 0.1, 0.5), np.where(CELLS, 0.3, 0.7)), (1, 2), (1, 3.6)))
"""Easy tasks, of which the first model is enough, and hard ones, whose users stay for the sake of the second."""


@pytest.mark.parametrize("order", ["fixed", "free"])
def test_finer_partitions_never_cost_more(order):
    sighted = solve_mix(MIX, order=order).provider_cost
    each, halves, pooled = (router_loss(MIX, signal, order) for signal in (range(8), [0, 0, 0, 0, 1, 1, 1, 1], None))
    assert each.provider_cost == pytest.approx(sighted, rel=1e-9) and each.loss == pytest.approx(0, abs=1e-9)
    assert sighted * (1 - 1e-9) <= halves.provider_cost <= pooled.provider_cost * (1 + 1e-9)
    assert len(halves.policies) == 2 and pooled.answer.shape == (8, 1) and pooled.status == "exact"
    assert halves.loss == halves.provider_cost - halves.sighted_cost >= 0


def test_noise_costs_as_much_as_it_hides():
    sharp = np.eye(2)[CELLS]
    costs = [router_loss(APART, (1 - noise) * sharp + noise / 2).provider_cost for noise in (0, 0.2, 0.6, 1)]
    assert (np.diff(costs) >= -1e-9).all() and costs[-1] > costs[0]
    assert costs[0] == pytest.approx(router_loss(APART, CELLS).provider_cost, rel=1e-12)
    assert costs[-1] == pytest.approx(router_loss(APART).provider_cost, rel=1e-9)


def test_known_pooled_cost():
    pooled = router_loss(MIXES["1"])
    assert pooled.provider_cost == pytest.approx(3.097213595, rel=1e-9)
    document = json.loads(json.dumps(pooled.to_dict()))
    assert document["loss"] == pytest.approx(3.097213595 - 2.833333333, rel=1e-8)
    assert document["certificate"]["status"] == "exact" and len(document["policies"]["start"]) == 1


@pytest.mark.parametrize(
    ("signal", "refusal"),
    [
        ([0, 1], "signal must be 8 labels, or a row of chances for each of 8 contexts"),
        (np.full((8, 2), 0.4), "signal must be rows of chances that add up to 1"),
        (np.full((8, 2), 1.4), r"signal must be a finite number in \[0, 1\]"),
    ],
)
def test_what_is_no_signal_is_refused(signal, refusal):
    with pytest.raises(ParameterError, match=refusal):
        router_loss(MIX, signal)
    three = TaskMix([1], Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3)))
    with pytest.raises(ParameterError, match="mix must be of two models"):
        router_loss(three)

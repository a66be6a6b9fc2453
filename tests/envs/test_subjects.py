"""Subjects that two models were asked about: how many, and what the specification says of the mix made of them."""

import numpy as np
import pytest

from routegame import solve_mix
from routegame.agents import router_loss
from routegame.envs.subjects import SUBJECTS, subjects_mix

TABLE = [
    (14, 0.2, 0.067625, (2.41, 0.41, 0.41, 8.81)),
    (18, 1, 0.139704, (25.05, 3.12, 3.12, 41.88)),
    (22, 1, 0.118596, (41.35, 9.02, 9.02, 41.35)),
    (30, 1, 0.045130, (2.27, 2.27, 2.27, 2.27)),
    (120, 0.2, 0.037378, (1.62, 1.62, 1.62, 1.62)),
]
"""V, P, J* of sighted users, and what 2, 4, 8 and 1 cells by the first model's success lose, in %."""


def test_subjects():
    assert len(SUBJECTS) == 57 == len({subject.name for subject in SUBJECTS})
    assert sum(subject.questions for subject in SUBJECTS) == 14042 - 270 + 1319
    assert all(0 < subject.first < subject.questions > subject.second > 0 for subject in SUBJECTS)


@pytest.mark.parametrize(("value", "penalty", "cost", "losses"), TABLE)
def test_costs_and_what_cells_lose(value, penalty, cost, losses):
    mix = subjects_mix(value, penalty)
    assert solve_mix(mix).provider_cost == pytest.approx(cost, abs=6e-7)
    order = np.argsort(mix.games.success_prob[0], kind="stable")
    for cells, loss in zip((2, 4, 8, 1), losses, strict=True):
        label = np.empty(57, dtype=int)
        for number, part in enumerate(np.array_split(order, cells)):
            label[part] = number
        found = router_loss(mix, label)
        assert 100 * found.loss / found.sighted_cost == pytest.approx(loss, abs=0.0051)

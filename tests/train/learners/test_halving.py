"""Which commitments are left after each round; whole runs are in test_learners.py."""

import numpy as np
import pytest

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.learners.halving import Candidates, Halving, HalvingOptions

BOX = RoutingGame(scenario("figure-4-left-cascade").game)


@pytest.mark.parametrize(
    "evaluations,finalists,rounds",
    [(1, 16, (1,)), (16, 16, (16,)), (33, 16, (33,)), (35, 16, (35, 17)), (8, 1, (8, 4, 2))],
)
def test_half_go_until_there_are_as_many_as_finalists(evaluations, finalists, rounds):
    assert HalvingOptions(evaluations=evaluations, finalists=finalists).rounds == rounds


def test_the_cheaper_half_is_left():
    candidates = Candidates(6, 2, np.random.SeedSequence(0))
    first = candidates.ask(6)
    candidates.tell(np.array([3.0, 1.0, 2.0, 6.0, 5.0, 4.0]))
    assert np.array_equal(candidates.ask(3), first[[1, 2, 0]])


def test_each_round_has_half_as_many_on_twice_as_many_tasks():
    search = Halving(BOX, HalvingOptions(evaluations=128, tasks=8, finalists=16), 0)
    seen = [search.update() for _ in range(search.num_updates)]
    assert [(s.statistics["candidates"], s.statistics["tasks"]) for s in seen] == [(128, 8), (64, 16), (32, 32)]
    assert search.meter.queries == 128 + 64 + 32

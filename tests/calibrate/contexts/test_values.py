"""Values of a task in each context: one for all unless the log says otherwise, and open where nothing tells."""

from dataclasses import replace

import numpy as np
import pytest
from mixed_logs import APART, PLAN, SAME, tallied

from routegame.calibrate.contexts.answers import AnswerLikelihood, faced
from routegame.calibrate.contexts.passes import context_passes
from routegame.calibrate.contexts.values import context_values
from routegame.envs.task_mix import TaskMix


def values_of(plan, tmp_path, number=200):
    counted, rng = tallied(plan, tmp_path), np.random.default_rng(0)
    passes, cells = context_passes(counted, rng), faced(counted.shapes, len(plan.mix))
    return context_values(AnswerLikelihood(cells, passes, 1.0), cells, passes.tasks, number, rng), cells


def test_one_value_is_found_with_its_noise(mixed):
    found = mixed.values
    assert found.alike and found.identified and found.fits(mixed.cells)[0] and not found.borrowed.any()
    assert all(found.estimate(x).low < 9 < found.estimate(x).high for x in (0, 1))
    assert found.noise_estimate.low < PLAN.temperature < found.noise_estimate.high


@pytest.mark.slow
def test_contexts_that_differ_in_value_have_one_each(tmp_path):
    found, cells = values_of(APART, tmp_path)
    assert not found.alike and found.identified and found.fits(cells)[0] and not found.alike_fits(cells)
    for x, truth in enumerate(APART.mix.games.task_value):
        at = found.estimate(x)
        width = at.high - at.low
        assert at.low - width / 2 < truth < at.high + width / 2 and width / truth < 0.5


@pytest.mark.slow
def test_a_context_whose_users_tell_nothing_borrows_its_value(tmp_path):
    """The third context has a dozen tasks."""
    games = APART.mix.games
    value = np.array([*games.task_value, 6.0])
    plan = replace(APART, game=TaskMix([0.4985, 0.4985, 0.003], wide(games, value)))
    found, _ = values_of(plan, tmp_path)
    assert found.borrowed.tolist() == [False, False, True] and found.identified
    assert found.value[:, 2].std() > found.value[:, 0].std()


def wide(games, value):
    p, t, c = (tuple(np.append(x, x[0]) for x in getattr(games, name)) for name in ("success_prob", "latency", "cost"))
    return replace(games, task_value=value, churn_penalty=15.0, success_prob=p, latency=t, cost=c)


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"commitments": ((1, 0.3),)}, "all users of a context faced the same commitment"),
        pytest.param({"commitments": ((1, 0.3), (1, 0.301)), "game": SAME}, "too alike", marks=pytest.mark.slow),
    ],
)
def test_values_are_open_where_commitments_tell_nothing(tmp_path, changes, reason):
    found, _ = values_of(replace(PLAN, **changes, num_tasks=1500), tmp_path)
    assert not found.identified and reason in found.reason and not len(found.value)

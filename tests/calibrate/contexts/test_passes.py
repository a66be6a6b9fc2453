"""What passes tell of the models in each context, against plain counts."""

from dataclasses import replace

import numpy as np
from mixed_logs import MIX, PLAN, tallied

from routegame.calibrate.contexts.passes import context_passes


def test_counts_are_those_of_the_log_and_estimates_near_the_truth(tmp_path):
    counted = tallied(PLAN, tmp_path)
    found = context_passes(counted, np.random.default_rng(0))
    assert counted.segments == ("easy", "hard") and found.tasks.sum() == PLAN.num_tasks
    assert found.passes.sum() == counted.moments.passes[0].sum()
    for k in (0, 1):
        for name in ("success_prob", "latency", "cost"):
            pooled, truth = getattr(found, name)[k], getattr(MIX.games, name)[k]
            for x in (0, 1):
                at = pooled.estimate(x)
                width = at.high - at.low
                assert at.low - width < truth[x] < at.high + width
        assert found.success_prob[k].shrunk.max() < 0.02 < found.latency[k].shrunk.min()  # all are as fast


def test_users_whose_passes_depend_on_each_other_make_intervals_wider(tmp_path):
    """One user of very many tasks: what it says counts as one user's."""
    counted = tallied(replace(PLAN, num_users=3), tmp_path)
    found = context_passes(counted, np.random.default_rng(0))
    alone = context_passes(tallied(PLAN, tmp_path), np.random.default_rng(0))
    wide, narrow = (each.success_prob[0].estimate(0) for each in (found, alone))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)

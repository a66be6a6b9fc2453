"""The spread of V over users, given back by simulated logs; and what is not users who differ."""

from dataclasses import replace

import numpy as np
import pytest
from advised import GAME, PLAN, calibrated

from routegame.calibrate.decide.advice import advise
from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import write_log


def test_median_and_spread_of_the_values_are_found(differing):
    c = differing.calibration
    found = c.value_spread
    assert found is not None
    assert found.median.low <= GAME.task_value <= found.median.high
    assert found.log_sd.low <= 0.4 <= found.log_sd.high
    assert found.temperature.low <= PLAN.temperature <= found.temperature.high
    assert found.median.high / found.median.low < 1.3
    assert c.task_value.estimate == found.median


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_tasks_without_users_tell_it_too(noise, tmp_path):
    plan = replace(PLAN, num_tasks=4000, value_spread=0.4, temperature=noise)
    found = calibrated(plan, tmp_path / "log.parquet").value_spread
    assert found is not None
    assert found.median.low <= GAME.task_value <= found.median.high
    assert found.log_sd.low <= 0.4 <= found.log_sd.high


def test_errors_of_the_models_widen_the_interval(differing):
    """V is measured in latencies per success: a success probability that is not known leaves V open by as much."""
    posterior = differing.calibration.value_spread.posterior
    assert (posterior.moves[:2, 0] < 0).any()
    _, errors = posterior.draw(2000, np.random.default_rng(1))
    points, _ = posterior.draw(2000, np.random.default_rng(1))
    k = int(np.abs(posterior.moves[:, 0]).argmax())
    assert abs(np.corrcoef(points[:, 0], errors[:, k])[0, 1]) > 0.1


def test_users_who_are_alike_are_none_who_differ(found):
    assert found.value_spread is None
    assert "users_differ" not in found.to_dict()


def test_one_commitment_does_not_tell_how_users_differ(tmp_path):
    plan = replace(PLAN, num_tasks=1500, value_spread=0.8, commitments=((1, 0.1),))
    found = calibrated(plan, tmp_path / "log.parquet")
    assert found.value_spread is None and not found.task_value.identified


def test_segments_that_differ_go_by_themselves(divided):
    assert divided.calibration.value_spread is None


def test_where_the_middle_user_is_unknown_nothing_hangs_on_it_or_all_is_refused(tmp_path):
    """Half of the users always stay, and half leave at once: the middle one may be anywhere in between."""
    plan = replace(PLAN, num_tasks=3000, temperature=0.2, commitments=((1, 0.3), (1, 0.35)), value_spread=1.5)
    write_log(plan, tmp_path / "log.parquet")
    with open_log(tmp_path / "log.parquet") as log:
        found = calibrate(log, 15.0)
    advice = advise(found, 20)
    assert not found.task_value.identified
    assert advice.verdict == "refused" or "whatever it is" in advice.reason

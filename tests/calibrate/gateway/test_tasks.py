"""Tasks are followed as far as they can be, and what remains is a fair sample: truths are found, in outages, too."""

from dataclasses import replace

import numpy as np
import pytest
from gateway_worlds import ARMS, GAME, NAMES, OUT, SECRET, World, write_world

from routegame.calibrate.estimate.calibration import calibrate
from routegame.calibrate.gateway.commitments import tagged
from routegame.calibrate.gateway.conversion import Request, converted
from routegame.calibrate.log.log import open_log

TAGS = tagged([f"{arm}={route}:{share}" for arm, (route, share) in ARMS.items()])


@pytest.fixture
def found(tmp_path):
    """What is estimated from a world's log, and what was said of it."""

    def of(world, **mentions):
        payloads, clicks = write_world(world, tmp_path, **mentions)
        with converted(Request((payloads,), clicks, NAMES, commitments=TAGS)) as made:
            assert SECRET.encode() not in made.path.read_bytes()
            with open_log(made.path, made.layout) as log:
                return calibrate(log, 0.1), " ".join(made.remarks)

    return of


def off(calibration, world):
    """Estimates of p, t, c and V, by how many standard errors they are off."""
    truth = {"success_prob": GAME.success_prob, "latency": world.game.latency, "cost": GAME.cost, "task_value": 120}
    intervals = calibration.to_dict()["intervals"]
    errors = []
    for name, values in truth.items():
        for value, (low, high) in zip(np.ravel(values), np.reshape(intervals[name], (-1, 2)), strict=True):
            errors.append((value - (low + high) / 2) / ((high - low) / 3.92))
    return np.array(errors)


@pytest.mark.parametrize("mentions", [True, False], ids=["feedback on every turn", "on answers only"])
def test_the_truth_is_found_in_an_outage(found, mentions):
    """What is off by chance is off by 3 standard errors in one of 54 logs with seven numbers."""
    calibration, said = found(replace(OUT, num_tasks=1500), mentions=mentions)
    assert (abs(off(calibration, OUT)) < 3).all()
    assert "of attempts failed, all along the log" in said and "drawn by lot" in said


@pytest.mark.slow
@pytest.mark.parametrize("world", [World(), OUT], ids=["fair", "out"])
def test_intervals_hold_the_truth_in_most_logs(found, world):
    """Ten logs of each world: on average nothing is off by 3 standard errors of the mean, and checks hold in most."""
    logs = [found(replace(world, seed=seed))[0] for seed in range(10)]
    errors = np.array([off(calibration, world) for calibration in logs])
    assert (abs(errors.mean(axis=0)) * np.sqrt(len(logs)) < 3.5).all()
    assert (abs(errors) < 1.96).mean() > 0.85
    failing = [check.name for calibration in logs for check in calibration.assumptions if not check.holds]
    assert len(failing) <= 2


def test_hand_overs_are_as_frequent_as_they_were(found):
    """Without the lot they seem more so, since fallbacks cut before retries on the first model alone."""
    calibration, _ = found(World(num_tasks=4000, failing=(0.7, 0.0), cools=0.0))
    (check,) = [check for check in calibration.assumptions if check.name == "stated_cascade"]
    assert check.p_value > 0.005


def test_nothing_is_drawn_by_lot_where_hardly_anything_falls_back(found):
    assert "drawn by lot" not in found(World(num_tasks=500))[1]

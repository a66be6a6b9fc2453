"""What single users did, as a log tells it."""

from dataclasses import replace

import numpy as np
import pytest
from advised import PLAN

from routegame.calibrate.estimate.answers import UserAnswers, user_answers
from routegame.calibrate.estimate.counts import by_commitment, decided
from routegame.calibrate.estimate.tally import tally
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import write_log


def counted(plan, path, monkeypatch=None, most=None):
    write_log(plan, path)
    if most is not None:
        monkeypatch.setattr("routegame.calibrate.estimate.answers.MOST_USERS", most)
    with open_log(path) as log:
        tallied = tally(log)
        groups = by_commitment(tallied.shapes)
        return user_answers(log, [(route, s) for route, s, _ in groups]), [
            decided(tallied.shapes[chosen]) for *_, chosen in groups
        ]


@pytest.mark.parametrize("num_users", [None, 60])
def test_every_decision_of_a_log_is_some_users(num_users, tmp_path):
    answers, by_cell = counted(replace(PLAN, num_tasks=500, num_users=num_users), tmp_path / "log.parquet")
    leaves, stays = answers.number @ answers.leaves, answers.number @ answers.stays
    assert [(int(x + y), int(x)) for x, y in zip(leaves, stays, strict=True)] == by_cell
    assert answers.share == 1.0
    if num_users:
        assert answers.number.sum() <= num_users


def test_of_very_many_users_a_part_is_looked_at(tmp_path, monkeypatch):
    plan = replace(PLAN, num_tasks=500, num_users=60)
    answers, _ = counted(plan, tmp_path / "log.parquet", monkeypatch, most=20)
    assert answers.number.sum() == 20
    assert answers.share == pytest.approx(20 / 60, rel=0.1)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_users_who_differ_vary_more_than_those_who_are_alike(spread):
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 2 * spread, 2000)
    leaves = rng.binomial(5, 1 / (1 + np.exp(-odds)))[:, None]
    answers = UserAnswers(5 - leaves, leaves, np.ones(2000, dtype=np.int64), 1.0)
    assert (answers.differ > 2.6) == (spread > 0)

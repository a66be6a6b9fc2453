"""Advice of a small log, and of those whose users differ; made once, for those who only look at it."""

from dataclasses import replace

import pytest
from advised import DRAWS, PLAN, calibrated
from featured_logs import PLAN as FEATURED
from featured_logs import advised_by_features
from mixed_logs import PLAN as MIXED
from mixed_logs import advised

from routegame.calibrate.decide.advice import advise
from routegame.calibrate.log.simulated import Segment


@pytest.fixture(scope="session")
def found(tmp_path_factory):
    """What is estimated from the log."""
    return calibrated(PLAN, tmp_path_factory.mktemp("log") / "log.parquet")


@pytest.fixture(scope="session")
def advice(found):
    """What the log tells to do."""
    return advise(found, DRAWS)


@pytest.fixture(scope="session")
def divided(tmp_path_factory):
    """Advice about impatient and patient users, told apart by the log."""
    plan = replace(PLAN, num_tasks=8000, segments=(Segment("hasty", 1, 0.6), Segment("calm", 1, 1.5)))
    return advise(calibrated(plan, tmp_path_factory.mktemp("log") / "log.parquet"), DRAWS)


@pytest.fixture(scope="session")
def differing(tmp_path_factory):
    """Advice about users whose values are log-normal, and who are known by name."""
    plan = replace(PLAN, num_tasks=4000, value_spread=0.4, num_users=300)
    return advise(calibrated(plan, tmp_path_factory.mktemp("log") / "log.parquet"), DRAWS)


@pytest.fixture(scope="session")
def mixed(tmp_path_factory):
    """Advice about an easy and a hard context."""
    return advised(MIXED, tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="session")
def featured(tmp_path_factory):
    """Advice about tasks that are known by two numbers."""
    return advised_by_features(FEATURED, tmp_path_factory.mktemp("log"))

"""Runs for a suite: what they refuse before anything is written."""

import pytest

from routegame.envs.checks import ParameterError
from routegame.eval.train_policy import games_of, run_suite


def test_suites_that_one_policy_can_answer():
    assert len(games_of("random")) == len(games_of("held-out")) == 60
    for name in ("reference", "menus", "classic"):
        with pytest.raises(ParameterError, match="suite must be one of games of two models without throttling"):
            games_of(name)


def test_options_that_there_are_not(tmp_path):
    with pytest.raises(ParameterError, match="options must be of kinds, tasks"):
        run_suite("random", out=tmp_path / "run", rounds=3)
    with pytest.raises(ParameterError, match="seed must be"):
        run_suite("random", out=tmp_path / "run", seed=-1)
    assert not list(tmp_path.iterdir())

"""Points that optuna proposes: what is missing is said, and a study that is told its trials again goes on the same."""

import numpy as np
import pytest
from extras import NEEDS_OPTUNA, bowl_trials

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train import optuna_points as module
from routegame.train.learner import learner
from routegame.train.learners import tpe
from routegame.train.optuna_points import OptunaPoints

BOX = RoutingGame(scenario("nano-gpt5").game)


@pytest.mark.parametrize("name", ["tpe", "bayes"])
@pytest.mark.parametrize("absent", [["optuna", "greenlet"], ["greenlet"]])
def test_where_the_extra_is_missing_it_is_named(monkeypatch, name, absent):
    monkeypatch.setattr(module, "find_spec", lambda package: None if package in absent else object())
    assert learner(name).objection(BOX) == f"it needs {' and '.join(absent)}: pip install 'routegame[search]'"
    with pytest.raises(ParameterError, match=r"pip install 'routegame\[search\]'"):
        learner(name)(BOX, learner(name).OPTIONS(), 0)


def made(size=12, seed=0):
    return OptunaPoints(size, np.random.SeedSequence(seed), tpe._sampler)


@NEEDS_OPTUNA
@pytest.mark.parametrize("count", [0, 5, 30])
def test_it_goes_on_from_its_state(count):
    source, other = made(), made()
    bowl_trials(source, count)
    bowl_trials(other, 2)
    other.restore(source.state())
    assert np.array_equal(bowl_trials(source, 15), bowl_trials(other, 15))


@NEEDS_OPTUNA
def test_it_says_nothing(capfd):
    from optuna import logging

    before = logging.get_verbosity()
    bowl_trials(made(), 2)
    assert logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")

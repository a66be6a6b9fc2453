"""What learners of both sides have in common: which games they play, and whose library they need."""

import pytest
from extras import NEEDS_TORCHRL

from routegame.envs.commitment import RoutingGame
from routegame.eval.bench.suites import instances
from routegame.train import multi_agent
from routegame.train.learner import LEARNERS, LIBRARY_LEARNERS, MULTI_AGENT_LEARNERS, learner

BOX = RoutingGame("nano-gpt5")


def test_they_are_learners_of_their_own():
    assert not MULTI_AGENT_LEARNERS.keys() & (LEARNERS | LIBRARY_LEARNERS).keys()


@NEEDS_TORCHRL
@pytest.mark.parametrize("name", MULTI_AGENT_LEARNERS)
def test_what_they_do_not_play_they_say(name):
    assert learner(name).objection(BOX) is None
    for suite in ("crowds", "matrices", "drift"):
        told = "it plays routing among models, pass by pass, with users of one type"
        assert learner(name).objection(instances(suite)[0].box) == told
    [eight] = [known.box for known in instances("needle") if known.name == "needle-8-pair"]
    declined = learner(name).objection(eight)
    assert (declined is None) == (name in ("ippo", "mappo"))
    assert declined is None or declined.startswith("a grid over 16 dimensions has 2^16 points")


@pytest.mark.parametrize("name", MULTI_AGENT_LEARNERS)
def test_where_the_library_is_missing_it_is_named(name, monkeypatch):
    monkeypatch.setattr(multi_agent, "find_spec", lambda package: None)
    assert learner(name).objection(BOX) == "it needs TorchRL: pip install 'routegame[torchrl]'"

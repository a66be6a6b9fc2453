"""Where the library of TRPO is missing; whole runs are in test_library_leader.py."""

from extras import NEEDS_CONTRIB

from routegame.envs.commitment import RoutingGame
from routegame.train.learner import learner
from routegame.train.learners import trpo

BOX = RoutingGame("nano-gpt5")


def test_where_the_library_is_missing_it_is_named(monkeypatch):
    monkeypatch.setattr(trpo, "find_spec", lambda package: None)
    assert learner("trpo").objection(BOX) == "it needs sb3-contrib: pip install 'routegame[trpo]'"


@NEEDS_CONTRIB
def test_where_it_is_there_every_game_is_played():
    assert learner("trpo").objection(BOX) is None

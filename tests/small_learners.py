"""A game that learners learn in no time, and options with which an update is a matter of moments."""

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario

GAME = scenario("figure-4-right-standard").game

BOX = RoutingGame(GAME)

LEADER = {"leader_batch": 64, "leader_tasks": 16, "final_tasks": 512}
"""Options of learners whose users answer by a rule."""

SMALL = {**LEADER, "follower_batch": 64, "follower_tasks": 16}
"""Options of learners with users of their own."""

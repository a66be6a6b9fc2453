"""Episodes in arrays are those of the rounds, to the bit, and the environment catches up with them."""

import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete

from routegame import Game
from routegame.agents.perfect import at_their_best
from routegame.envs.routing import quick_episodes
from routegame.envs.routing.quick_episodes import MANY
from routegame.envs.routing.rounds import ActionError
from routegame.envs.single_agent import LeaderEnv

NUM = MANY + 3
GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1.1, 3.3))
RNG = np.random.default_rng(0)
TYPES = Game(RNG.uniform(5, 15, NUM), RNG.uniform(5, 20, NUM), (0.1, 0.3), (RNG.uniform(0.5, 2, NUM), 2), (0.1, 3.3))


def careless(game, seen):
    return 0.3 if seen[1] == 1 else 0.1


class Drawing:
    """Users with chance of their own, who notice in which order they are asked."""

    def __init__(self):
        self.rng = np.random.default_rng(1)

    def __call__(self, game, seen):
        return self.rng.random() * 0.5


VARIANTS = [
    {"game": GAME, "users": at_their_best},
    {"game": GAME, "users": careless, "num_tasks": 3},
    {"game": GAME, "users": Drawing, "num_tasks": 2, "retry_multiplier": (0.5, 1.5), "max_passes": 4},
    {"game": TYPES, "users": at_their_best, "throttling": True},
    {"game": TYPES, "users": careless, "num_tasks": 2, "max_passes": 3},
    {"game": GAME, "users": careless, "grid": 5},
    {"game": TYPES, "users": careless, "grid": 3, "flat": True, "throttling": True},
]
OTHERS = [
    {"commits": "task"},
    {"sight": "noisy"},
    {"information": "model"},
    {"difficulty": 2.0},
    {"max_cycles": 9},
    {"render_mode": "ansi"},
]


def made(options, quick, monkeypatch):
    monkeypatch.setattr(quick_episodes, "MANY", MANY if quick else 10**6)
    users = Drawing() if options["users"] is Drawing else options["users"]
    crowd = {"num_users": NUM} if options["game"] is GAME else {}
    env = LeaderEnv(**{**options, **crowd, "users": users})
    assert (env._quick is not None) == quick
    return env


def some_action(space, rng):
    if isinstance(space, Box):
        return rng.random(space.shape, dtype=np.float32)
    return rng.integers(space.n if isinstance(space, Discrete) else space.nvec)


def told(env, episodes, look):
    """What is told from a seed on; now and then somebody looks at the environment."""
    heard, rng = [], np.random.default_rng(7)
    for k in range(episodes):
        begun, info = env.reset(seed=5 if k == 0 else 6 if k == 4 else None)
        heard.append((begun.tolist(), repr(info)))
        if look and k % 3 == 1:
            heard.append(env.routing.agents)
        seen, *rest = env.step(some_action(env.action_space, rng))
        heard.append((seen.dtype, seen.tolist(), repr(rest)))
        if look and k % 2:
            heard.append((env.routing.agents, env.routing.state().tolist(), env.routing.commitment))
    return heard


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("options", VARIANTS)
def test_the_provider_is_told_the_same_to_the_bit(options, look, monkeypatch):
    quick, slow = (told(made(options, quick, monkeypatch), 8, look) for quick in (True, False))
    assert quick == slow


def test_a_bad_action_changes_nothing(monkeypatch):
    env, other = (made(VARIANTS[0], True, monkeypatch) for _ in range(2))
    for one in (env, other):
        one.reset(seed=0)
    with pytest.raises(ActionError, match="action of provider"):
        env.step(np.full(2, 7))
    good = np.array([0, 0.1], dtype=np.float32)
    assert repr(env.step(good)) == repr(other.step(good))
    with pytest.raises(ActionError, match="until reset"):
        env.step(good)


@pytest.mark.parametrize("options", OTHERS)
def test_other_episodes_are_played_round_by_round(options):
    assert LeaderEnv(GAME, users=careless, num_users=NUM, **options)._quick is None


def test_settled_users_are_asked_once_for_each_game():
    asked = []

    @quick_episodes.settled
    def users(game, seen):
        asked.append(seen.tolist())
        return 0.1

    env = LeaderEnv(GAME, users=users, num_users=NUM)
    env.reset(seed=0)
    env.step(np.array([0, 0.25], dtype=np.float32))
    assert asked == [[1, 1, 0.25, 1, 2]]

"""How fast the PettingZoo environment steps where commitments change every episode and answers are random.

That is what it is under a learner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from routegame.envs import routing_v0
from speed.turns import Table, Work, compared, in_turns

EPISODES = {1: 2_000, 8: 500}
"""Episodes of a turn, by users."""


def works() -> dict[str, Work]:
    """Play either environment with one user and with eight; agent-steps, resets included."""
    kinds = {"parallel": (parallel, routing_v0.parallel_env), "AEC": (in_turn, routing_v0.env)}
    plural = {1: "one user", 8: "eight users"}
    return {
        f"routing_v0 {name}, {plural[users]}": prepared(play, make, users, episodes)
        for name, (play, make) in kinds.items()
        for users, episodes in EPISODES.items()
    }


def measure() -> list[Table]:
    """Play them in turns."""
    return [Table("Agent-steps, commitments and answers at random", compared(in_turns("random_play", works()), {}))]


def parallel(env: Any, offers: Any, answers: Any) -> int:
    """Play the environment in which all act at once, an episode an offer."""
    steps = 0
    for offer in offers:
        env.reset()
        while env.agents:
            actions = {agent: next(answers) for agent in env.agents}
            actions["provider"] = offer
            steps += len(actions)
            env.step(actions)
    return steps


def in_turn(env: Any, offers: Any, answers: Any) -> int:
    """Play the environment in which agents act one at a time."""
    steps = 0
    for offer in offers:
        env.reset()
        for agent in env.agent_iter():
            *_, over, cut_off, _ = env.last()
            env.step(None if over or cut_off else offer if agent == "provider" else next(answers))
            steps += 1
    return steps


def prepared(play: Callable[[Any, Any, Any], int], make: Any, users: int, episodes: int) -> Work:
    """Return what plays the same episodes every time."""
    env, rng = make("nano-gpt5", num_users=users), np.random.default_rng(0)
    offers = rng.random((episodes, 2)).astype(np.float32)
    answers = rng.integers(0, 2, 100 * users * episodes).tolist()

    def work() -> int:
        env.reset(seed=1)
        return play(env, offers, iter(answers))

    return work

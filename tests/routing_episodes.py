"""Episodes of `routing_v0`: games, policies and actions for tests, and what happened step by step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import routing_options

from routegame.envs.game import Game
from routegame.envs.routing_v0 import ABANDON, RETRY, RoutingEnv

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
HARD = Game(9, 20, (1e-5, 2e-5), (1, 2), (1, 3))
TYPES = Game(np.array([9.0, 10.0, 4.0]), np.array([20, 5, 1]), (0.1, 0.3), (np.array([1, 2, 0.5]), 2), (1, 3))

Policy = Callable[[np.ndarray], int]
Played = tuple[dict[str, Any], ...]


def offer(*coordinates: float) -> np.ndarray:
    return np.array(coordinates, dtype=np.float32)


STANDARD, REASONING, CASCADE = offer(0, 0), offer(1, 0), offer(0, 0.25)


def stationary(abandon_prob: float, seed: int = 0) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda observation: ABANDON if rng.random() < abandon_prob else RETRY


def seeing_the_model(abandon_probs: tuple[float, float], seed: int = 0) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda seen: ABANDON if rng.random() < (0, *abandon_probs)[int(seen[-1])] else RETRY


def always(action: int) -> Policy:
    return lambda observation: action


@dataclass
class Episode:
    """What happened in one episode, step by step; `seen` starts with what `reset` returned."""

    seen: list[dict[str, np.ndarray]]
    infos: list[dict[str, dict[str, Any]]]
    steps: list[Played] = field(default_factory=list)

    def of(self, agent: str) -> list[tuple[Any, ...]]:
        """Observation, reward, termination, truncation and info of each step that `agent` played."""
        return [tuple(part[agent] for part in step) for step in self.steps if agent in step[0]]

    def total(self, agent: str) -> float:
        return float(sum(reward for _, reward, *_ in self.of(agent)))


def play(env: RoutingEnv, action: np.ndarray, policy: Policy, seed: int | None = None) -> Episode:
    seen, infos = env.reset(seed=seed)
    episode = Episode([seen], [infos])
    while env.agents:
        actions = {agent: policy(seen[agent]) if agent != "provider" else action for agent in env.agents}
        step = env.step(actions)
        seen = step[0]
        episode.seen.append(seen)
        episode.infos.append(step[4])
        episode.steps.append(step)
    return episode


OPTIONS = {"types": [False, True], "num_users": [1, 3], **routing_options.EACH}


def possible(options: dict[str, Any]) -> bool:
    """Types of users need several."""
    return routing_options.possible(options) and (options["num_users"] > 1 or not options["types"])


def arguments(options: dict[str, Any]) -> dict[str, Any]:
    game = TYPES if options["types"] else GAME
    return {"game": game, **{name: value for name, value in options.items() if name != "types"}}


MENU = Game(9, 20, (0.1, 0.3, 0.2), (1, 2, 0.5), (1, 3, 0.7))
MENUS = Game(np.array([9.0, 10.0, 4.0]), 20, (0.1, 0.3, 0.2), (np.array([1, 2, 0.5]), 2, 1), (1, 3, 0.7))
MENU_OPTIONS = {"game": [GAME, MENU, MENUS], "form": ["compact", "matrix"], "decline": [False, True], **OPTIONS}
"""Options of commitments in free order, to two models or three."""


def possible_menu(options: dict[str, Any]) -> bool:
    types = options["game"] is MENUS
    return routing_options.possible(options) and options["types"] == types and (options["num_users"] > 1 or not types)


def menu_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """With as many multipliers as there are models."""
    models, repeats = options["game"].num_models, options["retry_multiplier"]
    repeats = (0.5, 2.0, 1.0)[:models] if isinstance(repeats, tuple) else repeats
    chosen = {name: value for name, value in options.items() if name != "types"}
    return chosen | {"order": "free", "retry_multiplier": repeats}


GOOD: dict[str, Any] = {"provider": CASCADE, "user_0": RETRY, "user_1": RETRY}


def rounds_of(
    env: RoutingEnv, actions: Callable[[dict[str, np.ndarray]], dict[str, Any]], episodes: int
) -> list[Played]:
    """Play episodes from seed 0 and return every round's results."""
    played, seed = [], 0
    for _ in range(episodes):
        seen, _ = env.reset(seed=seed)
        seed = None
        while env.agents:
            played.append(env.step(actions(seen) if env.agents else {}))
            seen = played[-1][0]
    return played


def everyone(env: RoutingEnv, action: np.ndarray, answer: int) -> dict[str, Any]:
    return {agent: action if agent == "provider" else answer for agent in env.agents}

"""How fast users step by Gymnasium's vector interface, against its own CartPole, compiled from NumPy or one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from routegame import solve
from routegame.envs.commitment import Commitment
from routegame.envs.scenarios import scenario
from routegame.envs.vector_env import FollowerVectorEnv
from speed.turns import Table, compared, in_turns

FEW, MANY = 64, 16_384


def measure() -> list[Table]:
    """Users of nano-gpt5 who stay, few and many at a time."""
    return [_table(FEW, 2_000), _table(MANY, 50)]


def equilibrium() -> Commitment:
    """What the provider of nano-gpt5 commits to."""
    game = scenario("nano-gpt5").game
    best = solve(game).equilibrium
    return Commitment.unthrottled(game, int(best.route), float(best.cascade_prob))


def _table(num_envs: int, steps: int) -> Table:
    game = scenario("nano-gpt5").game
    envs = {
        "FollowerVectorEnv on nano-gpt5": FollowerVectorEnv(game, num_envs, equilibrium()),
        "the same, a random commitment for every task": FollowerVectorEnv(game, num_envs, "random"),
        "Gymnasium's CartPoleVectorEnv": _cart_poles(num_envs, "vector_entry_point"),
    }
    if num_envs == FEW:
        envs["Gymnasium's SyncVectorEnv of CartPole-v1"] = _cart_poles(num_envs, "sync")
    turns = in_turns(f"vector_env, {num_envs:,} rows", {name: _stepper(env, steps) for name, env in envs.items()})
    return Table(f"Steps by Gymnasium's interface, {num_envs:,} rows", compared(turns, {}))


def _cart_poles(num_envs: int, mode: str) -> Any:
    return gymnasium.make_vec("CartPole-v1", num_envs, vectorization_mode=mode)


def _stepper(env: Any, steps: int) -> Callable[[], int]:
    env.reset(seed=0)
    actions = np.zeros(env.num_envs, dtype=np.int64)

    def work() -> int:
        for _ in range(steps):
            env.step(actions)
        return steps * env.num_envs

    return work

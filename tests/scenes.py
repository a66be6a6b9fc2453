"""Scenes to write out and to draw, made without an environment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from routegame import Game
from routegame.envs.render.scene import OVER, Scene, UserScene

NANO = Game(120, 0.1, (0.0311, 0.4311), (6.09, 39.77), (0.000966, 0.02938))
MODELS, UNITS = ("gpt-4.1-nano", "gpt-5 (low)"), ("s", "$")
LONG = "an-extremely-long-model-name-with-many-parts-2026-01-01-preview", "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"
"""Names of models that are too long for most places."""

USER = UserScene(
    game=NANO,
    status="running",
    model=1,
    handed_over=False,
    passes=3,
    task=1,
    num_tasks=1,
    clock=18.27,
    waited=18.27,
    utility=-18.27,
    finished=False,
)
WAITING = replace(USER, status="waiting", model=0, passes=0, clock=0.0, waited=0.0, utility=0.0)
SOLVED = replace(USER, status="solved", model=2, passes=2, clock=45.86, waited=45.86, utility=74.14, finished=True)
LEFT = replace(USER, status="abandoned", passes=1, clock=6.09, waited=6.09, utility=-6.09, finished=True)


def scene(*users: UserScene, **changes: Any) -> Scene:
    """A scene of a provider that has committed, with the tally of its users."""
    here = users or (USER,)
    tally = [sum(user.status == status for user in here) for status in OVER]
    plain = Scene(4, 1, 0.0783242, True, 0.0412, 0.1, (tally[0], tally[1], tally[2]), here, MODELS, UNITS)
    return replace(plain, **changes)


def crowd(num_users: int, seed: int = 0, **changes: Any) -> Scene:
    """A scene of many users of all kinds."""
    rng = np.random.default_rng(seed)
    kinds = (USER, replace(USER, model=2, handed_over=True), WAITING, SOLVED, LEFT, replace(USER, status="cut off"))
    picked = [kinds[i] for i in rng.integers(len(kinds), size=num_users)]
    clocks, utilities = rng.uniform(0, 200, num_users), rng.uniform(-200, 200, num_users)
    numbers = zip(picked, clocks.tolist(), utilities.tolist(), strict=True)
    return scene(*(replace(user, clock=clock, utility=utility) for user, clock, utility in numbers), **changes)

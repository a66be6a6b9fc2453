"""What plays with given luck cost under as many commitments, of few tasks and of many: of totals, hardly more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from routegame.envs.commitment import CommitmentBox as RoutingGame  # the name that earlier commits have
from routegame.envs.scenarios import scenario
from speed.turns import Table, Work, compared, in_turns

COMMITMENTS = 4_096
SIZES = (2**20, 1_024, 1)
"""Tasks under each commitment."""

DEARER = 10
"""Times the price of one task that the most may cost."""


def works() -> dict[str, Work]:
    """Play a thousand tasks under each commitment, as learners do."""
    return {f"play_with_luck, {1_024:,} tasks": _playing(1_024)}


def measure() -> list[Table]:
    """Play in turns, most tasks first."""
    named = {size: f"tasks under each: {size:,}" for size in SIZES}
    turns = in_turns("luck", {name: _playing(size) for size, name in named.items()})
    return [Table("Commitments of nano-gpt5, play_with_luck", compared(turns, {named[1]: 1 / DEARER}))]


def _playing(num_tasks: int) -> Callable[[], int]:
    game, rng = RoutingGame(scenario("nano-gpt5").game), np.random.default_rng(0)
    commitments = game.commitments(rng.random((COMMITMENTS, game.size)))
    answers = rng.uniform(0, 0.2, COMMITMENTS)

    def play() -> int:
        for luck in range(4):
            game.play_with_luck(commitments, answers, num_tasks, luck)
        return 4 * COMMITMENTS

    return play

"""The global generators of numpy and torch, lent to one learner at a time.

stable-baselines3 draws from them. Whoever draws from them inside `OwnChance.lent` draws what it would draw if it were
alone, and leaves them as they were for everybody else.
"""

# stable-baselines3 draws from numpy's legacy generator, so this is about that one.
# ruff: noqa: NPY002

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from routegame.train.state import State


class OwnChance:
    """States of both generators that belong to one learner.

    Args:
        seed: of both.
    """

    def __init__(self, seed: int) -> None:
        self._numpy = np.random.RandomState(seed).get_state(legacy=False)
        self._torch = torch.Generator().manual_seed(seed).get_state()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the global generators where this learner left off; remember where it leaves off this time."""
        before = random.getstate(), np.random.get_state(legacy=False), torch.get_rng_state()
        np.random.set_state(self._numpy)
        torch.set_rng_state(self._torch)
        try:
            yield
        finally:
            self._numpy, self._torch = np.random.get_state(legacy=False), torch.get_rng_state()
            random.setstate(before[0])
            np.random.set_state(before[1])
            torch.set_rng_state(before[2])

    def state(self) -> State:
        """Return where the generators are."""
        twister = self._numpy["state"]
        rest = {name: self._numpy[name] for name in ("has_gauss", "gauss")}
        return {"torch": self._torch.numpy(), "key": twister["key"], "pos": int(twister["pos"]), **rest}

    def restore(self, state: State) -> None:
        """Go to where the generators were."""
        twister = {"key": state["key"], "pos": state["pos"]}
        self._numpy = {
            "bit_generator": "MT19937",
            "state": twister,
            "has_gauss": state["has_gauss"],
            "gauss": state["gauss"],
        }
        self._torch = torch.from_numpy(state["torch"].copy())

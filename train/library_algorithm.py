"""An algorithm of stable-baselines3 that learns step by step, and whose state is plain arrays and numbers.

The library saves and loads itself by pickles, which execute what is in them, and without its buffer and chance. Here
all that the rest of a run depends on is told as `routegame.train.state` has it. The library says itself which weights
and optimisers an algorithm has.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.logger import Logger

from routegame.envs.arrays import Float32Array
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import State
from routegame.train.torch_state import as_arrays, as_tensors

COUNTS = ("num_timesteps", "_n_updates", "_n_calls", "exploration_rate")
"""What algorithms count, as the library calls it; the last two DQN alone has."""

REMEMBERED = ("observations", "next_observations", "actions", "rewards", "dones", "timeouts")
"""Arrays of a replay buffer, as the library calls them, a row for each step of the environments."""

NEVER = 2**62
"""Iterations between two reports of the library to nobody."""


class LibraryAlgorithm:
    """An algorithm, and the global chance that it draws from.

    Args:
        make: makes the algorithm, on the environments that it will ever play.
        seed: of the global generators.
    """

    def __init__(self, make: Callable[[], BaseAlgorithm], seed: int) -> None:
        self._chance = OwnChance(seed)
        with self._chance.lent():
            self._algorithm = make()

    def learn(self, num_steps: int) -> dict[str, float]:
        """Let it play so many steps, of all environments together, and learn from them; return its own figures."""
        logger = Logger(None, [])
        self._algorithm.set_logger(logger)
        with self._chance.lent():
            self._algorithm.learn(num_steps, log_interval=NEVER, reset_num_timesteps=False)
        figures = {name.rpartition("/")[2]: float(value) for name, value in logger.name_to_value.items()}
        return {name: value for name, value in figures.items() if isfinite(value)}

    def decide(self, observations: Float32Array) -> NDArray[np.generic]:
        """Return what it would do without exploring, an action for each observation."""
        return self._algorithm.predict(observations, deterministic=True)[0]

    def state(self) -> State:
        """Return weights, moments, what is remembered, counts and chance."""
        algorithm, space = self._algorithm, self._algorithm.action_space
        buffer = _buffer(algorithm)
        return {
            "learned": {name: as_arrays(found) for name, found in algorithm.get_parameters().items()},
            "lone": as_arrays(_lone(algorithm)),
            "counts": _counts(algorithm),
            "buffer": {} if buffer is None else _remembered(buffer),
            "choices": space.np_random.bit_generator.state,
            "chance": self._chance.state(),
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        algorithm, told = self._algorithm, state["learned"]
        learned: State = {
            name: as_tensors(found, told.get(name, {})) for name, found in algorithm.get_parameters().items()
        }
        algorithm.set_parameters(learned)
        with torch.no_grad():
            for name, tensor in _lone(algorithm).items():
                tensor.copy_(torch.tensor(state["lone"][name]))
        for name in _counts(algorithm):
            setattr(algorithm, name, state["counts"][name])
        buffer = _buffer(algorithm)
        if buffer is not None:
            _remember(buffer, state["buffer"])
        algorithm.action_space.np_random.bit_generator.state = state["choices"]
        self._chance.restore(state["chance"])


def _counts(algorithm: BaseAlgorithm) -> State:
    return {name: getattr(algorithm, name) for name in COUNTS if hasattr(algorithm, name)}


def _buffer(algorithm: BaseAlgorithm) -> ReplayBuffer | None:
    """Return what an algorithm remembers from one update to the next; None where it forgets."""
    return getattr(algorithm, "replay_buffer", None)


def _lone(algorithm: BaseAlgorithm) -> dict[str, torch.Tensor]:
    """Return learned tensors that are part of no network: the logarithm of SAC's temperature."""
    return {name: getattr(algorithm, name) for name in algorithm._get_torch_save_params()[1]}


def _remembered(buffer: ReplayBuffer) -> State:
    arrays = {name: getattr(buffer, name)[: buffer.size()].copy() for name in REMEMBERED}
    return {**arrays, "pos": buffer.pos, "full": buffer.full}


def _remember(buffer: ReplayBuffer, state: State) -> None:
    for name in REMEMBERED:
        getattr(buffer, name)[: len(state[name])] = state[name]
    buffer.pos, buffer.full = int(state["pos"]), bool(state["full"])

"""Spaces of the agents of `routing_v0`, the grid of their actions, and masks: what they may do and what they can see.

`Spaces` also checks actions: whatever it lets through can be played.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from math import prod
from operator import index
from typing import Any, Literal

import numpy as np
from gymnasium import spaces
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError, Refusal
from routegame.envs.game import Information
from routegame.envs.routing.contract import Box, Contract
from routegame.envs.routing.padding import Padding, as_given

PROVIDER = "provider"
RETRY, ABANDON = 0, 1
LEAVES = {RETRY: False, ABANDON: True}

ARRAY, FLOAT32 = np.ndarray, np.dtype(np.float32)

Commits = Literal["episode", "task", "never"]
"""When the provider commits: once, whenever a task begins, or not at all: then it picks a model for every pass."""

Mask = NDArray[np.int8]

MOST_CHOICES = 2**20
"""Most actions of a provider who has a single choice: masks are as long."""

Bounds = tuple[Sequence[float], Sequence[float]]
"""Smallest and largest numbers of an observation."""


class ActionError(Refusal):
    """An action that cannot be played; says whose, what is allowed and what was given, in one sentence.

    Args:
        agent: whose it is; or, by itself, the whole sentence, see `Refusal`.
        allowed: what is.
        action: what was given.
    """

    agent: str = ""
    allowed: str = ""
    action: object = None

    def __init__(self, agent: object, allowed: str | None = None, action: object = None) -> None:
        if allowed is None:
            super().__init__(agent)
            return
        self.agent, self.allowed, self.action = str(agent), allowed, action
        super().__init__(f"action of {agent} must be {allowed}, got {' '.join(repr(action).split())}")


def mask(*allowed: int) -> Mask:
    """Return an action mask, 1 where a choice is allowed, that nobody can change, so that it can be shown again."""
    made = np.array(allowed, dtype=np.int8)
    made.setflags(write=False)
    return made


NO_SAY, FREE = mask(1, 0), mask(1, 1)
"""Masks of two choices: only the first is left, or both are."""


def user_name(number: int) -> str:
    """Return the name of a user, from its number, which is that of its stream of chance.

    >>> user_name(0)
    'user_0'
    """
    return f"user_{number}"


def user_number(name: str) -> int:
    """Return k of `user_k`."""
    return int(name.removeprefix("user_"))


def most_seen(contract: Contract, latency: Sequence[float], information: Information, max_passes: int) -> list[float]:
    """Return the largest values of a user's observation; the smallest are all 0.

    These are the phase, the commitment, and what a user knows of its task's failures.

    Args:
        contract: how the provider commits.
        latency: the slowest that each model can be.
        information: what the user knows.
        max_passes: most failures of a task.

    >>> from routegame.envs.routing.contract import MenuContract, PaperContract
    >>> most_seen(PaperContract(), (1, 2), "model", 50)
    [1, 2, 1, 1, 2, 2]
    >>> most_seen(MenuContract(3), (1, 2, 1), "model", 50)
    [1, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1, 2, 1, 3]
    """
    memory = {"memoryless": [], "model": [contract.num_models], "history": [max_passes]}[information]
    return [1, *contract.most_seen(latency), *memory]


@dataclass(frozen=True)
class Differing:
    """What is other about spaces where tasks differ.

    Attributes:
        num_commitments: how many commitments an offer holds.
        task: bounds of what the provider sees of each user's task; of nothing where it sees none.
        user: bounds of a user's observation.
        max_latency: the slowest that each model can be in any context.
        num_contexts: C.
    """

    num_commitments: int
    task: Bounds
    user: Bounds
    max_latency: Sequence[float]
    num_contexts: int


class Spaces:
    """The spaces of all agents of an environment, and the check of actions against them.

    An offer, as a provider's action is called here, is a list of numbers: first those that choose a model, route 1 or
    2, or a model for each user where the provider never commits; then those that lie anywhere in [0, 1], the cascade
    probability of a commitment, or weights in free order, and, with throttling, a slow-down for each model.

    Args:
        games: as they are played, which give offers their meaning, one for each user.
        contract: how the provider commits.
        commits: when the provider commits.
        information: what users see besides the commitment.
        grid: number of levels of each number of an offer that does not choose a model; None for a box of offers.
        flat: whether a point of the grid is one choice of all its points; only with a grid.
        padded: whether all agents have the same spaces, see `routegame.envs.routing.padding`.
        max_passes: most passes of a task.
        num_tasks: tasks of each user.
        differing: what is other where tasks differ; None where they do not.

    Attributes:
        actions: spaces of actions, by agent.
        observations: spaces of observations, by agent.
        state: space of all there is to know, see `routegame.envs.routing.rounds.Rounds.state`.
        offer_size: how many numbers an offer has.
        levels: with a grid, how many levels each of them has; () without one.
        flat: as given.
        padding: what agents of equal spaces see and do; None where they have their own.
        open_masks: with a grid, masks of an offer's numbers where every level makes a difference; () without one.
        closed_masks: the same where none does, so that only the lowest is left.

    Raises:
        ParameterError: a latency that float32 cannot hold, too many choices, or a grid of several that is to be padded.
    """

    def __init__(
        self,
        games: Sequence[Box],
        contract: Contract,
        *,
        commits: Commits,
        information: Information,
        grid: int | None,
        max_passes: int,
        num_tasks: int,
        differing: Differing | None = None,
        flat: bool = False,
        padded: bool = False,
    ) -> None:
        num_users, models, shares = len(games), contract.num_models, contract.num_extras
        choices = (models,) * num_users
        if commits != "never":
            count = 1 if differing is None else differing.num_commitments
            choices, shares = (2,) * (count * contract.num_switches), count * (shares + contract.num_shares)
        self.offer_size: int = len(choices) + shares
        self._offer_shape = (self.offer_size,)
        self.levels: tuple[int, ...] = () if grid is None else (*choices, *(grid,) * shares)
        self.open_masks: tuple[Mask, ...] = tuple(mask(*[1] * count) for count in self.levels)
        self.closed_masks: tuple[Mask, ...] = tuple(mask(1, *[0] * (count - 1)) for count in self.levels)

        self.flat: bool = flat
        if flat and not self.levels:
            raise ParameterError("flat", "left out where there is no grid", flat)
        if flat and prod(self.levels) > MOST_CHOICES:
            raise ParameterError("grid", f"so small that there are at most {MOST_CHOICES:,} choices in all", grid)
        offers = self._offers()
        self.actions: dict[str, spaces.Space[Any]] = {PROVIDER: offers}
        low, high = ([], []) if differing is None else differing.task
        seen, least = ([models, max_passes, *high], [0.0, 0.0, *low])
        if commits == "never":
            provider = _box(seen * num_users, least * num_users)
        else:
            provider = _box([1, 1, *list(high) * num_users], [0, 0, *list(low) * num_users])
        self.observations: dict[str, spaces.Box] = {PROVIDER: provider}
        slowest = [game.max_latency if differing is None else differing.max_latency for game in games]
        for k, latency in enumerate(slowest):
            if max(latency) > float(np.finfo(np.float32).max):
                raise ParameterError("latency", "small enough for float32, in which users see it", latency)
            self.actions[user_name(k)] = spaces.Discrete(2)
            largest = most_seen(contract, latency, information, max_passes)
            bounds: Bounds = ([0.0] * len(largest), largest) if differing is None else differing.user
            self.observations[user_name(k)] = _box(bounds[1], bounds[0])
        drawn = [] if differing is None else [differing.num_contexts]
        rows = [[1, 1, models, max_passes, num_tasks, *contract.most_seen(latency), *drawn] for latency in slowest]
        self.state: spaces.Box = _box(np.array(rows).reshape(-1))
        self.padding: Padding | None = None
        if padded:
            if isinstance(offers, spaces.MultiDiscrete):
                raise ParameterError("flat", "True where a grid is padded", flat)
            self.padding = Padding(self.observations.values(), offers)
            alike = self.padding.observation_space
            self.observations = {agent: deepcopy(alike) for agent in self.observations}
            self.actions = {agent: deepcopy(offers) for agent in self.actions}

    def _offers(self) -> spaces.Box | spaces.Discrete | spaces.MultiDiscrete:
        if not self.levels:
            return _box(np.ones(self.offer_size))
        return spaces.Discrete(prod(self.levels)) if self.flat else spaces.MultiDiscrete(list(self.levels))

    def leaves(self, user: str, answer: Any) -> bool:
        """Return whether a user's answer is to leave.

        Raises:
            ActionError: it is no answer.
        """
        if self.padding is not None:
            leaves = self.padding.leaves(answer)
            if leaves is None:
                raise ActionError(user, f"in {self.actions[user]}", answer)
            return leaves
        try:
            return LEAVES[index(answer)]
        except (KeyError, TypeError):
            raise ActionError(user, f"in {self.actions[user]}", answer) from None

    def coordinates(self, offer: object) -> list[float]:
        """Return an offer as coordinates in [0, 1], `offer_size` of them, rounded to float32 where there is no grid.

        Raises:
            ActionError: it is no offer.
        """
        given = offer if offer.__class__ is ARRAY else as_given(offer)
        if self.levels:
            found = self._at_levels(given)
            if found is not None:
                return found
        elif given.shape == self._offer_shape and (given.dtype is FLOAT32 or given.dtype.kind in "biuf"):
            numbers: list[float] = (given if given.dtype is FLOAT32 else given.astype(np.float32)).tolist()
            for x in numbers:
                if not 0 <= x <= 1:
                    break
            else:
                return numbers
        raise ActionError(PROVIDER, f"in {self.actions[PROVIDER]}", offer)

    def _at_levels(self, given: NDArray[Any]) -> list[float] | None:
        """Return a point of the grid as coordinates in [0, 1]; None if it is none."""
        if self.flat:
            chosen = given.shape == () and given.dtype.kind in "iu" and 0 <= given < prod(self.levels)
            given = np.array(np.unravel_index(int(given), self.levels) if chosen else None)
        if given.shape == self._offer_shape and given.dtype.kind in "iu":
            steps = list(zip(given.tolist(), self.levels, strict=True))
            if all(0 <= level < count for level, count in steps):
                return [level / (count - 1) for level, count in steps]
        return None

    def action_at(self, point: FloatArray) -> Float32Array | IntArray:
        """Return the provider's action at a point of [0, 1), of a grid that whose cell it lies in."""
        if not self.levels:
            return point.astype(np.float32)
        steps: IntArray = (point * self.levels).astype(np.int64)
        return np.array(np.ravel_multi_index(tuple(steps), self.levels)) if self.flat else steps

    def masks(self, parts: tuple[Mask, ...]) -> Mask | tuple[Mask, ...]:
        """Return masks of an offer's numbers as the provider's space takes them."""
        if not self.flat:
            return parts
        return mask(*reduce(np.multiply.outer, parts).reshape(-1))


def _box(high: ArrayLike, low: ArrayLike = 0.0) -> spaces.Box:
    largest = np.asarray(high, dtype=np.float32)
    return spaces.Box(np.broadcast_to(np.asarray(low, dtype=np.float32), largest.shape), largest)

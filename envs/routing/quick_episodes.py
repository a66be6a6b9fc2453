"""Episodes of `routing_v0` for a provider alone, of many users who see nothing but its commitment, in a few arrays.

`TaskBatch` plays them, compiled, with the same luck and to the same bit as `routegame.envs.routing.rounds` does: an
episode of 100 users takes a thirtieth of the time. The environment itself stays where it was until it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from routegame.envs.arrays import BoolArray, FloatArray
from routegame.envs.copies import with_own_arrays
from routegame.envs.routing.contract import Box
from routegame.envs.routing.rounds import Rounds
from routegame.envs.routing.spaces import PROVIDER, user_number
from routegame.envs.routing.user import Info, Observation, frozen
from routegame.envs.sampling.task_batch import TaskBatch

Users = Callable[[Any, Observation], float]
"""A policy of users: takes their game, or the mix that their tasks are of if they do not know more, and their
observation, returns the probability of leaving."""

P = TypeVar("P", bound=Users)

SETTLED = "settled"
"""Attribute of policies of users that always answer the same to the same sight."""

MANY = 8
"""From so many users on an episode is quicker in arrays."""

Told = tuple[Observation, float, bool, bool, Info]
"""What a provider is told of an episode: observation, reward, whether it ended, whether it was cut off, and info."""


def settled(users: P) -> P:
    """Mark a policy of users that always answers the same to the same sight: it need be asked once an episode."""
    vars(users)[SETTLED] = True
    return users


class QuickEpisodes:
    """Episodes of `routing_v0` as a provider sees them that commits once, to users who see nothing but that.

    They are played by `TaskBatch`, while the environment stays where it was until it is wanted.

    Args:
        routing: the environment.

    Attributes:
        leads: whether episodes are played here; if not, the environment has been seen since the last `follow`.
        under_way: whether an episode is.
    """

    def __init__(self, routing: Rounds) -> None:
        self._routing = routing
        self.leads = self.under_way = False
        self._batch: TaskBatch | None = None  # what it takes is imported when it is wanted
        self._begun = self._at = np.zeros(routing.num_users, dtype=np.int64)  # positions in the users' streams
        self._action: object = None
        self._rounds: list[BoolArray] = []  # who left in each round of the episode

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(with_own_arrays(state))

    @staticmethod
    def will_do(routing: Rounds) -> bool:
        """Return whether an environment's episodes can be played here."""
        plain = routing.commits == "episode" and routing.sight == "exact" and routing.information == "memoryless"
        plain = plain and not routing.contract.declines and routing.mix is None
        bare = routing.difficulty is None and routing.render_mode is None
        return plain and bare and routing.max_cycles is None and routing.num_users >= MANY

    def follow(self) -> None:
        """Take over an episode that the environment has just begun."""
        self._at = self._routing.positions
        self.begin()

    def begin(self) -> None:
        """Begin an episode, with the luck that comes after the last one's."""
        self._begun, self._rounds = self._at.copy(), []
        self.leads = self.under_way = True

    def play(self, action: object, users: Users, rng: np.random.Generator) -> Told:
        """Play an episode and return what the provider is told.

        Raises:
            ActionError: the action is outside the space. Nothing has changed then.
        """
        routing = self._routing
        point = routing.coordinates(action)
        terms = {id(box): box.at(point) for box in routing.commitment_boxes}
        offers = [terms[id(box)] for box in routing.commitment_boxes]
        batch = self._committed(offers)
        views = [frozen([1, *routing.contract.seen(offer.alone())[0]]) for offer in offers]
        boxes = routing.commitment_boxes
        certain = self._certain(users, boxes, views) if hasattr(users, SETTLED) else None
        costs = np.zeros((1 + routing.game.num_models, routing.num_users))  # of a pass on no model, on model 1, …
        costs[1:] = np.array([box.game.cost for box in boxes], dtype=np.float64).T
        penalties = np.array([box.game.churn_penalty for box in boxes], dtype=np.float64)
        playing, done = np.ones(routing.num_users, dtype=np.bool_), np.zeros(routing.num_users, dtype=np.int64)
        rounds: list[BoolArray] = []
        reward, cost, abandonments, decided = 0.0, 0.0, 0, True
        while playing.any():
            waiting = np.flatnonzero(playing & ~batch.over)
            leaves = np.zeros(routing.num_users, dtype=np.bool_)
            if certain is not None:
                leaves[waiting] = rng.random(waiting.size) < certain[waiting]
            else:
                for row in waiting:
                    chance = users(boxes[row].game, views[row])
                    leaves[row] = rng.random() < chance
            rounds.append(leaves)
            batch.step(leaves)
            self._at += playing
            lost = playing & batch.abandoned
            compute = _in_turn(costs[batch.model, self._everyone][playing])
            cost, reward = cost + compute, reward + (-compute - _in_turn(penalties[lost]))
            abandonments += int(lost.sum())
            done += batch.over
            decided = decided and not (playing & batch.cut_off).any()
            playing &= ~(batch.over & (batch.cut_off | (done >= routing.num_tasks)))
        self._rounds, self._action, self.under_way = rounds, np.array(action), False
        commitment = offers[0] if routing.game.shape == () else tuple(offers)
        info = {"has_say": False, "commitment": commitment, "cost": cost, "abandonments": abandonments}
        if routing.grid is not None:
            info["action_mask"] = routing.masks_without_say
        return np.zeros(2, dtype=np.float32), reward, decided, not decided, info

    def catch_up(self) -> dict[str, Observation]:
        """Bring the environment to where the episode is, and let it lead; return what all see."""
        self.leads = False
        routing = self._routing
        routing.go_to(self._begun)
        seen, _ = routing.start()
        for leaves in self._rounds:
            actions: dict[str, object] = {name: int(leaves[user_number(name)]) for name in routing.agents[1:]}
            seen, *_ = routing.play({PROVIDER: self._action, **actions})
        return seen

    def _committed(self, offers: list[Any]) -> TaskBatch:
        """Return the batch, fresh, at the users' places in their streams and under these commitments."""
        routing = self._routing
        if self._batch is None:
            self._everyone = np.arange(routing.num_users)
            self._batch = routing.contract.batch(
                routing.game,
                routing.num_users,
                max_passes=routing.max_passes,
                retry_multiplier=routing.retry_multiplier,
            )
        self._batch.reset(routing.seed)
        self._batch.skip(self._begun)
        routing.contract.commit(self._batch, routing.contract.together(offers))
        return self._batch

    @staticmethod
    def _certain(users: Users, boxes: tuple[Box, ...], views: list[Observation]) -> FloatArray:
        """Return what settled users answer, (num_users,), each game of theirs asked once."""
        answers = {id(box): users(box.game, view) for box, view in dict(zip(boxes, views, strict=True)).items()}
        return np.array([answers[id(box)] for box in boxes], dtype=np.float64)


def _in_turn(values: FloatArray) -> float:
    """Return the sum, added one after the other as `routing_v0` does: NumPy's own order gives other bits."""
    return float(np.add.accumulate(values)[-1]) if values.size else 0.0

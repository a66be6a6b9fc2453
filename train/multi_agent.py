"""Learners of another library on both sides at once, pass by pass: what `multi_agent_ppo` and `multi_agent_q` share."""

from __future__ import annotations

from abc import abstractmethod
from copy import copy
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from routegame.agents.users.categorical import CategoricalFollower
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.stackelberg import Single, StackelbergGame
from routegame.train.learner import Learned, Learner
from routegame.train.options import LARGEST_BATCH, Options, option
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import Part
from routegame.train.table import Table


@dataclass(frozen=True)
class MultiAgentOptions(Options):
    """Options of all of them."""

    joint_updates: int = option(300, "updates of both sides", low=1)
    batch: int = option(256, "episodes an update, a commitment each", low=64, high=LARGEST_BATCH)
    users: int = option(4, "users in each of them", low=1, high=64)
    rate: float = option(1e-3, "learning rate of both sides at first", low=1e-6)


class MultiAgentLearner(Learner):
    """A provider and users, who share a policy, at a table where both of them play."""

    OPTIONS = MultiAgentOptions
    USERS = CategoricalFollower

    def __init__(self, game: StackelbergGame, options: MultiAgentOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        assert isinstance(game, RoutingGame | MenuGame)  # others it objects to
        self._joint_updates = options.joint_updates
        own, plays = np.random.SeedSequence(seed).spawn(2)
        self._chance = OwnChance(int(own.generate_state(1)[0]))
        self._table = Table(game, options.batch, options.users, plays, self.meter)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays single games pass by pass, where TorchRL is installed."""
        if not isinstance(game, RoutingGame | MenuGame):
            return "it plays routing among models, pass by pass, with users of one type"
        return "it needs TorchRL: pip install 'routegame[torchrl]'" if find_spec("torchrl") is None else None

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides."""
        return self._joint_updates

    def learned(self) -> Learned:
        """Return both policies as they are now."""
        return Learned(self._commitment(), self._follower(), copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """The table, and chance."""
        return {"chance": self._chance, "table": self._table}

    @abstractmethod
    def _commitment(self) -> Single:
        """Return what the provider would commit to without exploring."""

    @abstractmethod
    def _follower(self) -> CategoricalFollower:
        """Return the users as they are."""

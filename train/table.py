"""Where both sides of the routing game play at once, pass by pass, in many episodes side by side, and are counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.envs.adapters.normalized import Normalized
from routegame.envs.arrays import BoolArray, Float32Array, FloatArray, IntArray
from routegame.envs.commitment import RoutingGame
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.menu_game import MenuGame
from routegame.envs.routing.spaces import PROVIDER, user_name
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.stackelberg import Plays
from routegame.train.meter import Meter
from routegame.train.state import State


@dataclass(frozen=True)
class Rounds:
    """What happened in a batch of episodes, all rounds but the first, in which users have nothing to decide.

    Attributes:
        paid: what an episode paid the provider, (num_episodes,), in units of about 1, see `Normalized`.
        asked: whether a user had to decide in a round, (num_rounds, num_episodes, num_users).
        left: whether it left then; anything where it was not asked.
        utility: what the round was worth to it, in units of latency.
        user_unit: what users' rewards are divided by, to be of about 1.
    """

    paid: Float32Array
    asked: BoolArray
    left: BoolArray
    utility: FloatArray
    user_unit: float

    def decisions(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return round, episode and user of every decision, three arrays (num_decisions,), in the order of rounds."""
        rounds, episodes, users = np.nonzero(self.asked)
        return rounds, episodes, users

    def rewards(self) -> Float32Array:
        """Return what each user was paid in each round, (num_rounds, num_episodes, num_users)."""
        return (self.utility / self.user_unit).astype(np.float32)

    def returns(self) -> Float32Array:
        """Return what each user was paid from each round on, (num_rounds, num_episodes, num_users)."""
        return (np.cumsum(self.utility[::-1], axis=0)[::-1] / self.user_unit).astype(np.float32)


class Table:
    """Episodes of one game, each of a commitment and some users with a task each.

    Args:
        game: the game.
        num_episodes: at a time.
        num_users: in each of them.
        seeds: of chance.
        meter: that counts.
    """

    def __init__(
        self,
        game: RoutingGame | MenuGame,
        num_episodes: int,
        num_users: int,
        seeds: np.random.SeedSequence,
        meter: Meter,
    ) -> None:
        self._rng, self._meter = np.random.default_rng(seeds), meter
        self._episodes = EpisodeBatch(
            game.game,
            num_episodes,
            num_users=num_users,
            throttling=game.throttling,
            max_latency=game.max_latency if game.throttling else None,
            order="free" if isinstance(game, MenuGame) else "paper",
            form=game.form if isinstance(game, MenuGame) else None,
        )
        units = Normalized(RoutingEnv(game.game, num_users=num_users)).units
        self._provider_unit, self._user_unit = units[PROVIDER], units[user_name(0)]

    def play(self, offers: Float32Array, leaving: FloatArray) -> Rounds:
        """Play an episode under each offer, to its end.

        Args:
            offers: points of the box, (num_episodes, size).
            leaving: how likely a user leaves after a failure, (num_episodes,).
        """
        episodes, before, users = self._episodes, self._episodes.passes, self._episodes.num_users
        episodes.reset(int(self._rng.integers(2**63)))
        cost = np.zeros(len(offers))
        asked, left, utility = [], [], []
        while not episodes.over.all():
            asked.append(episodes.playing.copy())
            left.append(self._rng.random(asked[-1].shape) < leaving[:, None])
            episodes.step(offers, left[-1])
            utility.append(episodes.user_reward.astype(np.float64))
            cost -= episodes.provider_reward
        passes = np.array([episodes.passes - before])
        self._meter.queries += len(offers)
        self._meter.play(Plays(passes, cost / users, np.sum(utility, axis=0).mean(axis=1), num_plays=users))
        paid = (-cost / self._provider_unit).astype(np.float32)
        return Rounds(paid, np.array(asked)[1:], np.array(left)[1:], np.array(utility)[1:], self._user_unit)

    def state(self) -> State:
        """Return where chance is."""
        return {"rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go to where chance was."""
        self._rng.bit_generator.state = state["rng"]

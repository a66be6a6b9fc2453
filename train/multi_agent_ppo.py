"""Both sides learn at once by TorchRL's clipped PPO, pass by pass: the base of `ippo` and `mappo`.

In each episode the provider makes a commitment, a draw from a Gaussian that is squashed into the box, and some users
have a task each. They see the commitment, and after every failure they draw whether to stay or to leave. All users
share one policy. Episodes are played to their end, so that nothing has to be guessed of what would have come.

Both sides have the same rate of learning, which falls to 0 on the way, the same minibatches and epochs. The run ends
with the middle of what the provider draws, and with the users' odds as they are.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

import numpy as np

from routegame.agents.users.categorical import CategoricalFollower, commitment_seen
from routegame.envs.adapters.normalized import Normalized
from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.commitment import RoutingGame
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.menu_game import MenuGame
from routegame.envs.routing.spaces import PROVIDER, user_name
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.stackelberg import Plays, Single, StackelbergGame
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, Options, option
from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import Part, State


@dataclass(frozen=True)
class MultiAgentOptions(Options):
    """Options of both."""

    joint_updates: int = option(300, "updates of both sides", low=1)
    batch: int = option(256, "episodes an update, a commitment each", low=64, high=LARGEST_BATCH)
    users: int = option(4, "users in each of them", low=1, high=64)
    epochs: int = option(4, "times that each decision is learned from", low=1, high=1000)
    rate: float = option(1e-3, "learning rate of both sides at first", low=1e-6)


@dataclass(frozen=True)
class Answers:
    """What users decided in a batch of episodes, in the order of rounds.

    Attributes:
        row: the episode of each decision, (num_decisions,).
        there: which users of the episode still had a task, oneself first, (num_decisions, num_users).
        left: whether the user left, 0 or 1, (num_decisions,).
        returns: what it was paid from then on, (num_decisions,).
    """

    row: IntArray
    there: Float32Array
    left: IntArray
    returns: Float32Array


class Table:
    """Where episodes are played, and counted; rewards are in units of about 1, see `Normalized`.

    Args:
        game: the game.
        options: the number of episodes, and of users in each.
        seeds: of chance.
        meter: that counts.
    """

    def __init__(
        self, game: RoutingGame | MenuGame, options: MultiAgentOptions, seeds: np.random.SeedSequence, meter: Meter
    ) -> None:
        self._rng, self._meter = np.random.default_rng(seeds), meter
        free = isinstance(game, MenuGame)
        self._episodes = EpisodeBatch(
            game.game,
            options.batch,
            num_users=options.users,
            throttling=game.throttling,
            max_latency=game.max_latency if game.throttling else None,
            order="free" if free else "paper",
            form=game.form if isinstance(game, MenuGame) else None,
        )
        units = Normalized(RoutingEnv(game.game, num_users=options.users)).units
        self._provider_unit, self._user_unit = units[PROVIDER], units[user_name(0)]

    def play(self, offers: Float32Array, leaving: FloatArray) -> tuple[Float32Array, Answers]:
        """Play an episode under each offer, and return what it paid the provider, (num_offers,), and users' decisions.

        Args:
            offers: points of the box, (num_offers, size).
            leaving: how likely a user leaves after a failure, (num_offers,).
        """
        episodes, before = self._episodes, self._episodes.passes
        episodes.reset(int(self._rng.integers(2**63)))
        users, cost = episodes.num_users, np.zeros(len(offers))
        there, left, paid = [], [], []
        while not episodes.over.all():
            there.append(episodes.playing.copy())
            left.append(self._rng.random(there[-1].shape) < leaving[:, None])
            episodes.step(offers, left[-1])
            paid.append(episodes.user_reward.astype(np.float64))
            cost -= episodes.provider_reward
        utility = np.cumsum(paid[::-1], axis=0)[::-1]
        playing = np.array(there)
        rounds, row, user = np.nonzero(playing[1:])  # in the first round there is nothing to decide
        oneself_first = (user[:, None] + np.arange(users)) % users
        answers = Answers(
            row,
            playing[1:][rounds[:, None], row[:, None], oneself_first].astype(np.float32),
            np.array(left)[1:][rounds, row, user].astype(np.int64),
            (utility[1:][rounds, row, user] / self._user_unit).astype(np.float32),
        )
        passes = np.array([episodes.passes - before])
        self._meter.queries += len(offers)
        self._meter.play(Plays(passes, cost / users, utility[0].mean(axis=1), num_plays=users))
        return (-cost / self._provider_unit).astype(np.float32), answers

    def state(self) -> State:
        """Return where chance is."""
        return {"rng": self._rng.bit_generator.state}

    def restore(self, state: State) -> None:
        """Go to where chance was."""
        self._rng.bit_generator.state = state["rng"]


class MultiAgentPPO(Learner):
    """See the module.

    Attributes:
        CENTRAL: whether critics see what all agents see.
    """

    OPTIONS = MultiAgentOptions
    USERS = CategoricalFollower
    CENTRAL: ClassVar[bool]

    def __init__(self, game: StackelbergGame, options: MultiAgentOptions, seed: int) -> None:
        from routegame.train.ppo.clipped_side import ClippedSide

        super().__init__(game, options, seed)
        assert isinstance(game, RoutingGame | MenuGame)  # others it objects to
        self._options = options
        own, plays = np.random.SeedSequence(seed).spawn(2)
        self._table = Table(game, options, plays, self.meter)
        self._chance = OwnChance(int(own.generate_state(1)[0]))
        self._start = np.ones((options.batch, 1), dtype=np.float32)  # all that the provider sees
        with self._chance.lent():
            self._provider = ClippedSide(1, 1, game.size, choices=False)
            self._users = ClippedSide(game.size, game.size + self.CENTRAL * options.users, 2, choices=True)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays single games pass by pass, where TorchRL is installed."""
        if not isinstance(game, RoutingGame | MenuGame):
            return "it plays routing among models, pass by pass, with users of one type"
        return "it needs TorchRL: pip install 'routegame[torchrl]'" if find_spec("torchrl") is None else None

    @property
    def num_updates(self) -> int:
        """Number of updates of both sides."""
        return self._options.joint_updates

    def learn(self) -> Snapshot:
        """Play a batch of episodes, and let both sides learn from it."""
        epochs, rate = self._options.epochs, self._options.rate * (1 - self.updates / self.num_updates)
        with self._chance.lent():
            offers, densities = self._provider.draw(self._start)
        seen = commitment_seen(self.box, self.box.commitments(offers.astype(np.float64)))
        odds = self._users.log_probs(seen)
        paid, answers = self._table.play(offers, np.exp(odds[:, 1].astype(np.float64)))
        with self._chance.lent():
            figures = {
                "provider": self._provider.learn(
                    self._start, self._start, offers, densities, paid, epochs=epochs, rate=rate
                )
            }
            if len(answers.row):
                asked = seen[answers.row]
                known = np.hstack([asked, answers.there]) if self.CENTRAL else asked
                drawn = odds[answers.row, answers.left]
                figures["users"] = self._users.learn(
                    asked, known, answers.left, drawn, answers.returns, epochs=epochs, rate=rate
                )
        told = {f"{side}_{name}": value for side, found in figures.items() for name, value in found.items()}
        told["exploration"] = float(offers.std(axis=0).mean())
        return Snapshot("both", self.meter.passes, self._follower().abandon_prob, self._commitment(), told)

    def learned(self) -> Learned:
        """Return both policies as they are now."""
        return Learned(self._commitment(), self._follower(), copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """Both sides, and chance."""
        return {"provider": self._provider, "users": self._users, "chance": self._chance, "table": self._table}

    def _commitment(self) -> Single:
        return self.box.commitments(self._provider.middle(self._start[:1]).astype(np.float64))[0]

    def _follower(self) -> CategoricalFollower:
        return CategoricalFollower(self.box, self._users.layers())

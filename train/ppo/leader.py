"""The leader: a population of Gaussian PPO policies over commitments, paid by sampled tasks.

The provider's cost jumps where users change their mind and has a basin for each route, so one Gaussian started in
one place is not enough. Each member of the population starts at another commitment; all are trained in the same
batches by the same PPO, as one policy that observes which member it is, and the cheaper ones go on alone.
Exploration shrinks geometrically: a wide Gaussian keeps away from the cliff by a few times its own width, a narrow
one walks up to a hair beyond it. Of a game with more starts than members those begin that win a race, see
`routegame.train.race`, and each keeps to its lane. The final commitment is a member's mean or a small step from it, see
`routegame.train.ppo.final_choice`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from routegame.envs.arrays import BoolArray, Float32Array, FloatArray, IntArray
from routegame.envs.stackelberg import Batch, Response, Single, StackelbergGame
from routegame.train.meter import Meter
from routegame.train.options import LARGEST_BATCH, Options, geometric, option
from routegame.train.ppo.final_choice import WIDE_STEPS, Choice, cheapest, cheapest_once_users_know, mistaken, nearby
from routegame.train.ppo.follower import Sampler
from routegame.train.ppo.one_step import OneStepPPO, OneStepVecEnv, standings
from routegame.train.race import race
from routegame.train.state import State

MOST_STARTS = 16
NUM_STARTS = 8
NUM_RACED = 24
"""Starts that come out of a race. The cheapest have members; the others wait for the last choice, for the difference
between some of them is less than the luck of the race."""
NUM_KEPT = 4
TASKS_IN_LANES, TASKS_TO_KNOW = 16, 64
"""Times as many tasks are played for the last choice in lanes, where the cheapest is close to users' leaving; and where
users are to find that out by themselves."""

CLOSER_LOOKS = 4
"""How often the last choice in lanes is made again, close to what was found."""

NUM_TRIALS = 4
"""How many commitments of a member are tried with the same luck."""

LearnNear = Callable[[Batch, BoolArray | None], Response]
"""Lets users learn near commitments, whose coordinates that are held, if any, stay as they are, and returns what they
answer."""


@dataclass(frozen=True)
class LeaderOptions(Options):
    """Options of the leader's training, whoever answers it."""

    leader_updates: int = option(60, "updates of the whole population of leaders", low=1)
    refinement_updates: int = option(75, "further updates of the cheapest leaders", low=1)
    leader_batch: int = option(1024, "commitments an update", low=64, high=LARGEST_BATCH, multiple_of=64)
    leader_tasks: int = option(1024, "tasks under each of them", low=1)
    leader_rate: float = option(0.1, "learning rate, in units of the current exploration", low=1e-6)
    first_exploration: float = option(0.3, "standard deviation of commitments at first, range -1 to 1", low=1e-6)
    middle_exploration: float = option(0.02, "the same when refinement begins", low=1e-6)
    last_exploration: float = option(0.002, "the same for the last third of refinement", low=1e-6)
    final_tasks: int = option(2**20, "tasks under each of the last few to choose from", low=512, multiple_of=512)

    def exploration(self, update: int) -> float:
        """Standard deviation at an update, counted through both stages."""
        if update < self.leader_updates:
            return geometric(self.first_exploration, self.middle_exploration, update, self.leader_updates)
        shrinking = max(2 * self.refinement_updates // 3, 1)
        return geometric(self.middle_exploration, self.last_exploration, update - self.leader_updates, shrinking)


@dataclass(frozen=True)
class Lanes:
    """Coordinates that members keep to, whatever their policy says of them.

    Attributes:
        starts: where they began, (num_members, size) in [0, 1].
        held: which coordinates stay as they were there, (num_members, size).
    """

    starts: FloatArray
    held: BoolArray

    def keep_to(self, offers: FloatArray, members: IntArray) -> FloatArray:
        """Return offers of members, (num_offers, size) in [0, 1], with the coordinates that are held put back."""
        return np.where(self.held[members], self.starts[members], offers)


class LeaderSide(OneStepVecEnv):
    """The game as the leader plays it: commit, then pay for a sample of tasks.

    A member tries `NUM_TRIALS` commitments each time with the same luck, and is paid by what they cost less than each
    other: close ones come to nearly the same with it, and what luck there is cancels. The scale is the
    standard deviation of all that the member tried in the batch; it leaves the direction of its gradient alone.

    Attributes:
        playing: indices of the members that play, which share the batch evenly.
        costs: what each of them paid for a task in the last batch.
        lanes: that members keep to; None where none does.
    """

    def __init__(
        self,
        game: StackelbergGame,
        num_members: int,
        batch: int,
        num_tasks: int,
        rng: np.random.Generator,
        meter: Meter,
    ) -> None:
        super().__init__(batch, num_members, game.size)
        self._box, self._num_tasks, self._rng, self._meter = game, num_tasks, rng, meter
        self._num_members = num_members
        self._respond: Response | None = None
        self.lanes: Lanes | None = None
        self.keep(np.arange(num_members))

    def keep(self, members: IntArray) -> None:
        """Let only these members play from now on."""
        self.playing = members
        self.costs = np.full(len(members), np.nan)
        each = np.repeat(members, self.num_envs // len(members))
        self._observation = np.eye(self._num_members, dtype=np.float32)[each]

    def answer_with(self, respond: Response) -> None:
        """Let users answer like this from now on."""
        self._respond = respond

    def observe(self) -> Float32Array:
        """Return which member plays, (num_envs, num_members) one-hot."""
        return self._observation

    def pay(self, actions: Float32Array) -> Float32Array:
        """Play a sample of tasks under each commitment and return its standing among the member's own, luck apart."""
        assert self._respond is not None
        offers = (1 + actions.astype(np.float64)) / 2
        if self.lanes is not None:
            offers = self.lanes.keep_to(offers, np.repeat(self.playing, len(offers) // len(self.playing)))
        commitments = self._box.commitments(offers)
        self._meter.queries += len(commitments)
        answers, luck = self._respond(commitments), int(self._rng.integers(2**63))
        by_trial = np.arange(len(commitments)).reshape(-1, NUM_TRIALS).T
        rows, period = by_trial.reshape(-1), by_trial.shape[1]
        played = self._box.play_equally_lucky(commitments.take(rows), answers[rows], self._num_tasks, luck, period)
        cost = self._meter.play(played).leader_cost.reshape(NUM_TRIALS, period).T
        self.costs = cost.reshape(len(self.playing), -1).mean(axis=1)
        less_luck = cost - cost.mean(axis=1, keepdims=True)
        return standings(-less_luck.reshape(len(self.playing), -1))


class LeaderPopulation:
    """Members that learn side by side which commitment is cheapest against a given response.

    Args:
        game: the game.
        options: of their training.
        seeds: of everything random.
        meter: that counts what they play.
        starts: where they start, (num_members, game.size) in [0, 1]; `first_commitments` by default.
        reconsider: whether users are expected to know better than they do in a race of starts, see `race`.
    """

    def __init__(
        self,
        game: StackelbergGame,
        options: LeaderOptions,
        seeds: np.random.SeedSequence,
        meter: Meter,
        starts: FloatArray | None = None,
        *,
        reconsider: bool = False,
    ) -> None:
        self._box, self._options, self._meter, self._reconsider = game, options, meter, reconsider
        self._rng = np.random.default_rng(seeds)
        self._final_seeds = seeds.spawn(1)[0]
        starts = first_commitments(game) if starts is None else starts
        self._to_race = starts if len(starts) > MOST_STARTS else None
        if self._to_race is not None:
            starts = starts[np.linspace(0, len(starts) - 1, NUM_STARTS).round().astype(int)]
        self._side = LeaderSide(game, len(starts), options.leader_batch, options.leader_tasks, self._rng, meter)
        self._ppo = OneStepPPO(
            self._side,
            int(seeds.generate_state(1)[0]),
            minibatches=1,
            n_epochs=10,
            clip_range=0.3,
            reach=2.0,
            policy={"net_arch": []},
        )
        self._updates = 0
        policy = self._ppo.policy
        policy.explore(options.exploration(0))
        assert isinstance(policy.action_net, torch.nn.Linear)
        policy.action_net.bias.requires_grad_(False)
        with torch.no_grad():
            policy.action_net.bias.zero_()
            policy.action_net.weight.copy_(torch.as_tensor(2 * starts - 1).T / policy.bound)
        if self._to_race is not None:
            self._side.lanes, self._raced = Lanes(starts, game.held(starts)), starts

    def update(self, respond: Response) -> dict[str, float]:
        """Play one batch against `respond`, learn from it, and return figures to log."""
        if self._to_race is not None and self._updates == 0:
            self._race(self._to_race, respond)
        if self._updates == self._options.leader_updates:
            cheapest = np.argsort(self._side.costs, kind="stable")[:NUM_KEPT]
            self._side.keep(self._side.playing[np.sort(cheapest)])
        exploration = self._options.exploration(self._updates)
        self._side.answer_with(respond)
        self._updates += 1
        return self._ppo.update(exploration, self._options.leader_rate * exploration)

    def _race(self, starts: FloatArray, respond: Response) -> None:
        """Let the members begin where the cheapest of many starts are; where lanes are few some have several."""
        rng, reconsider = self._rng, self._reconsider
        self._raced = race(self._box, starts, respond, NUM_RACED, rng, self._meter, reconsider=reconsider)
        found = np.resize(self._raced, (NUM_STARTS, self._box.size))
        self._side.lanes = Lanes(found, self._box.held(found))
        policy = self._ppo.policy
        assert isinstance(policy.action_net, torch.nn.Linear)
        with torch.no_grad():
            policy.action_net.weight.copy_(torch.as_tensor(2 * found - 1).T / policy.bound)

    @property
    def held(self) -> BoolArray | None:
        """Coordinates that the playing members keep to, (num_playing, game.size); None where there are no lanes."""
        lanes = self._side.lanes
        return None if lanes is None else lanes.held[self._side.playing]

    def commitments(self) -> Batch:
        """Return the mean of each playing member, cut off to what can be committed to."""
        offers = np.clip((1 + self._means()) / 2, 0, 1)
        return self._box.commitments(self._in_lanes(offers))

    def offers(self) -> Sampler:
        """Draw from what the playing members would offer in their next batch, exploration included."""
        means, exploration = self._means(), self._options.exploration(self._updates)
        lanes, playing = self._side.lanes, self._side.playing

        def sample(count: int, rng: np.random.Generator) -> Batch:
            members = rng.integers(0, len(means), count)
            actions = means[members]
            actions += exploration * rng.standard_normal(actions.shape)
            offers = np.clip((1 + actions) / 2, 0, 1)
            return self._box.commitments(offers if lanes is None else lanes.keep_to(offers, playing[members]))

        return sample

    @property
    def least_cost(self) -> float:
        """Cost of a task to the member that paid least in the last batch."""
        return float(np.min(self._side.costs))

    def commitment(self) -> Single:
        """The mean of the member that paid least in the last batch."""
        return self.commitments()[int(np.argmin(self._side.costs))]

    def final_commitment(
        self, respond: Response, meter: Meter, choose: Choice = cheapest, learn_near: LearnNear | None = None
    ) -> Single:
        """Choose from what playing members commit to and what is close to it; the same whenever it is asked.

        Args:
            respond: what users answer.
            meter: counts what is played.
            choose: how to choose.
            learn_near: lets users learn more near what was chosen, before the choice is made again: in lanes, and where
                they are mistaken about it; None if they do not.
        """
        rng, num_tasks = np.random.default_rng(self._final_seeds), self._options.final_tasks
        lanes = self._side.lanes
        if lanes is None:
            commitments = nearby(self._box, self.commitments())
            found = choose(self._box, commitments, respond, num_tasks, rng, meter)
            if learn_near is None or not mistaken(self._box, found.alone(), respond, num_tasks, rng, meter):
                return found
            return choose(self._box, commitments, learn_near(found.alone(), None), num_tasks, rng, meter)
        # users who are still learning may have drawn members away from lanes that had won the race
        means = self._in_lanes(np.clip((1 + self._means()) / 2, 0, 1))
        centres = np.concatenate([means, self._raced])
        held = np.concatenate([lanes.held[self._side.playing], self._box.held(self._raced)])
        commitments = nearby(self._box, self._box.commitments(centres), held)
        if self._reconsider:
            choose, num_tasks = cheapest_once_users_know, TASKS_TO_KNOW * num_tasks
        else:
            num_tasks *= TASKS_IN_LANES
        for _ in range(CLOSER_LOOKS):
            found = choose(self._box, commitments, respond, num_tasks, rng, meter)
            actions = self._box.actions(found.alone())
            held = self._box.held(actions) & (actions == 0)  # also the way back from a lane's end, where two lanes meet
            commitments = nearby(self._box, found.alone(), held, WIDE_STEPS)
            if learn_near is not None:
                respond = learn_near(found.alone(), held)
        return choose(self._box, commitments, respond, num_tasks, rng, meter)

    def _in_lanes(self, offers: FloatArray) -> FloatArray:
        """One offer in [0, 1] of each playing member, with what is held put back."""
        lanes = self._side.lanes
        return offers if lanes is None else lanes.keep_to(offers, self._side.playing)

    def _means(self) -> FloatArray:
        """Actions of the playing members, in units of the policy, not cut off, (num_playing, game.size)."""
        members = torch.eye(self._side.observation_space.shape[0])[self._side.playing]  # type: ignore[index]
        means: FloatArray = self._ppo.policy.means(members).numpy().astype(np.float64)
        return means

    def state(self) -> State:
        """Return what was learned, who plays, and chance."""
        side = self._side
        return {
            "ppo": self._ppo.state(),
            "rng": self._rng.bit_generator.state,
            "updates": self._updates,
            "playing": side.playing,
            "costs": side.costs,
            **({} if side.lanes is None else {"starts": side.lanes.starts, "raced": self._raced}),
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._ppo.restore(state["ppo"])
        self._rng.bit_generator.state = state["rng"]
        self._updates = int(state["updates"])
        self._side.keep(state["playing"])
        self._side.costs = state["costs"]
        if self._side.lanes is not None:
            self._side.lanes, self._raced = Lanes(state["starts"], self._box.held(state["starts"])), state["raced"]


def first_commitments(game: StackelbergGame) -> FloatArray:
    """Return where members start, (num_members, game.size) in [0, 1].

    On route 1 over the whole range of cascades, once on route 2; with throttling all of them twice,
    unthrottled and slowed down to more than half of what is allowed. In other games likewise.
    """
    num_shares = NUM_STARTS - min(game.num_switches, 1)  # of mixes all routes are switched together
    shares = (np.arange(num_shares) + 0.5) / num_shares
    starts = np.concatenate([game.starts(shares, extra) for extra in ((0.0, 0.6) if game.num_extras else (0.0,))])
    starts[:, : game.num_switches] = 0.25 + starts[:, : game.num_switches] / 2
    return starts

"""`bc_hg`: the gradient of the provider's cost through users at a temperature, estimated from what both earn in tasks.

After Kudo, Tanabe, Wachi and Akimoto (2026, "Sample-Efficient Hypergradient Estimation for Decentralized Bi-Level
Reinforcement Learning", arXiv 2603.14867), whose method is called BC-HG, Boltzmann covariance hypergradient. The
provider's policy decides at random in every task, see `routegame.train.decisions`. Users see the policy and learn by
themselves what to do about it; they are entropy-regularised, so that they end with the habit q of leaving with
probability g(q) ∝ exp(U(q) / T). The provider plays tasks with them, and follows

    ∇J = E[S (C − b)] + E[(J(q) − J) · S (u − U(q))] / T,

where S is the derivative of the log-likelihood of what it decided in the task, C and u are what the task cost it and
was worth to its user, J(q) the mean cost with habit q, and J that of all. The first term is what it would feel if
nobody answered. The second is the covariance, over habits, of its cost with the derivative of their utility: how much
dearer than others a habit is, times how much better for users it becomes. Nothing of how users learn is needed, and
nothing about their habits that did not occur. Slow-downs are no decisions; by them utility changes as much as users
wait, in place of S (u − U(q)).

T is a property of the users and stays as it is. So this is another game, with another optimum: at an s_0 where users at
their best jump, it ends at a distance from which they are nearly sure. And the colder users are, the less is felt from
afar of where they would change their minds.

What is different here: there is one state for users, so that critics are means over the episodes of an update; each
episode is left out of the means that it is compared with, and so the estimate is unbiased. The route is a decision,
too, and what is committed to at last is the likelier one.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routegame.agents.users.adapting import AdaptedFollower
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.decisions import Episodes, Policy, decisions, mean_of_others, objection, softmax
from routegame.train.learner import Learned, Learner, Snapshot, Users
from routegame.train.options import LARGEST_BATCH, Options, geometric, option
from routegame.train.softmax_leader import SoftmaxLeader
from routegame.train.state import Part

USERS_TASKS = 2**22
"""Plays of each habit by the users whom a run ends with; they know what they do, but for their temperature."""


@dataclass(frozen=True)
class BcHgOptions(Options):
    """Options of `bc_hg`; temperatures are in V p of the better model, what a pass is worth to users."""

    steps: int = option(400, "gradient steps", low=1)
    first_rate: float = option(0.1, "learning rate at first, in logits", low=1e-6)
    last_rate: float = option(0.01, "the same at last", low=1e-6)
    temperature: float = option(0.01, "temperature of users", low=1e-6)
    episodes: int = option(4096, "tasks that the provider learns from in each step", low=2, high=LARGEST_BATCH)
    user_tasks: int = option(2**14, "tasks in which users try each habit before that, from each first model", low=1)


def hypergradient(policy: Policy, episodes: Episodes, habit: IntArray, temperature: float) -> FloatArray:
    """Estimate the slope of the cost in the policy's logits and slow-downs, (num_parameters,); see the module.

    Args:
        policy: that the episodes were played with.
        episodes: whose users had habits that they drew as they are at this temperature.
        habit: number of the habit in each, (num_episodes,).
        temperature: of the users, in units of utility.
    """
    scores, still = policy.scores(episodes.taken), np.zeros(episodes.utility_slopes.shape)
    all_alike = np.zeros(len(habit), dtype=np.int64)
    usual = mean_of_others(episodes.cost, all_alike)
    benefit = mean_of_others(episodes.cost, habit) - usual
    gain = episodes.utility - mean_of_others(episodes.utility, habit)
    at_once = np.hstack([scores * (episodes.cost - usual)[:, None], still])
    influence = np.hstack([scores * gain[:, None], episodes.utility_slopes])
    slopes: FloatArray = (at_once + benefit[:, None] * influence / temperature).mean(axis=0)
    return slopes


class BcHg(Learner):
    """See the module."""

    OPTIONS = BcHgOptions
    USERS: ClassVar[type[Users]] = AdaptedFollower

    def __init__(self, game: StackelbergGame, options: BcHgOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options, self._game = options, decisions(game)
        self._leader = SoftmaxLeader(self._game, seed)
        self._temperature = options.temperature * game.utility_scale
        self._users = AdaptedFollower(game, np.array([1 / self._temperature]), USERS_TASKS, seed)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games that are made of decisions."""
        return objection(game)

    @property
    def num_updates(self) -> int:
        """Number of updates: one a step."""
        return self._options.steps

    def learn(self) -> Snapshot:
        """Let users learn what to do about the policy, play tasks with them, and go a step down."""
        options, policy, rng, habits = self._options, self._leader.policy, self._leader.rng, self.box.habits
        worth = self._game.worth(policy, habits, options.user_tasks, rng, self.meter)
        shares = softmax(worth / self._temperature)
        self.meter.queries += 1
        habit = rng.choice(len(habits), options.episodes, p=shares)
        episodes = self._game.play(policy, habits[habit], rng, self.meter)
        slopes = hypergradient(policy, episodes, habit, self._temperature)
        rate = geometric(options.first_rate, options.last_rate, self.updates, options.steps)
        self._leader.descend(slopes, rate, self.updates)
        statistics = {
            "gradient_norm": float(np.linalg.norm(slopes)),
            "entropy": -float(shares @ np.log(np.maximum(shares, 1e-300))),
            "abandon_prob": float(shares @ habits),
            "cost": float(episodes.cost.mean()),
            "rate": rate,
        }
        return Snapshot("leader", self.meter.passes, self._users.abandon_prob, self._leader.commitment, statistics)

    def learned(self) -> Learned:
        """Return the commitment as it is now, and users at their temperature."""
        return Learned(self._leader.commitment, self._users, copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """The leader is all there is: users begin anew whenever the policy changes."""
        return {"leader": self._leader}

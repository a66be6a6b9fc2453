"""`stackelberg_pg`: policy gradients of both sides, the provider's a total one, by the implicit function theorem.

After Vu, Alumbaugh, Ryan, Jaques and Darrell (2022, "Stackelberg Policy Gradient: Evaluating the Performance of Leaders
and Followers"), with the derivative of Fiez, Chasnov and Ratliff (2020, "Implicit Learning Dynamics in Stackelberg
Games") and the regularisation of Zheng, Fiez, Alumbaugh, Chasnov and Ratliff (2022, "Stackelberg Actor-Critic"). Both
sides are policies, softmaxes over what they decide in every task, see `routegame.train.decisions`: the provider with
parameters θ, and the users, who have no more than logits φ of staying and leaving. Users go up the gradient of their
own utility U, many small steps for each of the provider's. The provider takes it that they are where that gradient is 0
and stay there when θ changes, and goes down

    dJ/dθ = ∂J/∂θ + (∂²U/∂φ∂θ)ᵀ (λ − ∂²U/∂φ²)⁻¹ ∂J/∂φ.

First and second derivatives are means over sampled tasks of products of scores, the derivatives of the log-likelihood
of what a side decided, with what the task paid.

Users at their best stay always or leave always nearly everywhere. There a softmax has no slope and no curvature left,
the second term is 0, and what the provider follows is its cost with an answer that stands still: it sees no s_0 before
it has crossed it. What tells it that users have left is that they have.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np

from routegame.agents.users.learned import LearnedFollower, always
from routegame.envs.arrays import FloatArray
from routegame.envs.stackelberg import StackelbergGame
from routegame.train.adam import Adam
from routegame.train.decisions import Episodes, Policy, decisions, mean_of_others, objection, score, softmax
from routegame.train.learner import Learned, Learner, Snapshot
from routegame.train.options import LARGEST_BATCH, Options, geometric, option
from routegame.train.softmax_leader import SoftmaxLeader
from routegame.train.state import Part, State


@dataclass(frozen=True)
class StackelbergPgOptions(Options):
    """Options of `stackelberg_pg`."""

    steps: int = option(400, "gradient steps of the provider", low=1)
    first_rate: float = option(0.05, "learning rate of the provider at first, in logits", low=1e-6)
    last_rate: float = option(0.005, "the same at last", low=1e-6)
    episodes: int = option(4096, "tasks that the provider learns from in each step", low=2, high=LARGEST_BATCH)
    user_steps: int = option(10, "gradient steps of users for each of the provider's", low=1)
    user_rate: float = option(0.1, "learning rate of users, in logits", low=1e-6)
    user_episodes: int = option(1024, "tasks that users learn from in each step", low=2, high=LARGEST_BATCH)
    regularisation: float = option(0.1, "added to users' curvature, in V p of the better model", low=1e-6)


@dataclass(frozen=True)
class Derivatives:
    """What the total derivative is made of: θ are the leader's logits and slow-downs, φ the follower's logits.

    Attributes:
        leader: ∂J/∂θ, (num_parameters,).
        reply: ∂J/∂φ, (num_replies,).
        curvature: ∂²U/∂φ², (num_replies, num_replies).
        mixed: ∂²U/∂φ∂θ, (num_replies, num_parameters).
    """

    leader: FloatArray
    reply: FloatArray
    curvature: FloatArray
    mixed: FloatArray

    def through_reply(self, regularisation: float) -> FloatArray:
        """Return what the leader's cost changes by because the reply does, (num_parameters,).

        Args:
            regularisation: λ > 0, in units of utility.
        """
        pull = regularisation * np.eye(len(self.reply)) - self.curvature
        slopes: FloatArray = self.mixed.T @ np.linalg.solve(pull, self.reply)
        return slopes


def derivatives(policy: Policy, reply_probs: FloatArray, episodes: Episodes) -> Derivatives:
    """Estimate first and second derivatives; what an episode paid is held against the mean of all others.

    Args:
        policy: of the leader, that the episodes were played with.
        reply_probs: of the follower's options in them, (num_replies,).
        episodes: of both.
    """
    own, theirs = policy.scores(episodes.taken), score(episodes.answered, reply_probs)
    cost, utility = (_apart(pay)[:, None] for pay in (episodes.cost, episodes.utility))
    count, still = len(own), np.zeros(episodes.utility_slopes.shape[1])
    spread = np.diag(reply_probs) - np.outer(reply_probs, reply_probs)
    decided = episodes.answered.sum(axis=1)
    return Derivatives(
        leader=np.concatenate([(own * cost).mean(axis=0), still]),
        reply=(theirs * cost).mean(axis=0),
        curvature=theirs.T @ (theirs * utility) / count - float(decided @ utility[:, 0]) / count * spread,
        mixed=theirs.T @ np.hstack([own * utility, episodes.utility_slopes]) / count,
    )


def _apart(pay: FloatArray) -> FloatArray:
    return pay - mean_of_others(pay, np.zeros(len(pay), dtype=np.int64))


class SoftmaxFollower:
    """Logits of a follower's options, which go up the gradient of its own utility; all 0 at first.

    Args:
        num_replies: how many options there are.
    """

    def __init__(self, num_replies: int) -> None:
        self._logits, self._steps = np.zeros(num_replies), 0
        self._adam = Adam(self._logits.shape)

    @property
    def probs(self) -> FloatArray:
        """Of its options, (num_replies,)."""
        return softmax(self._logits)

    def climb(self, episodes: Episodes, rate: float) -> None:
        """Make one step of Adam, up the slope of the utility in episodes that were played with it."""
        slopes = (score(episodes.answered, self.probs) * _apart(episodes.utility)[:, None]).mean(axis=0)
        self._logits = self._logits + rate * self._adam.direction(slopes, self._steps)
        self._steps += 1

    def state(self) -> State:
        """Return where it is, after how many steps, and the moments of its gradients."""
        return {"logits": self._logits, "steps": self._steps, **self._adam.state()}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._logits, self._steps = state["logits"], int(state["steps"])
        self._adam.restore(state)


class StackelbergPg(Learner):
    """See the module."""

    OPTIONS = StackelbergPgOptions

    def __init__(self, game: StackelbergGame, options: StackelbergPgOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options, self._game = options, decisions(game)
        self._leader, self._follower = SoftmaxLeader(self._game, seed), SoftmaxFollower(self._game.num_replies)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays games that are made of decisions."""
        return objection(game)

    @property
    def num_updates(self) -> int:
        """Number of updates of the leader; the follower makes many in the same time."""
        return self._options.steps

    def learn(self) -> Snapshot:
        """Let users climb, play tasks with them, and go a step down."""
        options, policy = self._options, self._leader.policy
        for _ in range(options.user_steps):
            self._follower.climb(self._play(policy, options.user_episodes), options.user_rate)
        self.meter.queries += 1
        episodes = self._play(policy, options.episodes)
        found = derivatives(policy, self._follower.probs, episodes)
        through = found.through_reply(options.regularisation * self.box.utility_scale)
        rate = geometric(options.first_rate, options.last_rate, self.updates, options.steps)
        self._leader.descend(found.leader + through, rate, self.updates)
        statistics = {
            "gradient_norm": float(np.linalg.norm(found.leader + through)),
            "norm_through_reply": float(np.linalg.norm(through)),
            "answer": self._game.answer(self._follower.probs),
            "cost": float(episodes.cost.mean()),
            "rate": rate,
        }
        return Snapshot("both", self.meter.passes, self._users().abandon_prob, self._leader.commitment, statistics)

    def learned(self) -> Learned:
        """Return both policies as they are now."""
        return Learned(self._leader.commitment, self._users(), copy(self.meter))

    def parts(self) -> dict[str, Part]:
        """Both sides."""
        return {"leader": self._leader, "follower": self._follower}

    def _play(self, policy: Policy, num_episodes: int) -> Episodes:
        rng = self._leader.rng
        answers = self._game.answers(self._follower.probs, num_episodes, rng)
        return self._game.play(policy, answers, rng, self.meter)

    def _users(self) -> LearnedFollower:
        return always(self.box, self._game.answer(self._follower.probs))

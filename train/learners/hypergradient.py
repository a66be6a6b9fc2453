"""`hypergradient`: follow the gradient of the provider's cost through users whose answer is smooth in the commitment.

After HPGD (Thoma et al. 2024, "Contextual Bilevel Reinforcement Learning for Incentive Alignment"). Users at their best
leave always or never nearly everywhere, so a small change of the commitment changes nothing that they do: the gradient
through them is zero, and at s_0 the cost jumps. Here they are entropy-regularised instead: under a commitment c they
follow the habit of leaving with probability q with a share w_q ∝ exp(U(c, q) / T). The cost Σ w_q J(c, q) then has the
gradient

    dJ/dc = Σ w_q ∂J(c, q)/∂c + Cov_w(J, ∂U/∂c) / T,

what the provider feels at once, and what it feels because users move. But at a temperature T > 0 that is another game,
with another optimum. So T is annealed: hot, the cliff is a slope that is felt from afar; cold, the slope steepens into
the cliff, and a commitment that has come up on the safe side ends a hair beyond it. There is a limit to it, for a slope
that is narrower than the chance in U is a cliff again; so the colder users are, the more tasks are played.

All of it comes from sampled tasks. A failed task whose user stays is worth what a task is worth that starts on model 2,
U_2 and J_2, if it is handed over, and what a new task is worth if it is not. With d how many such choices a task comes
to on average,

    ∂J/∂s = d (J_2 − J),   ∂U/∂s = d (U_2 − U),   ∂U/∂t_k = −passes of model k,   ∂J/∂t_k = 0.

(The likelihood ratio of the hand-overs has the same mean, but a variance that grows like 1 / (s (1 − s)) towards the
ends of the range, where many optima are.) The route has no gradient. There are members on both, and the cheapest has
its way.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from routegame.agents.users.adapting import AdaptedFollower
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.commitment import HABITS, Commitment, Commitments, RoutingGame
from routegame.envs.game import Game
from routegame.envs.sampling.totals import draw_totals
from routegame.envs.stackelberg import Plays, StackelbergGame
from routegame.train.adam import Adam
from routegame.train.learner import Learned, Learner, Snapshot, Users
from routegame.train.meter import Meter
from routegame.train.options import Options, geometric, option
from routegame.train.state import Part, State

START_ODDS = np.linspace(-6, 6, 9)
"""Log-odds of a cascade where members on route 1 start: thresholds near 0 and 1 matter as much as others."""

START_SLOW_DOWNS = (0.1, 0.6)
"""With throttling every member starts twice: nearly unthrottled, and slowed down by more than half of what is
allowed."""

REACH = 8.0
"""Log-odds at which cascades end: there they are 0 and 1 exactly."""

SLOW_DOWN_PACE = 0.05
"""Learning rate of slow-downs, as a share of the rate of log-odds: the whole range is 1, not 2 `REACH`."""

NUM_KEPT = 4
"""Members that go on for the second half of the steps, the cheapest."""

FINAL_TASKS = 2**20

USERS_TASKS = 2**22
"""Plays of each habit by the users whom a run ends with; they know what they do, but for their temperature."""


@dataclass(frozen=True)
class HypergradientOptions(Options):
    """Options of `hypergradient`; temperatures are in V p of the better model, what a pass is worth to users."""

    steps: int = option(600, "gradient steps", low=1)
    first_rate: float = option(0.2, "learning rate at first, in log-odds of a cascade", low=1e-6)
    last_rate: float = option(0.003, "the same at last", low=1e-6)
    first_temperature: float = option(0.3, "temperature of users at first", low=1e-6)
    last_temperature: float = option(0.0005, "the same at last", low=1e-6)
    first_tasks: int = option(2**8, "tasks under a commitment with each habit at first", low=1)
    last_tasks: int = option(2**17, "the same at last", low=1)

    def rate(self, step: int) -> float:
        """Learning rate at a step."""
        return geometric(self.first_rate, self.last_rate, step, self.steps)

    def temperature(self, game: Game, step: int) -> float:
        """Temperature of users at a step, in units of latency."""
        worth = float(game.task_value) * float(max(game.success_prob))
        return worth * geometric(self.first_temperature, self.last_temperature, step, self.steps)

    def tasks(self, step: int) -> int:
        """Tasks under a commitment with each habit at a step."""
        return round(geometric(self.first_tasks, self.last_tasks, step, self.steps))


@dataclass(frozen=True)
class Estimate:
    """Users' utility of a task under each commitment with each habit, and its slope in the commitment.

    Attributes:
        cost: J, (num_commitments, num_habits).
        utility: U, the same.
        cost_slopes: ∂J/∂(s, t_1, t_2), (3, num_commitments, num_habits).
        utility_slopes: ∂U/∂(s, t_1, t_2), the same.
    """

    cost: FloatArray
    utility: FloatArray
    cost_slopes: FloatArray
    utility_slopes: FloatArray


def estimate(game: Game, commitments: Commitments, num_tasks: int, rng: np.random.Generator, meter: Meter) -> Estimate:
    """Play tasks with every habit under every commitment, and as many that start on model 2; see the module."""
    shape = len(commitments), len(HABITS)
    (t1, t2), value = (t[:, None] for t in commitments.throttled_latency), game.task_value
    routes, cascades = (np.repeat(x, len(HABITS)) for x in (commitments.route, commitments.cascade_prob))
    tasks = draw_totals(game, routes, cascades, np.tile(HABITS, len(commitments)), num_tasks, rng)
    on_reasoning = draw_totals(game, 2, 0.0, HABITS, num_tasks, rng)
    for drawn in (tasks, on_reasoning):
        meter.play(Plays(drawn.passes, drawn.provider_cost(game), drawn.user_utility(game), num_plays=num_tasks))
    n1, n2, solved = (total.reshape(shape) / num_tasks for total in (*tasks.passes, tasks.solved))
    cost, cost_2 = tasks.provider_cost(game).reshape(shape), on_reasoning.provider_cost(game)
    utility = value * solved - t1 * n1 - t2 * n2
    utility_2 = (value * on_reasoning.solved - t2 * on_reasoning.passes[1]) / num_tasks
    choices, none = n1 * (1 - game.success_prob[0]) * (1 - HABITS), np.zeros(shape)
    return Estimate(
        cost=cost,
        utility=utility,
        cost_slopes=np.stack([choices * (cost_2 - cost), none, none]),
        utility_slopes=np.stack([choices * (utility_2 - utility), -n1, -n2]),
    )


@dataclass(frozen=True)
class Gradient:
    """The provider's cost of a task, and its slope in the commitment, users' answers included.

    Attributes:
        cost: J, (num_commitments,).
        slopes: dJ/d(s, t_1, t_2), (3, num_commitments).
        shares: of the habits, (num_commitments, num_habits).
    """

    cost: FloatArray
    slopes: FloatArray
    shares: FloatArray


def gradient(found: Estimate, temperature: float) -> Gradient:
    """Return the total derivative at a temperature, in units of latency; see the module."""
    likely = np.exp((found.utility - found.utility.max(axis=1, keepdims=True)) / temperature)
    shares = likely / likely.sum(axis=1, keepdims=True)
    cost = (shares * found.cost).sum(axis=1)
    dearer = found.cost - cost[:, None]
    slopes = (shares * (found.cost_slopes + dearer * found.utility_slopes / temperature)).sum(axis=2)
    return Gradient(cost, slopes, shares)


class Members:
    """Commitments that go down their gradients side by side, by Adam.

    A member stays on its route. Its place is the log-odds of its cascade probability and, with throttling, the share
    of what is allowed that each model is slowed down by.
    """

    def __init__(
        self, game: RoutingGame, options: HypergradientOptions, seeds: np.random.SeedSequence, meter: Meter
    ) -> None:
        self._box, self._options, self._meter = game, options, meter
        play_seeds, self._final_seeds = seeds.spawn(2)
        self._rng = np.random.default_rng(play_seeds)
        self._route, self._place = first_places(game)
        self._adam = Adam(self._place.shape)
        self._cost = np.full(len(self._place), np.inf)

    def update(self, step: int) -> dict[str, float]:
        """Go one step down, and return figures to log: those of users are of the cheapest member's."""
        options, commitments = self._options, self.commitments()
        num_tasks, temperature = options.tasks(step), options.temperature(self._box.game, step)
        found = gradient(self._estimate(commitments, num_tasks, self._rng, self._meter), temperature)
        slopes = found.slopes[: self._place.shape[1]].T * self._scale()
        self._cost = found.cost
        self._descend(slopes, step)
        if step == options.steps // 2:
            self._keep(np.sort(np.argsort(self._cost, kind="stable")[:NUM_KEPT]))
        cheapest = int(np.argmin(found.cost))
        shares = found.shares[cheapest]
        return {
            "temperature": temperature,
            "gradient_norm": float(np.linalg.norm(slopes[cheapest])),
            "entropy": -float(shares @ np.log(np.maximum(shares, 1e-300))),
            "abandon_prob": float(shares @ HABITS),
            "cost": float(found.cost[cheapest]),
            "rate": options.rate(step),
            "tasks": num_tasks,
        }

    def commitments(self) -> Commitments:
        """Commitments of the members."""
        return self._box.commitments(np.column_stack([self._route, cascade(self._place[:, 0]), self._place[:, 1:]]))

    def commitment(self) -> Commitment:
        """Commitment of the member that paid least at the last step."""
        return self.commitments()[int(np.argmin(self._cost))]

    def final_commitment(self, step: int, meter: Meter) -> Commitment:
        """Commitment of the member that pays least for fresh tasks, which are counted; the same whenever asked."""
        commitments, rng = self.commitments(), np.random.default_rng(self._final_seeds)
        found = self._estimate(commitments, FINAL_TASKS, rng, meter)
        cost = gradient(found, self._options.temperature(self._box.game, step)).cost
        return commitments[int(np.argmin(cost))]

    def state(self) -> State:
        """Return where the members are, the moments of their gradients, and chance."""
        return {
            "route": self._route,
            "place": self._place,
            **self._adam.state(),
            "cost": self._cost,
            "rng": self._rng.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self._route, self._place, self._cost = state["route"], state["place"], state["cost"]
        self._adam.restore(state)
        self._rng.bit_generator.state = state["rng"]

    def _estimate(self, commitments: Commitments, num_tasks: int, rng: np.random.Generator, meter: Meter) -> Estimate:
        meter.queries += len(commitments)
        return estimate(self._box.game, commitments, num_tasks, rng, meter)

    def _scale(self) -> FloatArray:
        """Return how fast s and latencies change with places, (num_members, game.size - 1)."""
        s = cascade(self._place[:, 0])
        columns = [s * (1 - s)]
        if self._box.throttling:
            limits = zip(self._box.game.latency, self._box.max_latency, strict=True)
            columns += [np.full(len(s), slowest - t) for t, slowest in limits]
        return np.stack(columns, axis=1)

    def _descend(self, slopes: FloatArray, step: int) -> None:
        """Make one step of Adam, and stay in the box."""
        pace = np.array([1.0, SLOW_DOWN_PACE, SLOW_DOWN_PACE])[: slopes.shape[1]]
        moved = self._place - self._options.rate(step) * (pace * self._adam.direction(slopes, step))
        low, high = np.array([-REACH, 0, 0])[: slopes.shape[1]], np.array([REACH, 1, 1])[: slopes.shape[1]]
        self._place = np.clip(moved, low, high)

    def _keep(self, members: IntArray) -> None:
        """Let only these members go on."""
        self._route, self._place, self._cost = self._route[members], self._place[members], self._cost[members]
        self._adam.keep(members)


class Hypergradient(Learner):
    """See the module."""

    OPTIONS = HypergradientOptions
    USERS: ClassVar[type[Users]] = AdaptedFollower

    def __init__(self, game: RoutingGame, options: HypergradientOptions, seed: int) -> None:
        super().__init__(game, options, seed)
        self._options, self._game = options, game.game
        self._members = Members(game, options, np.random.SeedSequence(seed), self.meter)

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """It plays the routing game alone, whose slopes it takes from how a task goes on after a failure."""
        return None if game.KIND == RoutingGame.KIND else "its slopes are those of tasks that are handed over"

    @property
    def num_updates(self) -> int:
        """Number of updates: one a step."""
        return self._options.steps

    def learn(self) -> Snapshot:
        """Let all members go a step down."""
        users = self._users(self.updates)
        statistics = self._members.update(self.updates)
        return Snapshot("leader", self.meter.passes, users.abandon_prob, self._members.commitment(), statistics)

    def learned(self) -> Learned:
        """Return the cheapest commitment, and users at the temperature that was reached."""
        meter, last = copy(self.meter), max(self.updates - 1, 0)
        return Learned(self._members.final_commitment(last, meter), self._users(last), meter)

    def parts(self) -> dict[str, Part]:
        """The members are all there is."""
        return {"members": self._members}

    def _users(self, step: int) -> AdaptedFollower:
        """Users at the temperature of a step: their shares after one round of adapting are exp(U / T)."""
        rate = 1 / self._options.temperature(self._game, step)
        return AdaptedFollower(self.box, np.array([rate]), USERS_TASKS, self.seed)


def cascade(log_odds: FloatArray) -> FloatArray:
    """Cascade probability at log-odds from -`REACH` to `REACH`, stretched a little so that the ends are 0 and 1.

    >>> cascade(np.array([-REACH, 0.0, REACH])).tolist()
    [0.0, 0.5, 1.0]
    """
    s: FloatArray = 0.5 + 0.5 * np.tanh(log_odds / 2) / np.tanh(REACH / 2)
    return s


def first_places(game: RoutingGame) -> tuple[FloatArray, FloatArray]:
    """Return where members start: routes as actions, (num_members,), and places, (num_members, game.size - 1)."""
    route, place = np.append(np.zeros(len(START_ODDS)), 1.0), np.append(START_ODDS, 0.0)[:, None]
    if not game.throttling:
        return route, place
    slowed = [np.hstack([place, np.full((len(place), 2), share)]) for share in START_SLOW_DOWNS]
    return np.tile(route, len(slowed)), np.concatenate(slowed)

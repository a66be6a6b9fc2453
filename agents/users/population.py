"""Many users of one provider, who value tasks, waiting and churn differently: one commitment has to serve them all.

Beyond the paper: J(i, s) = Σ w_θ J_θ(i, s, q_θ(s)), every type answering with its own exact
memoryless best response. With one type it is the game of `routegame.agents.exact.equilibrium`. How the least J is found
is said in `routegame.agents.users.pooling`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.users.pooling import Pool, cheapest_for_pool
from routegame.envs.arrays import FloatArray, Number
from routegame.envs.checks import ParameterError, as_number, as_pair
from routegame.envs.copies import ReadOnlyArrays
from routegame.envs.game import Game


@dataclass(frozen=True, eq=False)
class Population(ReadOnlyArrays):
    """The types of users that one provider serves with one pair of models.

    What belongs to the types is one value, or one for each type; it is held as read-only float64 arrays of shape
    (num_types,). The models are shared, and a pair holds the standard model's value first.

    Args:
        task_value: V > 0, what solving the task is worth to a user of the type, in the unit of latency.
        churn_penalty: P >= 0, what losing a task of the type costs the provider, in the unit of cost.
        success_prob: 0 < p_i < 1, probability that one pass of model i solves the task.
        latency: t_i >= 0, what one pass of model i costs a user whose latency scale is 1.
        cost: c_i >= 0, what one pass of model i costs the provider.
        weight: w > 0, how common the type is; held divided by its sum over the types.
        latency_scale: λ > 0, one pass of model i costs a user of the type λ t_i.

    Raises:
        ParameterError: a value out of range, not finite or of the wrong length; names the field.

    >>> population = Population([9, 6.5], 15, (0.1, 0.3), (1, 2), (1, 3.6), weight=[3, 1], latency_scale=[1, 0.5])
    >>> population.weight.tolist(), population.game.latency[1].tolist()
    ([0.75, 0.25], [2.0, 1.0])
    """

    task_value: Number
    churn_penalty: Number
    success_prob: tuple[float, float]
    latency: tuple[float, float]
    cost: tuple[float, float]
    weight: Number = 1.0
    latency_scale: Number = 1.0

    def __post_init__(self) -> None:
        inf = float("inf")
        of_types = {
            "task_value": as_number("task_value", self.task_value, 0, inf, closed="neither"),
            "churn_penalty": as_number("churn_penalty", self.churn_penalty, 0, inf, closed="low"),
            "weight": as_number("weight", self.weight, 0, inf, closed="neither"),
            "latency_scale": as_number("latency_scale", self.latency_scale, 0, inf, closed="neither"),
        }
        shared = {
            "success_prob": as_pair("success_prob", self.success_prob, 0, 1, closed="neither"),
            "latency": as_pair("latency", self.latency, 0, inf, closed="low"),
            "cost": as_pair("cost", self.cost, 0, inf, closed="low"),
        }
        for name, (first, second) in shared.items():
            if np.ndim(first) or np.ndim(second):
                raise ParameterError(name, "two single values, shared by all types", getattr(self, name))
            object.__setattr__(self, name, (first, second))
        num_types = max(np.size(value) for value in of_types.values())
        for name, value in of_types.items():
            if np.ndim(value) > 1 or np.size(value) not in (1, num_types) or np.size(value) == 0:
                allowed = f"one value, or one for each of {num_types} types" if num_types else "one value for each type"
                raise ParameterError(name, allowed, f"shape {np.shape(value)}")
            if name == "weight":
                largest = np.broadcast_to(value / np.max(value), num_types)  # so that no sum overflows
                value = largest / math.fsum(largest)
            value = np.broadcast_to(value, num_types).copy()
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        as_pair("latency_scale times latency", self._latencies, 0, inf, closed="low")

    @property
    def _latencies(self) -> tuple[FloatArray, FloatArray]:
        """Latency of a pass of each model for each type, in units of latency."""
        scale = np.asarray(self.latency_scale)
        with np.errstate(over="ignore"):
            return scale * self.latency[0], scale * self.latency[1]

    @cached_property
    def game(self) -> Game:
        """The game between the provider and each type, a batch of shape (num_types,)."""
        return Game(self.task_value, self.churn_penalty, self.success_prob, self._latencies, self.cost)


@dataclass(frozen=True)
class PopulationSolution:
    """The cheapest commitment for a whole population, and what it would be worth to tell its types apart.

    Attributes:
        population: the types.
        route: model that serves the first pass of everybody, 1 or 2.
        cascade_prob: probability that a failed, retried task moves to model 2, for everybody.
        provider_cost: J, the mean over users, in units of cost.
        user_utility: the mean over users, in units of latency.
        pooled: what that commitment means for each type; entries of shape (num_types,).
        misalignment_gap: what each type would gain by choosing the commitment itself, (num_types,), never negative.
        personalised: the equilibrium of each type's own game, in which the provider knows whom it serves.
        personalised_provider_cost: J of a provider who does, the mean over users.
    """

    population: Population
    route: int
    cascade_prob: float
    provider_cost: float
    user_utility: float
    pooled: RoutingProfile
    misalignment_gap: FloatArray
    personalised: RoutingProfile
    personalised_provider_cost: float

    @property
    def pooling_cost(self) -> float:
        """Extra cost of not telling users apart, in units of cost; never negative."""
        return max(self.provider_cost - self.personalised_provider_cost, 0.0)

    @property
    def gain_from_pooling(self) -> FloatArray:
        """Utility that each type gains, or loses where negative, by not being told apart, (num_types,)."""
        gain: FloatArray = np.subtract(self.pooled.user_utility, self.personalised.user_utility)
        return gain


def solve_population(population: Population) -> PopulationSolution:
    """Find the commitment (route, cascade probability) for a whole population that costs the provider least.

    The equilibrium is the strong one: an indifferent user acts as the provider likes, on each side of each type's
    s_0 for instance. Where no type mixes the answer is exact: J is monotone between neighbouring thresholds. Where
    some do, no commitment is cheaper by more than a relative 1e-12 up to rounding (branch and bound, with bounds of
    the slope of J), and a cascade probability between thresholds is where the slope is 0 to rounding.

    Among commitments of equal cost one that is the equilibrium of some type's own game is reported, so that a single
    type gets the answer of `solve` to the last bit.

    >>> population = Population([9, 18], 15, (0.1, 0.3), (1, 2), (1, 3.6))
    >>> solution = solve_population(population)
    >>> solution.route, round(solution.cascade_prob, 6), solution.pooled.abandon_prob.tolist()
    (1, 0.041096, [0.0, 0.0])
    >>> round(solution.provider_cost, 6), round(solution.pooling_cost, 6), solution.gain_from_pooling.round(6).tolist()
    (10.54, 0.27, [0.0, 0.9])
    """
    game, weight = population.game, np.asarray(population.weight)
    own = solve(game)
    alone = own.equilibrium
    route_alone, cascade_alone = np.asarray(alone.route), np.asarray(alone.cascade_prob)
    pool = Pool.of(game, weight)
    route, cascade = cheapest_for_pool(pool, (route_alone, cascade_alone))
    is_own = (route_alone == route) & (cascade_alone == cascade)
    pooled = RoutingProfile.of(
        game, route, cascade, np.where(is_own, np.asarray(alone.abandon_prob), pool.answer(route, cascade))
    )
    return PopulationSolution(
        population=population,
        route=route,
        cascade_prob=cascade,
        provider_cost=_mean(weight, pooled.provider_cost),
        user_utility=_mean(weight, pooled.user_utility),
        pooled=pooled,
        misalignment_gap=np.maximum(np.subtract(own.user_preferred.user_utility, pooled.user_utility), 0),
        personalised=alone,
        personalised_provider_cost=_mean(weight, alone.provider_cost),
    )


def _mean(weight: FloatArray, value: Number) -> float:
    """Weighted mean over types, rounded once: the order of the types does not matter."""
    return math.fsum(weight * value)

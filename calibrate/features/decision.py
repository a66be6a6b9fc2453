"""The decision what to commit to by what is known of a task, beside a short rule and one commitment for all.

Each task gets the commitment that costs least on average over the games that its features may stand for. Costs, savings
and gains are those of a task of the log: its features are a sample of tasks, and how common each is, is drawn, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import estimate_of
from routegame.calibrate.estimate.counts import Arm
from routegame.calibrate.features.answer_kernel import leave_probs
from routegame.calibrate.features.regression import design_of, predictor
from routegame.calibrate.features.rule import Part, grown
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.chain import outcome_of, visits
from routegame.envs.game import Game
from routegame.eval.statistics import LEVEL, SUCCESS, Estimate

MOST_ROWS = 1000
"""Most tasks that a decision is held against."""

CHOOSING = 60
"""Most drawn games of a task by which its commitment is chosen, and most others by which that is judged."""

EVEN = np.arange(0.0, 1.01, 0.05).round(2)
SMALL = np.array([0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.07, 0.08, 0.12, 0.17])
GRID = np.union1d(EVEN, SMALL)
"""Cascade probabilities that are looked at for every task."""

ZOOMS, ZOOM_POINTS = 2, 7
"""Grids, one inside the other, around the best of these for each task."""

CLOSER = 4
"""As many grids where the least cost of each task in a game is looked for, which may lie at the edge of a cliff."""

BLOCK = 200_000
"""Answers that are worked out at once."""

TIE = 1e-4
"""Relative difference in cost below which the simpler commitment is taken."""


@dataclass(frozen=True, eq=False)
class FeatureDraws:
    """Coefficients that the log may well be of; arrays of D draws.

    Attributes:
        value: of log V, (D, d + 1).
        noise: τ, (D,).
        success_prob, latency, cost: of the log-odds of p, and the logarithms of t and c, (D, K, d + 1).
        churn_penalty: P.
    """

    value: FloatArray
    noise: FloatArray
    success_prob: FloatArray
    latency: FloatArray
    cost: FloatArray
    churn_penalty: float

    def __len__(self) -> int:
        return len(self.noise)

    def some(self, number: int, parity: int = 0) -> FeatureDraws:
        """At most so many of every other draw, evenly spaced; parity 0 or 1, which share none if there are several."""
        every = np.arange(min(parity, len(self) - 1), len(self), 2)
        at = every[np.unique(np.linspace(0, len(every) - 1, min(number, len(every))).astype(int))]
        names = ("value", "noise", "success_prob", "latency", "cost")
        return replace(self, **{name: getattr(self, name)[at] for name in names})

    def games(self, design: FloatArray) -> Game:
        """The games of tasks, a batch of shape (D, n), of a design (n, d + 1)."""
        p, t, c = (predictor(each, design) for each in (self.success_prob, self.latency, self.cost))  # (D, K, n)
        value = np.exp(predictor(self.value, design))
        pairs = (tuple(np.moveaxis(each, 1, 0)) for each in (expit(p), np.exp(t), np.exp(c)))
        return Game(value, self.churn_penalty, *pairs)


@dataclass(frozen=True, eq=False)
class FeaturePolicy:
    """What to commit to by the features of a task: whatever costs least on average over some drawn games.

    Attributes:
        mean, scale: of the features, (d,).
        draws: by which it is chosen.
    """

    mean: FloatArray
    scale: FloatArray
    draws: FeatureDraws

    def offers(self, features: FloatArray) -> list[Offer]:
        """The commitments of tasks, (N, d) -> N of them."""
        route, s = self.chosen(features)
        return [Offer(int(i), float(x)) for i, x in zip(route, s, strict=True)]

    def chosen(self, features: FloatArray) -> tuple[IntArray, FloatArray]:
        """Routes and cascade probabilities of tasks, (N, d) -> (N,) each."""
        design = design_of((np.asarray(features, dtype=np.float64) - self.mean) / self.scale)
        return _cheapest(self.draws, design, _mean_costs(self.draws, design))


@dataclass(frozen=True, eq=False)
class RulePart:
    """A part of the rule: tasks, their commitment, and what one of them costs under it."""

    part: Part
    commitment: Offer
    provider_cost: Estimate
    in_force_cost: Estimate


@dataclass(frozen=True, eq=False)
class FeatureDecision:
    """A commitment by features and what is known about it; numbers as in `routegame.calibrate.decide.decision`.

    Attributes:
        policy: what to commit to, for any features.
        features: of the tasks that it is held against, (N, d).
        weights: how common they are in the log, (N,).
        commitments: theirs, N of them.
        rule: a short rule in its place.
        one_for_all: the best single commitment for all tasks.
        num_draws: how many sets of coefficients were drawn.
        num_judged: how many of them, by none of which commitments were chosen, the policy is held against.
        provider_cost: J of a task under the policy.
        user_utility: U under it.
        in_force_cost: J under what is in force.
        saving: of J, from what is in force to the policy.
        rule_cost: J under the rule.
        one_for_all_cost: J under the best single commitment.
        gain: of J, from that to the policy.
        wrong: share of these in which the policy costs over 1 % more than the best of each task.
        regret: relative, of the policy, in these.
        expected_regret: its mean.
        in_force_wrong, rule_wrong, one_for_all_wrong: as `wrong`, of the others.
    """

    policy: FeaturePolicy
    features: FloatArray
    weights: FloatArray
    commitments: tuple[Offer, ...]
    rule: tuple[RulePart, ...]
    one_for_all: Offer
    num_draws: int
    num_judged: int
    provider_cost: Estimate
    user_utility: Estimate
    in_force_cost: Estimate
    saving: Estimate
    rule_cost: Estimate
    one_for_all_cost: Estimate
    gain: Estimate
    wrong: float
    regret: Estimate
    expected_regret: float
    in_force_wrong: float
    rule_wrong: float
    one_for_all_wrong: float

    def to_dict(self) -> dict[str, object]:
        """Return all but what is to be done as plain values."""
        named = "provider_cost user_utility in_force_cost saving rule_cost one_for_all_cost gain regret".split()
        return {
            "one_for_all": self.one_for_all.to_dict(),
            "chance_wrong": self.wrong,
            "chance_wrong_in_force": self.in_force_wrong,
            "chance_wrong_rule": self.rule_wrong,
            "chance_wrong_one_for_all": self.one_for_all_wrong,
            **{name: vars(getattr(self, name)) for name in named},
            "expected_regret": self.expected_regret,
            "tasks": len(self.features),
            "draws": self.num_draws,
        }


def decide_by_features(
    draws: FeatureDraws,
    features: FloatArray,
    mean: FloatArray,
    scale: FloatArray,
    arms: tuple[Arm, ...],
    rng: np.random.Generator,
) -> FeatureDecision:
    """Choose what costs least on average for each task, a rule, and one commitment for all.

    They are judged in other games than those by which they were chosen: where users are nearly at their best a cascade
    probability that keeps all users of these may lose all users of the next one.

    Args:
        draws: coefficients.
        features: of all tasks, (N, d).
        mean: of each feature, (d,).
        scale: its standard deviation, (d,).
        arms: what is in force.
        rng: of the sample of tasks, and of how common each is.
    """
    rows, count = np.unique(features, axis=0, return_counts=True)
    if len(rows) > MOST_ROWS:
        sample = features[rng.choice(len(features), MOST_ROWS, replace=False)]
        rows, count = np.unique(sample, axis=0, return_counts=True)
    weights, design = count / count.sum(), design_of((rows - mean) / scale)
    few, others = draws.some(CHOOSING), draws.some(CHOOSING, parity=1)
    table, least = _mean_costs(few, design), _least_costs(others, design)
    policy = FeaturePolicy(mean, scale, few)
    route, s = _cheapest(few, design, table)
    offers = [*(Offer(1, float(x)) for x in GRID), Offer(2, 0.0)]
    single = offers[_simplest(weights @ table)]
    parts = grown(rows, table, weights)
    of_rule = np.zeros((2, len(rows)))
    for part in parts:
        of_rule[:, part.holds(rows)] = np.array([[offers[part.choice].route], [offers[part.choice].cascade_prob]])
    common = rng.dirichlet(count, len(draws))  # (D, n)

    def of(route: FloatArray | IntArray | int, s: FloatArray | float, which: FeatureDraws) -> tuple[FloatArray, ...]:
        columns = (np.broadcast_to(x, len(rows)).reshape(-1, 1) for x in (route, s))
        return tuple(x[..., 0] for x in _worth(which, design, *columns))

    def total(each: FloatArray) -> FloatArray:
        summed: FloatArray = (common * each).sum(axis=1)
        return summed

    tasks = np.array([arm.tasks for arm in arms], dtype=np.float64)
    shares = tasks / tasks.sum()

    def in_force(which: FeatureDraws) -> FloatArray:
        worth = [of(arm.route, float(np.nan_to_num(arm.cascade_prob)), which)[0] for arm in arms]
        return np.tensordot(shares, np.stack(worth), axes=1)

    cost, utility = of(route, s, draws)
    was, short = in_force(draws), of(of_rule[0], of_rule[1], draws)[0]
    pooled = of(single.route, single.cascade_prob, draws)[0]
    own, rule_others = of(route, s, others)[0], of(of_rule[0], of_rule[1], others)[0]
    pooled_others = of(single.route, single.cascade_prob, others)[0]
    best = np.minimum.reduce([least, own, rule_others, pooled_others]) @ weights

    def wrong(each: FloatArray) -> float:
        return float(np.mean(each @ weights > best * (1 + SUCCESS)))

    regret = np.divide(own @ weights - best, best, out=np.zeros_like(best), where=best > 0)
    return FeatureDecision(
        policy=policy,
        features=rows,
        weights=weights,
        commitments=tuple(Offer(int(i), float(x)) for i, x in zip(route, s, strict=True)),
        rule=tuple(_judged(part, offers[part.choice], rows, weights, short, was) for part in parts),
        one_for_all=single,
        num_draws=len(draws),
        num_judged=len(others),
        provider_cost=_middle(total(cost)),
        user_utility=_middle(total(utility)),
        in_force_cost=_middle(total(was)),
        saving=_middle(total(was - cost)),
        rule_cost=_middle(total(short)),
        one_for_all_cost=_middle(total(pooled)),
        gain=_middle(total(pooled - cost)),
        wrong=float(np.mean(regret > SUCCESS)),
        regret=_middle(regret),
        expected_regret=float(regret.mean()),
        in_force_wrong=wrong(in_force(others)),
        rule_wrong=wrong(rule_others),
        one_for_all_wrong=wrong(pooled_others),
    )


def _judged(
    part: Part, offer: Offer, rows: FloatArray, weights: FloatArray, cost: FloatArray, was: FloatArray
) -> RulePart:
    inside = part.holds(rows)
    share = weights[inside] / weights[inside].sum()
    return RulePart(part, offer, _middle(cost[:, inside] @ share), _middle(was[:, inside] @ share))


def _middle(drawn: FloatArray) -> Estimate:
    return estimate_of(drawn, LEVEL)


def _worth(
    draws: FeatureDraws, design: FloatArray, route: FloatArray | IntArray, s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """J and U of commitments for tasks, (D, n, S); route and s are (n, S) or (D, n, S)."""
    shape = np.broadcast_shapes(np.shape(route), np.shape(s), (len(draws), len(design), 1))
    which, share = np.broadcast_to(route, shape), np.broadcast_to(s, shape)
    cost, utility = np.empty(shape), np.empty(shape)
    step = max(BLOCK // (shape[0] * shape[2]), 1)
    tau = draws.noise[:, None, None]
    for start in range(0, shape[1], step):
        part = slice(start, start + step)
        games = _columns(draws.games(design[part]))
        q = leave_probs(games, which[:, part], share[:, part], tau)
        found = outcome_of(games, visits(games.success_prob, which[:, part], share[:, part], q))
        cost[:, part], utility[:, part] = found.provider_cost, found.user_utility
    return cost, utility


def _columns(games: Game) -> Game:
    """A batch (D, n) as (D, n, 1), to be held against commitments."""
    p, t, c = (
        tuple(np.asarray(x)[..., None] for x in each) for each in (games.success_prob, games.latency, games.cost)
    )
    return Game(np.asarray(games.task_value)[..., None], games.churn_penalty, p, t, c)


def _mean_costs(draws: FeatureDraws, design: FloatArray) -> FloatArray:
    """J of the commitments that are looked at, on average over draws, (n, S + 1); the last is route 2."""
    found: FloatArray = np.concatenate(_costs(draws, design), axis=-1).mean(axis=0)
    return found


def _least_costs(draws: FeatureDraws, design: FloatArray) -> FloatArray:
    """The least J of each task in each draw, (D, n)."""
    on_1, on_2 = _costs(draws, design)

    def cost(s: FloatArray) -> FloatArray:
        return _worth(draws, design, np.ones((1, 1), dtype=int), s)[0]

    least = _zoomed(on_1.argmin(axis=-1), on_1.min(axis=-1), cost, CLOSER)[1]
    found: FloatArray = np.minimum(least, on_2[..., 0])
    return found


def _costs(draws: FeatureDraws, design: FloatArray) -> tuple[FloatArray, FloatArray]:
    """J of all cascade probabilities of the grid, (D, n, S), and of route 2, (D, n, 1)."""
    on_1 = _worth(draws, design, np.ones((1, 1), dtype=int), GRID[None])[0]
    return on_1, _worth(draws, design, np.full((1, 1), 2), np.zeros((1, 1)))[0]


def _cheapest(draws: FeatureDraws, design: FloatArray, table: FloatArray) -> tuple[IntArray, FloatArray]:
    """The commitment of each task that costs least on average, route and cascade probability (n,) each."""
    on_1, on_2 = table[:, :-1], table[:, -1]

    def cost(s: FloatArray) -> FloatArray:
        found: FloatArray = _worth(draws, design, np.ones((1, 1), dtype=int), s)[0].mean(axis=0)
        return found

    s, least = _zoomed(on_1.argmin(axis=-1), on_1.min(axis=-1), cost, ZOOMS)
    best = np.minimum(least, on_2) * (1 + TIE)
    route = np.where(on_1[:, 0] <= best, 1, np.where(on_2 <= best, 2, 1))
    s = np.where((on_1[:, 0] <= best) | (route == 2), 0.0, s)
    return route, np.round(s, 6)


def _zoomed(
    at: IntArray, least: FloatArray, cost: Callable[[FloatArray], FloatArray], zooms: int
) -> tuple[FloatArray, FloatArray]:
    """Look closer around places of the grid, (…,); cost takes (…, `ZOOM_POINTS`) and returns the same."""
    s = GRID[at]
    low, high = GRID[np.maximum(at - 1, 0)], GRID[np.minimum(at + 1, len(GRID) - 1)]
    for _ in range(zooms):
        inside = np.linspace(low, high, ZOOM_POINTS, axis=-1)
        fine = cost(inside)
        k = fine.argmin(axis=-1)[..., None]
        new, where = (np.take_along_axis(x, k, axis=-1)[..., 0] for x in (fine, inside))
        better = new < least
        s, least = np.where(better, where, s), np.where(better, new, least)
        low, high = (
            np.take_along_axis(inside, np.clip(k + side, 0, ZOOM_POINTS - 1), axis=-1)[..., 0] for side in (-1, 1)
        )
    return s, least


def _simplest(costs: FloatArray) -> int:
    """The cheapest of commitments, (S + 1,), or model 1 throughout or route 2 if they are as good."""
    best = float(costs.min()) * (1 + TIE)
    return 0 if costs[0] <= best else len(costs) - 1 if costs[-1] <= best else int(costs.argmin())

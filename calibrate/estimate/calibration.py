"""From a log to its game: estimates with intervals, V as far as the log tells it, checks, and what is in force.

What is recommended on that ground, and how surely, is the matter of `routegame.calibrate.decide.advice`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, isfinite
from typing import Any

import numpy as np
from scipy.special import chdtri, ndtri

from routegame.agents.exact.solution import Solution
from routegame.agents.solver import solve
from routegame.agents.users.population import Population, PopulationSolution, solve_population
from routegame.calibrate.estimate.answers import user_answers
from routegame.calibrate.estimate.assumptions import SIGNIFICANT, Check, check_assumptions, values_fit
from routegame.calibrate.estimate.commitments import PolicyCell, seen_policy
from routegame.calibrate.estimate.counts import (
    Arm,
    arms,
    by_commitment,
    decided,
    decided_by_step,
    rate,
    steps,
    steps_of_turns,
)
from routegame.calibrate.estimate.estimates import Estimates, estimates, values_of
from routegame.calibrate.estimate.tally import Tally, tally
from routegame.calibrate.estimate.task_value import TaskValueEstimate, estimate_task_value
from routegame.calibrate.estimate.turns import NUM_STEPS
from routegame.calibrate.estimate.value_spread import ValueSpread, estimate_value_spread
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.log import Log, LogSummary
from routegame.envs.chain import visits
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.eval.statistics import Estimate

DECISIVE = (
    "iid_success",
    "success_after_handover",
    "constant_hazard",
    "blind_to_model",
    "constant_cascade",
    "no_hand_back",
    "response_fits",
    "values_fit",
)
"""Assumptions without which the game that was estimated is not the one that users play."""


ALIKE = ("constant_hazard", "response_fits")
"""Assumptions that users who differ break, and that are none where their values are estimated."""

HOLDS = Check("", True, 1.0, None, 1.0, "")
"""A check in place of one that a log says nothing about."""


WIDER = 1.2
"""Spread of decisions over users, relative to independent ones, from which on they are looked at one by one."""

NUM_TYPES = 99
"""Users who stand for all, where they differ and answer without noise: equally likely quantiles of V."""


@dataclass(frozen=True)
class InForce:
    """Commitments in force at the time of the log, and what they are worth in the estimated game.

    Attributes:
        arms: commitments in the log, the commonest first.
        route: of most tasks.
        cascade_prob: share of retries on model 1 that were handed over, over all commitments; nan without any.
        abandon_prob: share of failures after which users left, over all commitments; nan without any.
        provider_cost: J a task, over all commitments; nan without P.
        user_utility: U a task, over all commitments; nan where V is not identified.
    """

    arms: tuple[Arm, ...]
    route: int
    cascade_prob: float
    abandon_prob: float
    provider_cost: float
    user_utility: float

    def to_dict(self) -> dict[str, object]:
        """Return all as plain values."""
        return {**vars(self), "arms": [vars(arm) for arm in self.arms]}


@dataclass(frozen=True, eq=False)
class PoliciesInForce:
    """Commitments in force at the time of the log where models come in any order, and what they are worth.

    Attributes:
        cells: users by commitment, the commonest first.
        policy: the commitment, or what several come to together.
        abandon_prob: share of failures after which users left, over all commitments; nan without any.
        provider_cost: J a task, over all commitments; nan without P.
        user_utility: U a task, over all commitments; nan where V is not identified.
    """

    cells: tuple[PolicyCell, ...]
    policy: Policy
    abandon_prob: float
    provider_cost: float
    user_utility: float

    def to_dict(self) -> dict[str, object]:
        """Return all as plain values; `route` is the model of every first pass, None where there are several."""
        first = int(self.policy.start.argmax())
        return {
            "route": first + 1 if self.policy.start[first] == 1 else None,
            "cascade_prob": None,
            "abandon_prob": self.abandon_prob,
            "provider_cost": self.provider_cost,
            "user_utility": self.user_utility,
            "policy": self.policy.to_dict(),
            "arms": [cell.to_dict() for cell in self.cells],
        }


@dataclass(frozen=True, eq=False)
class Calibration:
    """A log's game: estimates, checks, and the game that they make.

    Attributes:
        log: what file it was, and how much of it counts.
        tally: what it comes down to, for whoever draws anew from it.
        churn_penalty: P as given; None if it was not.
        whole: estimates from all passes.
        segments: the same from each segment.
        task_value: V from all users.
        segment_task_values: the same from each segment.
        assumptions: the checks.
        value_spread: how V differs over users, where they are seen to differ; then `task_value` is the middle one.
    """

    log: LogSummary
    tally: Tally
    churn_penalty: float | None
    whole: Estimates
    segments: tuple[Estimates, ...]
    task_value: TaskValueEstimate
    segment_task_values: tuple[TaskValueEstimate, ...]
    assumptions: tuple[Check, ...]
    value_spread: ValueSpread | None = None

    @cached_property
    def game(self) -> Game | None:
        """The most likely game; None where something is missing."""
        if self.missing:
            return None
        p, t, c = (values_of(each) for each in (self.whole.success_prob, self.whole.latency, self.whole.cost))
        assert self.churn_penalty is not None  # else it would be missing
        return Game(float(self.task_value.estimate.value), self.churn_penalty, p, t, c)

    @cached_property
    def missing(self) -> str:
        """The reason why the game is not known, in words; empty if it is."""
        models, whole = self.log.models, self.whole
        for name, passes, share in zip(models, whole.passes, whole.success_prob, strict=True):
            if not passes:
                return f"{name} never ran: the log says nothing about it"
            if not 0 < share.value < 1:
                return f"{name} solved {'every' if share.value else 'no'} task it was given: the model needs both"
        if self.churn_penalty is None:
            return "no churn penalty was given: --churn-penalty, or --revenue and --churn-uplift"
        if not self.task_value.identified:
            return f"users' value of a task is not identified: {self.task_value.reason}"
        return ""

    @cached_property
    def solution(self) -> Solution | None:
        """The exact solution of the most likely game."""
        return None if self.game is None else solve(self.game, order="free" if self.free else "paper")

    @cached_property
    def pooled(self) -> PopulationSolution | None:
        """The exact solution for users who differ, if they answered without noise; None where they seem alike."""
        game, spread = self.game, self.value_spread
        if game is None or spread is None:
            return None
        ranks = (np.arange(NUM_TYPES) + 0.5) / NUM_TYPES
        values = float(game.task_value) * np.exp(float(spread.log_sd.value) * ndtri(ranks))
        p, t, c = ((float(first), float(second)) for first, second in (game.success_prob, game.latency, game.cost))
        return solve_population(Population(values, float(game.churn_penalty), p, t, c))

    @property
    def free(self) -> bool:
        """Whether models come in any order, so that commitments are policies."""
        return self.tally.turns is not None

    @cached_property
    def policies(self) -> PoliciesInForce:
        """The commitments in force where models come in any order, see `PoliciesInForce`."""
        cells = self.whole.policies
        worth = np.array([self._worth_of(cell.policy, cell.abandon_prob) for cell in cells])
        cost, utility = np.average(worth, axis=0, weights=[cell.tasks for cell in cells])
        starts, hand_overs = (sum(getattr(cell, name) for cell in cells) for name in ("starts", "hand_overs"))
        policy = cells[0].policy if len(cells) == 1 else seen_policy(np.asarray(starts), np.asarray(hand_overs))
        return PoliciesInForce(cells, policy, float(self.whole.abandon_prob.value), float(cost), float(utility))

    def _worth_of(self, policy: Policy, abandon_prob: float) -> tuple[float, float]:
        """J and U of a commitment under the answer that users gave it; nan where unknown."""
        whole = self.whole
        p, t, c = (np.array(values_of(each)) for each in (whole.success_prob, whole.latency, whole.cost))
        n = policy.passes(p, np.full(len(p), 1 - np.nan_to_num(abandon_prob)))
        penalty = np.nan if self.churn_penalty is None else self.churn_penalty
        value = self.task_value.estimate.value if self.task_value.identified else np.nan
        return float(c @ n + penalty * np.maximum(1 - p @ n, 0.0)), float(value * (p @ n) - t @ n)

    @cached_property
    def in_force(self) -> InForce:
        """The commitments in force, see `InForce`."""
        known = arms(self.tally.shapes)
        share = np.array([arm.tasks for arm in known]) / sum(arm.tasks for arm in known)
        cost, utility = (np.array(column) for column in zip(*(self._worth(arm) for arm in known), strict=True))
        on_1 = share[[arm.route == 1 for arm in known]].sum()
        return InForce(
            known,
            1 if on_1 >= 0.5 else 2,
            float(self.whole.cascade_prob.value),
            float(self.whole.abandon_prob.value),
            float((share * cost).sum()),
            float((share * utility).sum()),
        )

    def _worth(self, arm: Arm) -> tuple[float, float]:
        """J and U of a commitment under the answer that users gave it; nan where unknown, or tasks would never end."""
        whole = self.whole
        p, t, c = (np.array(values_of(pair)) for pair in (whole.success_prob, whole.latency, whole.cost))
        runs = np.array([arm.route == 1, arm.route == 2 or arm.cascade_prob > 0])
        p, t, c = np.where(runs, p, 0.5), np.where(runs, t, 0.0), np.where(runs, c, 0.0)
        q, s = 0.0 if np.isnan(arm.abandon_prob) else arm.abandon_prob, np.nan_to_num(arm.cascade_prob)
        ends = p + (1 - p) * (q + (1 - q) * np.array([s, 0.0]))
        if (runs & (ends == 0)).any():
            return np.nan, np.nan
        n = visits((p[0], p[1]), arm.route, s, q)
        penalty = np.nan if self.churn_penalty is None else self.churn_penalty
        value = self.task_value.estimate.value if self.task_value.identified else np.nan
        net = value * p - t
        cost = c[0] * n.standard + c[1] * n.reasoning + penalty * n.abandoned
        return float(cost), float(net[0] * n.standard + net[1] * n.reasoning)

    def to_dict(self) -> dict[str, Any]:
        """Return what was estimated as plain numbers, strings and lists, ready for JSON; what is not known is None."""
        whole, solution = self.whole, self.solution
        value = self.task_value.estimate
        tasks = self.tally.shapes
        document = {
            "game": {
                "task_value": value.value if self.task_value.identified else None,
                "churn_penalty": self.churn_penalty,
                "success_prob": values_of(whole.success_prob),
                "latency": values_of(whole.latency),
                "cost": values_of(whole.cost),
            },
            "intervals": {
                "success_prob": [_interval(x) for x in whole.success_prob],
                "latency": [_interval(x) for x in whole.latency],
                "cost": [_interval(x) for x in whole.cost],
                "task_value": _interval(value),
                "cascade_prob": _interval(whole.cascade_prob),
                "abandon_prob": _interval(whole.abandon_prob),
            },
            "task_value_identified": self.task_value.identified,
            "temperature": self.task_value.temperature if self.task_value.identified else None,
            "assumptions": [check.to_dict() for check in self.assumptions],
            "in_force": self.policies.to_dict() if self.free else self.in_force.to_dict(),
            "equilibrium": None if solution is None else solution.to_dict()["equilibrium"],
            **(self._in_free_order() if self.free else {}),
            **({} if self.value_spread is None else {"users_differ": self._users_differ(self.value_spread)}),
            "segments": [
                _segment(found, task_value)
                for found, task_value in zip(self.segments, self.segment_task_values, strict=True)
            ],
            "abandonment": self.abandonment(),
            "log": self.log.to_dict(tasks.ending, tasks.count),
        }
        made: dict[str, Any] = plain(document)
        return made

    def _users_differ(self, spread: ValueSpread) -> dict[str, object]:
        """How users differ, and what would be best if they had no noise."""
        best = self.pooled
        found = None
        if best is not None:
            named = ("route", "cascade_prob", "provider_cost", "user_utility", "pooling_cost")
            found = {name: getattr(best, name) for name in named}
        return {**spread.to_dict(), "without_noise": found}

    def _in_free_order(self) -> dict[str, object]:
        """The entries of `solve --json` that there are in free order; None where the game is not known."""
        named = ("order", "price_of_going_on", "policy", "visited", "certificate")
        solved = None if self.solution is None else self.solution.to_dict()
        return {name: None if solved is None else solved[name] for name in named} | {"order": "free"}

    def abandonment(self) -> list[dict[str, object]]:
        """Share of users who left after a failure, by model and by the number of the pass, with intervals."""
        turns, rows = self.tally.turns, []
        counted = steps(self.tally.shapes) if turns is None else steps_of_turns(turns)
        for k, name in enumerate(self.log.models):
            for step in range(NUM_STEPS):
                number, leaves = int(counted.decisions[k, step]), int(counted.leaves[k, step])
                if number:
                    share = rate(leaves, number)
                    which = f"{step + 1}{'+' if step == NUM_STEPS - 1 else ''}"
                    rows.append({"model": name, "pass": which, "decisions": number, "leaves": leaves, **vars(share)})
        return rows


def cost_of_churn(revenue: float, churn_uplift: float) -> float:
    """Cost of an abandoned task, where a task that is abandoned may lose its user: P, in the unit of revenue.

    Args:
        revenue: what a user is worth, >= 0.
        churn_uplift: by how much an abandoned task makes it likelier that its user is lost, in [0, 1].

    Raises:
        ParameterError: a value out of range.

    >>> cost_of_churn(20.0, 0.25)
    5.0
    """
    worth = as_single("revenue", revenue, 0, inf, closed="low")
    return worth * as_single("churn_uplift", churn_uplift, 0, 1)


def calibrate(log: Log, churn_penalty: float | None = None, stated: Mapping[str, Policy] | None = None) -> Calibration:
    """Estimate a log's game.

    Args:
        log: open.
        churn_penalty: P >= 0, what an abandoned task costs the provider, in the unit of cost; None if not known.
        stated: commitments by the names that a log in free order has for them; others are as they are seen.

    Raises:
        ParameterError: P out of range, or a commitment that the log does not have, or of another number of models.
        LogError: in free order, a model that never ran.
    """
    if churn_penalty is not None:
        churn_penalty = as_single("churn_penalty", churn_penalty, 0, inf, closed="low")
    counted = tally(log)
    check_stated(log, counted, stated or {})
    whole, *segments = estimates(counted, stated)
    task_value, *others = (
        estimate_task_value(found.users, found.models, counted.decision_spread) for found in (whole, *segments)
    )
    checks = check_assumptions(counted, task_value, others, log.layout.models)
    failed = {check.name for check in checks if not check.holds}
    value_spread, fit = _value_spread(log, counted, whole, task_value, checks)
    if value_spread is not None:
        checks = (*(check for check in checks if check.name not in ALIKE), *fit)
        task_value = _middle(task_value, value_spread)
    elif "one_value" in failed:
        task_value = _unknown(task_value, others, "it differs between segments; each has a value of its own")
    elif "response_fits" in failed:
        reason = "no one value with one noise explains how many leave under each commitment: users differ, in segments"
        task_value = _unknown(task_value, others, f"{reason} that the log does not tell, or choose in another way")
    return Calibration(
        log.summary,
        counted,
        churn_penalty,
        whole,
        tuple(segments),
        task_value,
        tuple(others),
        checks,
        value_spread,
    )


def _value_spread(
    log: Log, counted: Tally, whole: Estimates, alike: TaskValueEstimate, checks: Sequence[Check]
) -> tuple[ValueSpread | None, tuple[Check, ...]]:
    """How V differs over users, and the check of that; None where users seem alike, or differ in another way.

    What is looked at first is cheap: whether shares of leavers fall within a task, or do not go together, or users'
    answers do. Only then values that differ are fitted, and have to be likelier than one.
    """
    by_name = {check.name: check for check in checks}
    if counted.turns is not None or not by_name.get("one_value", HOLDS).holds:
        return None, ()
    tiring, fits = by_name.get("constant_hazard", HOLDS), by_name.get("response_fits", HOLDS)
    groups = by_commitment(counted.shapes)
    if len(groups) != len(whole.cells):
        return None, ()  # so many that neighbours were pooled
    patient = tiring.p_value < SIGNIFICANT and tiring.statistic < 1
    answers = user_answers(log, [(route, s) for route, s, _ in groups])
    vary = counted.decision_spread > WIDER or answers.differ > -ndtri(SIGNIFICANT)
    if not (patient or fits.p_value < SIGNIFICANT or vary):
        return None, ()
    by_step = [decided_by_step(counted.shapes[chosen]) for _, _, chosen in groups]
    found = estimate_value_spread(whole.cells, whole.models, answers, by_step)
    spread = max(counted.decision_spread, 1.0)
    if found is None or 2 * found.gain + alike.deviance * spread < chdtri(1, 2 * SIGNIFICANT):
        return None, ()
    check = values_fit(decided(counted.shapes), found, spread if log.has_users else 1.0)
    return (found, (check,)) if check.holds else (None, ())


def _middle(alike: TaskValueEstimate, found: ValueSpread) -> TaskValueEstimate:
    """V of the middle user."""
    reason = (
        "users differ, and the commitments in the log do not tell where the middle one is: it would take users who face"
        " more commitments that differ, such as several cascade probabilities, at the same time"
    )
    return replace(
        alike,
        estimate=found.median,
        identified=found.identified,
        temperature=float(found.temperature.value),
        reason="" if found.identified else reason,
    )


def check_stated(log: Log, counted: Tally, stated: Mapping[str, Policy]) -> None:
    """Refuse models that never ran, where models come in any order, and commitments that are not those of the log."""
    names = () if counted.turns is None else counted.turns.commitments
    for name, policy in stated.items():
        if name not in names:
            known = f"one of {', '.join(map(repr, names))}" if names else "left out: it is for logs in free order"
            raise ParameterError("commitment", known, name)
        if policy.num_models != log.num_models:
            raise ParameterError("commitment", f"of {log.num_models} models", f"{name}, of {policy.num_models}")
    if counted.turns is not None:
        for name, passes in zip(log.summary.titles, counted.moments.passes[0], strict=True):
            if not passes:
                raise LogError(f"{log.path} has no pass of {name}: leave it out of --models")


def _unknown(task_value: TaskValueEstimate, of_segments: Sequence[TaskValueEstimate], reason: str) -> TaskValueEstimate:
    """V where users differ, as far as their segments say.

    Pooled, it can lie outside those of all segments, for who stays is counted more often.
    """
    values = [found.estimate for found in of_segments] or [Estimate(np.nan, 0.0, inf)]
    low, high = min(float(value.low) for value in values), max(float(value.high) for value in values)
    return replace(task_value, estimate=Estimate(np.nan, low, high), identified=False, reason=reason)


def _segment(found: Estimates, task_value: TaskValueEstimate) -> dict[str, object]:
    names = ("success_prob", "latency", "cost")
    pairs = {name: [vars(estimate) for estimate in getattr(found, name)] for name in names}
    value = task_value.estimate if task_value.identified else replace(task_value.estimate, value=np.nan)
    return {
        "name": found.name,
        "tasks": found.tasks,
        "passes": list(found.passes),
        **pairs,
        "cascade_prob": vars(found.cascade_prob),
        "abandon_prob": vars(found.abandon_prob),
        "task_value": vars(value),
        "task_value_identified": task_value.identified,
    }


def _interval(estimate: Estimate) -> list[float]:
    return [float(estimate.low), float(estimate.high)]


def plain(value: Any) -> Any:
    """Return a value with lists for tuples, plain numbers for numpy's, and None for what is not finite."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value

"""Advice from a simulated log, held against the game that the log is of, with the users that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from coverage_study import LEAST_RIGHT

from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.decide.advice import Advice
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.estimate.counts import Arm
from routegame.calibrate.log.simulated import LogPlan
from routegame.envs.chain import outcome
from routegame.eval.statistics import SUCCESS


@dataclass(frozen=True)
class Judged:
    """What advice was worth.

    Attributes:
        verdict: of the advice.
        open: whether V was not identified.
        regret: relative, of the commitment under the true users, whether or not it was recommended.
        plug_in: the same of the optimum of the most likely game; nan where there is none.
        saving_held: whether the interval of the saving holds the true one; None where nothing was decided.
    """

    verdict: str
    open: bool
    regret: float
    plug_in: float
    saving_held: bool | None


def judge(plan: LogPlan, advice: Advice) -> Judged:
    """Hold advice against the truth."""
    decision, known = advice.decision, advice.calibration.task_value.identified
    if decision is None:
        return Judged(advice.verdict, not known, np.nan, np.nan, None)
    least = float(quantal_equilibrium(plan.game, plan.temperature).provider_cost)
    cost = true_cost(plan, decision.commitment)
    arms = advice.calibration.in_force.arms
    in_force = sum(arm.tasks * true_cost(plan, stated(plan, arm)) for arm in arms) / sum(arm.tasks for arm in arms)
    return Judged(
        advice.verdict,
        not known,
        cost / least - 1,
        np.nan if decision.plug_in is None else true_cost(plan, decision.plug_in) / least - 1,
        bool(decision.saving.low <= in_force - cost <= decision.saving.high),
    )


def true_cost(plan: LogPlan, commitment: Offer) -> float:
    """J of a commitment under the users of a plan."""
    route, s = commitment.route, commitment.cascade_prob
    return float(outcome(plan.game, route, s, quantal_response(plan.game, route, s, plan.temperature)).provider_cost)


def stated(plan: LogPlan, arm: Arm) -> Offer:
    """The commitment of a plan that an arm of its log had."""
    s = float(np.nan_to_num(arm.cascade_prob))
    return min(
        (Offer(*given) for given in plan.commitments if given[0] == arm.route),
        key=lambda c: abs(c.cascade_prob - s),
    )


def show(judged: Sequence[Judged]) -> bool:
    """Print how often advice was right, by verdict; return whether it was too seldom."""
    print(
        f"\n{'verdict':<26}{'logs':>6}{'right':>9}{'mean regret':>13}{'largest':>10}{'plug-in':>10}{'saving held':>13}"
    )
    for verdict in ("sure", "unsure", "refused"):
        for unknown in (False, True):
            of = [one for one in judged if (one.verdict, one.open) == (verdict, unknown) and not np.isnan(one.regret)]
            if not of:
                continue
            regret, plug_in = (np.array([getattr(one, name) for one in of]) for name in ("regret", "plug_in"))
            worst = "" if np.isnan(plug_in).all() else f"{np.nanmax(plug_in):.2%}"
            print(
                f"{verdict + (', V open' if unknown else ''):<26}{len(of):>6}{np.mean(regret <= SUCCESS):>9.1%}"
                f"{np.mean(regret):>13.3%}{np.max(regret):>10.2%}{worst:>10}"
                f"{np.mean([bool(one.saving_held) for one in of]):>13.1%}"
            )
    silent = sum(np.isnan(one.regret) for one in judged)
    print(f"{silent} logs decided nothing; right: true regret of at most {SUCCESS:.0%}; plug-in: its largest regret")
    sure = [one.regret <= SUCCESS for one in judged if one.verdict == "sure"]
    return not sure or bool(np.mean(sure) < LEAST_RIGHT)

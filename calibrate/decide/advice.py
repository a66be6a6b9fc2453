"""Advice to a provider on the ground of its log: a decision, a verdict on it, and all that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from routegame.calibrate.decide.by_value import ValueRange, by_value
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.decision import Decision, decide
from routegame.calibrate.decide.menu_decision import MenuDecision, decide_menu
from routegame.calibrate.decide.menu_offers import MenuOffer
from routegame.calibrate.decide.posterior import PosteriorDraws, draw_posterior, likely, noise_of, unknown
from routegame.calibrate.decide.readings import Trial, put_to_trial
from routegame.calibrate.decide.segments import SegmentOutcome, segment_outcomes
from routegame.calibrate.decide.sensitivity import Extreme, Sensitivity, sensitivity_analysis
from routegame.calibrate.decide.verdict import Verdict, judged, refusal
from routegame.calibrate.estimate.assumptions import MISFIT, SIGNIFICANT, Check
from routegame.calibrate.estimate.calibration import DECISIVE, Calibration, plain
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.eval.statistics import Estimate

NUM_DRAWS = 300
MOST_SEGMENTS = 20
"""Most segments that are drawn from one by one where they differ in V."""


@dataclass(frozen=True, eq=False)
class Advice:
    """Advice on the ground of a log, with everything that it rests on.

    Attributes:
        calibration: of the log.
        verdict: see `routegame.calibrate.decide.verdict`.
        reason: why, in a sentence or a few.
        decision: the recommendation and its figures; None where no game can be drawn. It is given for what it is
            worth if the verdict is `refused`, and must not be followed then.
        trials: the recommendation under other readings of the log, for each assumption that fails.
        sensitivities: what each number of the game matters; empty where V is not identified.
        outcomes: how users fare, for each segment whose V is identified.
        draws: the games that were drawn.
        seed: of the draws.
        by_value: what is best at which V, where models come in any order and V is not identified.
    """

    calibration: Calibration
    verdict: Verdict
    reason: str
    decision: Decision | MenuDecision | None
    trials: tuple[Trial, ...]
    sensitivities: tuple[Sensitivity, ...]
    outcomes: tuple[SegmentOutcome, ...]
    draws: tuple[PosteriorDraws, ...]
    seed: int
    by_value: tuple[ValueRange, ...] = ()

    @property
    def recommended(self) -> Offer | MenuOffer | None:
        """The commitment to make, if one is recommended."""
        return None if self.decision is None or self.verdict == "refused" else self.decision.commitment

    @property
    def noise(self) -> Estimate | None:
        """The noise of users' answers in the drawn games; None where V is not that of all users, or not identified."""
        if self.decision is None or not self.calibration.task_value.identified:
            return None
        return noise_of(self.draws[0])

    def to_dict(self) -> dict[str, object]:
        """Return all as plain numbers, strings and lists, ready for JSON; what is not known is None."""
        document = self.calibration.to_dict()
        d = self.decision
        if d is not None:  # as the decision has it: it is one thing, and has one value
            document["in_force"]["provider_cost"] = d.in_force_cost.value
            document["in_force"]["user_utility"] = None if d.plug_in is None else d.in_force_utility.value
        if self.noise is not None:
            document["temperature"] = self.noise.value
            document["intervals"]["temperature"] = [self.noise.low, self.noise.high]
        document |= {"verdict": self.verdict, "reason": self.reason, "recommendation": None, "decision": None}
        if self.recommended is not None and d is not None:
            document["recommendation"] = {
                **self.recommended.to_dict(),
                "provider_cost": d.provider_cost.value,
                "user_utility": d.user_utility.value,
                "saving": d.saving.value,
            }
        if d is not None:
            document["decision"] = {**d.to_dict(), "seed": self.seed}
        if self.calibration.free:
            document["by_task_value"] = [found.to_dict() for found in self.by_value]
        document["readings"] = [
            {**vars(trial), "survived": trial.survived, "best": None if trial.best is None else vars(trial.best)}
            for trial in self.trials
        ]
        document["sensitivity"] = [
            {"name": sensitivity.name, **{end: {**vars(x), "best": vars(x.best)} for end, x in _extremes(sensitivity)}}
            for sensitivity in self.sensitivities
        ]
        document["served"] = [
            {**vars(outcome), "own": vars(outcome.own), "preferred": vars(outcome.preferred)}
            for outcome in self.outcomes
        ]
        made: dict[str, object] = plain(document)
        return made


def advise(calibration: Calibration, num_draws: int = NUM_DRAWS, seed: int = 0) -> Advice:
    """Take a log's calibration to a recommendation.

    Args:
        calibration: of the log.
        num_draws: games that are drawn.
        seed: of the draws.
    """
    c, penalty = calibration, calibration.churn_penalty
    missing = unknown(c.whole, c.log.models)
    if missing:
        return _silent(c, "refused", missing, seed)
    if not any(cell.decisions for cell in c.whole.users):
        return _silent(c, "refused", "no user ever decided anything: every failure is the last row of its task", seed)
    if penalty is None:
        return _silent(
            c, "unsure", "no churn penalty was given: --churn-penalty, or --revenue and --churn-uplift", seed
        )
    groups = _groups(c)
    failed = _failed(c, groups)
    if any(check.name == "response_fits" for check in failed):
        return _silent(c, "refused", refusal(failed), seed)  # no game explains the log: there is none to draw
    rng = np.random.default_rng(seed)
    number, spread = 2 * -(-num_draws // 2), c.tally.decision_spread
    differ = c.value_spread
    draws = tuple(
        draw_posterior(found, spread, penalty, number, rng, identified=task_value.identified, value_spread=differ)
        for found, task_value in groups
    )
    known = all(task_value.identified for _, task_value in groups)
    centre = [likely(found, task_value, penalty, differ) for found, task_value in groups] if known else []
    if c.free:
        return _on_menu(c, draws, centre, failed, seed)
    decision = decide(draws, centre, c.in_force.arms)
    trials: tuple[Trial, ...] = ()
    if c.task_value.identified and differ is None:
        names = [check.name for check in failed]
        trials = put_to_trial(names, c.tally, c.whole, c.task_value, penalty, decision.commitment)
    sensitivities = (
        sensitivity_analysis(c.whole, c.task_value, draws[0], penalty, decision.commitment)
        if c.task_value.identified and differ is None
        else ()
    )
    verdict, reason = judged(c, decision, known, failed, trials, sensitivities)
    outcomes = segment_outcomes(decision.commitment, c, penalty) if differ is None else ()
    return Advice(c, verdict, reason, decision, trials, sensitivities, outcomes, draws, seed)


def _on_menu(
    c: Calibration,
    draws: tuple[PosteriorDraws, ...],
    centre: Sequence[PosteriorDraws],
    failed: Sequence[Check],
    seed: int,
) -> Advice:
    """The advice where models come in any order."""
    decision = decide_menu(draws, centre, c.whole.policies, c.log.titles)
    verdict, reason = judged(c, decision, bool(centre), failed, (), ())
    ranges: tuple[ValueRange, ...] = ()
    if not centre and c.churn_penalty is not None:
        ranges = by_value(c.whole, c.churn_penalty, c.task_value.estimate)
    return Advice(c, verdict, reason, decision, (), (), (), draws, seed, ranges)


def _silent(calibration: Calibration, verdict: Verdict, reason: str, seed: int) -> Advice:
    return Advice(calibration, verdict, reason, None, (), (), (), (), seed)


def _groups(c: Calibration) -> list[tuple[Estimates, TaskValueEstimate]]:
    """Users who are alike: all, or each segment where segments differ in V and all are known."""
    of_segments = list(zip(c.segments, c.segment_task_values, strict=True))
    differ = any(check.name == "one_value" and not check.holds for check in c.assumptions)
    alike = all(task_value.identified and not unknown(found, c.log.models) for found, task_value in of_segments)
    return of_segments if differ and alike and len(of_segments) <= MOST_SEGMENTS else [(c.whole, c.task_value)]


def _failed(c: Calibration, groups: Sequence[tuple[Estimates, TaskValueEstimate]]) -> list[Check]:
    """Decisive assumptions that fail; where segments go by themselves, one noise has to fit each and not all."""
    failed = [check for check in c.assumptions if check.name in DECISIVE and not check.holds]
    if len(groups) == 1 or any(_misfit(found, task_value) for found, task_value in groups):
        return failed
    return [check for check in failed if check.name != "response_fits"]


def _misfit(found: Estimates, task_value: TaskValueEstimate) -> bool:
    decisions, leaves = (sum(getattr(cell, name) for cell in found.cells) for name in ("decisions", "leaves"))
    unlikely = chdtrc(task_value.freedom, task_value.deviance) < SIGNIFICANT if task_value.freedom else False
    return bool(unlikely and task_value.deviance > MISFIT * min(leaves, decisions - leaves))


def _extremes(sensitivity: Sensitivity) -> list[tuple[str, Extreme]]:
    return [("low", sensitivity.low), ("high", sensitivity.high)]

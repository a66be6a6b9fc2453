"""The verdict on a recommendation, sure, unsure or refused, and the reason in words.

sure     in all but `MOST_WRONG` of the games that the log may well be of, the recommendation costs at most 1 %
more than the best there is, and every assumption holds
unsure   it does not, but this is the best that can be said; or an assumption fails, or V is open, and the
recommendation is as good whichever way that is read
refused  the game is not known, or an assumption fails on which the answer hangs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.menu_decision import MenuDecision
from routegame.calibrate.decide.phrases import KINDS, NAMES, around, bounds, in_words, share_of
from routegame.calibrate.decide.readings import NEEDED, Trial
from routegame.calibrate.decide.sensitivity import Sensitivity
from routegame.calibrate.estimate.assumptions import Check
from routegame.calibrate.estimate.calibration import DECISIVE, Calibration
from routegame.eval.statistics import SUCCESS
from routegame.numerals import percent

Verdict = Literal["sure", "unsure", "refused"]

MOST_WRONG = 0.05
"""Share of games in which the recommendation may be wrong for it to be called sure."""

DIGITS = 2
"""Decimal digits of the shares that a reason names."""


def judged(
    c: Calibration,
    decision: Decision | MenuDecision,
    known: bool,
    failed: Sequence[Check],
    trials: Sequence[Trial],
    sensitivities: Sequence[Sensitivity],
) -> tuple[Verdict, str]:
    """Return a verdict on a decision, and the reason.

    Args:
        c: calibration of the log.
        decision: what would be recommended.
        known: whether V is identified, of all users or of each segment.
        failed: decisive assumptions that fail.
        trials: the decision where the log is read otherwise.
        sensitivities: what each number of the game matters.
    """
    wrong = f"it costs over 1 % more than the best in {share_of(decision.wrong, decision)} that this log may well be of"
    hopeless = [check for check in failed if not any(t.check == check.name for t in trials)]
    lost = [trial for trial in trials if not trial.survived]
    if hopeless or lost:
        return "refused", refusal(failed, lost)
    if not known:
        return _open(c, decision)
    if failed:
        worst = max(trials, key=lambda trial: trial.regret)
        explained = " ".join(check.explanation for check in failed)
        return (
            "unsure",
            f"an assumption fails, but the answer survives it. {explained} However that is read, this"
            f" commitment costs at most {percent(worst.regret)} more than the best",
        )
    others = [check for check in c.assumptions if not check.holds and check.name not in (*DECISIVE, "one_value")]
    if others:
        return "unsure", f"an assumption fails. {' '.join(check.explanation for check in others)}"
    alike = "" if c.task_value.identified else ". Segments value a task differently: each has games of its own in that"
    if decision.wrong <= MOST_WRONG:
        return "sure", f"{wrong}, and no assumption fails{alike}"
    return "unsure", f"{wrong}{alike}. {_what_would_help(decision, sensitivities)}"


def _open(c: Calibration, decision: Decision | MenuDecision) -> tuple[Verdict, str]:
    """The verdict where V is not identified: is the answer the same whatever V is?"""
    value, worst = c.task_value.estimate, float(decision.regret.high)
    why = f"users' value of a task is not identified ({bounds(value)}): {c.task_value.reason}"
    if worst <= SUCCESS:
        return "unsure", f"{why}. But whatever it is, this costs at most {percent(worst)} more than the best"
    return "refused", f"{why}. Of the games that the log leaves open, {_kinds(decision)}"


def _kinds(decision: Decision | MenuDecision) -> str:
    """The best kinds of commitments in the games, in words."""
    return "; ".join(f"{KINDS.get(kind, kind)} is best in {percent(share)}" for kind, share in decision.kinds.items())


def refusal(failed: Sequence[Check], lost: Sequence[Trial] = ()) -> str:
    """Say why a log is refused.

    Args:
        failed: decisive assumptions that fail.
        lost: readings of the log under which the recommendation does not survive.
    """
    explained = " ".join(check.explanation for check in failed)
    said = [f"the log is not of this game: {explained}"]
    for trial in lost:
        if trial.best is None:
            said.append(f"If {trial.words}, users' value of a task cannot be told.")
        else:
            said.append(f"If {trial.words}, the answer is another, and this one {_percent_more(trial.regret)}.")
    needed = dict.fromkeys(NEEDED[check.name] for check in failed)
    return f"{' '.join(said)} It would take {'; '.join(needed)}"


def _what_would_help(decision: Decision | MenuDecision, sensitivities: Sequence[Sensitivity]) -> str:
    """The number that the doubt comes from, and what would make it known better."""
    if not sensitivities or isinstance(decision, MenuDecision):
        return "A log four times as long would halve its intervals"
    told = [sensitivity for sensitivity in sensitivities if sensitivity.name != "churn_penalty"]
    extremes = [(extreme, sensitivity.name) for sensitivity in told for extreme in (sensitivity.low, sensitivity.high)]
    worst, name = max(extremes, key=lambda item: item[0].regret)
    if worst.regret <= SUCCESS:
        return "No single number is to blame; a log four times as long would halve all intervals"
    if name in ("task_value", "temperature"):
        need = f"users under {_side_by_side(decision)} side by side would tell it better than more of the same"
    else:
        need = "a log four times as long would halve its interval"
    return (
        f"Most hangs on {NAMES[name]}: at {worst.at:.4g}, an end of its interval, {in_words(worst.best)} would"
        f" be best and this {_percent_more(worst.regret)}; {need}"
    )


def _side_by_side(decision: Decision) -> str:
    """Two commitments between which users' value of a task matters."""
    low, high = float(decision.cascade_prob.low), float(decision.cascade_prob.high)
    if decision.commitment.kind != "cascade" or not high > low > 0:
        return f"{in_words(decision.commitment)} and another commitment"
    return "cascade probabilities of {} and {}".format(*around(low, high, DIGITS))


def _percent_more(regret: float) -> str:
    return f"costs {percent(regret)} more than the best" if regret > 0 else "is the best"

"""Checks of the model's assumptions in a log: each has a number, its interval or p-value, and a plain sentence.

On ten million passes nothing holds exactly. So an assumption counts as violated where chance does not explain what is
seen, p < `SIGNIFICANT`, *and* it is off by more than `TOLERANCE`; checks say so where theirs is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, isfinite, isnan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc

from routegame.calibrate.estimate.counts import Steps, arms, decided, handed_over, steps, steps_of_turns
from routegame.calibrate.estimate.tally import Shapes, Tally
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.calibrate.estimate.turns import Turns, by_segment
from routegame.calibrate.estimate.value_spread import ValueSpread
from routegame.calibrate.log.layout import title_of
from routegame.eval.statistics import HALF_WIDTH
from routegame.numerals import plain_percent

SIGNIFICANT = 0.005
"""P-value below which an assumption fails: ten checks all hold in 95 of 100 logs of the game itself, of any size."""

TOLERANCE = 0.1
"""Relative error that is let pass: a rate within 10 % of what the model takes it for is near enough to it."""

DRIFT = 0.05
"""Coefficient of variation of means along the file, beyond that of chance, from which latency or cost drifts."""

HANDED_BACK = 0.001
MISFIT = 0.001
"""Deviance for each user who left, or stayed where those are fewer; shares missed by 3 % come to about as much."""

ENOUGH = 5.0
"""Least variance of a step's count; steps of less are pooled with the step before."""


@dataclass(frozen=True)
class Check:
    """An assumption, held against a log.

    Attributes:
        name: for scripts.
        holds: whether the log is compatible with it, or nearly so.
        statistic: by how much it is off, see the explanation.
        interval: 95 % interval of the statistic; None where there is a p-value only.
        p_value: probability of a log as far off if the assumption held.
        explanation: one sentence.
    """

    name: str
    holds: bool
    statistic: float
    interval: tuple[float, float] | None
    p_value: float
    explanation: str

    def to_dict(self) -> dict[str, object]:
        """Return the check as plain values, ready for JSON; what is not finite is None."""
        interval = None if self.interval is None else [x if isfinite(x) else None for x in self.interval]
        statistic = self.statistic if isfinite(self.statistic) else None
        return {**vars(self), "statistic": statistic, "interval": interval}


def check_assumptions(
    tally: Tally, task_value: TaskValueEstimate, of_segments: Sequence[TaskValueEstimate], models: tuple[str, ...]
) -> tuple[Check, ...]:
    """Run every check that the log has something to say about.

    Args:
        tally: of the log.
        task_value: V as estimated from it.
        of_segments: the same from each segment.
        models: what the models are called.
    """
    titles = tuple(title_of(name, len(models)) for name in models)
    found = _checks if tally.turns is None else _checks_in_any_order
    return tuple(found(tally, task_value, of_segments, titles))


def check_within_contexts(tally: Tally, models: tuple[str, ...]) -> tuple[Check, ...]:
    """Run the checks of a log whose tasks differ, each within contexts: between them everything may differ.

    Args:
        tally: of the log, whose segments are contexts.
        models: what the models are called.
    """
    titles = tuple(title_of(name, len(models)) for name in models)
    contexts = range(len(tally.segments))
    if tally.turns is not None:
        turns = tally.turns
        counted = [steps_of_turns(turns[turns.segment == x]) for x in contexts]
        return (*_iid_within(counted, titles), *_of_choices_in_any_order(tally, by_segment(turns), titles))
    parts = [tally.shapes[tally.shapes.segment == x] for x in contexts]
    found = [*_iid_within([steps(part) for part in parts], titles), *_after_handover_within(parts, titles)]
    return (*found, *_of_choices(tally, titles))


def differ_by_context(decisions: ArrayLike, leaves: ArrayLike, spread: float) -> tuple[float, int, float]:
    """Hold it against a log that users leave as readily in all contexts: chi-square, its freedom and p-value.

    Args:
        decisions: failures after which it is known what the user did, (num_commitments, num_contexts).
        leaves: of these, those after which it left.
        spread: by how much decisions vary more than independent ones.
    """
    value, freedom = _homogeneity(leaves, decisions)
    value /= spread
    return value, freedom, float(chdtrc(freedom, value)) if freedom else 1.0


def _checks(
    tally: Tally, task_value: TaskValueEstimate, of_segments: Sequence[TaskValueEstimate], models: tuple[str, ...]
) -> Iterator[Check]:
    whole = steps(tally.shapes)
    if whole.passes[:, 1:].any():
        yield _iid_success(whole, models)
    yield from _after_handover(tally.shapes, models)
    yield from _of_choices(tally, models)
    if task_value.freedom:
        yield _response_fits(decided(tally.shapes), task_value)
    yield from _one_value(tally.segments, of_segments)


def _of_choices(tally: Tally, models: tuple[str, ...]) -> Iterator[Check]:
    """The checks of what users and the provider chose, within segments, and of drift."""
    whole = steps(tally.shapes)
    strata = [steps(part) for part in _strata(tally.shapes)]
    spread = max(tally.decision_spread, 1.0)
    if whole.decisions[:, 1:].any():
        yield _constant_hazard(strata, spread)
    if (whole.decisions[1] > 0).any() and any((step.decisions > 0).all(axis=0).any() for step in strata):
        yield _blind_to_model(strata, models, spread)
    yield from check_provider(tally, models)
    for name in ("latency", "cost"):
        yield _stationary(tally, name, models)


def check_provider(tally: Tally, models: tuple[str, ...]) -> Iterator[Check]:
    """Run the checks of what the provider chose, within segments.

    Args:
        tally: of the log, of two models in the paper's order.
        models: titles of the models.
    """
    whole = steps(tally.shapes)
    if whole.chances[1:].any() and whole.moves.any():
        yield _constant_cascade([steps(part) for part in _strata(tally.shapes)])
    if not np.isnan(tally.shapes.stated).all() and (tally.shapes.chances > 0).any():
        yield _stated_cascade(tally.shapes)
    if tally.handed_back or whole.passes[1].any():
        yield _no_hand_back(tally, models)


def _checks_in_any_order(
    tally: Tally, task_value: TaskValueEstimate, of_segments: Sequence[TaskValueEstimate], models: tuple[str, ...]
) -> Iterator[Check]:
    """The checks of a log whose models come in any order."""
    turns = tally.turns
    assert turns is not None  # else models come in the paper's order
    whole = steps_of_turns(turns)
    if whole.passes[:, 1:].any():
        yield _iid_success(whole, models)
    yield from _of_choices_in_any_order(tally, turns, models)
    if task_value.freedom:
        yield _response_fits(turns.decided, task_value)
    yield from _one_value(tally.segments, of_segments)


def _of_choices_in_any_order(tally: Tally, turns: Turns, models: tuple[str, ...]) -> Iterator[Check]:
    """The checks of what users and the provider chose, within segments and commitments, and of drift."""
    key = np.stack([turns.segment, turns.commitment])
    _, place = np.unique(key, axis=1, return_inverse=True)
    strata = [steps_of_turns(turns[place == k]) for k in range(place.max() + 1)]
    spread = max(tally.decision_spread, 1.0)
    if any(step.decisions[:, 1:].any() for step in strata):
        yield _constant_hazard(strata, spread)
    yield from _blind_to_models(strata, models, spread)
    yield from _constant_hand_overs(turns)
    for name in ("latency", "cost"):
        yield _stationary(tally, name, models)


def _blind_to_models(strata: Sequence[Steps], models: tuple[str, ...], spread: float) -> Iterator[Check]:
    """Users leave as readily after a failure of any model, at the same pass of the same commitment.

    Statistic: the ratio of one model to all the others, of the model that is furthest off for the number of its users.
    """
    n, s = (np.concatenate([getattr(step, name).T for step in strata]) for name in ("decisions", "leaves"))
    several = (n > 0).sum(axis=1) > 1
    n, s = n[several], s[several]
    if not len(n):
        return
    value, freedom = _homogeneity(s, n)
    p_value = float(chdtrc(freedom, value / spread)) if freedom else 1.0
    found = []
    for k in np.flatnonzero(n.sum(axis=0)):
        rest_s, rest_n = s.sum(axis=1) - s[:, k], n.sum(axis=1) - n[:, k]
        found.append((_standardised(s[:, k], n[:, k], rest_s, rest_n), models[k]))
    (ratio, low, high), model = max(found, key=lambda item: abs(np.log(max(item[0][0], 1e-9))) / _width(item[0]))
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = "as if they did not see which one answers" if holds else "they see, or feel, which one answers"
    said = (
        f"Users leave {ratio:.2f} times ({low:.2f} to {high:.2f}) as readily after a failure of {model} as after one"
        f" of the others at the same pass: {why}."
    )
    yield Check("blind_to_model", holds, ratio, (low, high), p_value, said)


def _constant_hand_overs(turns: Turns) -> Iterator[Check]:
    """Tasks go on from a model to the same others after the first failure of a task as after later ones.

    Statistic: the greatest difference of a share, of those that chance does not explain by itself.
    """
    value, freedom, worst = 0.0, 0, 0.0
    for commitment in range(len(turns.commitments)):
        part = turns[turns.commitment == commitment]
        first, later = (part[chosen].hand_overs for chosen in (part.place == 1, part.place > 1))
        for row, other in zip(first, later, strict=True):
            n, m = int(row.sum()), int(other.sum())
            if not n or not m:
                continue
            for x, y in zip(row, other, strict=True):
                q, df = _homogeneity(np.array([[x, y]]), np.array([[n, m]]))
                value, freedom = value + q * (1 - (x + y) / (n + m)), freedom + df
                worst = max(worst, abs(x / n - y / m) if df and q > HALF_WIDTH**2 else 0.0)
            freedom -= 1 if (row + other > 0).sum() > 1 else 0
    if freedom <= 0:
        return
    p_value = float(chdtrc(freedom, value))
    holds = p_value >= SIGNIFICANT or worst <= TOLERANCE
    why = "" if holds else ": the commitment in force looks further back than one pass"
    said = (
        f"Shares of tasks that go on from a model to another differ by {plain_percent(worst)} at most between first and"
        f" later failures, beyond chance{why}."
    )
    yield Check("constant_cascade", holds, worst, None, p_value, said)


def _strata(shapes: Shapes) -> list[Shapes]:
    """Tasks of one segment under one commitment."""
    key = np.stack(
        [shapes.segment, shapes.route, np.where(shapes.route == 1, np.nan_to_num(shapes.stated, nan=-1), -1)]
    )
    _, place = np.unique(key, axis=1, return_inverse=True)
    return [shapes[place == k] for k in range(place.max() + 1)]


def _iid_success(whole: Steps, models: tuple[str, ...]) -> Check:
    """Repeats of a model succeed as often as its first pass on a task."""
    value, freedom, found = 0.0, 0, []
    for k in range(len(models)):
        n, s = whole.passes[k], whole.successes[k]
        q, df = _homogeneity(s[None], n[None])
        value, freedom = value + q, freedom + df
        if n[0] and n[1:].sum() and s[0]:
            found.append((_ratio(s[1:].sum(), n[1:].sum(), s[0], n[0]), k))
    p_value = float(chdtrc(freedom, value)) if freedom else 1.0
    if not found:
        return Check("iid_success", True, np.nan, None, 1.0, "No model solved a task at first: nothing to compare.")
    (ratio, low, high), k = max(found, key=lambda item: abs(np.log(max(item[0][0], 1e-9))) / _width(item[0]))
    n, s = whole.passes[k], whole.successes[k]
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = (
        "as the model takes it"
        if holds
        else ("the tasks that remain are harder" if ratio < 1 else "retries gain from the failure before them")
    )
    said = _sentence(
        f"{models[k]} solves {plain_percent(s[0] / n[0])} of tasks at its first pass and "
        f"{plain_percent(s[1:].sum() / n[1:].sum())} at a repeat, a ratio of {ratio:.2f} ({low:.2f} to {high:.2f}): "
        f"{why}."
    )
    return Check("iid_success", holds, ratio, (low, high), p_value, said)


def _after_handover(shapes: Shapes, models: tuple[str, ...]) -> Iterator[Check]:
    """Model 2 solves tasks on which model 1 has failed as often as those that it is given first."""
    direct, handed = steps(shapes[shapes.route == 2]), steps(shapes[shapes.moved])
    (s0, n0), (s1, n1) = ((part.successes[1, 0], part.passes[1, 0]) for part in (direct, handed))
    if not (n0 and n1 and s0):
        return
    ratio, low, high = _ratio(s1, n1, s0, n0)
    q, df = _homogeneity(np.array([[s0, s1]]), np.array([[n0, n1]]))
    p_value = float(chdtrc(df, q)) if df else 1.0
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = "as the model takes it" if holds else ("what is handed over is harder" if ratio < 1 else "a hand-over helps")
    said = _sentence(
        f"{models[1]} solves {plain_percent(s0 / n0)} of the tasks it is given first and {plain_percent(s1 / n1)} of"
        f" those handed over, a ratio of {ratio:.2f} ({low:.2f} to {high:.2f}): {why}."
    )
    yield Check("success_after_handover", holds, ratio, (low, high), p_value, said)


def _iid_within(counted: Sequence[Steps], models: tuple[str, ...]) -> Iterator[Check]:
    """Repeats of a model succeed as often as its first pass, on tasks of one context."""
    n, s = (np.stack([getattr(step, name) for step in counted]) for name in ("passes", "successes"))
    told = [k for k in range(len(models)) if n[:, k, 1:].any() and s[:, k, 0].any()]
    if not told:
        return
    tested = [_homogeneity(s[:, k], n[:, k]) for k in told]
    freedom = sum(df for _, df in tested)
    p_value = float(chdtrc(freedom, sum(value for value, _ in tested))) if freedom else 1.0
    ratios = [_later(s[:, k], n[:, k]) for k in told]
    worst = max(range(len(told)), key=lambda j: abs(np.log(max(ratios[j][0], 1e-9))) / _width(ratios[j]))
    (ratio, low, high), model = ratios[worst], models[told[worst]]
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = (
        "as the model takes it"
        if holds
        else "of one context, too, tasks differ"
        if ratio < 1
        else "retries gain from the failure before them"
    )
    said = (
        f"Within contexts {model} solves a task {ratio:.2f} times ({low:.2f} to {high:.2f}) as often at a repeat as at"
        f" its first pass: {why}."
    )
    yield Check("iid_success", holds, ratio, (low, high), p_value, said)


def _later(successes: ArrayLike, trials: ArrayLike) -> tuple[float, float, float]:
    """Later steps relative to the first, (num_strata, num_steps) each; with the interval."""
    s, n = np.asarray(successes), np.asarray(trials)
    return _standardised(s[:, 1:].sum(axis=1), n[:, 1:].sum(axis=1), s[:, 0], n[:, 0])


def _after_handover_within(parts: Sequence[Shapes], models: tuple[str, ...]) -> Iterator[Check]:
    """Model 2 solves tasks of a context on which model 1 has failed as often as those that it is given first."""
    both = [(steps(part[part.route == 2]), steps(part[part.moved])) for part in parts]
    (n0, n1), (s0, s1) = (
        np.array([[getattr(step, name)[1, 0] for step in pair] for pair in both]).T for name in ("passes", "successes")
    )
    told = (n0 > 0) & (n1 > 0)
    if not s0[told].any():
        return
    ratio, low, high = _standardised(s1, n1, s0, n0)
    value, freedom = _homogeneity(np.stack([s0, s1], axis=1)[told], np.stack([n0, n1], axis=1)[told])
    p_value = float(chdtrc(freedom, value)) if freedom else 1.0
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = "as the model takes it" if holds else ("what is handed over is harder" if ratio < 1 else "a hand-over helps")
    said = (
        f"Within contexts {models[1]} solves tasks that are handed over {ratio:.2f} times ({low:.2f} to {high:.2f}) as"
        f" often as those it is given first: {why}."
    )
    yield Check("success_after_handover", holds, ratio, (low, high), p_value, said)


def _constant_hazard(strata: Sequence[Steps], spread: float) -> Check:
    """Users leave as readily after the first failure as after any later one, under one commitment."""
    n, s = (np.stack([getattr(step, name).sum(axis=0) for step in strata]) for name in ("decisions", "leaves"))
    value, freedom = _homogeneity(s, n)
    p_value = float(chdtrc(freedom, value / spread)) if freedom else 1.0
    ratio, low, high = _standardised(s[:, 1:].sum(axis=1), n[:, 1:].sum(axis=1), s[:, 0], n[:, 0])
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    first, later = (s[:, part].sum() / max(n[:, part].sum(), 1) for part in (slice(0, 1), slice(1, None)))
    why = "as the model takes it" if holds else ("those who stay are patient" if ratio < 1 else "patience wears out")
    said = (
        f"Users leave after {plain_percent(first)} of first failures and {plain_percent(later)} of later ones, "
        f"{ratio:.2f} times ({low:.2f} to {high:.2f}) as readily under the same commitment: {why}."
    )
    return Check("constant_hazard", holds, ratio, (low, high), p_value, said)


def _blind_to_model(strata: Sequence[Steps], models: tuple[str, ...], spread: float) -> Check:
    """Users leave as readily after a failure of either model, at the same pass of the same commitment."""
    n = np.concatenate([step.decisions.T for step in strata])
    s = np.concatenate([step.leaves.T for step in strata])
    both = (n > 0).all(axis=1)
    n, s = n[both], s[both]
    value, freedom = _homogeneity(s, n)
    p_value = float(chdtrc(freedom, value / spread)) if freedom else 1.0
    ratio, low, high = _standardised(s[:, 1], n[:, 1], s[:, 0], n[:, 0])
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    why = "as if they did not see which one answers" if holds else "they see, or feel, which one answers"
    said = (
        f"Users leave {ratio:.2f} times ({low:.2f} to {high:.2f}) as readily after a failure of {models[1]} as after "
        f"one of {models[0]} at the same pass: {why}."
    )
    return Check("blind_to_model", holds, ratio, (low, high), p_value, said)


def _constant_cascade(strata: Sequence[Steps]) -> Check:
    """Retries are handed over as often after the first failure as after later ones."""
    n, s = (np.stack([getattr(step, name) for step in strata]) for name in ("chances", "moves"))
    value, freedom = _homogeneity(s, n)
    p_value = float(chdtrc(freedom, value)) if freedom else 1.0
    ratio, low, high = _standardised(s[:, 1:].sum(axis=1), n[:, 1:].sum(axis=1), s[:, 0], n[:, 0])
    holds = p_value >= SIGNIFICANT or abs(ratio - 1) <= TOLERANCE
    said = (
        f"Second and later retries are handed over {ratio:.2f} times ({low:.2f} to {high:.2f}) as often as first ones"
        f"{'.' if holds else ': the commitment in force is no single cascade probability.'}"
    )
    return Check("constant_cascade", holds, ratio, (low, high), p_value, said)


def _stated_cascade(shapes: Shapes) -> Check:
    """Check that as many retries were handed over as the log says were meant to be."""
    value, freedom, worst = 0.0, 0, (0.0, 0.0, 0.0)
    for arm in arms(shapes):
        part = shapes[(shapes.route == 1) & (shapes.stated == arm.cascade_prob)]
        n, s = map(float, handed_over(part))
        if arm.route == 2 or not n:
            continue
        p = arm.cascade_prob
        variance = n * p * (1 - p)
        value += (s - n * p) ** 2 / variance if variance else (inf if s != n * p else 0.0)
        freedom += 1
        worst = max(worst, (abs(s / n - p), p, s / n))
    p_value = float(chdtrc(freedom, value)) if freedom else 1.0
    holds = p_value >= SIGNIFICANT or worst[0] <= 0.01
    said = (
        f"Where {plain_percent(worst[1], 2)} of retries were to be handed over, {plain_percent(worst[2], 2)} were"
        f"{'; no commitment is further off.' if holds else ': what was stated is not what was done.'}"
    )
    return Check("stated_cascade", holds, worst[0], None, p_value, said)


def _no_hand_back(tally: Tally, models: tuple[str, ...]) -> Check:
    """No task returns from model 2 to model 1."""
    share = tally.handed_back / tally.shapes.count.sum()
    holds = share <= HANDED_BACK
    said = _sentence(
        f"{models[0]} answered again after {models[1]} in {tally.handed_back:,} tasks,"
        f" {plain_percent(share, 2)} of all."
    )
    return Check("no_hand_back", holds, float(share), None, 1.0 if not share else 0.0, said)


def _stationary(tally: Tally, name: str, models: tuple[str, ...]) -> Check:
    """Means are the same all along the file; statistic: coefficient of variation beyond chance, of the worst model.

    An analysis of variance: parts of the file may have so few passes that their variance is itself a guess. Where
    several models are looked at for the worst one, chance has as many tries, and the p-value is so many times as large.
    """
    p_value, drift, least, most, model, tries = 1.0, 0.0, 1.0, 1.0, models[0], 0
    blocks = tally.blocks
    for k in range(len(models)):
        n, mean, variance = (
            column[:, k] for column in (blocks.passes, getattr(blocks, name), getattr(blocks, f"{name}_variance"))
        )
        told = n >= 2
        total = float((n[told] * mean[told]).sum())
        if told.sum() < 2 or not total:
            continue
        overall = total / n[told].sum()
        tries, within = tries + 1, float((n[told] - 1).sum())
        pooled = (variance[told] * (n[told] - 1)).sum() / within
        weight = n[told] / max(pooled, (1e-9 * overall) ** 2)
        value, freedom = float((weight * (mean[told] - overall) ** 2).sum()), int(told.sum()) - 1
        excess = max(value - freedom, 0.0) / (weight.sum() - (weight**2).sum() / weight.sum())
        if sqrt(excess) / overall >= drift:
            p_value, drift = float(fdtrc(freedom, within, value / freedom)), sqrt(excess) / overall
            model = models[k]
            least, most = mean[told].min() / overall, mean[told].max() / overall
    p_value = min(max(tries, 1) * p_value, 1.0)
    holds = p_value >= SIGNIFICANT or drift <= DRIFT
    said = (
        f"The mean {name} of {model} along the file goes from {least:.2f} to {most:.2f} times its average, "
        f"a variation of {plain_percent(drift)} beyond chance{'.' if holds else ': the log mixes different times.'}"
    )
    return Check(f"stationary_{name}", holds, drift, None, p_value, said)


def _response_fits(answers: tuple[int, int], task_value: TaskValueEstimate) -> Check:
    """Check that one V and one temperature explain how many leave under each commitment.

    Args:
        answers: decisions of users, and those of them that were to leave.
        task_value: V.
    """
    decisions, leaves = answers
    missed = max(float(task_value.deviance), 0.0)
    p_value = float(chdtrc(task_value.freedom, missed))
    holds = p_value >= SIGNIFICANT or missed <= MISFIT * min(leaves, decisions - leaves)
    said = (
        f"One value of a task and one noise explain how many users leave under each commitment"
        f"{'' if holds else ' badly: users differ, or choose otherwise'}; "
        f"deviance {missed:.1f}, {task_value.freedom} degrees of freedom."
    )
    return Check("response_fits", holds, missed, None, p_value, said)


def values_fit(answers: tuple[int, int], found: ValueSpread, spread: float) -> Check:
    """Check that values which are log-normal over users explain who leaves when.

    Args:
        answers: decisions of users, and those of them that were to leave.
        found: the values.
        spread: by how much decisions vary more than independent ones.
    """
    decisions, leaves = answers
    missed = found.missed / spread
    p_value = float(chdtrc(found.freedom, missed)) if found.freedom else 1.0
    holds = p_value >= SIGNIFICANT or missed <= MISFIT * min(leaves, decisions - leaves)
    said = (
        f"Users differ in what a task is worth to them. Values that are log-normal, with one noise, explain how many"
        f" leave at first and later failures under each commitment{'' if holds else ' badly: they differ otherwise'};"
        f" chi-square {missed:.1f}, {found.freedom} degrees of freedom."
    )
    return Check("values_fit", holds, missed, None, p_value, said)


def _one_value(names: Sequence[str], of_segments: Sequence[TaskValueEstimate]) -> Iterator[Check]:
    """Users of all segments value a task alike; statistic: ratio of the greatest V to the least."""
    known = [(found.estimate, name) for found, name in zip(of_segments, names, strict=True) if found.identified]
    if len(known) < 2:
        return
    value = np.array([np.log(float(estimate.value)) for estimate, _ in known])
    error = np.array([np.log(float(estimate.high) / float(estimate.low)) / (2 * HALF_WIDTH) for estimate, _ in known])
    weight = 1 / np.maximum(error, 1e-9) ** 2
    centre = (weight * value).sum() / weight.sum()
    p_value = float(chdtrc(len(known) - 1, (weight * (value - centre) ** 2).sum()))
    ratio = float(np.exp(value.max() - value.min()))
    holds = p_value >= SIGNIFICANT or ratio <= 1 + TOLERANCE
    most, least = known[int(value.argmax())][1], known[int(value.argmin())][1]
    said = (
        f"A solved task is worth {ratio:.2f} times as much to {most} as to {least}"
        f"{'.' if holds else ': no one value describes all users, look at each segment by itself.'}"
    )
    yield Check("one_value", holds, ratio, None, p_value, said)


def _homogeneity(successes: ArrayLike, trials: ArrayLike) -> tuple[float, int]:
    """Chi-square of equal rates within each row, summed over rows, (num_rows, num_steps) each, and its freedom."""
    value, freedom = 0.0, 0
    for s, n in zip(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64), strict=True):
        total = n.sum()
        rate = s.sum() / total if total else 0.0
        if not 0 < rate < 1:
            continue
        pooled: list[list[float]] = []
        for k in range(len(n)):
            pooled.append([s[k], n[k]])
        for k in range(len(pooled) - 1, 0, -1):
            if pooled[k][1] * rate * (1 - rate) < ENOUGH:
                pooled[k - 1][0] += pooled[k][0]
                pooled[k - 1][1] += pooled.pop(k)[1]
        if len(pooled) > 1 and pooled[0][1] * rate * (1 - rate) < ENOUGH:
            pooled[1][0] += pooled[0][0]
            pooled[1][1] += pooled.pop(0)[1]
        value += sum((x - m * rate) ** 2 / (m * rate * (1 - rate)) for x, m in pooled)
        freedom += len(pooled) - 1
    return value, freedom


def _ratio(s1: float, n1: float, s0: float, n0: float) -> tuple[float, float, float]:
    """Ratio of two rates and its 95 % interval, on the scale of logarithms."""
    ratio = (s1 / n1) / (s0 / n0)
    error = sqrt((1 - s1 / n1) / max(s1, 0.5) + (1 - s0 / n0) / max(s0, 0.5))
    centre = max(ratio, 0.5 / n1 / (s0 / n0))
    return _around(float(ratio), float(centre), HALF_WIDTH * error)


def _standardised(s1: ArrayLike, n1: ArrayLike, s0: ArrayLike, n0: ArrayLike) -> tuple[float, float, float]:
    """Successes relative to those expected from each stratum's reference rate, and the interval of that ratio."""
    s1, n1, s0, n0 = (np.asarray(x, dtype=np.float64) for x in (s1, n1, s0, n0))
    told = (n0 > 0) & (n1 > 0)
    s1, n1, s0, n0 = (x[told] for x in (s1, n1, s0, n0))
    expected = n1 * s0 / n0
    if not expected.sum():
        return (1.0 if not s1.sum() else inf), 0.0, inf
    ratio = s1.sum() / expected.sum()
    variance = 1 / max(s1.sum(), 0.5) + ((n1 / n0) ** 2 * s0).sum() / expected.sum() ** 2
    centre = max(ratio, 0.5 / expected.sum())
    half = HALF_WIDTH * sqrt(variance)
    return _around(float(ratio), float(centre), half)


def _around(ratio: float, centre: float, half: float) -> tuple[float, float, float]:
    """A ratio and its interval on the scale of logarithms, which reaches down to 0 if the ratio is 0."""
    return ratio, min(centre * exp(-half), ratio), centre * exp(half)


def _width(interval: tuple[float, float, float]) -> float:
    _, low, high = interval
    width = np.log(max(high, 1e-9)) - np.log(max(low, 1e-9))
    return float(width) if width > 0 and not isnan(width) else 1e-9


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" if text.startswith("model ") else text

"""Checks of a log: each is set off by its violation alone, none by a log of the game; numbers are the textbook's."""

from dataclasses import replace
from functools import cache
from math import inf, nan

import numpy as np
import pytest
from scipy.stats import binom, chi2, chi2_contingency, f, f_oneway
from tallies import played, shapes_of, tally_of

from routegame.calibrate.estimate.assumptions import MISFIT, SIGNIFICANT, check_assumptions
from routegame.calibrate.estimate.tally import BLOCKS, Blocks
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.calibrate.log.ending import Ending
from routegame.eval.statistics import Estimate

SOLVED, LEFT = Ending.SOLVED, Ending.LEFT
ARMS = ((1, 0.1), (1, 0.4), (2, 0.0))
P = np.array([0.2, 0.4])
Q = np.array([0.4, 0.3, 0.2])
"""Users of each commitment leave so often after a failure."""


def constant(now):
    return P[now.model - 1]


def as_ever(now):
    return Q[now.arm]


def valued(value=9.0, low=8.0, high=10.0, *, deviance=0.0, freedom=0, identified=True):
    return TaskValueEstimate(Estimate(value, low, high), identified, 0.5, deviance, freedom, "")


def checks(tally, whole=None, of_segments=None, models=("1", "2")):
    of_segments = of_segments or [valued(identified=False)] * len(tally.segments)
    return {check.name: check for check in check_assumptions(tally, whole or valued(), of_segments, models)}


def failed(tally, **given):
    return {name for name, check in checks(tally, **given).items() if not check.holds}


# ---- logs of the game itself


@cache
def clean(num_logs, num_tasks):
    """Checks of logs of the game; users' deviance and values of segments are drawn as theory says, too."""
    found = []
    for seed in range(num_logs):
        rng = np.random.default_rng([seed, num_tasks])
        tally = played(ARMS, num_tasks, seed, success=constant, leave=as_ever, segments=2)
        values = 9 * np.exp(0.2 * rng.standard_normal(2))
        segments = [valued(v, v * np.exp(-1.96 * 0.2), v * np.exp(1.96 * 0.2)) for v in values]
        found.append(checks(tally, valued(deviance=float(rng.chisquare(3)), freedom=3), segments))
    return found


CHANCE = (
    "iid_success",
    "success_after_handover",
    "constant_hazard",
    "blind_to_model",
    "constant_cascade",
    "stated_cascade",
    "stationary_latency",
    "stationary_cost",
    "response_fits",
    "one_value",
)
"""Checks in which chance has a hand; the other one is whether tasks are handed back."""


@pytest.mark.parametrize("num_logs,num_tasks", [(40, 60), (80, 1000), (3, 30_000)])
def test_one_clean_log_of_twenty_fails_at_most(num_logs, num_tasks):
    """Of any size. So many logs may fail that more would be seen once in a thousand times if five of a hundred do."""
    wrong = sum(any(not check.holds for check in log.values()) for log in clean(num_logs, num_tasks))
    assert wrong <= binom.ppf(0.999, num_logs, 0.05)
    assert SIGNIFICANT * len(CHANCE) <= 0.05 + 1e-12


@pytest.mark.parametrize("name", CHANCE)
def test_p_values_of_clean_logs_are_what_they_say(name):
    """Of eighty logs about four have one below 5 %, and half of them one below a half; within 99.9 % of binomials.

    Those of users who see the model may be greater: where few are left nothing is compared. So may those of a drift,
    for they are bounds on what the worse of two models shows.
    """
    p = np.array([log[name].p_value for log in clean(80, 1000)])
    for level in (0.05, 0.5):
        least = 0 if name.startswith(("stationary", "blind")) else binom.ppf(0.0005, 80, level)
        assert least <= (p < level).sum() <= binom.ppf(0.9995, 80, level)


def drifting(rng, num_passes, *, models=2, rise=0.0):
    """Blocks of so many passes each; latencies vary by a half, and rise along the file."""
    size, along = (BLOCKS, 2, num_passes), 1 + rise * np.linspace(0, 1, BLOCKS)[:, None, None]
    latency, cost = rng.gamma(4, size=size) * along, rng.gamma(4, size=size)
    number = np.full((BLOCKS, 2), float(num_passes)) * (np.arange(2) < models)
    return Blocks(number, latency.mean(-1), cost.mean(-1), latency.var(-1, ddof=1), cost.var(-1, ddof=1)), latency


@pytest.mark.parametrize("num_passes", [3, 30])
def test_a_drift_is_seen_by_chance_in_one_short_log_of_two_hundred(num_passes):
    """However few passes each part of the file has. Two checks a log, both models in each."""
    shapes, rng = shapes_of((0, 1, nan, 1, 0, SOLVED, 10)), np.random.default_rng(0)
    wrong = sum(len(failed(tally_of(shapes, drifting(rng, num_passes)[0]))) for _ in range(150))
    assert wrong <= binom.ppf(0.999, 2 * 150, 0.005)


def test_every_check_is_made_where_it_can_be():
    assert list(clean(80, 1000)[0]) == [*CHANCE[:6], "no_hand_back", *CHANCE[6:]]
    alone = checks(tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 50), (0, 1, nan, 1, 0, LEFT, 50))))
    assert set(alone) == {"stationary_latency", "stationary_cost"}


@pytest.mark.parametrize("name", ["iid_success", "success_after_handover", "constant_hazard", "constant_cascade"])
def test_intervals_hold_the_ratio_of_one_in_nineteen_of_twenty_clean_logs(name):
    held = sum(low <= 1 <= high for low, high in (log[name].interval for log in clean(80, 1000)))
    least = 0.9 if name == "iid_success" else 0.95  # the worse of two models
    assert binom.ppf(0.001, 80, least) <= held
    assert all(log[name].interval[0] < log[name].statistic < log[name].interval[1] for log in clean(80, 1000))


# ---- a single violation each


def repeats(first, later, model=(1, 2)):
    return lambda now: np.where(np.isin(now.model, model) & (now.repeat > 1), later, first) * P[now.model - 1]


def ruled(**rules):
    return played(ARMS, 6000, 1, **{"success": constant, "leave": as_ever, **rules})


def slower(now):
    """Model 2 succeeds half as often where model 1 has failed before."""
    return P[now.model - 1] * np.where((now.model == 2) & (now.route == 1), 0.5, 1.0)


VIOLATIONS = {
    "harder": ("iid_success", {"success": repeats(1.0, 0.5)}, 0.5, "the tasks that remain are harder"),
    "easier": ("iid_success", {"success": repeats(0.5, 1.0)}, 2.0, "retries gain from the failure before them"),
    "one model": (
        "iid_success",
        {"success": repeats(1.0, 0.5, (2,))},
        0.5,
        "Model 2 solves 39.7% of tasks at its first pass",
    ),
    "the other": ("iid_success", {"success": repeats(1.0, 0.5, (1,))}, 0.5, "Model 1 solves"),
    "patient": (
        "constant_hazard",
        {"leave": lambda now: np.where(now.number == 1, 1.5, 0.5) * Q[now.arm]},
        1 / 3,
        "those who stay are patient",
    ),
    "tired": (
        "constant_hazard",
        {"leave": lambda now: np.where(now.number == 1, 0.5, 1.0) * Q[now.arm]},
        2.0,
        "patience wears out",
    ),
    "later cascade": (
        "constant_cascade",
        {"move": lambda now: np.where(now.number == 1, 0.2, 0.6), "stated": False},
        3.0,
        "the commitment in force is no single cascade probability",
    ),
    "not done": (
        "stated_cascade",
        {"move": lambda now: np.array([0.1, 0.6, 0.0])[now.arm]},
        0.2,
        "Where 40.00% of retries were to be handed over, ",
    ),
    "latency": ("stationary_latency", {"drift": (1.0, 0.0)}, None, "the log mixes different times"),
    "cost": ("stationary_cost", {"drift": (0.0, 1.0)}, None, "the log mixes different times"),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_found_and_nothing_else(violation):
    name, rules, ratio, said = VIOLATIONS[violation]
    tally = ruled(**rules)
    found = checks(tally)
    assert {name for name, check in found.items() if not check.holds} == {name}
    check = found[name]
    assert said in check.explanation and check.explanation.endswith(".") and check.p_value < SIGNIFICANT
    if ratio is not None:
        assert check.statistic == pytest.approx(ratio, rel=0.15)
    if check.interval:
        assert check.interval[0] < ratio < check.interval[1]


@pytest.mark.parametrize("later,said", [(0.5, "what is handed over is harder"), (2.0, "a hand-over helps")])
def test_what_is_handed_over_may_be_another_kind_of_task(later, said):
    """So few tasks are handed over that repeats of model 2, on the whole, succeed as first passes do."""
    arms = ((1, 0.3), *((2, 0.0),) * 9)
    tally = played(
        arms,
        20_000,
        2,
        success=lambda now: P[now.model - 1] * np.where((now.model == 2) & (now.route == 1), later, 1.0),
        leave=lambda now: 0.3,
    )
    assert failed(tally) == {"success_after_handover"}
    check = checks(tally)["success_after_handover"]
    assert check.statistic == pytest.approx(later, rel=0.15) and said in check.explanation
    assert check.interval[0] < later < check.interval[1]


@pytest.mark.parametrize("seen,ratio", [((0.1, 0.3), 3.0), ((0.3, 0.1), 1 / 3)])
def test_users_who_see_the_model_are_found(seen, ratio):
    """Where more and more tasks are on model 2, they also leave the more, or the less, readily the later it is."""
    found = checks(ruled(leave=lambda now: np.array(seen)[now.model - 1]))
    assert {name for name, check in found.items() if not check.holds} == {"blind_to_model", "constant_hazard"}
    assert found["blind_to_model"].interval[0] < ratio < found["blind_to_model"].interval[1]
    assert "they see, or feel, which one answers" in found["blind_to_model"].explanation


def test_commitments_and_segments_that_differ_are_no_violation():
    """Users of some commitments and segments leave more readily; pooled, that looks like a hazard that falls."""
    leave = lambda now: np.array([0.7, 0.1])[now.segment] * np.array([1.0, 0.5, 0.1])[now.arm]  # noqa: E731
    assert failed(ruled(leave=leave, segments=2)) == set()
    mixed = ruled(leave=leave, segments=2)
    pooled = replace(mixed.shapes, segment=0 * mixed.shapes.segment)
    assert "constant_hazard" in failed(replace(mixed, shapes=pooled, segments=("all",)))


# ---- tolerances


def test_what_is_off_by_little_holds_however_long_the_log():
    """A rate that is off by 6 %, in a hundred million tasks; off by 15 % it does not hold."""
    for factor, holds in ((1.06, True), (0.94, True), (1.15, False), (0.85, False)):
        tally = ruled(leave=lambda now, by=factor: np.where(now.number == 1, 1.0, by) * Q[now.arm])
        many = replace(tally.shapes, count=20_000 * tally.shapes.count)
        check = checks(replace(tally, shapes=many))["constant_hazard"]
        assert check.p_value < SIGNIFICANT and check.holds == holds


def test_what_chance_explains_holds_however_far_off():
    check = hazard((60, 12), (20, 8))["constant_hazard"]
    assert check.statistic == pytest.approx(2) and check.p_value > SIGNIFICANT and check.holds


@pytest.mark.parametrize("share,holds", [(0, True), (0.001, True), (0.0011, False)])
def test_few_tasks_may_be_handed_back(share, holds):
    tally = tally_of(shapes_of((0, 2, nan, 0, 1, SOLVED, 20_000)), handed_back=round(20_000 * share))
    check = checks(tally)["no_hand_back"]
    assert (check.holds, check.statistic) == (holds, pytest.approx(share))
    assert check.explanation.startswith(f"Model 1 answered again after model 2 in {round(20_000 * share)} tasks")


@pytest.mark.parametrize("done,holds", [(400, True), (409, True), (411, False), (389, False)])
def test_what_was_stated_must_be_done_within_a_point(done, holds):
    """In a log of millions, in which a difference of next to nothing is no chance."""
    rows = [(0, 1, 0.4, 1, 1, SOLVED, done * 10_000), (0, 1, 0.4, 2, 0, SOLVED, (1000 - done) * 10_000)]
    check = checks(tally_of(shapes_of(*rows)))["stated_cascade"]
    assert (check.holds, check.statistic) == (holds, pytest.approx(abs(done / 1000 - 0.4)))


@pytest.mark.parametrize("stated,moved", [(0.0, 1), (1.0, 199)])
def test_a_cascade_that_never_or_always_happens_is_no_chance(stated, moved):
    rows = [(0, 1, stated, 1, 1, SOLVED, moved), (0, 1, stated, 2, 0, SOLVED, 200 - moved)]
    check = checks(tally_of(shapes_of(*rows)))["stated_cascade"]
    assert check.p_value == 0 and check.holds  # half a point is little


@pytest.mark.parametrize("leaves", [100, 900])
@pytest.mark.parametrize("factor,holds", [(0.99, True), (1.01, False)])
def test_a_misfit_is_measured_against_the_rarer_answer(leaves, factor, holds):
    """Deviance a user who left, or stayed where those are fewer; in a log so long that nothing is chance."""
    rows = [(0, 1, nan, 1, 0, LEFT, leaves * 1000), (0, 1, nan, 2, 0, SOLVED, (1000 - leaves) * 1000)]
    check = checks(tally_of(shapes_of(*rows)), valued(deviance=MISFIT * 100_000 * factor, freedom=2))["response_fits"]
    assert check.holds == holds
    assert ("users differ" in check.explanation) == (not holds)
    assert check.p_value == pytest.approx(chi2.sf(MISFIT * 100_000 * factor, 2))


# ---- the textbook's numbers


def hazard(first, later, *, spread=1.0):
    """Checks of tasks on model 1 whose users leave after so many of (failures, leaves) first and at second passes."""
    (n1, k1), (n2, k2) = first, later
    rows = [(0, 1, nan, 1, 0, LEFT, k1), (0, 1, nan, 2, 0, LEFT, k2), (0, 1, nan, 3, 0, SOLVED, n2 - k2)]
    rows.append((0, 1, nan, 2, 0, SOLVED, n1 - k1 - n2))
    return checks(tally_of(shapes_of(*rows), decision_spread=spread))


def test_a_hazard_has_the_textbook_s_chi_square_and_ratio():
    """Pearson's, without Yates's correction; the ratio's interval is Katz's, on the scale of logarithms."""
    check = hazard((1000, 300), (500, 200))["constant_hazard"]
    table = [[300, 700], [200, 300]]
    assert check.p_value == pytest.approx(chi2_contingency(table, correction=False).pvalue)
    assert check.statistic == pytest.approx((200 / 500) / (300 / 1000))
    error = np.sqrt(1 / 200 + 1 / 300)  # of a ratio to what is expected, as in indirect standardisation
    assert check.interval == pytest.approx([check.statistic * np.exp(x * 1.959964 * error) for x in (-1, 1)])
    assert "30.0% of first failures and 40.0% of later ones, 1.33 times" in check.explanation


def test_users_whose_decisions_go_together_prove_less():
    value = chi2_contingency([[300, 700], [200, 300]], correction=False).statistic
    for spread, expected in ((4.0, 4.0), (0.5, 1.0)):  # but never more than independent ones
        check = hazard((1000, 300), (500, 200), spread=spread)["constant_hazard"]
        assert check.p_value == pytest.approx(chi2.sf(value / expected, 1))


def test_repeats_have_the_textbook_s_chi_square_and_ratio():
    """Of both models together; the model whose ratio is surer of being off is named."""
    rows = [(0, 1, nan, 1, 0, SOLVED, 300), (0, 1, nan, 1, 0, LEFT, 300), (0, 1, nan, 2, 0, SOLVED, 80)]
    rows += [(0, 1, nan, 2, 0, LEFT, 320), (0, 2, nan, 0, 1, SOLVED, 500), (0, 2, nan, 0, 2, SOLVED, 260)]
    rows += [(0, 2, nan, 0, 2, LEFT, 240)]
    check = checks(tally_of(shapes_of(*rows)), models=("nano", "2"))["iid_success"]
    tables = [[[300, 700], [80, 320]], [[500, 500], [260, 240]]]
    value = sum(chi2_contingency(table, correction=False).statistic for table in tables)
    assert check.p_value == pytest.approx(chi2.sf(value, 2))
    ratio, error = (80 / 400) / (300 / 1000), np.sqrt(0.8 / 80 + 0.7 / 300)
    assert check.statistic == pytest.approx(ratio)
    assert check.interval == pytest.approx([ratio * np.exp(x * 1.959964 * error) for x in (-1, 1)])
    assert check.explanation.startswith("nano solves 30.0% of tasks at its first pass and 20.0% at a repeat")


def test_steps_that_are_seldom_reached_are_counted_with_the_step_before():
    """Third passes with a variance below five; then the table is that of first and of all later passes."""
    rows = [(0, 1, nan, 1, 0, SOLVED, 300), (0, 1, nan, 1, 0, LEFT, 300), (0, 1, nan, 2, 0, SOLVED, 80)]
    rows += [(0, 1, nan, 2, 0, LEFT, 308), (0, 1, nan, 3, 0, SOLVED, 9), (0, 1, nan, 3, 0, LEFT, 3)]
    check = checks(tally_of(shapes_of(*rows)))["iid_success"]
    assert check.p_value == pytest.approx(chi2_contingency([[300, 700], [89, 323]], correction=False).pvalue)


def test_a_first_step_that_is_rare_is_counted_with_the_second():
    """Six users are left on model 1 at the second pass, and hundreds are on model 2: nothing is to be compared."""
    rows = [(0, 1, nan, 2, 0, LEFT, 5), (0, 1, nan, 3, 0, SOLVED, 1)]
    rows += [(0, 1, nan, 1, 1, LEFT, 200), (0, 1, nan, 1, 2, SOLVED, 200)]
    check = checks(tally_of(shapes_of(*rows)))["blind_to_model"]
    assert check.p_value == 1 and check.statistic == pytest.approx(0.5 / (5 / 6))


def test_what_never_occurs_has_an_interval_as_if_it_had_half_occurred():
    """A ratio of 0 is not known to be 0."""
    check = hazard((1000, 300), (500, 0))["constant_hazard"]
    high = 0.5 / 150 * np.exp(1.959964 * np.sqrt(1 / 0.5 + 1 / 300))
    assert check.statistic == 0 and check.interval == pytest.approx((0, high))
    rows = [(0, 1, nan, 1, 0, SOLVED, 300), (0, 1, nan, 1, 0, LEFT, 300), (0, 1, nan, 2, 0, LEFT, 400)]
    check = checks(tally_of(shapes_of(*rows)))["iid_success"]
    high = 0.5 / 400 / 0.3 * np.exp(1.959964 * np.sqrt(1 / 0.5 + 0.7 / 300))
    assert check.statistic == 0 and check.interval == pytest.approx((0, high))


def test_models_are_compared_at_the_same_pass_only():
    """After second passes, 30 % leave on model 1 and 60 % on model 2; nobody is on model 2 at the first."""
    rows = [(0, 1, nan, 2, 0, LEFT, 300), (0, 1, nan, 3, 0, SOLVED, 700)]
    rows += [(0, 1, nan, 1, 1, LEFT, 240), (0, 1, nan, 1, 2, SOLVED, 160), (0, 1, nan, 1, 0, LEFT, 5000)]
    check = checks(tally_of(shapes_of(*rows)))["blind_to_model"]
    assert check.statistic == pytest.approx(2)
    assert check.p_value == pytest.approx(chi2_contingency([[300, 700], [240, 160]], correction=False).pvalue)


@pytest.mark.parametrize("models", [1, 2])
def test_a_drift_has_the_p_value_of_an_analysis_of_variance(models):
    """Doubled where the worse of two models was looked for."""
    blocks, latency = drifting(np.random.default_rng(1), 7, models=models, rise=0.6)
    found = checks(tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 10)), blocks))["stationary_latency"]
    each = [f_oneway(*latency[:, k]).pvalue for k in range(models)]
    assert found.p_value == pytest.approx(models * min(each)) and found.p_value < 0.05


@pytest.mark.parametrize("name", ["latency", "cost"])
def test_a_drift_is_the_variation_of_means_beyond_chance(name):
    """Means of a hundred passes that go up and down by a tenth, while single passes vary by a half."""
    n, flat, variance = (np.full((BLOCKS, 2), x) for x in (100.0, 2.0, 1.0))
    mean = flat.copy()
    mean[:, 1] *= 1 + 0.1 * np.where(np.arange(BLOCKS) % 2, 1, -1)
    columns = (mean, flat) if name == "latency" else (flat, mean)
    tally = tally_of(shapes_of((0, 2, nan, 0, 1, SOLVED, 10)), Blocks(n, *columns, variance, variance))
    check = checks(tally)[f"stationary_{name}"]
    freedom = BLOCKS - 1
    assert check.p_value == pytest.approx(2 * f.sf(BLOCKS * 0.2**2 / freedom / 0.01, freedom, BLOCKS * 99))
    assert check.statistic == pytest.approx(np.sqrt(BLOCKS * 0.2**2 / freedom - 0.01) / 2)
    assert not check.holds and f"The mean {name} of model 2 along the file goes from 0.90 to 1.10" in check.explanation
    assert checks(tally)["stationary_cost" if name == "latency" else "stationary_latency"].p_value == 1


def test_a_drift_of_less_than_a_twentieth_holds():
    some = np.ones((BLOCKS, 2))
    for swing, holds in ((0.045, True), (0.055, False)):
        mean = some * (1 + swing * np.where(np.arange(BLOCKS) % 2, 1, -1))[:, None]
        blocks = Blocks(1e6 * some, mean, some, 1e-3 * some, 1e-3 * some)
        check = checks(tally_of(shapes_of((0, 2, nan, 0, 1, SOLVED, 10)), blocks))["stationary_latency"]
        assert check.p_value < SIGNIFICANT and check.holds == holds


def test_parts_of_a_file_without_passes_of_a_model_say_nothing():
    n, mean, one = (np.full((BLOCKS, 2), x) for x in (100.0, 2.0, 1.0))
    n[3:, 1], mean[3:, 1], mean[1, 0], n[1, 0] = 0, nan, 99.0, 1
    blocks = Blocks(n, mean, mean, one, one)
    check = checks(tally_of(shapes_of((0, 2, nan, 0, 1, SOLVED, 10)), blocks))["stationary_latency"]
    assert (check.holds, check.p_value, check.statistic) == (True, 1.0, 0.0)


# ---- segments


def values(*known, **given):
    """The check of segments whose V is known with a standard error of 5 %."""
    segments = [
        valued(v, v * np.exp(-1.959964 * 0.05), v * np.exp(1.959964 * 0.05)) if v else valued(identified=False)
        for v in known
    ]
    shapes = shapes_of(*((k, 1, nan, 1, 0, SOLVED, 10) for k in range(len(known))))
    return checks(tally_of(shapes), of_segments=segments, **given).get("one_value")


def test_values_of_segments_are_compared():
    """Cochran's Q on the scale of logarithms."""
    check = values(8.0, None, 12.0, 9.0)
    logs = np.log([8.0, 12.0, 9.0])
    assert check.p_value == pytest.approx(chi2.sf(((logs - logs.mean()) ** 2).sum() / 0.05**2, 2))
    assert check.statistic == pytest.approx(1.5) and not check.holds
    assert "worth 1.50 times as much to segment 2 as to segment 0: no one value" in check.explanation


def test_values_that_are_near_or_that_chance_explains_agree():
    assert values(9.0, 9.5).holds and values(9.0, 10.5).p_value > SIGNIFICANT and values(9.0, 10.5).holds
    assert values(9.0, None) is None and values(None, None) is None
    sure = [valued(9.0, 8.999, 9.001), valued(9.8, 9.799, 9.801)]
    tally = tally_of(shapes_of((0, 1, nan, 1, 0, SOLVED, 10), (1, 1, nan, 1, 0, SOLVED, 10)))
    check = checks(tally, of_segments=sure)["one_value"]
    assert check.p_value < SIGNIFICANT and check.holds


# ---- what is written down


def test_what_is_not_finite_is_none_in_a_document():
    rows = [(0, 1, nan, 1, 0, LEFT, 10), (0, 1, nan, 2, 0, LEFT, 20)]
    check = checks(tally_of(shapes_of(*rows)))["iid_success"]
    assert check.to_dict() == {
        "name": "iid_success",
        "holds": True,
        "statistic": None,
        "interval": None,
        "p_value": 1.0,
        "explanation": "No model solved a task at first: nothing to compare.",
    }
    nobody = hazard((1000, 0), (500, 200))["constant_hazard"]
    assert nobody.statistic == inf and not nobody.holds
    assert (nobody.to_dict()["statistic"], nobody.to_dict()["interval"]) == (None, [0.0, None])

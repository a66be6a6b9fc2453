"""Other readings of a log whose assumptions fail: counted pass by pass, and costs worked out by following tasks."""

from dataclasses import replace
from math import nan
from types import SimpleNamespace

import numpy as np
import pytest
from pass_by_pass import provider_cost
from tallies import played, shapes_of, tally_of

from routegame import Game
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide import readings as module
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.readings import NEEDED, Trial, put_to_trial, readings
from routegame.calibrate.estimate.task_value import Cell, Models, TaskValueEstimate
from routegame.calibrate.log.ending import Ending
from routegame.eval.statistics import Estimate

SOLVED, LEFT, OPEN, UNDECIDED = Ending.SOLVED, Ending.LEFT, Ending.OPEN, Ending.UNDECIDED
MODELS = Models((0.1, 0.3), (0.01, 0.02), (1.0, 2.0), (0.1, 0.2))
COST, PENALTY = (1.0, 3.6), 15.0

ROWS = (
    (0, 1, 0.2, 1, 0, SOLVED, 40),
    (0, 1, 0.2, 1, 0, LEFT, 90),
    (0, 1, 0.2, 3, 0, SOLVED, 11),
    (0, 1, 0.2, 2, 0, LEFT, 21),
    (0, 1, 0.2, 2, 0, UNDECIDED, 5),
    (0, 1, 0.2, 1, 2, SOLVED, 33),
    (0, 1, 0.2, 3, 1, LEFT, 8),
    (0, 1, 0.2, 2, 3, OPEN, 6),
    (0, 1, 0.6, 1, 1, SOLVED, 30),
    (0, 1, 0.6, 1, 3, LEFT, 17),
    (0, 1, 0.6, 2, 0, OPEN, 9),
    (0, 1, 0.6, 2, 1, UNDECIDED, 3),
    (0, 2, 0.2, 0, 1, SOLVED, 50),
    (0, 2, 0.2, 0, 1, LEFT, 13),
    (0, 2, 0.2, 0, 4, LEFT, 7),
    (0, 2, 0.2, 0, 2, SOLVED, 19),
)
"""Segment, route, cascade probability, passes of both models, ending and how many tasks."""


def followed():
    """Every pass of every task: what it is and what became of it, as a log would list them."""
    passes = []
    for _, route, s, n1, n2, ending, count in ROWS:
        models = [1] * n1 + [2] * n2
        for k, model in enumerate(models):
            last = k == len(models) - 1
            passes += [
                SimpleNamespace(
                    arm=(route, s if route == 1 else None),
                    model=model,
                    number=k + 1,
                    repeat=k + 1 if model == 1 else k + 1 - n1,
                    handed=model == 2 and n1 > 0,
                    solved=last and ending == SOLVED,
                    decided=not last or ending in (LEFT, OPEN),
                    left=last and ending == LEFT,
                    next=None if last else models[k + 1],
                )
            ] * count
    return passes


PASSES = followed()
ARMS = [(1, 0.2), (1, 0.6), (2, None)]


def cells_of(some=lambda one: True):
    """Users by commitment, their decisions after some passes only."""
    found = []
    for route, s in ARMS:
        decided = [one for one in PASSES if one.arm == (route, s) and one.decided and some(one)]
        found.append(Cell(route, nan if s is None else s, 0.0, len(decided), sum(one.left for one in decided)))
    return tuple(found)


def same(cells, expected):
    return [vars(cell) for cell in cells] == [pytest.approx(vars(cell), nan_ok=True) for cell in expected]


def found_of(cells=None):
    """What of a log's estimates is looked at."""
    p, c = (tuple(Estimate(x, x, x) for x in pair) for pair in (MODELS.success_prob, COST))
    return SimpleNamespace(cells=cells_of() if cells is None else cells, models=MODELS, success_prob=p, cost=c)


def read(check, rows=ROWS, found=None):
    return readings(check, tally_of(shapes_of(*rows)), found or found_of())


def share(some):
    chosen = [one for one in PASSES if some(one)]
    p = sum(one.solved for one in chosen) / len(chosen)
    return p, np.sqrt(p * (1 - p) / len(chosen))


# ---- what a log suggests


def test_repeats_and_first_passes_each_make_a_game():
    first, later = read("iid_success")
    for reading, some in ((first, lambda one: one.repeat == 1), (later, lambda one: one.repeat > 1)):
        known = [share(lambda one, k=k, some=some: one.model == k and some(one)) for k in (1, 2)]
        assert reading.models.success_prob == pytest.approx([p for p, _ in known])
        assert reading.models.success_error == pytest.approx([error for _, error in known])
        assert (reading.models.latency, reading.models.latency_error) == (MODELS.latency, MODELS.latency_error)
        assert same(reading.cells, cells_of()) and reading.check == "iid_success"
    assert "at their first pass" in first.words or "as they do at their first pass" in first.words
    assert "at repeats" in later.words


def test_what_is_handed_over_and_what_is_not_each_make_a_game():
    direct, handed = read("success_after_handover")
    for reading, some in ((direct, lambda one: not one.handed), (handed, lambda one: one.handed)):
        p, error = share(lambda one, some=some: one.model == 2 and some(one))
        assert reading.models.success_prob == pytest.approx((MODELS.success_prob[0], p))
        assert reading.models.success_error == pytest.approx((MODELS.success_error[0], error))
        assert same(reading.cells, cells_of())
    assert direct.words.endswith("on tasks that it is given first") and handed.words.endswith("on tasks handed over")


@pytest.mark.parametrize(
    "check,first,words",
    [
        ("constant_hazard", lambda one: one.number == 1, ("first failures", "later failures")),
        ("blind_to_model", lambda one: one.model == 1, ("failures of model 1", "failures of model 2")),
    ],
)
def test_decisions_are_told_apart(check, first, words):
    """Each kind by itself makes users, and both together are all of them."""
    one, other = read(check)
    assert same(one.cells, cells_of(first)) and same(other.cells, cells_of(lambda x: not first(x)))
    assert (one.words.endswith(words[0]), other.words.endswith(words[1])) == (True, True)
    for name in ("decisions", "leaves"):
        both = [getattr(a, name) + getattr(b, name) for a, b in zip(one.cells, other.cells, strict=True)]
        assert both == [getattr(cell, name) for cell in cells_of()]
    assert one.models is MODELS and other.models is MODELS


def test_hand_overs_are_counted_by_the_number_of_the_retry():
    """Users are those of all decisions; what is handed over is what was done, not what was stated."""
    first, later = read("constant_cascade")
    assert "first ones" in first.words and "later ones" in later.words
    for reading, some in ((first, lambda one: one.number == 1), (later, lambda one: one.number > 1)):
        for cell, whole, (route, s) in zip(reading.cells, cells_of(), ARMS, strict=True):
            assert (cell.route, cell.decisions, cell.leaves) == (route, whole.decisions, whole.leaves)
            retries = [one for one in PASSES if one.arm == (route, s) and one.model == 1 and one.next and some(one)]
            if route == 2:
                assert np.isnan(cell.cascade_prob) and cell.cascade_error == 0
                continue
            moved = sum(one.next == 2 for one in retries) / len(retries)
            assert cell.cascade_prob == pytest.approx(moved)
            every = [one for one in PASSES if one.arm == (route, s) and one.model == 1 and one.next]
            assert cell.cascade_error == pytest.approx(np.sqrt(moved * (1 - moved) / len(every)))


def test_a_cascade_that_is_not_stated_is_estimated():
    rows = [(k, route, nan, *rest) for k, route, s, *rest in ROWS if s == 0.2]
    (on_1, on_2), _ = (reading.cells for reading in read("constant_hazard", rows))
    retries = [one for one in PASSES if one.arm == (1, 0.2) and one.model == 1 and one.next]
    moved = sum(one.next == 2 for one in retries) / len(retries)
    assert on_1.cascade_prob == pytest.approx(moved)
    assert on_1.cascade_error == pytest.approx(np.sqrt(moved * (1 - moved) / len(retries)))
    assert np.isnan(on_2.cascade_prob) and on_2.cascade_error == 0


def test_without_a_later_retry_nothing_is_handed_over_then():
    rows = [(0, 1, 0.2, 1, 1, SOLVED, 10), (0, 1, 0.2, 2, 0, SOLVED, 30)]
    first, later = read("constant_cascade", rows)
    assert first.cells[0].cascade_prob == pytest.approx(0.25) and later.cells[0].cascade_prob == 0


def test_a_share_of_none_or_all_is_kept_off_the_ends():
    """By half a pass; and a model that has no such pass stays as it was."""
    rows = [(0, 1, 0.2, 1, 0, SOLVED, 40), (0, 1, 0.2, 2, 0, LEFT, 20), (0, 1, 0.2, 1, 0, LEFT, 40)]
    first, later = read("iid_success", rows)
    assert first.models.success_prob == pytest.approx((0.4, 0.3))
    assert later.models.success_prob == pytest.approx((0.5 / 20, 0.3))
    assert later.models.success_error[1] == 0.02
    rows.append((0, 1, 0.2, 3, 0, SOLVED, 0))
    (only, _) = read("success_after_handover", [(0, 2, 0.2, 0, 1, SOLVED, 50), *rows])
    assert only.models.success_prob == pytest.approx((0.1, 1 - 0.5 / 50))


def test_some_violations_suggest_no_other_game():
    silent = [name for name in NEEDED if read(name) == ()]
    assert silent == ["no_hand_back", "response_fits", "values_fit"]
    assert read("stationary_cost") == ()
    assert all(len(read(name)) == 2 for name in NEEDED if name not in silent)


# ---- a recommendation under them


def valued(value=9.0, temperature=0.5, identified=True):
    return TaskValueEstimate(Estimate(value, value, value), identified, temperature, 0.0, 0, "")


def quantal(models, value, temperature=0.5):
    """How users of a value answer after any failure."""
    game = Game(value, 0.0, models.success_prob, models.latency, (0.0, 0.0))
    return lambda route, s: np.asarray(quantal_response(game, route, s, temperature))


def judged(commitment, **rates):
    """Regret of a commitment and the best one of a dense grid, rates as `provider_cost` takes them."""
    s = np.append(np.geomspace(1e-3, 1, 200), [0.0, commitment.cascade_prob])

    def cost(route, s):
        leaves = {name: [answer(route, s) for answer in rates[name]] for name in ("first", "later")}
        return provider_cost(route, s, **{**rates, **leaves}, cost=COST, churn_penalty=PENALTY)

    on_1, on_2 = cost(1, s), float(cost(2, np.zeros(1))[0])
    least = min(on_1.min(), on_2)
    own = on_2 if commitment.route == 2 else on_1[-1]
    best = Offer(2, 0.0) if on_2 < on_1.min() else Offer(1, float(s[on_1.argmin()]))
    return float(own / least - 1), best


def alike(models, answer):
    """Passes of a model that are all alike, and users who always answer the same."""
    p = models.success_prob
    return {"fresh": p, "handed": p[1], "repeat": p, "first": (answer,) * 2, "later": (answer,) * 2}


def agree(trial, regret, best):
    assert trial.regret == pytest.approx(regret, abs=2e-3)
    assert trial.best.route == best.route
    assert trial.best.cascade_prob == pytest.approx(best.cascade_prob, rel=0.04, abs=2e-3)


@pytest.fixture
def fits(monkeypatch):
    """Values that stand for the fit of each reading, in their order; what was to be fitted is kept."""
    asked, values = [], []

    def fit(cells, models, spread):
        asked.append((cells, models, spread))
        return values[len(asked) - 1]

    monkeypatch.setattr(module, "estimate_task_value", fit)
    return SimpleNamespace(asked=asked, values=values)


def tried(failed, commitment, fits, values, *, whole=None, penalty=PENALTY, found=None):
    fits.values[:] = [value if isinstance(value, TaskValueEstimate) else valued(value) for value in values]
    tally = tally_of(shapes_of(*ROWS), decision_spread=2.5)
    return put_to_trial(failed, tally, found or found_of(), whole or valued(), penalty, commitment)


OFFERS = (Offer(1, 0.0), Offer(1, 0.25), Offer(2, 0.0))


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("check", ["iid_success", "success_after_handover", "constant_hazard", "constant_cascade"])
def test_each_reading_is_a_game_in_which_the_recommendation_is_judged(check, offer, fits):
    trials = tried([check], offer, fits, (8.0, 12.0))
    suggested = read(check)
    assert len(trials) == 3 and len(fits.asked) == 2
    for trial, reading, value, asked in zip(trials, suggested, (8.0, 12.0), fits.asked, strict=False):
        assert same(asked[0], reading.cells) and asked[1:] == (reading.models, 2.5)
        assert (trial.check, trial.words) == (check, reading.words)
        agree(trial, *judged(offer, **alike(reading.models, quantal(reading.models, value))))


def test_the_recommendation_is_judged_where_it_is_and_not_at_the_next_point_of_a_grid(fits, monkeypatch):
    monkeypatch.setattr(module, "GRID", np.array([0.0, 1.0]))
    (trial, *_) = tried(["constant_cascade"], Offer(1, 0.25), fits, (9.0, 9.0))
    answer = quantal(MODELS, 9.0)
    s, rates = np.array([0.0, 0.25, 1.0]), alike(MODELS, None)
    costs = [
        provider_cost(route, s, **{**rates, "first": (q, q), "later": (q, q)}, cost=COST, churn_penalty=PENALTY)
        for route, q in ((1, answer(1, s)), (2, answer(2, s)))
    ]
    assert trial.regret == pytest.approx(costs[0][1] / np.min(costs) - 1)


def as_logged(failed, offer, fits, values):
    trial = tried(failed, offer, fits, values, whole=valued(10.0))[-1]
    assert trial.words == "each pass goes as such passes do in the log" and trial.check == failed[-1]
    return trial


def rates_in_the_log():
    """Success as often as in the log, by what kind of pass it is."""
    of = {
        (k, kind): share(lambda one, k=k, some=some: one.model == k and some(one))[0]
        for kind, some in (
            ("fresh", lambda one: one.number == 1),
            ("repeat", lambda one: one.repeat > 1),
            ("handed", lambda one: one.repeat == 1 and one.handed),
        )
        for k in ((2,) if kind == "handed" else (1, 2))
    }
    return {
        "fresh": (of[1, "fresh"], of[2, "fresh"]),
        "handed": of[2, "handed"],
        "repeat": (of[1, "repeat"], of[2, "repeat"]),
    }


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("check", ["iid_success", "success_after_handover"])
def test_last_every_pass_succeeds_as_such_passes_do_in_the_log(check, offer, fits):
    """Users are those of the whole log, as nothing is known against them."""
    answer = quantal(MODELS, 10.0)
    expected = {**alike(MODELS, answer), **rates_in_the_log()}
    agree(as_logged([check], offer, fits, (8.0, 12.0)), *judged(offer, **expected))


@pytest.mark.parametrize("offer", OFFERS)
def test_last_users_leave_as_they_do_after_first_and_after_later_failures(offer, fits):
    first, later = quantal(MODELS, 8.0), quantal(MODELS, 12.0)
    expected = {**alike(MODELS, None), "first": (first, first), "later": (later, later)}
    agree(as_logged(["constant_hazard"], offer, fits, (8.0, 12.0)), *judged(offer, **expected))


@pytest.mark.parametrize("offer", OFFERS)
def test_last_users_leave_as_they_do_after_failures_of_the_model_they_see(offer, fits):
    seen = (quantal(MODELS, 8.0), quantal(MODELS, 12.0))
    expected = {**alike(MODELS, None), "first": seen, "later": seen}
    agree(as_logged(["blind_to_model"], offer, fits, (8.0, 12.0)), *judged(offer, **expected))


def test_last_all_that_fails_is_put_together(fits):
    """First and later failures count more than whose they are: there are no values for both."""
    first, later = quantal(MODELS, 7.0), quantal(MODELS, 13.0)
    expected = {**alike(MODELS, None), **rates_in_the_log(), "first": (first, first), "later": (later, later)}
    failed, values = ["iid_success", "constant_hazard", "blind_to_model"], (8.0, 12.0, 7.0, 13.0, 9.0, 11.0)
    agree(as_logged(failed, OFFERS[1], fits, values), *judged(OFFERS[1], **expected))


def test_a_reading_without_a_value_is_not_survived(fits):
    """Nor is anything put together from it."""
    first, second = tried(["iid_success"], OFFERS[1], fits, (valued(identified=False), 9.0))
    assert np.isnan(first.regret) and first.best is None and not first.survived
    assert second.best is not None


def test_without_a_value_of_all_users_nothing_is_put_together(fits):
    assert len(tried(["iid_success"], OFFERS[1], fits, (9.0, 9.0), whole=valued(identified=False))) == 2


def test_what_suggests_no_reading_is_not_tried(fits):
    assert tried([], OFFERS[0], fits, ()) == tried(["no_hand_back", "response_fits"], OFFERS[0], fits, ()) == ()


def test_a_game_that_costs_nothing_is_survived_by_what_costs_nothing(fits):
    """Without costs and a penalty all is free; model 2 alone is if only model 1 costs."""
    zero, one = (Estimate(x, x, x) for x in (0.0, 1.0))
    for cost, regrets in (((zero, zero), (0, 0, 0)), ((one, zero), (np.inf, np.inf, 0))):
        found = SimpleNamespace(**{**vars(found_of()), "cost": cost})
        for offer, regret in zip(OFFERS, regrets, strict=True):
            fits.asked.clear()
            trials = tried(["constant_cascade"], offer, fits, (9.0, 9.0), penalty=0.0, found=found)
            assert [trial.regret for trial in trials] == [regret] * 3


@pytest.mark.parametrize("regret,survived", [(0.0, True), (0.01, True), (0.0101, False), (np.inf, False), (nan, False)])
def test_a_hundredth_more_is_survived(regret, survived):
    assert Trial("iid_success", "so", regret, None).survived is survived


# ---- with fits


def test_values_of_users_are_found_again_by_the_reading_that_is_right():
    """Users answer as if a task were worth 9 after first failures and 14 after later ones; one fit finds each."""
    arms = ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0))
    q = np.array([[float(quantal(MODELS, v)(route, s)) for route, s in arms] for v in (9.0, 14.0)])
    tally = played(
        arms,
        8000,
        0,
        success=lambda now: np.array(MODELS.success_prob)[now.model - 1],
        leave=lambda now: q[np.minimum(now.number - 1, 1), now.arm],
    )
    exact = replace(MODELS, success_error=(1e-3, 1e-3), latency_error=(1e-3, 1e-3))
    found = SimpleNamespace(**{**vars(found_of(())), "models": exact})
    values = [
        module.estimate_task_value(reading.cells, reading.models, tally.decision_spread).estimate
        for reading in readings("constant_hazard", tally, found)
    ]
    for value, truth in zip(values, (9.0, 14.0), strict=True):
        assert value.low < truth < value.high and value.high / value.low < 1.3

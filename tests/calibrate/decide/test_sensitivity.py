"""What each number of a game matters, against derivatives taken by hand and a search that shares no code with it."""

import numpy as np
import pytest

from routegame import Game
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.decide.sensitivity import sensitivity_analysis
from routegame.calibrate.estimate.counts import NONE
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.task_value import Models, TaskValueEstimate
from routegame.eval.statistics import Estimate

NAMES = (
    "task_value",
    "temperature",
    "churn_penalty",
    "success_prob_1",
    "success_prob_2",
    "latency_1",
    "latency_2",
    "cost_1",
    "cost_2",
)
NUMBERS = dict(zip(NAMES, (9.0, 0.5, 15.0, 0.1, 0.3, 1.0, 2.0, 1.0, 3.6), strict=True))


def passes(n, route, s, q):
    """Passes of both models and the chance that a task is given up: geometric series."""
    p1, p2 = n["success_prob_1"], n["success_prob_2"]
    on_1 = (route == 1) / (1 - (1 - p1) * (1 - q) * (1 - s))
    on_2 = (on_1 * (1 - p1) * (1 - q) * s + (route == 2)) / (1 - (1 - p2) * (1 - q))
    return on_1, on_2, q * ((1 - p1) * on_1 + (1 - p2) * on_2)


def answer(n, route, s):
    """Mean of q under the density exp(U / temperature), by a sum over q that is dense at both ends."""
    angle = np.linspace(0, np.pi, 801)
    q, weight = (1 - np.cos(angle)) / 2, np.sin(angle)
    on_1, on_2, _ = passes(n, route, np.asarray(s)[..., None], q)
    net = [n["task_value"] * n[f"success_prob_{k}"] - n[f"latency_{k}"] for k in (1, 2)]
    utility = net[0] * on_1 + net[1] * on_2
    density = weight * np.exp((utility - utility.max(axis=-1, keepdims=True)) / n["temperature"])
    return (density * q).sum(axis=-1) / density.sum(axis=-1)


def cost(n, route, s):
    on_1, on_2, lost = passes(n, route, np.asarray(s), answer(n, route, s))
    return n["cost_1"] * on_1 + n["cost_2"] * on_2 + n["churn_penalty"] * lost


def cheapest(n):
    """Least cost and where: a grid over s, then one around its best point; and route 2."""
    low, high = 0.0, 1.0
    for _ in range(4):
        s = np.linspace(low, high, 61)
        costs = cost(n, 1, s)
        k = int(costs.argmin())
        low, high = s[max(k - 1, 0)], s[min(k + 1, 60)]
    on_2 = float(cost(n, 2, 0.0))
    return (float(costs[k]), 1, float(s[k])) if costs[k] <= on_2 else (on_2, 2, 0.0)


def at_best(n):
    """Passes of both models and tasks lost under the cheapest commitment."""
    _, route, s = cheapest(n)
    return passes(n, route, s, answer(n, route, s))


OFFER = Offer(1, 0.2)


def sensitivities(numbers=NUMBERS, width=0.1, commitment=OFFER):
    """The sensitivities of a game each of whose numbers is known up to a relative width."""

    def around(name):
        value = numbers[name]
        return Estimate(value, value * (1 - width), value * (1 + width))

    p, t, c = ((around(f"{name}_1"), around(f"{name}_2")) for name in ("success_prob", "latency", "cost"))
    models = Models(*((np.nan, np.nan),) * 4)
    found = Estimates("", 100, (50, 50), p, t, c, NONE, NONE, (), models)
    task_value = TaskValueEstimate(around("task_value"), True, numbers["temperature"], 0.0, 0, "")
    tau = numbers["temperature"] * (1 + width * np.linspace(-1, 1, 201) / 0.95)  # its middle 95 % is the interval
    game = Game(np.full(201, 9.0), 15.0, (0.1, 0.3), (1.0, 2.0), (1.0, 3.6))
    drawn = PosteriorDraws("", 1.0, game, tau)
    return sensitivity_analysis(found, task_value, drawn, numbers["churn_penalty"], commitment)


@pytest.fixture(scope="module")
def found():
    return sensitivities()


@pytest.mark.parametrize("name", NAMES)
def test_an_end_is_the_game_with_one_number_moved(name, found):
    sensitivity = {sensitivity.name: sensitivity for sensitivity in found}[name]
    step = 0.2 if name == "churn_penalty" else 0.1  # P is nobody's estimate
    for extreme, factor in ((sensitivity.low, 1 - step), (sensitivity.high, 1 + step)):
        moved = NUMBERS | {name: NUMBERS[name] * factor}
        least, route, s = cheapest(moved)
        assert extreme.at == pytest.approx(moved[name])
        assert extreme.least_cost == pytest.approx(least, rel=1e-5)
        assert extreme.best.route == route
        assert extreme.best.cascade_prob == pytest.approx(s, abs=2e-3)
        assert extreme.regret == pytest.approx(float(cost(moved, 1, OFFER.cascade_prob)) / least - 1, abs=2e-5)


def test_the_greatest_effect_comes_first(found):
    widths = [abs(sensitivity.high.least_cost - sensitivity.low.least_cost) for sensitivity in found]
    assert [sensitivity.width for sensitivity in found] == widths
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 9
    assert {sensitivity.name for sensitivity in found} == set(NAMES)


def test_narrow_intervals_show_the_derivatives_of_the_least_cost():
    """Costs do not change what users do: the derivatives are passes of each model and tasks lost at the optimum.

    For the same reason the least cost is concave in P, which is moved by more. The other derivatives are differences
    of two searches by hand.
    """
    found = {sensitivity.name: sensitivity for sensitivity in sensitivities(width=1e-3)}
    on_1, on_2, _ = at_best(NUMBERS)
    slopes = {"cost_1": on_1, "cost_2": on_2}
    for name in NAMES:
        low, high = found[name].low, found[name].high
        slope = (high.least_cost - low.least_cost) / (high.at - low.at)
        if name not in slopes:
            up, down = (cheapest(NUMBERS | {name: x})[0] for x in (high.at, low.at))
            slopes[name] = (up - down) / (high.at - low.at)
        assert slope == pytest.approx(float(slopes[name]), rel=2e-3)
        assert found[name].width == pytest.approx(abs(slope) * (high.at - low.at))
    assert {name for name in NAMES if slopes[name] < 0} == {"task_value", "success_prob_1", "success_prob_2"}
    few, many = (at_best(NUMBERS | {"churn_penalty": penalty})[2] for penalty in (18.0, 12.0))
    assert few < slopes["churn_penalty"] < many


def test_the_best_commitment_of_an_end_has_no_regret_there():
    """Where model 1 is dear that is model 2 first, without a cascade."""
    dear = NUMBERS | {"cost_1": 20.0}
    assert cheapest(dear)[1] == 2
    best = Offer(2, 0.0)
    extremes = [
        extreme
        for sensitivity in sensitivities(dear, commitment=best)
        for extreme in (sensitivity.low, sensitivity.high)
    ]
    assert {(extreme.best, extreme.regret) for extreme in extremes} == {(best, 0.0)}


def test_a_game_that_costs_nothing_has_no_regret():
    free = NUMBERS | {"cost_1": 0.0, "cost_2": 0.0, "churn_penalty": 0.0}
    extremes = [extreme for sensitivity in sensitivities(free) for extreme in (sensitivity.low, sensitivity.high)]
    assert min(extreme.least_cost for extreme in extremes) == 0
    assert all(extreme.regret == 0 for extreme in extremes if not extreme.least_cost)


def test_success_may_be_as_sure_as_its_interval_says():
    """An interval that reaches 1 is no game, but as near to one as it gets."""
    sure = NUMBERS | {"success_prob_2": 1 / 1.1}
    found = {sensitivity.name: sensitivity for sensitivity in sensitivities(sure)}["success_prob_2"]
    assert found.high.at == pytest.approx(1)
    assert found.high.least_cost == pytest.approx(cheapest(sure | {"success_prob_2": 1.0})[0], rel=1e-5)

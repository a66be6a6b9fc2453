"""Decisions among commitments to three models: the best in the drawn games, near the equilibrium for cold users."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from menu_logs import BACK, GAME, MANY, ONE, calibrated

from routegame.agents.menus.answers import memoryless_answer
from routegame.calibrate.decide.advice import advise
from routegame.calibrate.decide.menu_decision import best_costs, decide_menu
from routegame.calibrate.decide.menu_offers import MenuOffer, worth_of_policy, worth_of_shares
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.commitments import PolicyCell
from routegame.envs.game import Game
from routegame.envs.policy import Policy

TITLES = ("A", "B", "C")


def one(temperature):
    """The game itself, with users of some noise."""
    p, t, c = (tuple(np.full(2, x) for x in each) for each in (GAME.success_prob, GAME.latency, GAME.cost))
    return [PosteriorDraws("", 1.0, Game(np.full(2, 10.0), np.full(2, 9.0), p, t, c), np.full(2, temperature))]


def decided(temperature):
    """The decision in that game, with hand-overs everywhere in force."""
    counts = np.ones((3, 3), dtype=np.int64)
    cells = [PolicyCell("", BACK, True, np.array([10, 10, 10]), counts, 30, 30, 10)]
    return decide_menu(one(temperature), one(temperature), cells, TITLES)


def test_cold_users_are_offered_the_equilibrium_with_a_margin():
    decision = decided(1e-3)
    assert decision.commitment.words(TITLES).startswith("A first, then B, and 5.")
    assert decision.provider_cost.value == pytest.approx(2.5125, rel=0.01)
    assert decision.least_cost.value == pytest.approx(2.5125, rel=1e-9)
    assert decision.stays == 1
    assert decision.commitment.share > decision.threshold.value == pytest.approx(0.05)


def test_the_recommendation_costs_what_its_policy_costs_when_typed_back():
    decision = decided(0.3)
    again = Policy(**decision.to_dict()["commitment"]["policy"])
    cost = worth_of_policy(one(0.3), again).provider_cost
    assert cost == pytest.approx(decision.provider_cost.value, rel=1e-9)
    assert len(str(decision.commitment.share)) <= 5


@pytest.mark.parametrize("temperature", [0.05, 0.5, 3.0])
def test_no_random_commitment_is_cheaper(temperature):
    rng, best = np.random.default_rng(0), best_costs(one(temperature))[0]
    for _ in range(40):
        policy = Policy(rng.dirichlet([0.3] * 3), rng.dirichlet([0.3] * 3, 3))
        assert worth_of_policy(one(temperature), policy).provider_cost[0] >= best * (1 - 2e-3)


def test_no_list_is_cheaper_where_users_hesitate():
    """In about every tenth game the best list is one that is optimal in no game of users without noise."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        number = int(rng.integers(3, 5))
        p = np.clip(1 / (1 + np.exp(-rng.normal(-0.4, 1, number))), 0.03, 0.95)
        t, c = rng.lognormal(1, 0.6, number), rng.lognormal(0, 1, number)
        value = np.quantile(t / p, rng.uniform(0.3, 0.9)) * rng.uniform(0.8, 1.5)
        penalty = rng.uniform(1, 10) * c.mean()
        game = Game(np.full(1, value), np.full(1, penalty), *(tuple(x[:, None]) for x in (p, t, c)))
        draws = [PosteriorDraws("", 1.0, game, np.array([value * np.exp(rng.uniform(np.log(0.02), np.log(0.3)))]))]
        lists = [MenuOffer(number, *each) for each in product(range(number), repeat=3) if each[1] != each[2]]
        shares = np.linspace(0, 1, 41)
        costs = [worth_of_shares(draws, family, shares).provider_cost.min() for family in lists]
        assert best_costs(draws)[0] <= min(costs) * (1 + 1e-3)


def test_the_best_undercuts_what_is_in_force():
    decision = decided(0.3)
    assert decision.saving.value == pytest.approx(decision.in_force_cost.value - decision.provider_cost.value)
    assert decision.in_force_wrong == 1
    assert sum(decision.kinds.values()) == pytest.approx(1)
    costs = [float(cost.value) for _, cost in decision.alternatives]
    assert costs == sorted(costs)
    assert costs[0] <= decision.provider_cost.value * 1.001


def test_a_log_of_several_commitments_is_advised_on(tmp_path):
    advice = advise(calibrated(tmp_path), num_draws=40)
    assert advice.verdict in ("sure", "unsure")
    document = advice.to_dict()
    assert document["recommendation"]["provider_cost"] < document["in_force"]["provider_cost"]
    assert document["order"] == "free"
    assert document["certificate"]["status"] == "exact"
    assert np.shape(document["policy"]["matrix"]) == (3, 3)
    assert document["by_task_value"] == []


def test_where_the_value_is_not_known_it_is_said_what_is_best_at_which(tmp_path):
    advice = advise(calibrated(tmp_path, ONE), num_draws=40)
    assert advice.verdict == "refused"
    assert advice.recommended is None
    ranges = advice.by_value
    assert [found.high for found in ranges[:-1]] == [found.low for found in ranges[1:]]
    assert ranges[-1].high == np.inf


def test_a_log_that_is_too_small_for_a_model_is_refused_by_name(tmp_path):
    from dataclasses import replace

    game = Game(10, 9, (0.25, 0.2, 0.999), (6, 2.2, 2.5), (0.2, 0.5, 3))
    advice = advise(calibrated(tmp_path, replace(ONE, game=game, commitments=(MANY,), num_tasks=200)))
    assert advice.verdict == "refused"
    assert advice.reason == "model 3 solved every task it was given: the model needs both"


def test_cold_users_stay_under_what_is_recommended():
    decision = decided(1e-3)
    assert memoryless_answer(GAME, decision.commitment.policy) == 0

"""What is best for each task, a rule and one commitment for all, where the games are known."""

import numpy as np
import pytest
from featured_logs import FEATURES, SKILL, SKILL_AT_ZERO, mix_of

from routegame.agents.exact.equilibrium import solve
from routegame.agents.users.quantal import quantal_equilibrium, quantal_response
from routegame.calibrate.estimate.counts import Arm
from routegame.calibrate.features.decision import FeatureDraws, _least_costs, decide_by_features
from routegame.calibrate.features.regression import design_of
from routegame.envs.chain import outcome

NUMBER, NOISE = 4, 0.7
MIX = mix_of(FEATURES)


@pytest.fixture(scope="module")
def decided():
    """The decision, of games that are known exactly."""

    def same(rows):
        return np.tile(np.asarray(rows, dtype=float), (NUMBER, 1, 1))

    success = same([[b, *slopes] for b, slopes in zip(SKILL_AT_ZERO, SKILL, strict=True)])
    latency = same([[0, 0.1, 0.2], [np.log(2), 0.1, 0.2]])
    cost = same([[0, 0.2, -0.1], [np.log(3.6), 0.2, -0.1]])
    value = np.tile([np.log(9), 0, 0], (NUMBER, 1))
    draws = FeatureDraws(value, np.full(NUMBER, NOISE), success, latency, cost, 15.0)
    rng = np.random.default_rng(0)
    return decide_by_features(draws, FEATURES, np.zeros(2), np.ones(2), (Arm(1, 0.3, 10, 0.2),), rng)


def costs(offers):
    """J of a commitment for each task, under the users."""
    route, s = np.array([offer.route for offer in offers]), np.array([offer.cascade_prob for offer in offers])
    return outcome(MIX.games, route, s, quantal_response(MIX.games, route, s, NOISE)).provider_cost


def order(features):
    """Places of tasks in the mix, by their features."""
    place = {tuple(x): k for k, x in enumerate(FEATURES)}
    return [place[tuple(x)] for x in features]


def test_every_task_gets_what_is_best_for_it(decided):
    offers = decided.policy.offers(FEATURES)
    least = quantal_equilibrium(MIX.games, NOISE).provider_cost
    own = costs(offers)
    assert own.mean() < least.mean() * 1.002 and (own > least * (1 - 1e-4)).all() and (own / least).max() < 1.02
    again = [offers[k] for k in order(decided.features)]
    assert list(decided.commitments) == again


def test_the_rule_lies_between_one_for_all_and_the_best(decided):
    own, single = costs(decided.policy.offers(FEATURES)).mean(), costs([decided.one_for_all] * len(FEATURES)).mean()
    of_rule = np.empty(len(FEATURES))
    for each in decided.rule:
        inside = each.part.holds(FEATURES)
        of_rule[inside] = costs([each.commitment] * len(FEATURES))[inside]
    assert own < of_rule.mean() < single
    for seen, truth in (
        (decided.provider_cost, own),
        (decided.rule_cost, of_rule.mean()),
        (decided.gain, single - own),
    ):
        assert seen.low - 1e-3 <= truth <= seen.high + 1e-3
    assert decided.wrong == 0 and decided.one_for_all_wrong == 1 and 1 < len(decided.rule) <= 6
    assert sum(each.part.share for each in decided.rule) == pytest.approx(1)


def drawn(value, number):
    """Games that differ in what a task is worth alone."""
    success = np.tile([[b, *slopes] for b, slopes in zip(SKILL_AT_ZERO, SKILL, strict=True)], (number, 1, 1))
    latency = np.tile([[0, 0.1, 0.2], [np.log(2), 0.1, 0.2]], (number, 1, 1))
    cost = np.tile([[0, 0.2, -0.1], [np.log(3.6), 0.2, -0.1]], (number, 1, 1))
    at = np.column_stack([value, np.zeros((number, 2))])
    return FeatureDraws(at, np.full(number, 1e-4), success, latency, cost, 15.0)


def test_a_policy_is_judged_in_games_by_which_it_was_not_chosen():
    """Half of the games have users who want more: what keeps all of the others loses these."""
    value = np.where(np.arange(120) % 2, np.log(7), np.log(9))
    draws = drawn(value, 120)
    assert set(draws.some(60).value[:, 0]) == {np.log(9)} and set(draws.some(60, 1).value[:, 0]) == {np.log(7)}
    d = decide_by_features(draws, FEATURES, np.zeros(2), np.ones(2), (Arm(1, 0.3, 10, 0.2),), np.random.default_rng(0))
    assert (d.num_draws, d.num_judged, d.wrong) == (120, 60, 1.0)
    own = decide_by_features(
        drawn(np.full(120, np.log(9)), 120), FEATURES, np.zeros(2), np.ones(2), (Arm(1, 0.3, 10, 0.2),),
        np.random.default_rng(0),
    )  # fmt: skip
    assert own.wrong == 0 and list(own.commitments) == list(d.commitments)


def test_the_least_cost_is_found_at_the_edge_of_a_cliff():
    """Users at their best: the exact solution of each game, from above."""
    draws = drawn(np.array([np.log(9)]), 1)
    found = _least_costs(draws, design_of(FEATURES))[0]
    least = solve(MIX.games).equilibrium.provider_cost
    assert (found > least * (1 - 1e-3)).all() and (found / least).mean() < 1.003


def test_few_kinds_of_tasks_are_all_looked_at():
    """5,000 tasks of 60 kinds: none is left out, and each counts as often as it occurs."""
    often = np.arange(60) + 54
    d = decide_by_features(
        drawn(np.full(4, np.log(9)), 4), np.repeat(FEATURES, often, axis=0), np.zeros(2), np.ones(2),
        (Arm(1, 0.3, 10, 0.2),), np.random.default_rng(0),
    )  # fmt: skip
    place = order(d.features)
    assert sorted(place) == list(range(60)) and d.weights == pytest.approx(often[place] / often.sum())


def test_no_other_commitment_for_all_is_cheaper(decided):
    single = costs([decided.one_for_all] * len(FEATURES)).mean()
    for each in decided.rule:
        assert costs([each.commitment] * len(FEATURES)).mean() > single * (1 - 1e-4)

"""Commitments side by side, against a search of a dense grid that knows only what one commitment costs in one game."""

from dataclasses import replace

import numpy as np
import pytest

from routegame import Game
from routegame.agents.exact.best_response import best_response
from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.candidates import Candidates, Offer
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.counts import Arm
from routegame.envs.chain import outcome
from routegame.envs.scenarios import scenario
from routegame.numerals import handed_over

ARMS = [Arm(1, 0.0, 3, 0.5), Arm(1, 0.5, 1, 0.1), Arm(2, np.nan, 4, 0.1)]


def vague(spread, temperature=0.02, size=200):
    """Games that differ in V, whose users are cold: each has a cliff near s = 0.04, in another place."""
    value = 9 * np.exp(spread * np.random.default_rng(3).standard_normal(size))
    return PosteriorDraws(
        "", 1.0, Game(value, np.full(size, 15.0), (0.1, 0.3), (1, 2), (1, 3.6)), np.full(size, temperature)
    )


EIGHT = vague(0.5, temperature=0.5, size=8)
GRID = np.concatenate([[0.0], np.geomspace(1e-4, 1, 1500)])


def result(draws, k, route, s):
    """What a commitment brings about in one game."""
    games = draws.games
    value, penalty = (np.broadcast_to(x, len(draws))[k] for x in (games.task_value, games.churn_penalty))
    game = Game(value, penalty, (0.1, 0.3), (1, 2), games.cost)
    return outcome(game, route, s, quantal_response(game, route, s, draws.temperature[k]))


@pytest.fixture(scope="module")
def candidates():
    return Candidates([EIGHT], ARMS)


@pytest.mark.parametrize(
    "offer,kind", [(Offer(1, 0.0), "standard"), (Offer(1, 1e-9), "cascade"), (Offer(2, 0.0), "reasoning")]
)
def test_kinds_of_commitments(offer, kind):
    assert offer.kind == kind


@pytest.mark.parametrize("k", range(8))
def test_the_optimum_of_each_game_is_that_of_a_dense_grid(candidates, k):
    costs, on_2 = result(EIGHT, k, 1, GRID).provider_cost, float(result(EIGHT, k, 2, 0.0).provider_cost)
    least = min(costs.min(), on_2)
    assert candidates.least[k] == pytest.approx(least, rel=1e-4)
    best = candidates.best(k)
    assert best.route == (1 if costs.min() <= on_2 else 2)
    assert float(result(EIGHT, k, best.route, best.cascade_prob).provider_cost) == pytest.approx(least, rel=1e-4)
    for offer in (Offer(1, 0.0), Offer(1, 0.3), Offer(2, 0.0)):
        own = result(EIGHT, k, offer.route, offer.cascade_prob)
        assert candidates.provider_cost(offer)[k] == pytest.approx(float(own.provider_cost))
        assert candidates.user_utility(offer)[k] == pytest.approx(float(own.user_utility))
        assert candidates.regret(offer)[k] == pytest.approx(float(own.provider_cost) / least - 1, abs=2e-4)
    simple = "standard" if costs[0] <= 1.001 * least else "reasoning" if on_2 <= 1.001 * least else "cascade"
    assert candidates.kinds()[k] == simple


def test_games_of_several_kinds_are_among_them(candidates):
    assert len(set(candidates.kinds())) > 1
    own = candidates.own_cascade()
    assert len(own) == (candidates.route == 1).sum() and all(own == candidates.own[candidates.route == 1])


@pytest.mark.parametrize("k", range(8))
def test_what_is_in_force_counts_by_its_tasks(candidates, k):
    """Three tasks of eight on model 1 throughout, one with every second retry handed over, four on model 2."""
    parts = [result(EIGHT, k, 1, 0.0), result(EIGHT, k, 1, 0.5), result(EIGHT, k, 2, 0.0)]
    cost, utility = (
        sum(share * float(getattr(part, name)) for share, part in zip((3 / 8, 1 / 8, 4 / 8), parts, strict=True))
        for name in ("provider_cost", "user_utility")
    )
    assert candidates.cost_in_force()[k] == pytest.approx(cost)
    assert candidates.utility_in_force()[k] == pytest.approx(utility)
    offer = Offer(1, 0.3)
    assert candidates.saving(offer)[k] == pytest.approx(cost - candidates.provider_cost(offer)[k])


@pytest.mark.parametrize("k", range(8))
def test_what_users_would_like_better(candidates, k):
    best = max(
        result(EIGHT, k, 1, candidates.cascade_prob).user_utility.max(), float(result(EIGHT, k, 2, 0).user_utility)
    )
    for offer in (Offer(1, 0.0), Offer(1, 0.3), Offer(2, 0.0)):
        gap = candidates.misalignment(offer)[k]
        assert gap == pytest.approx(best - candidates.user_utility(offer)[k], abs=1e-9) and gap >= 0


def test_what_users_like_best_on_average(candidates):
    average = np.mean([result(EIGHT, k, 1, candidates.cascade_prob).user_utility for k in range(8)], axis=0)
    on_2 = np.mean([result(EIGHT, k, 2, 0.0).user_utility for k in range(8)])
    liked = candidates.preferred()
    assert liked == (Offer(2, 0.0) if on_2 > average.max() else Offer(1, candidates.cascade_prob[average.argmax()]))
    slow = replace(EIGHT, games=Game(EIGHT.games.task_value, 15.0, (0.1, 0.3), (1, 60), (1, 3.6)))
    assert Candidates([slow], ARMS).preferred() == Offer(1, 0.0)


@pytest.mark.parametrize("worst", [False, True])
def test_the_hedged_commitment_has_the_least_regret(candidates, worst):
    over = np.max if worst else np.mean
    regret = {Offer(1, s): over(candidates.regret(Offer(1, s))) for s in np.linspace(0, 1, 201)}
    regret[Offer(2, 0.0)] = over(candidates.regret(Offer(2, 0.0)))
    found = candidates.hedged(worst=worst)
    assert over(candidates.regret(found)) <= min(regret.values()) + 2e-4


def test_the_simplest_of_commitments_that_are_as_good_is_taken():
    """Users content with anything: no cascade if both models cost as much a solution, and else the cheaper model."""
    game = vague(0.0, temperature=0.01, size=2).games
    for cost, best in (((1, 3), Offer(1, 0.0)), ((1, 2.9), Offer(2, 0.0)), ((1, 3.1), Offer(1, 0.0))):
        rich = Game(900 * np.ones(2), game.churn_penalty, (0.1, 0.3), (1, 2), cost)
        some = Candidates([PosteriorDraws("", 1.0, rich, 0.01 * np.ones(2))], ARMS)
        assert some.hedged(worst=False) == some.hedged(worst=True) == best
        assert set(some.kinds()) == {best.kind}


@pytest.mark.parametrize(
    "penalty,once", [(0.0, 1.0), (5.0, 1 + 5 * 0.9), (15.0, 3.6 + 15 * 0.7), (40.0, 3.6 + 40 * 0.7)]
)
def test_what_driving_users_off_would_save(penalty, once):
    """One pass of the cheaper model, and the penalty where it fails; nothing where that is no less."""
    games = Game(EIGHT.games.task_value, np.full(8, penalty), (0.1, 0.3), (1, 2), (1, 3.6))
    some = Candidates([replace(EIGHT, games=games)], ARMS)
    for offer in (Offer(2, 0.0), Offer(1, 0.0)):
        np.testing.assert_allclose(some.throttling_gain(offer), np.maximum(some.provider_cost(offer) - once, 0))


def test_users_of_several_groups_are_driven_off_together():
    """Three quarters of them meet models that fail 9 and 7 times of 10, the others ones that fail half the time."""
    games = EIGHT.games
    easy = replace(EIGHT, share=1.0, games=Game(games.task_value, np.full(8, 5.0), (0.5, 0.5), (1, 2), (2.0, 9.0)))
    hard = replace(EIGHT, share=3.0, games=Game(games.task_value, np.full(8, 5.0), (0.1, 0.3), (1, 2), (1, 3.6)))
    both, offer = Candidates([hard, easy], ARMS), Offer(2, 0.0)
    once = 0.75 * 1 + 0.25 * 2 + 5 * (0.75 * 0.9 + 0.25 * 0.5)
    np.testing.assert_allclose(both.throttling_gain(offer), np.maximum(both.provider_cost(offer) - once, 0))
    assert (both.throttling_gain(offer) > 0).all()


def test_the_safe_penalty_is_where_slowing_down_stops_to_pay():
    draws, arms = vague(0.3, temperature=1.0, size=20), [Arm(1, 0.0, 1, 0.5)]
    safe = Candidates([draws], arms).safe_penalty()
    assert (safe > 0).all()
    for factor, pays in ((0.98, True), (1.02, False)):
        game = draws.games
        other = Game(game.task_value, safe * factor, game.success_prob, game.latency, game.cost)
        candidates = Candidates([replace(draws, games=other)], arms)
        cost = candidates.least - np.minimum(
            *(c + safe * factor * (1 - p) for c, p in zip((1, 3.6), (0.1, 0.3), strict=True))
        )
        assert ((cost > 0) == pays).all()


def test_several_groups_count_by_their_shares():
    """Three quarters of all tasks are of users who value them at 9 or so, the others at three times as much."""
    games = EIGHT.games
    calm = replace(EIGHT, share=1.0, games=Game(3 * games.task_value, 15.0, (0.1, 0.3), (1, 2), (1, 3.6)))
    both = Candidates([replace(EIGHT, share=3.0), calm], ARMS)
    for offer in (Offer(1, 0.0), Offer(1, 0.3), Offer(2, 0.0)):
        for name in ("provider_cost", "user_utility"):
            parts = [getattr(Candidates([of], ARMS), name)(offer) for of in (EIGHT, calm)]
            np.testing.assert_allclose(getattr(both, name)(offer), 0.75 * parts[0] + 0.25 * parts[1])


def test_costs_of_nothing_have_no_regret_unless_something_is_paid():
    """Model 2 is free, model 1 is not: all games cost nothing at best."""
    free = replace(EIGHT, games=Game(EIGHT.games.task_value, 0.0, (0.1, 0.3), (1, 2), (1, 0)))
    some = Candidates([free], ARMS)
    assert (some.regret(Offer(2, 0.0)) == 0).all() and (some.regret(Offer(1, 0.0)) == np.inf).all()


def test_cascade_probabilities_that_are_looked_at(candidates):
    """Everywhere, those in force, and around the edges of the games: s_0 = 0.0411 where V = 9."""
    at = candidates.cascade_prob
    assert (np.diff(at) > 0).all() and at[0] == 0 and at[-1] == 1 and 0.5 in at
    assert np.diff(at).max() <= 1 / 40 + 1e-6 and (at[at > 1e-3][1:] / at[at > 1e-3][:-1]).max() < 1.5
    sharp = Candidates([vague(0.0, size=3)], [Arm(1, 0.12345, 1, 0.5)]).cascade_prob
    assert 0.12345 in sharp
    for margin in (1.0, 1.03, 1.1, 1.25):
        assert np.abs(sharp - 0.0410959 * margin).min() < 2e-6
    given = np.array([0.0, 0.3, 1.0])
    assert Candidates([EIGHT], ARMS, given).cascade_prob is given


def test_commitments_are_short_numbers_on_the_right_side_of_a_cliff():
    """Users without noise stay from s_0 = 0.07832424 on: three digits of the optimum would be on the wrong side."""
    nano = scenario("nano-gpt5").game
    games = Game(
        np.full(1, nano.task_value), np.full(1, nano.churn_penalty), nano.success_prob, nano.latency, nano.cost
    )
    cold = Candidates([PosteriorDraws("", 1.0, games, np.full(1, 1e-9))], ARMS)
    for offer in (cold.best(0), cold.hedged(worst=False), cold.hedged(worst=True)):
        assert offer.cascade_prob == pytest.approx(0.0783, abs=2e-4) and len(repr(offer.cascade_prob)) <= 10
        assert best_response(nano, 1, offer.cascade_prob) == 0
        assert best_response(nano, 1, float(handed_over(offer.cascade_prob)[:-2]) / 100) == 0
        assert cold.regret(offer)[0] <= 2e-4

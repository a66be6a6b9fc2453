"""One commitment for all games that a log may well be of: hedged against the cliff, and judged in every one of them."""

from dataclasses import replace

import numpy as np
import pytest

from routegame import Game
from routegame.agents.users.quantal import quantal_equilibrium
from routegame.calibrate.decide.candidates import Candidates, Offer
from routegame.calibrate.decide.decision import decide
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.estimate.counts import Arm

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
ARMS = [Arm(1, 0.0, 1, 0.5)]


def vague(spread, temperature=0.02, size=200):
    """Games that differ in V, whose users are cold: each has a cliff near s = 0.04, in another place."""
    value = 9 * np.exp(spread * np.random.default_rng(3).standard_normal(size))
    return PosteriorDraws(
        "", 1.0, Game(value, np.full(size, 15.0), (0.1, 0.3), (1, 2), (1, 3.6)), np.full(size, temperature)
    )


def test_a_vague_log_keeps_clear_of_the_cliff():
    arms, centre = [Arm(1, 0.0, 1, 0.5)], vague(0.0, size=1)
    sharp, blurred = (decide([vague(spread)], [centre], arms) for spread in (1e-4, 0.03))
    edge = quantal_equilibrium(GAME, 0.02).cascade_prob
    assert sharp.commitment.cascade_prob == pytest.approx(edge, rel=0.1)
    assert all(of.plug_in.cascade_prob == pytest.approx(edge, rel=0.01) for of in (sharp, blurred))
    assert blurred.commitment.cascade_prob > 1.5 * edge
    candidates = Candidates([vague(0.03)], arms)
    hedged, plug_in = candidates.regret(blurred.commitment), candidates.regret(blurred.plug_in)
    assert hedged.mean() < 0.7 * plug_in.mean() and hedged.max() < plug_in.max()
    assert blurred.expected_regret == pytest.approx(hedged.mean()) and blurred.wrong == np.mean(hedged > 0.01)
    anywhere = np.linspace(0, 1, 301)
    assert hedged.mean() <= min(candidates.regret(Offer(1, s)).mean() for s in anywhere) + 1e-3


@pytest.fixture(scope="module")
def draws():
    """Games of users who are warm, and differ widely: in some of them model 1 is best, in others a cascade."""
    return vague(0.5, temperature=0.5, size=40)


@pytest.fixture(scope="module")
def decided(draws):
    return decide([draws], [vague(0.0, temperature=0.5, size=1)], ARMS)


def test_numbers_are_medians_of_the_games_whose_middle_their_intervals_are(draws, decided):
    candidates, chosen = Candidates([draws], ARMS), decided.commitment
    for name, drawn in (
        ("provider_cost", candidates.provider_cost(chosen)),
        ("user_utility", candidates.user_utility(chosen)),
        ("in_force_cost", candidates.cost_in_force()),
        ("in_force_utility", candidates.utility_in_force()),
        ("saving", candidates.saving(chosen)),
        ("misalignment", candidates.misalignment(chosen)),
        ("safe_penalty", candidates.safe_penalty()),
        ("throttling_gain", candidates.throttling_gain(chosen)),
        ("regret", candidates.regret(chosen)),
        ("cascade_prob", candidates.own_cascade()),
    ):
        estimate = getattr(decided, name)
        found = (estimate.low, estimate.value, estimate.high)
        assert found == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.5, 0.975]))), name
    assert decided.expected_regret == pytest.approx(candidates.regret(chosen).mean())
    assert decided.num_draws == 40 and decided.preferred == candidates.preferred()


def test_a_likeliest_game_on_the_rarer_side_of_an_edge_moves_no_number(draws, decided):
    """It lies beyond every drawn game, and so would its costs."""
    far = decide([draws], [vague(0.0, temperature=1e-4, size=1)], ARMS)
    for name in ("provider_cost", "user_utility", "in_force_cost", "saving", "misalignment"):
        assert getattr(far, name) == getattr(decided, name)


def test_shares_are_counted_over_games(draws, decided):
    candidates = Candidates([draws], ARMS)
    regret = candidates.regret(decided.commitment)
    assert 0 < decided.wrong == np.mean(regret > 0.01) < 1
    assert decided.in_force_wrong == np.mean(candidates.cost_in_force() > 1.01 * candidates.least) > decided.wrong
    kinds, counts = np.unique(candidates.kinds(), return_counts=True)
    assert dict(decided.kinds) == {kind: count / 40 for kind, count in zip(kinds, counts, strict=True)}
    assert list(decided.kinds.values()) == sorted(decided.kinds.values(), reverse=True) and len(decided.kinds) > 1
    value = draws.games.task_value  # a pass of model 1 is worth its wait if V > 10, one of model 2 if V > 20/3
    words = {
        "value-value": value > 10,
        "latency-value": (value < 10) & (value > 20 / 3),
        "latency-latency": value < 20 / 3,
    }
    assert dict(decided.regimes) == {word: np.mean(of) for word, of in words.items()}


def test_without_a_likeliest_game_the_worst_game_counts(draws):
    """And intervals hold all games, around their median; where half of them are left out the worst is another."""
    open_ = decide([draws], [], ARMS)
    candidates = Candidates([draws], ARMS)
    regret = candidates.regret(open_.commitment)
    assert open_.plug_in is None
    assert regret.max() <= candidates.regret(decide([draws], [vague(0.0, size=1)], ARMS).commitment).max() + 1e-9
    assert regret.max() <= min(candidates.regret(Offer(1, s)).max() for s in np.linspace(0, 1, 101)) + 1e-3
    assert (open_.regret.low, open_.regret.high) == (regret.min(), regret.max())
    cost = candidates.provider_cost(open_.commitment)
    found = open_.provider_cost
    assert (found.low, found.value, found.high) == pytest.approx((cost.min(), np.median(cost), cost.max()))


def test_the_curve_is_the_cost_of_every_commitment(draws, decided):
    curve, candidates = decided.curve, Candidates([draws], ARMS)
    assert (np.diff(curve.cascade_prob) > 0).all() and curve.cascade_prob[0] == 0 and curve.cascade_prob[-1] == 1
    for k in (0, 10, -1):
        cost = candidates.provider_cost(Offer(1, curve.cascade_prob[k]))
        assert (curve.cost.low[k], curve.cost.high[k]) == pytest.approx(tuple(np.quantile(cost, [0.025, 0.975])))
    cost = candidates.provider_cost(Offer(2, 0.0))
    assert (curve.route_2.low, curve.route_2.high) == pytest.approx(tuple(np.quantile(cost, [0.025, 0.975])))


def test_the_curve_goes_through_the_recommendation():
    """Also where that lies between the points of the grid: a chart says the cost that the text says."""
    found = decide([vague(0.03)], [vague(0.0, size=1)], ARMS)
    at = found.curve.cascade_prob == found.commitment.cascade_prob
    assert found.commitment.kind == "cascade" and (np.diff(found.curve.cascade_prob) > 0).all()
    assert np.asarray(found.curve.cost.value)[at].tolist() == [found.provider_cost.value]


def test_where_model_2_is_always_best_no_cascade_is_recommended(draws):
    games = draws.games
    dear = replace(draws, games=Game(games.task_value, 15.0, (0.1, 0.3), (1, 2), (20, 3.6)))
    found = decide([dear], [dear], ARMS)
    assert found.commitment == found.plug_in == Offer(2, 0.0)
    assert np.isnan(found.cascade_prob.value) and np.isnan(found.cascade_prob.low)
    assert dict(found.kinds) == {"reasoning": 1.0} and found.wrong == 0


def test_several_kinds_of_users_have_no_common_regime(draws):
    assert decide([draws, draws], [draws, draws], ARMS).regimes == {}

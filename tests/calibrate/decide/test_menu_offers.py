"""Offers to users of any number of models: in full, in words, and worth what the same commitment is worth."""

from __future__ import annotations

import numpy as np
import pytest
from menu_logs import GAME

from routegame.agents.menus.answers import memoryless_answer
from routegame.calibrate.decide.menu_offers import MenuOffer, thresholds_of, worth_of_policy, worth_of_shares
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.envs.game import Game

TITLES = ("A", "B", "C")
OFFERS = {
    "A throughout": MenuOffer(3, 0, 0, 0),
    "A first, then C for good": MenuOffer(3, 0, 2, 2),
    "B first, and 20 % of its retries handed over to C": MenuOffer(3, 1, 1, 2, 0.2),
    "A first, then B, and 5 % of its retries handed over to C": MenuOffer(3, 0, 1, 2, 0.05),
    "A first, then B, then C for good": MenuOffer(3, 0, 1, 2, 1.0),
    "A first, then every pass drawn afresh, 70 % of them on B and 30 % on C": MenuOffer(3, 0, 1, 2, 0.3, redraw=True),
}


def drawn(temperature=1.5):
    """Two games, one group."""
    p, t, c = (tuple(np.array([x, 1.02 * x]) for x in each) for each in (GAME.success_prob, GAME.latency, GAME.cost))
    return [PosteriorDraws("", 1.0, Game(np.array([10.0, 12.0]), np.full(2, 9.0), p, t, c), np.full(2, temperature))]


@pytest.mark.parametrize(("words", "offer"), OFFERS.items())
def test_an_offer_is_said_in_words(words, offer):
    assert offer.words(TITLES) == words


@pytest.mark.parametrize("offer", OFFERS.values())
def test_an_offer_is_worth_what_its_policy_is(offer):
    family = worth_of_shares(drawn(), offer, np.array([offer.share]))
    policy = worth_of_policy(drawn(), offer.policy)
    for name in ("expected_cost", "abandoned", "user_utility", "provider_cost"):
        assert getattr(family, name)[:, 0] == pytest.approx(getattr(policy, name), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("offer", [offer for offer in OFFERS.values() if 0 < offer.share < 1])
def test_users_at_their_best_stay_on_one_side_of_the_threshold(offer):
    edge = float(thresholds_of(drawn()[0], offer)[0])
    game = drawn()[0].games.single(0)
    above, below = (memoryless_answer(game, offer.with_share(edge * x).policy) for x in (1.001, 0.999))
    assert (above, below) == (0.0, 1.0)


def test_a_threshold_may_be_out_of_reach():
    assert thresholds_of(drawn()[0], MenuOffer(3, 1, 1, 0))[0] == np.inf  # model 1 is not worth its wait
    assert thresholds_of(drawn()[0], MenuOffer(3, 2, 2, 2))[0] == 0

"""Numbers, commitments and doubts as they are said; text and page of an advice share them."""

from dataclasses import fields
from math import inf, nan
from types import SimpleNamespace

import pytest

from routegame import Game
from routegame.calibrate.decide.candidates import Offer
from routegame.calibrate.decide.phrases import (
    KINDS,
    NAMES,
    REGIMES,
    bounds,
    in_words,
    range_text,
    regret_text,
    share_of,
    value_text,
)
from routegame.calibrate.estimate.task_value import TaskValueEstimate
from routegame.calibrate.log.layout import title_of
from routegame.eval.statistics import Estimate


def test_models_that_are_only_numbered_are_called_models():
    assert [title_of(name) for name in ("1", "2", "3", "gpt")] == ["model 1", "model 2", "3", "gpt"]


@pytest.mark.parametrize(
    "share,said",
    [(0.0, "none of 200 games"), (0.02, "4 of 200 games"), (0.9975, "all 200 games"), (1.0, "all 200 games")],
)
def test_shares_are_numbers_of_games(share, said):
    assert share_of(share, SimpleNamespace(num_draws=200)) == said


@pytest.mark.parametrize(
    "offer,said",
    [
        (Offer(1, 0.0), "model 1 throughout"),
        (Offer(1, 0.078), "model 1 first and 7.8 % of retries handed over"),
        (Offer(2, 0.0), "model 2 first"),
    ],
)
def test_commitments_within_a_sentence(offer, said):
    assert in_words(offer) == said
    assert offer.kind in KINDS


@pytest.mark.parametrize(
    "low,high,said",
    [(0, inf, "any number"), (0, 10.04, "at most 10.04"), (7.5, inf, "at least 7.5"), (7, 9.12345, "7 to 9.124")],
)
def test_a_set_of_values(low, high, said):
    assert bounds(Estimate(nan, low, high)) == said


def test_a_number_and_its_interval():
    assert range_text(Estimate(9.12345, 8, 10.5)) == "9.123 (8 to 10.5)"
    assert range_text(Estimate(30221.7, 29672, 930774.2)) == "30,222 (29,672 to 930,774)"  # as milliseconds may be
    assert range_text(Estimate(nan, nan, nan)) == "not seen"


def test_a_value_that_is_known_or_not():
    known = TaskValueEstimate(Estimate(9.0, 8.0, 10.0), True, 0.512345, 0.0, 0, "")
    assert value_text(known) == "9 (8 to 10), with a noise of 0.512"
    drawn = Estimate(0.52, 0.4, 0.6)
    assert value_text(known, drawn) == "9 (8 to 10), with a noise of 0.52 (0.4 to 0.6)"
    open_ = TaskValueEstimate(Estimate(nan, 8.0, inf), False, nan, 0.0, 0, "nobody left")
    assert value_text(open_) == "at least 8: not identified, for nobody left"
    assert value_text(open_, explain=False) == "at least 8: not identified"


def test_how_much_more_than_the_best_it_costs():
    """In 97.5 % of games at most the upper end of an interval of 95 %; where V is open the interval holds them all."""
    found = {"expected_regret": 0.00022, "regret": Estimate(0.0, 0.0, 0.0028)}
    said = regret_text(SimpleNamespace(plug_in=Offer(1, 0.0), **found))
    assert said == "0.022 % on average, and at most 0.28 % in 97.5 % of games"
    assert regret_text(SimpleNamespace(plug_in=None, **found)).endswith("at most 0.28 % in all games")


def test_every_number_of_a_game_and_every_regime_has_a_name():
    pairs, singles = ("success_prob", "latency", "cost"), ("task_value", "churn_penalty")
    assert {field.name for field in fields(Game)} == {*pairs, *singles, "names"}
    assert set(NAMES) == {*singles, "temperature", *(f"{name}_{k}" for name in pairs for k in (1, 2))}
    assert set(REGIMES) == {f"{one}-{other}" for one in ("value", "latency") for other in ("value", "latency")}

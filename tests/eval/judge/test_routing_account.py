"""What is said and drawn of a routing game: costs are those of the closed form, words those of its scenario."""

import re
from dataclasses import replace

import numpy as np
import pytest

from routegame import best_response, solve
from routegame.agents.exact.solved_routing import SolvedRouting
from routegame.envs.chain import outcome
from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_account import (
    capital,
    commitment_words,
    models_of,
    routing_account,
    routing_picture,
    units_of,
)

NANO = scenario("nano-gpt5")
FAR = Commitment.unthrottled(NANO.game, 1, 0.9)


def picture(name="nano-gpt5", ended=(), believed=None, throttling=False):
    solved = SolvedRouting(RoutingGame(scenario(name).game, throttling=throttling))
    return routing_picture(solved, name, ended, believed)


@pytest.mark.parametrize("name", ["nano-gpt5", "figure-4-right-cascade", "figure-4-left-reasoning"])
def test_the_curve_is_the_closed_form_on_both_sides_of_every_jump(name):
    drawn, game = picture(name), scenario(name).game
    s = drawn.positions
    answers = best_response(game, 1, s)
    assert drawn.curves["exact"] == pytest.approx(outcome(game, 1, s, answers).provider_cost)
    assert (s[0], s[-1]) == (0, drawn.end) and (np.diff(s) > 0).all()
    for threshold in vars(solve(game).thresholds).values():
        if threshold == threshold:
            for side in (-1e-9, 0, 1e-9):
                assert np.isclose(s, threshold + side, rtol=0, atol=1e-15).any()


def test_the_equilibrium_is_marked_on_the_line_or_aside():
    best = solve(NANO.game).equilibrium
    assert picture().best == (best.cascade_prob, best.provider_cost)
    aside = picture("figure-4-left-reasoning")
    assert aside.best == (None, solve(scenario("figure-4-left-reasoning").game).equilibrium.provider_cost)
    assert aside.aside.levels == [("route2", pytest.approx(aside.best[1]))]


def test_every_run_that_is_marked_is_to_be_seen():
    plain, wide = picture(), picture(ended=[FAR])
    assert plain.end < 0.9 < wide.end <= 1 and wide.place(FAR) == 0.9
    assert wide.place(Commitment.unthrottled(NANO.game, 2, 0.0)) is None
    assert "1 runs ended on route 1 and 0 on route 2" in wide.about
    assert picture(ended=[Commitment.unthrottled(NANO.game, 1, 1.0)]).end == 1
    for threshold in vars(solve(NANO.game).thresholds).values():
        assert not threshold > plain.end


def test_what_users_believe_is_drawn_where_it_is_known():
    drawn = picture(believed=lambda commitments: np.full(len(commitments), 0.5))
    assert drawn.curves["believed"] == pytest.approx(outcome(NANO.game, 1, drawn.positions, 0.5).provider_cost)
    assert "believed" in dict(drawn.legend) and "believed" not in dict(picture().legend)


def test_where_models_may_be_slowed_down_it_shows_what_that_costs():
    """As much as users cost who leave after one pass, on either route."""
    game = scenario("figure-5-throttle").game
    drawn = picture("figure-5-throttle", throttling=True)
    leaving = [game.cost[k] + game.churn_penalty * (1 - game.success_prob[k]) for k in (0, 1)]
    assert drawn.levels[1:] == [("slowed", pytest.approx(leaving[0]))]
    assert drawn.aside.levels[1:] == [("slowed", pytest.approx(leaving[1]))]
    assert "slowed" in dict(drawn.legend) and drawn.note and not picture("figure-5-throttle").note


def account(game, name, throttling=False):
    return routing_account(SolvedRouting(RoutingGame(game, throttling=throttling)), name)


def test_a_scenario_tells_what_it_is_about_and_another_game_of_its_name_does_not():
    assert account(NANO.game, "nano-gpt5").about == f"{capital(NANO.about)}."
    assert account(replace(NANO.game, churn_penalty=3), "nano-gpt5").about == account(NANO.game, None).about == ""


def test_numbers_have_the_models_and_units_of_the_scenario():
    said = account(NANO.game, "nano-gpt5").numbers
    assert re.search(r"Model 1 \(gpt-4.1-nano\) solves 3.1\d* % of its passes at \$0.000966 and 6.09 s each", said)
    assert "A solution is worth 120 s to users; one who leaves costs the provider $0.1." in said
    bare = account(NANO.game, None).numbers
    assert "Model 1 (standard)" in bare and "$" not in bare
    assert (models_of("nowhere"), units_of("nowhere")) == (("standard", "reasoning"), ("", ""))


@pytest.mark.parametrize(
    "name,start,end",
    [
        ("nano-gpt5", "model 1 first, ", "handed over; users stay."),
        ("figure-4-left-reasoning", "model 2 first; ", "users stay."),
        ("figure-4-left-standard", "model 1 first; ", "users leave after a failure."),
    ],
)
def test_the_equilibrium_in_words(name, start, end):
    said = account(scenario(name).game, name).equilibrium
    assert said.startswith(start) and f"{end} A task costs " in said


def test_users_who_mix_and_models_that_are_slowed_down_are_told_of():
    mixing = account(Game(10, 1, (0.3, 0.005), (1.5, 0.055), (0.285, 0)), None).equilibrium
    assert " of users leave. A task costs 0.88" in mixing
    slowed = account(scenario("figure-5-throttle").game, None, throttling=True).equilibrium
    assert ", slowed down to 0.801 and 1.5; users leave after a failure." in slowed, "a hair too slow, not too fast"


def test_a_commitment_in_a_few_words():
    assert commitment_words(SolvedRouting(RoutingGame(NANO.game)), FAR) == "route 1, 90 %"
    assert (
        commitment_words(SolvedRouting(RoutingGame(NANO.game)), Commitment.unthrottled(NANO.game, 2, 0.0)) == "route 2"
    )

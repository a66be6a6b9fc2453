"""The last choice does not fall for what users misjudge."""

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.exact.solved import solved
from routegame.envs.chain import outcome
from routegame.envs.classic.catalogue import CLASSICS, MATRICES
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.train.meter import Meter
from routegame.train.ppo.final_choice import (
    STEPS,
    cheapest,
    cheapest_when_users_reconsider,
    expected_cost,
    mistaken,
    nearby,
)

RESAMPLES = np.random.default_rng(0).multinomial(8, [1 / 8] * 8, 4000) / 8


def test_users_who_are_sure_to_find_something_better_will_do_it():
    utility = np.array([[1.0] * 8, [2.0] * 8])
    assert expected_cost(utility, np.array([[5.0] * 8, [7.0] * 8]), RESAMPLES) == 7
    assert expected_cost(utility, np.array([[5.0] * 8, [3.0] * 8]), RESAMPLES) == 5, "no less than what they do now"


def test_users_who_cannot_tell_may_do_either():
    """Of eight draws of a fair coin more than four show the other side in 93 of 256 cases; a tie changes no minds."""
    luck = np.array([1.0, -1.0] * 4)
    cost = np.array([[5.0] * 8, [7.0] * 8])
    assert expected_cost(np.array([luck, -luck]), cost, RESAMPLES) == pytest.approx(5 + 2 * 93 / 256, abs=0.05)


def test_nearby_keeps_to_the_box_and_the_route():
    box = RoutingGame(scenario("nano-gpt5").game, throttling=True)
    centres = box.commitments(np.array([[0.0, 0.0, 0.3, 1.0], [1.0, 0.5, 0.0, 0.0]]))
    points = box.actions(nearby(box, centres))
    assert ((points >= 0) & (points <= 1)).all()
    assert len(np.unique(points, axis=0)) == len(points)
    for wanted in (
        [0, 0, 0.3, 1],
        [0, STEPS[2], 0.3, 1],
        [0, 0, 0.3, 1 - STEPS[-1]],
        [0, STEPS[-1], 0, 0],
        [1, 0.5, 0, 0],
    ):
        assert np.abs(points - wanted).max(axis=1).min() < 1e-9
    assert len(points) == (1 + 6 + 12 + 6) + (1 + 6 + 6 + 6) + (1 + 12 + 6 + 6)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("scenario_name,late", [("figure-4-right-cascade", 0.004), ("nano-gpt5", -0.004)])
def test_users_who_change_their_mind_too_late_are_not_exploited(scenario_name, late):
    """Their own loss is next to nothing on the one side of s_L, and small on the one of s_0; the provider's is not."""
    game = scenario(scenario_name).game
    box, best, meter = RoutingGame(game), solve(game).equilibrium, Meter()

    def respond(commitments):
        return np.asarray(best_response(game, commitments.route, np.clip(commitments.cascade_prob - late, 0, 1)))

    def regret(choose):
        centre = Commitments.unthrottled(game, 1, best.cascade_prob + late)
        found = choose(box, nearby(box, centre), respond, 2**19, np.random.default_rng(0), meter)
        answer = best_response(game, found.route, found.cascade_prob)
        return outcome(game, found.route, found.cascade_prob, answer).provider_cost / best.provider_cost - 1

    assert regret(cheapest) > 0.1
    assert regret(cheapest_when_users_reconsider) < 0.01
    assert meter.queries > 0
    assert meter.passes > 0


def test_a_type_that_changes_its_mind_too_late_is_not_exploited():
    """Just short of 1/3 the second type is better off with its other answer, which it has not learned."""
    game = next(known.game for known in MATRICES if known.name == "bayes-two-types")
    closed = solved(game)
    offers = game.commitments(np.array([[0.3], [0.5], [2 / 3 - 1e-3]]))

    def respond(commitments):
        answers = closed.best_answer(commitments).copy()
        answers[:, 1] = 0.0
        return answers

    found = [
        choose(game, offers, respond, 2**17, np.random.default_rng(0), Meter()).coordinates[0]
        for choose in (cheapest, cheapest_when_users_reconsider)
    ]
    exact = closed.outcome(offers, closed.best_answer(offers))[0]
    hoped = closed.outcome(offers, respond(offers))[0]
    assert found[0] == offers[int(np.argmin(hoped))].coordinates[0]
    assert found[1] == offers[int(np.argmin(exact))].coordinates[0] != found[0]


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ["noisy-bagwell", "matrix-three-answers"])
def test_followers_of_three_answers_are_expected_to_turn_to_the_one_in_the_middle(name):
    """Beyond the edge they keep to an answer that is nearly best there, and the leader would gain by it."""
    game = next(known.game for known in (*CLASSICS, *MATRICES) if known.name == name)
    closed, best = solved(game), solved(game).equilibrium()
    offers = game.commitments(np.array(best.coordinates) + np.linspace(-0.02, 0.02, 41)[:, None])

    def regret(choose):
        found = choose(game, offers, lambda at: np.full(len(at), best.answer), 2**19, np.random.default_rng(0), Meter())
        cost = closed.outcome(found.alone(), closed.best_answer(found.alone()))[0][0]
        return cost / abs(best.provider_cost) + 1

    assert regret(cheapest) > 0.05
    assert regret(cheapest_when_users_reconsider) < 0.015


@pytest.mark.parametrize("scenario_name,share", [("value-latency-mixed", 0.07), ("nano-gpt5", 0.0805)])
def test_users_are_mistaken_where_they_lose_for_sure(scenario_name, share):
    game = scenario(scenario_name).game
    best = float(best_response(game, 1, share))
    assert (0 < best < 0.02) == (scenario_name == "value-latency-mixed")
    rng = np.random.default_rng(0)

    def said(abandon_prob):
        offered = Commitments.unthrottled(game, 1, np.array([share]))
        return mistaken(RoutingGame(game), offered, lambda _: np.array([abandon_prob]), 2**20, rng, Meter())

    assert [said(best), said(1.0)] == [False, True]
    assert said(0.0) == (best > 0), "staying for good, where it is best to leave after one failure in 200"

"""The front door: which order is solved, what is refused, and answers to commitments in full."""

import json

import pytest

from routegame import Game, ParameterError, best_response, solve
from routegame.agents import Population
from routegame.agents.users.population import solve_population

TWO = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
THREE = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))


def test_two_models_are_in_the_papers_order_and_more_in_any_unless_asked():
    assert (solve(TWO).order, solve(THREE).order) == ("paper", "free")
    assert solve(TWO).policy is None and "order" not in solve(TWO).to_dict()
    assert solve(THREE, order="fixed").order == "fixed"


def test_a_population_is_solved_by_the_same_name():
    crowd = Population([9, 18], 15, (0.1, 0.3), (1, 2), (1, 3.6))
    assert solve(crowd).provider_cost == solve_population(crowd).provider_cost
    assert solve(crowd).pooled.abandon_prob.tolist() == [0, 0]


@pytest.mark.parametrize(
    "option", [{"throttling": True}, {"information": "model"}, {"order": "paper"}, {"decline": True}, {"redraw": True}]
)
def test_a_population_takes_no_other_argument(option):
    with pytest.raises(ParameterError, match=f"{next(iter(option))} must be left out for a population"):
        solve(Population([9, 18], 15, (0.1, 0.3), (1, 2), (1, 3.6)), **option)


def test_json_of_three_models_has_what_it_is_said_to_have():
    document = json.loads(json.dumps(solve(THREE).to_dict()))
    assert document["order"] == "free" and document["visited"] == [1, 2, 3]
    assert document["policy"]["start"] == [1, 0, 0] and len(document["policy"]["matrix"]) == 3
    assert document["price_of_going_on"] == pytest.approx(37 / 12)
    assert document["certificate"] == {"lower_bound": pytest.approx(2.5125), "status": "exact", "gap": pytest.approx(0)}
    assert document["thresholds"] is None and document["no_commitment"] is None and document["other_order"] is None
    assert document["regime"] == "latency-latency-value"
    assert document["equilibrium"]["route"] == 1 and document["equilibrium"]["cascade_prob"] is None
    assert solve(TWO, order="free").to_dict()["other_order"] == {"provider_cost": solve(TWO, order="free").other_order}
    assert solve(THREE, information="model").to_dict()["equilibrium"]["abandon_prob"] == [0, 0, 0]


def test_a_random_start_has_no_route():
    game = Game(60, 1, (0.1644, 0.1111, 0.3956), (5.61, 10.32, 181.5), (0.047799, 0.004687, 0.003614))
    drawn = solve(game, decline=True, redraw=True)
    assert drawn.to_dict()["equilibrium"]["route"] is None
    assert (drawn.policy.start > 0).sum() == 2


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"order": "paper"}, "order must be free or fixed for 3 models, got 'paper'"),
        ({"order": "any"}, "order must be 'paper' or 'fixed' or 'free'"),
        ({"information": "all"}, "information must be 'memoryless'"),
        ({"order": "fixed", "redraw": True}, "redraw must be left out unless the order is free"),
    ],
)
def test_what_there_is_not_is_refused(options, refusal):
    with pytest.raises(ParameterError, match=refusal):
        solve(THREE, **options)


def test_declining_has_no_place_in_the_papers_order_and_a_fixed_order_no_batch():
    with pytest.raises(ParameterError, match="decline must be left out in the paper's order"):
        solve(TWO, decline=True)
    with pytest.raises(ParameterError, match="game must be a single game where the order is fixed"):
        solve(Game([9, 8], 9, THREE.success_prob, THREE.latency, THREE.cost), order="fixed")


def test_a_commitment_is_said_in_one_of_two_ways():
    assert best_response(TWO, 1, 0.05) == best_response(TWO, start=(1, 0), matrix=((0.95, 0.05), (0, 1))) == 0
    assert best_response(TWO, 1, 0.04) == best_response(TWO, start=(1, 0), matrix=((0.96, 0.04), (0, 1))) == 1
    policy = solve(THREE).policy
    assert best_response(THREE, start=policy.start, matrix=policy.matrix) == 0
    slow = best_response(THREE, start=policy.start, matrix=policy.matrix, throttled_latency=(6, 2.2, 6))
    assert slow == 1
    for given in (
        {"start": (1, 0)},
        {"route": 1},
        {"route": 1, "cascade_prob": 0, "start": (1, 0), "matrix": ((1, 0), (0, 1))},
    ):
        with pytest.raises(ParameterError):
            best_response(TWO, **given)

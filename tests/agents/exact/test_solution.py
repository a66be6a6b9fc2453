"""The form of a solution: plain numbers, arrays of the game's shape, and the document that is agreed on."""

import json

import numpy as np
import pytest
from command_line import PROFILE
from solution_leaves import leaves

from routegame import Game, best_response, solve
from routegame.agents.exact.solution import RoutingProfile
from routegame.envs.chain import outcome

KEYS = {
    "game": ["task_value", "churn_penalty", "success_prob", "latency", "cost"],
    "net_value": None,
    "cost_of_pass": None,
    "regime": None,
    "thresholds": ["s_0", "s_L", "s_H"],
    "equilibrium": PROFILE,
    "weak_provider_cost": None,
    "user_preferred": PROFILE,
    "misalignment_gap": None,
    "throttling": ["pays", "gain", "provider_cost", "throttled_latency", "safe_churn_penalty"],
    "no_commitment": ["provider_cost", "value_of_commitment", "pure"],
    "information": None,
}


@pytest.mark.parametrize("throttling", [False, True])
def test_a_single_game_has_plain_numbers(stratum, as_game, throttling):
    kinds = {".route": int, "cascade_free": bool, "pays": bool, "pure": bool}
    solution = solve(as_game(stratum.numbers[0]), throttling=throttling)
    found = dict(leaves(solution))
    assert len(found) == 40 and solution.regime == stratum.regime
    for path, value in found.items():
        wanted = next((kind for ending, kind in kinds.items() if path.endswith(ending)), float)
        assert type(value) is wanted, path


@pytest.mark.parametrize("throttling", [False, True])
def test_the_document_has_the_keys_of_the_interface(stratum, as_game, throttling):
    document = solve(as_game(stratum.numbers[1]), throttling=throttling).to_dict()
    assert list(document) == list(KEYS)
    for name, keys in KEYS.items():
        assert keys is None or list(document[name]) == keys
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_document_of_a_batch_is_json_too(stratum):
    document = json.loads(json.dumps(solve(stratum.game).to_dict(), allow_nan=False))
    assert len(document["equilibrium"]["route"]) == 500 and document["regime"] == [stratum.regime] * 500
    assert len(document["throttling"]["throttled_latency"][1]) == 500


def test_any_shape_of_batch():
    batch = Game(np.linspace(1, 30, 3)[:, None], 12, (np.linspace(0.1, 0.4, 4), 0.3), (1, 2), (1, np.ones((2, 1, 1))))
    for throttling in (False, True):
        solution = solve(batch, throttling=throttling)
        assert {np.shape(value) for _, value in leaves(solution)} == {(2, 3, 4)}
        assert solution.regime.shape == (2, 3, 4)
    assert {np.shape(value) for _, value in leaves(solve(Game([], 12, (0.1, 0.3), (1, 2), (1, 3))))} == {(0,)}


def test_cascade_free_is_where_the_cascade_changes_nothing(stratum):
    e, grid = solve(stratum.game).equilibrium, np.linspace(0, 1, 11)
    same = np.ones(500, dtype=bool)
    for s in grid:
        q = best_response(stratum.game, e.route, s)
        same &= np.isclose(outcome(stratum.game, e.route, s, q).provider_cost, e.provider_cost, rtol=1e-9)
    np.testing.assert_array_equal(e.cascade_free, same)
    assert same.any()


LEFT = Game(9, 12, (0.1, 0.3), (1, 2), (1, 3))


@pytest.mark.parametrize("route,s,q", [(1, 0.25, 0.1), (1, 0.0, 1.0), (2, 0.0, 0.0)])
def test_a_profile_is_completed_by_the_closed_form(route, s, q):
    profile, found = RoutingProfile.of(LEFT, route, s, q), outcome(LEFT, route, s, q)
    assert (profile.leader_cost, profile.follower_utility) == (found.provider_cost, found.user_utility)
    assert (profile.follower_answer, profile.throttled_latency) == (q, (1, 2))
    assert profile.cascade_free == (route == 2)


def test_regimes_are_named_by_signs_and_zero_is_value():
    """V p is 2 and 4 here, to the last bit."""
    latency = np.array([1.0, 2.0, 3.0])
    batch = Game(8, 1, (0.25, 0.5), (latency[:, None], 2 * latency), (1, 3))
    assert solve(batch).regime.tolist() == [["value-value", "value-value", "value-latency"]] * 2 + [
        ["latency-value", "latency-value", "latency-latency"]
    ]


def test_numbers_that_are_none_are_null_in_the_document():
    """A threshold that does not exist is nan; a patience without end is inf."""
    document = solve(LEFT).to_dict()
    assert document["thresholds"]["s_L"] is None and document["thresholds"]["s_0"] > 0

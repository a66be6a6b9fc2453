"""Suites hold what their names promise: sizes, strata, distances, and the same games every time."""

import json
from collections import Counter

import numpy as np
import pytest

from routegame.agents.exact.best_response import best_response
from routegame.agents.exact.equilibrium import solve
from routegame.agents.solver import solve as best_of
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import DEVIATIONS, RoutingGame
from routegame.envs.scenarios import SCENARIOS, suite
from routegame.envs.scenarios import SUITES as SCENARIO_SUITES
from routegame.eval.bench.suites import DISTANCES, PER_STRATUM, REGIMES, SUITES, instances, random_games

DRAWN = ("random", "held-out")
OTHERS = ("unseen", "classic", "matrices", "menus", "mixes", "needle", "crowds", "drift", "hard")
ROUTING = [name for name in SUITES if name not in OTHERS]
"""Suites of games of two models."""


def numbers(instance):
    return json.dumps(instance.game.to_dict())


def distance_by_hand(game):
    """From the costs of the commitments that can be optimal, and the net values, one game at a time."""
    solution = solve(game)
    best, at = solution.equilibrium, solution.thresholds
    kinds = {"standard": (1, 0.0), "leave": (1, 1.0), "reasoning": (2, 0.0)}
    threshold = at.s_0 if at.s_0 == at.s_0 else at.s_L
    if threshold == threshold:
        kinds["cascade"] = (1, threshold)
    own = {k for k, (route, s) in kinds.items() if route == best.route and (route == 2 or s == best.cascade_prob)}
    if best.cascade_free and best.route == 1:
        own = {"standard", "leave"}
    costs = [
        outcome(game, route, s, best_response(game, route, s)).provider_cost
        for kind, (route, s) in kinds.items()
        if kind not in own
    ]
    shares = [abs(xi) / (game.task_value * p) for xi, p in zip(game.net_value, game.success_prob, strict=True)]
    return min(min(costs) / best.provider_cost - 1, *shares)


def test_sizes():
    assert {name: len(instances(name)) for name in SUITES} == {
        "reference": 25,
        "paper": 13,
        "real": 18,
        "cells": 16,
        "menus": 13,
        "mixes": 10,
        "needle": 12,
        "steep": 6,
        "crowds": 9,
        "hard": 40,
        "drift": 10,
        "random": 60,
        "held-out": 60,
        "unseen": 10_000,
        "classic": 10,
        "matrices": 8,
    }


@pytest.mark.parametrize("name", SUITES)
def test_no_game_is_in_a_suite_twice(name):
    names = [instance.name for instance in instances(name)]
    assert len(set(names)) == len(names)
    assert len(set(map(numbers, instances(name)))) == len(names)


@pytest.mark.parametrize("name", ROUTING)
def test_every_instance_can_be_played(name):
    for instance in instances(name):
        box = RoutingGame(instance.game, throttling=instance.throttling)
        assert solve(box.game, throttling=box.throttling).equilibrium.provider_cost > 0
        assert instance.group


def test_equal_names_are_equal_games():
    known = {}
    for instance in (instance for name in SUITES for instance in instances(name)):
        assert known.setdefault(instance.name, (instance.game, instance.throttling))[0] == instance.game
        assert known[instance.name][1] == instance.throttling


@pytest.mark.parametrize("name", SCENARIO_SUITES)
def test_suites_of_scenarios_throttle_where_it_pays(name):
    """Every suite of scenarios can be played, and is the same suite here and there."""
    assert [instance.scenario for instance in instances(name)] == [known.name for known in suite(name)]
    for instance in instances(name):
        assert instance.name == instance.scenario and instance.game == SCENARIOS[instance.scenario].game
        assert instance.throttling == best_of(instance.game).throttling.pays
    assert sum(instance.throttling for instance in instances("reference")) == 5


def test_groups_of_the_reference_games_are_all_cells():
    groups = [instance.group for instance in instances("cells")]
    assert len(groups) == len(set(groups)) == 16
    assert {instance.group for instance in instances("reference")} == set(groups)
    assert {instance.group for instance in instances("real")} == set(REGIMES)


def test_menus_have_every_kind_of_optimum_and_no_other_games():
    groups = [instance.group.split(" models, ") for instance in instances("menus")]
    assert {kind for _, kind in groups} == {"stay", "leave", "pair", "chain", "branch"}
    assert {size for size, _ in groups} == {"3", "5", "8"}


def test_mixes_have_users_of_two_kinds():
    groups = [instance.group.split(" contexts, ") for instance in instances("mixes")]
    assert groups == [[size, users] for size in ("2", "10", "57", "100", "1000") for users in ("sighted", "memoryless")]
    assert all(instance.box is instance.game for instance in instances("mixes"))


@pytest.mark.parametrize("name", DRAWN)
def test_strata_are_full(name):
    groups = Counter(instance.group for instance in instances(name))
    assert groups == {f"{regime}, {distance}": PER_STRATUM for regime in REGIMES for distance in DISTANCES}


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_games_are_where_their_groups_say(name):
    for instance in instances(name):
        regime, distance = instance.group.split(", ")
        low, high = DISTANCES[distance]
        assert solve(instance.game).regime == regime
        assert low <= distance_by_hand(instance.game) + 1e-9 and distance_by_hand(instance.game) < high + 1e-9
        assert instance.scenario is None and not instance.throttling
        assert instance.name.startswith(f"{name}-{regime}-{distance}-")


@pytest.mark.parametrize("name", DRAWN)
def test_kinds_of_optimal_commitments_take_turns(name):
    """Cascades at a threshold are no rarity among them, where they can be optimal."""
    for regime, threshold in (("value-latency", "s_L"), ("latency-value", "s_0")):
        solved = [solve(i.game) for i in instances(name) if i.group.startswith(regime)]
        assert sum(s.equilibrium.cascade_prob == getattr(s.thresholds, threshold) for s in solved) >= 3
        assert {s.equilibrium.route for s in solved} == {1, 2}


def test_half_of_the_games_are_in_the_papers_order():
    def ordered(game):
        return all(one < other for one, other in (game.success_prob, game.cost))

    games = [instance.game for instance in random_games(seed=7, per_stratum=40)]
    assert 0.4 < np.mean([ordered(game) for game in games]) < 0.9  # a quarter of the other half is, too


def test_the_same_seed_draws_the_same_games():
    assert random_games(1) == random_games(1) == instances("random")
    assert {numbers(i) for i in random_games(1)} != {numbers(i) for i in random_games(3)}
    first = instances("random")[0].game
    assert (first.task_value, first.churn_penalty, first.success_prob) == (19.0243, 1.3235, (0.1199, 0.1849))


def test_held_out_games_are_met_nowhere_else():
    elsewhere = {numbers(instance) for name in SUITES if name != "held-out" for instance in instances(name)}
    assert not elsewhere & {numbers(instance) for instance in instances("held-out")}


def test_unseen_games_fill_all_strata_alike():
    groups = Counter(instance.group for instance in instances("unseen"))
    assert len(groups) == 12 and set(groups.values()) == {833, 834}
    for instance in instances("unseen")[::500]:
        low, high = DISTANCES[instance.group.split(", ")[1]]
        assert low <= distance_by_hand(instance.game) + 1e-9 and distance_by_hand(instance.game) < high + 1e-9


def test_as_many_as_wanted():
    assert len(random_games(5, per_stratum=1)) == 12
    assert len({instance.name for instance in random_games(5, per_stratum=100)}) == 1200


def test_errors():
    known = (
        "reference, paper, real, cells, menus, mixes, needle, steep, crowds, hard, drift, random, held-out, unseen,"
        " classic, matrices"
    )
    with pytest.raises(ParameterError, match=f"suite must be one of {known}, got 'all'"):
        instances("all")
    for find in (instances, suite):
        with pytest.raises(ParameterError, match="suite must be real, as it is called now, got 'pairs'"):
            find("pairs")
        with pytest.raises(ParameterError, match="suite must be paper, as it is called now, got 'figures'"):
            find("figures")
    with pytest.raises(ParameterError, match="seed must be an integer from 0"):
        random_games(-1)
    with pytest.raises(ParameterError, match="per_stratum must be an integer from 1"):
        random_games(0, per_stratum=0)


@pytest.mark.parametrize("suite", ["reference", "menus", "mixes", "needle", "steep", "crowds", "drift"])
def test_users_of_models_may_turn_to_the_same_answers_in_every_game(suite):
    """Whatever form a game of routing has: leaders that look ahead would play others, and end elsewhere."""
    assert all((known.box.deviations == DEVIATIONS).all() for known in instances(suite))

"""Built-in games: provenance, and agreement with the reference data where that is at hand."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from menus_by_hand import bound_by_linear_program
from two_models import TWO_MODELS

from routegame import best_response, solve
from routegame.agents.menus.optimum import optimum
from routegame.envs.scenarios import MOST_PLAYED, SCENARIOS, SUITES, Scenario, scenario, suite

PAIRS = Path(__file__).parents[2].parent / "shared" / "data" / "pairs.csv"
PAIR_IDS = {
    "nano-gpt5": "gpt41nano_gpt5low",
    "gpt41-o3": "gpt41_o3",
    "sonnet4-thinking": "sonnet4_think",
    "opus4-thinking": "opus4_think",
    "gpt4o-o3mini": "gpt4o_o3mini",
    "gpt4omini-o1mini": "gpt4omini_o1mini_edit",
    "chatgpt4o-o3": "chatgpt4o_o3high",
    "gpt41-o4mini": "gpt41_o4minihigh",
    "gpt45-o3mini": "gpt45_o3minihigh",
    "gpt5-effort": "gpt5_low_high",
    "haiku35-sonnet4": "haiku35_sonnet4think",
    "sonnet35-r1": "sonnet35_r1arch",
    "gemini25-flash-pro": "gemflash_gempro",
    "deepseek-v3-r1": "dsv3_0324_r1",
    "deepseek-v32": "dsv32_chat_reasoner",
    "grok3-grok4": "grok3_grok4",
    "grok3mini-effort": "grok3mini_low_high",
    "qwen3-thinking": "qwen3_235b_think",
}
FAILING_ORDERS = {
    "opus4-thinking": {"cost"},
    "gpt41-o4mini": {"success_prob"},
    "gpt45-o3mini": {"success_prob", "cost"},
    "sonnet35-r1": {"cost"},
    "deepseek-v3-r1": {"success_prob", "latency"},
    "grok3mini-effort": {"cost"},
    "qwen3-thinking": {"success_prob"},
}
REGIONS = {
    "figure-4-left-standard": (1, 0, 1),
    "figure-4-left-cascade": (1, 0.0410958904109589, 0),
    "figure-4-left-reasoning": (2, 0, 0),
    "figure-4-right-standard": (1, 0, 0),
    "figure-4-right-leave": (1, 1, 1),
    "figure-4-right-reasoning": (2, 0, 1),
    "figure-4-right-cascade": (1, 0.0570204, 0),
}
MENUS = {
    "gpt41-family": (0.035859894, [1, 2], "pair"),
    "deepseek-grok3": (0.045711969, [1, 2, 3], "chain"),
    "o3mini-deepseek": (0.089711631, [1, 2, 3], "chain"),
    "chatgpt4o-deepseek": (0.113191746, [1, 2, 3], "chain"),
    "openai-five": (0.094763246, [2, 3, 5], "branch"),
    "gateway-eight": (0.024064449, [2, 5, 6], "chain"),
    "polyglot-51": (0.007437644, [9, 35], "pair"),
    "menu-stay": (3, [2], "stay"),
    "menu-leave": (3.5, [2], "leave"),
    "menu-threat": (1.7, [1], "leave"),
    "menu-pair": (10.54, [1, 2], "pair"),
    "menu-chain": (2.5125, [1, 2, 3], "chain"),
    "menu-branch": (0.1 + 0.6 * 92 / 17, [1, 2, 3], "branch"),
    "menu-tie": (0.5, [2, 3], "stay"),
}
"""Games of more than two models: the least cost of a task, the models that are visited, the kind of the optimum."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_complete(name):
    known = scenario(name)
    assert known.name == name
    assert known.about and len(known.about) < 100 and ". " not in known.about
    assert solve(known.game).equilibrium.provider_cost > 0
    assert known.to_dict()["game"] == known.game.to_dict()
    if known.measurements:
        for m in known.measurements:
            assert m.num_cases == 133 if "edit_leaderboard" in m.source else m.num_cases in (223, 224, 225)
            assert date(2024, 7, 1) < date.fromisoformat(m.date) < date(2025, 11, 1) and "Aider" in m.source
            assert m.success_prob * m.num_cases == pytest.approx(round(m.success_prob * m.num_cases), abs=0.02)
        assert known.units == ("s", "$") and len(known.measurements) == known.game.num_models


@pytest.mark.parametrize("name, pair", PAIR_IDS.items())
def test_real_pairs_agree_with_the_reference_data(name, pair):
    if not PAIRS.exists():
        pytest.skip("the reference data is not beside this clone")
    with PAIRS.open(newline="") as lines:
        row = next(row for row in csv.DictReader(lines) if row["pair_id"] == pair)
    game, measurements = scenario(name).game, scenario(name).measurements
    for k, letter in (("success_prob", "p"), ("latency", "t"), ("cost", "c")):
        assert getattr(game, k) == (float(row[f"{letter}1"]), float(row[f"{letter}2"]))
    assert [m.date for m in measurements] == [row["date1"], row["date2"]]
    assert [m.num_cases for m in measurements] == [int(row["n1"]), int(row["n2"])]


def test_real_pairs_have_a_test_each():
    assert set(PAIR_IDS) == {name for name, known in TWO_MODELS.items() if known.measurements}


def test_orders_that_real_pairs_break():
    broken = {}
    for known in suite("real"):
        pairs = {k: getattr(known.game, k) for k in ("success_prob", "latency", "cost")}
        broken[known.name] = {k for k, (standard, reasoning) in pairs.items() if standard >= reasoning}
    assert {name: orders for name, orders in broken.items() if orders} == FAILING_ORDERS


@pytest.mark.parametrize("name, answer", REGIONS.items())
def test_points_of_figure_4_lie_in_their_regions(name, answer):
    best = solve(scenario(name).game).equilibrium
    assert (best.route, best.cascade_prob, best.abandon_prob) == pytest.approx(answer, abs=1e-5)


def test_points_of_figure_5_throttle_and_do_not():
    assert solve(scenario("figure-5-throttle").game).throttling.gain == pytest.approx(9 - 0.9 * 5)
    assert not solve(scenario("figure-5-serve").game).throttling.pays
    without, slowed = (solve(scenario("figure-5-switch").game, throttling=allowed) for allowed in (False, True))
    assert (without.equilibrium.route, without.equilibrium.abandon_prob) == (2, 0)
    assert (slowed.equilibrium.route, slowed.equilibrium.abandon_prob) == (1, 1)
    assert slowed.throttling.gain == pytest.approx(8 - (1 + 0.9 * 2))


def test_points_of_figure_3_are_answered_as_their_names_say():
    answers = {name: best_response(scenario(f"figure-3-{name}").game, 1, 0.25) for name in ("stay", "mix", "leave")}
    assert answers["stay"] == 0 < 0.1 < answers["mix"] < 0.9 < 1 == answers["leave"]


def test_every_figure_with_games_has_at_least_three_points():
    figures = [name.rpartition("-")[0] for name in SUITES["paper"]]
    assert {figure: figures.count(figure) for figure in figures} == {
        "figure-3": 3,
        "figure-4-left": 3,
        "figure-4-right": 4,
        "figure-5": 3,
    }


def test_suites_are_data():
    later_pairs = list(PAIR_IDS)[4:]
    assert [known.name for known in suite("reference")] == [name for name in TWO_MODELS if name not in later_pairs]
    assert len(suite("reference")) == 25
    assert set(SUITES["real"]) == set(PAIR_IDS)
    for name, members in SUITES.items():
        assert len(set(members)) == len(members) > 0
        assert {known.name for known in SCENARIOS.values() if name in known.to_dict()["suites"]} == set(members)
    with pytest.raises(ValueError, match="suite must be one of reference, paper, real, cells, menus, got 'all'"):
        suite("all")


def test_scenarios_of_the_cells_say_which():
    assert scenario("figure-4-left-cascade").to_dict()["cell"] == {
        "regime": "latency-value",
        "commitment": "cascade",
        "throttling_pays": False,
    }
    assert scenario("nano-gpt5").cell is scenario("nano-gpt5").to_dict()["cell"] is None
    assert {known.name for known in SCENARIOS.values() if known.cell} == set(SUITES["cells"])


@pytest.mark.parametrize("name", MENUS)
def test_menus_are_what_their_names_say(name):
    (cost, visited, kind), solution = MENUS[name], solve(scenario(name))
    assert solution.equilibrium.provider_cost == pytest.approx(cost, abs=6e-10)
    assert solution.visited == visited and optimum(solution) == kind
    assert bound_by_linear_program(scenario(name).game)[0] == pytest.approx(cost, abs=6e-10)
    named = name.removeprefix("menu-")
    assert not name.startswith("menu-") or named == kind or named in ("threat", "tie")


def test_menus_are_all_scenarios_of_more_models_and_those_that_can_be_played_a_suite():
    sizes = {name: known.game.num_models for name, known in SCENARIOS.items()}
    assert list(MENUS) == [name for name in SCENARIOS if name not in TWO_MODELS]
    assert list(SUITES["menus"]) == [name for name in MENUS if sizes[name] <= MOST_PLAYED]
    assert Counter(sizes[name] for name in MENUS) == {3: 11, 5: 1, 8: 1, 51: 1}
    assert all(sizes[name] == 2 for other in SUITES.keys() - {"menus"} for name in SUITES[other])


def test_users_of_the_threat_would_stay_without_it():
    game = scenario("menu-threat").game
    assert solve(game.of_models([0, 1])).equilibrium.abandon_prob == 0
    assert solve(game).equilibrium.abandon_prob == 1 and np.sign(game.net_value).tolist() == [1, 1, -1]


def test_the_second_model_of_the_tie_is_worth_its_wait_exactly():
    assert scenario("menu-tie").game.net_value[1] == 0


def test_models_have_the_names_that_they_were_measured_under_or_else_that_they_were_given():
    assert scenario("gpt41-family").models == ("gpt-4.1-nano", "gpt-4.1-mini", "gpt-4.1")
    assert scenario("gpt41-family").game.names == scenario("gpt41-family").models
    assert scenario("menu-pair").models == ("model 1", "model 2", "model 3")
    assert Scenario("mine", scenario("menu-pair").game.of_models([0, 1]), "two").models == ("standard", "reasoning")


def test_unknown_scenario():
    with pytest.raises(ValueError, match=r"scenario must be one of nano-gpt5, .*, got 'gpt2'"):
        scenario("gpt2")

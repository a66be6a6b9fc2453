"""Built-in games: provenance, and agreement with the reference data where that is at hand."""

import csv
from pathlib import Path

import pytest

from routegame import best_response, solve
from routegame.envs.scenarios import SCENARIOS, SUITES, scenario, suite

PAIRS = Path(__file__).parents[2].parent / "shared" / "data" / "pairs.csv"
PAIR_IDS = {
    "nano-gpt5": "gpt41nano_gpt5low",
    "gpt41-o3": "gpt41_o3",
    "sonnet4-thinking": "sonnet4_think",
    "opus4-thinking": "opus4_think",
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


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_is_complete(name):
    known = scenario(name)
    assert known.name == name
    assert known.about and len(known.about) < 100 and ". " not in known.about
    assert solve(known.game).equilibrium.provider_cost > 0
    assert known.to_dict()["game"] == known.game.to_dict()
    if known.measurements:
        assert all(
            m.num_cases == 225 and m.date.startswith("2025-") and "Aider" in m.source for m in known.measurements
        )
        assert known.units == ("s", "$")


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
    assert set(PAIR_IDS) == {name for name, known in SCENARIOS.items() if known.measurements}


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
    figures = [name.rpartition("-")[0] for name in SUITES["figures"]]
    assert {figure: figures.count(figure) for figure in figures} == {
        "figure-3": 3,
        "figure-4-left": 3,
        "figure-4-right": 4,
        "figure-5": 3,
    }


def test_suites_are_data():
    assert [known.name for known in suite("reference")] == list(SCENARIOS)
    assert set(SUITES["pairs"]) == set(PAIR_IDS)
    for name, members in SUITES.items():
        assert len(set(members)) == len(members) > 0
        assert {known.name for known in SCENARIOS.values() if name in known.to_dict()["suites"]} == set(members)
    with pytest.raises(ValueError, match="suite must be one of reference, pairs, figures, cells, got 'all'"):
        suite("all")


def test_scenarios_of_the_cells_say_which():
    assert scenario("figure-4-left-cascade").to_dict()["cell"] == {
        "regime": "latency-value",
        "commitment": "cascade",
        "throttling_pays": False,
    }
    assert scenario("nano-gpt5").cell is scenario("nano-gpt5").to_dict()["cell"] is None
    assert {known.name for known in SCENARIOS.values() if known.cell} == set(SUITES["cells"])


def test_unknown_scenario():
    with pytest.raises(ValueError, match=r"scenario must be one of nano-gpt5, .*, got 'gpt2'"):
        scenario("gpt2")

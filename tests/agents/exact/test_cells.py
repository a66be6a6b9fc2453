"""Which cells exist, which game stands for each, and how far from its edges that game lies."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from conftest import REGIMES, draw_numbers, make_game

from routegame import Game, best_response, solve
from routegame.agents.exact.cells import FAR, place
from routegame.agents.exact.theorems import theorem_4_penalties
from routegame.envs.chain import outcome
from routegame.envs.scenarios import CELLS, SCENARIOS, Cell, scenario, suite


def provider_cost(game, route, cascade_prob):
    """Of a commitment under the exact best response."""
    return float(outcome(game, route, cascade_prob, best_response(game, route, cascade_prob)).provider_cost)


def games_of_few_who_mix(count, seed):
    """(+,−) games around those in which a mix is the cheapest: model 2 is free, and rarely succeeds."""
    rng = np.random.default_rng(seed)
    p1, p2 = rng.uniform(0.05, 0.3, count), rng.uniform(0.002, 0.01, count)
    t1, t2 = 10 * p1 * rng.uniform(0.05, 0.95, count), 10 * p2 * rng.uniform(1.05, 1.5, count)
    return Game(10, 1, (p1, p2), (t1, t2), (p1 * rng.uniform(1, 1.3, count), 0))


def wide_games(regime, count, seed):
    """Games of a sign regime whose probabilities, costs and penalties stretch over decades."""
    rng = np.random.default_rng(seed)
    p1, p2 = 10 ** rng.uniform(-3.5, -0.001, (2, count))
    share = [rng.uniform(0, 1, count) if worth else 10 ** rng.uniform(0, 2, count) for worth in REGIMES[regime]]
    cost = (p1 * 10 ** rng.uniform(-3, 3, count), p2 * 10 ** rng.uniform(-3, 3, count))
    penalty = np.where(
        rng.random(count) < 0.3, cost[0] / p1 * rng.uniform(0.5, 1.5, count), 10 ** rng.uniform(-3, 3, count)
    )
    return Game(10, penalty, (p1, p2), (10 * p1 * share[0], 10 * p2 * share[1]), cost)


def tally(game):
    """How many games of a batch lie in each cell."""
    where = place(game)
    return Counter(
        Cell(*cell) for cell in zip(where.regime.tolist(), where.commitment, where.throttling_pays, strict=True)
    )


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("regime", REGIMES)
def test_sixteen_cells_exist_and_no_more(regime):
    found = Counter()
    for ordered in (True, False):
        found += tally(make_game(draw_numbers(regime, 50_000, seed=3, ordered=ordered)))
    found += tally(wide_games(regime, 50_000, seed=4))
    if regime == "value-latency":
        found += tally(games_of_few_who_mix(10_000, seed=5))
    assert found.keys() == {cell for cell in CELLS if cell.regime == regime}
    assert min(found.values()) > 100


def test_in_the_order_of_the_paper_users_mix_nowhere():
    found = tally(make_game(draw_numbers("value-latency", 50_000, seed=6, ordered=True)))
    assert found.keys() == {cell for cell in CELLS if cell.regime == "value-latency" and cell.commitment != "mixed"}


def test_throttling_never_pays_where_the_cascade_at_s_0_is_optimal():
    """Also at penalties around P2, from which on it is."""
    game = make_game(draw_numbers("latency-value", 50_000, seed=7))
    share = np.random.default_rng(8).uniform(0.9, 1.1, 50_000)
    for penalty in (game.churn_penalty, theorem_4_penalties(game).to_cascade * share):
        where = place(replace(game, churn_penalty=penalty))
        cascades = where.commitment == "cascade"
        assert cascades.sum() > 5000
        assert not where.throttling_pays[cascades].any()


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: CELLS[cell])
def test_the_game_of_a_cell_lies_in_it_and_far_from_its_edges(cell):
    where = place(scenario(CELLS[cell]).game)
    assert where.cell == cell
    assert where.margin >= FAR == 0.05


def test_no_game_stands_for_two_cells_or_two_names():
    assert len(set(CELLS.values())) == len(CELLS) == len(suite("cells")) == 16
    games = [str(known.game.to_dict()) for known in SCENARIOS.values()]
    assert len(set(games)) == len(games)


def test_cells_without_a_point_of_a_figure_name_their_games():
    for cell, name in CELLS.items():
        expected = f"{cell.regime}-{cell.commitment}{'-throttle' if cell.throttling_pays else ''}"
        assert name.startswith("figure-") or name == expected
    named_after_cells = {name for name in SCENARIOS if name.split("-")[0] in ("value", "latency")}
    assert named_after_cells < set(CELLS.values())


def test_only_users_who_mix_need_another_order_than_the_paper():
    for known in (*suite("paper"), *suite("cells")):
        pairs = (known.game.success_prob, known.game.latency, known.game.cost)
        assert all(first < second for first, second in pairs) == (known.name != "value-latency-mixed"), known.name


def test_margins_by_hand():
    """(1, s_0) of figure-4-left-cascade; the runner-up is (1, 1), at 1 + 0.9 · 11."""
    game = scenario("figure-4-left-cascade").game
    s_0 = 0.1 / (0.7 / 0.3 + 0.1)
    best = (1 + 0.9 * s_0 * 11) / (0.1 + 0.9 * s_0)
    where = place(game)
    assert where.commitment_margin == pytest.approx(10.9 / best - 1)
    assert where.net_value_margin == pytest.approx(0.1 / 0.9)
    assert where.throttling_margin == pytest.approx((3.3 + 0.7 * 15) / best - 1)
    assert where.margin == where.commitment_margin


def test_margins_of_throttling_by_hand():
    serve, throttle = (place(scenario(f"figure-5-{name}").game) for name in ("serve", "throttle"))
    assert serve.throttling_margin == pytest.approx((3.3 + 0.7 * 15) / 10 - 1)
    assert throttle.throttling_margin == pytest.approx(min(1 - 5.5 / 10, (3.3 + 0.7 * 5) / 5.5 - 1))
    assert place(scenario("figure-4-right-leave").game).throttling_margin == float("inf")


@pytest.mark.parametrize("name", CELLS.values())
def test_no_commitment_of_another_kind_is_within_the_margin(name):
    """Every commitment that costs less than 5 % more than the optimum is of its kind, or next to it."""
    game = scenario(name).game
    best, at = solve(game).equilibrium, solve(game).thresholds
    candidates = {(1, 0.0): "standard", (1, 1.0): "leave", (2, 0.0): "reasoning"}
    for threshold in (at.s_0, at.s_L):
        if threshold == threshold:
            candidates[1, threshold] = "cascade"
    kind = place(game).commitment
    free = best.cascade_free and best.route == 1
    for (route, s), other in candidates.items():
        same = other == kind or (free and route == 1)
        assert same or provider_cost(game, route, s) >= 1.05 * best.provider_cost, (route, s)


def test_on_the_edge_there_is_no_margin():
    """Where the costs of pass are equal, and where a user is indifferent."""
    assert place(Game(10, 10, (0.2, 0.6), (1, 4), (1, 3))).commitment_margin == pytest.approx(0, abs=1e-12)
    assert place(Game(10, 10, (0.2, 0.6), (2, 4), (1, 1.2))).net_value_margin == 0
    assert place(Game(10, 2, (0.2, 0.6), (1, 4), (1, 1.2))).throttling_margin == pytest.approx(0, abs=1e-12)


def test_a_batch_has_its_shape():
    one = scenario("figure-4-left-cascade").game
    many = place(Game(one.task_value, np.full((2, 3), 15.0), one.success_prob, one.latency, one.cost))
    single = place(one)
    for name, value in vars(many).items():
        assert value.shape == (2, 3), name
        assert (value == getattr(single, name)).all(), name
    assert many.margin.shape == (2, 3)

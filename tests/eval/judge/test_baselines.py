"""The rows that a learner's result is read beside, by hand on the paper's figures."""

from math import log

import pytest

from routegame.agents.rules import RULES
from routegame.envs.commitment import RoutingGame
from routegame.envs.game import Game
from routegame.envs.scenarios import scenario
from routegame.eval.judge.baselines import baselines, baselines_table


def rows(name, *, throttling=False):
    box = RoutingGame(scenario(name).game, throttling=throttling)
    return {row.rule: row for row in baselines(box)}


def test_known_costs_on_figure_4_left():
    """c = (1, 3.3), p = (0.1, 0.3), P = 15, ξ = (−0.1, 0.7): with x = 0.1 + 0.9 s a cascade costs 11 − 0.1/x."""
    found = rows("figure-4-left-cascade")
    s_0 = 0.1 / (0.7 / 0.3 + 0.1)
    best, x_0 = 11 - 0.1 / (0.1 + 0.9 * s_0), 0.1 + 0.9 * s_0
    random = 11 / 2 + (14.5 * s_0 + 11 * (1 - s_0) - 0.1 / 0.9 * log(1 / x_0)) / 2
    wanted = {
        "analytic": best,
        "grid": 11 - 0.1 / 0.145,
        "static_cheap": 1 + 0.9 * 15,
        "static_strong": 11,
        "cost_of_pass": 1 + 0.9 * 15,
        "always_cascade": 1 + 0.9 * 11,
    }
    assert {name: row.provider_cost for name, row in found.items() if name != "random"} == pytest.approx(wanted)
    assert found["random"].provider_cost == pytest.approx(random, abs=1e-3)
    for row in found.values():
        assert row.leader_regret == pytest.approx(row.provider_cost - best)
        assert row.leader_regret_relative == pytest.approx(row.provider_cost / best - 1)
        score = 1 - (row.provider_cost - best) / (found["random"].provider_cost - best)
        assert row.normalised_score == pytest.approx(score, abs=1e-12)


def test_known_utilities_on_figure_4_left():
    """At s_0 staying for good is worth what leaving at once is, ξ_1; model 2 alone is worth ξ_2/p_2."""
    found = {name: row.user_utility for name, row in rows("figure-4-left-cascade").items()}
    assert found["analytic"] == pytest.approx(-0.1)
    assert found["static_cheap"] == found["cost_of_pass"] == pytest.approx(-0.1)
    assert found["static_strong"] == pytest.approx(0.7 / 0.3)
    assert found["always_cascade"] == pytest.approx(-0.1 + 0.9 * 0.7 / 0.3)
    assert found["static_cheap"] < found["random"] < found["static_strong"]


def test_known_costs_with_throttling_on_figure_5_right():
    found = rows("figure-5-throttle", throttling=True)
    cost = {name: row.provider_cost for name, row in found.items()}
    assert cost["analytic"] == cost["grid"] == pytest.approx(5.5)
    assert (cost["static_cheap"], cost["static_strong"]) == pytest.approx((10, 11))
    assert found["cost_of_pass"].leader_regret_relative == pytest.approx(10 / 5.5 - 1)
    assert 5.5 < cost["random"] < 11
    assert found["analytic"].profile.throttled_latency == pytest.approx((0.8, 1.5), rel=2e-6)


def test_the_threshold_rule_is_the_optimum_where_users_never_leave_and_not_elsewhere():
    regret = {
        name: rows(name)["cost_of_pass"].leader_regret_relative for name in ("sonnet4-thinking", "figure-5-serve")
    }
    assert set(regret.values()) == {0}
    assert rows("nano-gpt5")["cost_of_pass"].leader_regret_relative == pytest.approx(0.7057, abs=1e-4)


def test_where_every_commitment_costs_the_same_chance_has_no_regret():
    same = Game(10, 5, (0.2, 0.2), (1, 1), (1, 1))
    found = {row.rule: row for row in baselines(RoutingGame(same))}
    for row in found.values():
        assert row.provider_cost == pytest.approx(5)
        assert row.leader_regret_relative == pytest.approx(0, abs=1e-12)


def test_a_ratio_without_a_meaning_is_no_number():
    """A provider who pays for nothing but model 2: J* is 0, and no other cost has a share of it."""
    free = baselines(RoutingGame(Game(10, 5, (0.2, 0.2), (1, 1), (0, 1))))
    documents = {row.rule: row.to_dict() for row in free}
    assert documents["analytic"]["leader_regret_relative"] == 0
    assert documents["static_strong"]["leader_regret"] == pytest.approx(5)
    assert documents["static_strong"]["leader_regret_relative"] is None


def test_rows_are_in_order_and_plain():
    found = baselines(RoutingGame(scenario("nano-gpt5").game))
    assert [row.rule for row in found] == [*RULES, "random"]
    assert found[0].to_dict()["profile"]["cascade_prob"] == pytest.approx(0.0783242, abs=1e-7)
    assert found[-1].to_dict()["profile"] is None


def test_table(monkeypatch):
    known = scenario("nano-gpt5")
    box = RoutingGame(known.game)
    monkeypatch.setenv("COLUMNS", "100")
    title, _, heads, *lines = baselines_table(baselines(box), box, known).splitlines()
    assert title == "nano-gpt5"
    assert (
        heads.endswith("users' utility")
        and lines[0].endswith("s")
        and " $0.05737 " in lines[0]
        and "latencies" not in heads
    )
    assert {line.split()[0]: line.split()[2] for line in lines} == {
        "analytic": "7.833",
        "grid": "8",
        "static_cheap": "0",
        "static_strong": "-",
        "cost_of_pass": "0",
        "always_cascade": "100",
        "random": "-",
    }
    assert {len(line) for line in lines} == {len(heads)}


def test_table_with_throttling_and_without_a_name(monkeypatch):
    box = RoutingGame(scenario("figure-5-throttle").game, throttling=True)
    monkeypatch.setenv("COLUMNS", "120")
    title, _, heads, first, *_ = baselines_table(baselines(box), box).splitlines()
    assert title == "game, with throttling"
    assert "latencies" in heads and "$" not in heads
    assert "0.801, 1.5" in first

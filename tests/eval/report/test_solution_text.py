"""The solution of a game in words: what holds in each kind of game is said, and nothing else."""

import re
from dataclasses import replace
from math import inf

import pytest

from routegame import Game, solve
from routegame.agents.users.information import solve_information
from routegame.agents.users.robust import robust_equilibrium
from routegame.envs.scenarios import scenario
from routegame.eval.judge.validity import Validity
from routegame.eval.report.solution_text import solution_text


def rows(text):
    """What is said, by what it is about."""
    joined = re.sub(r"\n {20}", " ", text)  # what does not fit beside its label goes on below
    return {line[2:20].strip(): line[20:] for line in joined.splitlines()[1:]}


def said(name, **options):
    known = scenario(name)
    return rows(solution_text(known, solve(known.game), **options))


@pytest.mark.parametrize(
    "name,first,second",
    [
        ("figure-4-left-cascade", "not worth a retry", "worth a retry"),
        ("figure-4-right-cascade", "worth a retry", "not worth a retry"),
        ("figure-5-throttle", "worth a retry", "worth a retry"),
    ],
)
def test_models_are_worth_a_retry_or_not(name, first, second):
    found = said(name)
    assert found["standard model"].startswith(f"{first}: a pass is worth ξ_1 = value × success − latency = ")
    assert found["reasoning model"].startswith(f"{second}: a pass is worth ξ_2 = value × success − latency = ")


def test_thresholds_are_those_there_are():
    assert said("figure-4-left-cascade")["thresholds"].startswith("s_0 = ")
    both = said("figure-4-right-cascade")["thresholds"]
    assert "s_L = " in both and "s_H = " in both and "s_0" not in both
    assert "at which all users stay; s_H" in both and both.endswith(
        "the least cascade probability at which all users leave"
    )
    assert said("figure-5-throttle")["thresholds"] == "none"


def test_the_equilibrium_names_route_cascade_and_answer():
    assert said("figure-4-left-reasoning")["equilibrium"] == "route 2"
    assert said("figure-4-left-cascade")["equilibrium"].startswith("route 1, cascade probability ")
    assert said("figure-4-left-cascade")["users"].startswith("stay; utility ")
    assert said("figure-4-right-leave")["users"].startswith("leave with probability 1 after a failure; utility ")
    hopeless = Game(1, 0, (0.1, 0.3), (1, 2), (1, 3))
    assert rows(solution_text(None, solve(hopeless)))["equilibrium"] == "route 1, any cascade"


def test_slowing_down_pays_or_not():
    assert said("figure-5-serve")["slowing down"].startswith("does not pay; never does from a churn penalty of ")
    assert said("figure-5-throttle")["slowing down"].startswith("pays ")
    assert said("nano-gpt5")["slowing down"] == "never pays, whatever a lost user costs"
    slowed = solution_text(None, solve(scenario("figure-5-throttle").game, throttling=True))
    first, second = map(float, re.search(r", latencies (\S+) and (\S+)$", rows(slowed)["equilibrium"]).groups())
    assert (first, second) == pytest.approx((0.8, 1.5), abs=1e-5) and first >= 0.8, "users leave there"


def test_a_game_by_its_numbers_has_no_name_and_no_units():
    known = scenario("nano-gpt5")
    named, bare = (solution_text(one, solve(known.game)) for one in (known, None))
    assert named.splitlines()[0].startswith("nano-gpt5 (gpt-4.1-nano → gpt-5 (low))") and "$" in named
    assert bare.splitlines()[0] == "game" and "$" not in bare


def test_no_commitment_is_compared_where_users_are_memoryless():
    game = scenario("figure-4-left-cascade").game
    assert said("figure-4-left-cascade")["no commitment"].endswith("a task more; no pure equilibrium")
    assert "no commitment" not in rows(solution_text(None, solve_information(game, "history")))


def test_users_who_see_more_answer_by_what_they_see():
    game = scenario("figure-4-right-cascade").game
    by_model = rows(solution_text(None, solve_information(game, "model")))
    assert by_model["users"].startswith("stay after a failure of model 1, leave after one of model 2; utility ")
    solution = solve_information(game, "history")
    patient = replace(solution, equilibrium=replace(solution.equilibrium, leave_after=3.0))
    assert rows(solution_text(None, patient))["users"].startswith("leave after failure 3; utility ")


@pytest.mark.parametrize(
    "ends,words",
    [
        ((0, inf), "for a task value whatever it is"),
        ((0, 90.0), "for a task value up to 90 s"),
        ((60.0, inf), "for a task value from 60 s on"),
        ((60.0, 90.0), "for a task value from 60 to 90 s"),
    ],
)
def test_it_says_over_what_the_answer_holds(ends, words):
    known = scenario("nano-gpt5")
    validity = replace(Validity.of(known, solve(known.game)), value_range=ends)
    found = said("nano-gpt5", validity=validity)
    assert found["the answer holds"] == words
    assert found["this commitment"].endswith("(within 1 % of the best)")
    assert found["measured"].startswith(
        "success at the first try; within its error the answer is the same with a chance of "
    )
    assert sum("tasks solved at once" in line for line in found.values()) >= 1


def test_the_commitment_that_is_cheapest_at_worst_is_added():
    robust = robust_equilibrium("nano-gpt5", 1.0)
    found = said("nano-gpt5", robust=robust)
    assert "at worst $" in found["within 1 s"] and found["within 1 s"].startswith(f"route {robust.route}")

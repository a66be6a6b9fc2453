"""Solutions of many models in words: 80 columns, and probabilities at which users do what is said."""

import re

import numpy as np
import pytest

from routegame import Game, scenario, solve
from routegame.agents.menus.answers import answer
from routegame.eval.policy_claims import shown_policy
from routegame.eval.report.menu_text import menu_text

THREE = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3), names=("small", "middle", "large"))


def test_the_commitment_is_said_model_by_model():
    text = menu_text(None, solve(THREE))
    assert "starts with model 1; after a failure of 1 model 2; after a" in text
    assert "model 3 with probability 0.05, else the same" in text
    assert "model 2, middle" in text and "no commitment costs less" in text


def test_a_threat_a_gap_and_declining_are_said():
    threat = Game(5, 1, (0.3, 0.4, 0.6), (1, 1.5, 4), (1, 1.2, 3))
    assert "starts with model 1, and would go on with model 3" in menu_text(None, solve(threat))
    gap = Game(1, 0.5, (0.6, 0.72, 0.54), (0.83, 0.26, 0.58), (0.05, 0.42, 0.002))
    assert "at most 8.4 % of it above the least" in " ".join(menu_text(None, solve(gap, order="fixed")).split())
    assert "decline; a task is worth 0 to them" in menu_text(
        None, solve(Game(1, 0.1, (0.2, 0.5), (1, 2), (1, 1.5)), order="free", decline=True)
    )


def test_a_scenario_of_two_models_names_no_three():
    game = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
    assert "model 3  " in menu_text(scenario("nano-gpt5"), solve(game))


@pytest.mark.parametrize(
    "options", [{}, {"redraw": True}, {"decline": True}, {"information": "model"}, {"decline": True, "redraw": True}]
)
def test_lines_fit_and_shown_probabilities_are_answered_as_said(options):
    rng = np.random.default_rng(61)
    games = [Game(2 * rng.uniform(), 2 * rng.uniform(), *rng.uniform(0.05, 0.95, (3, 3))) for _ in range(40)]
    for game in [THREE, scenario("nano-gpt5").game, scenario("gpt41-o3").game, *games]:
        solution = solve(game, order="free", **options)
        assert max(map(len, menu_text(None, solution).splitlines())) <= 80
        if solution.visited:
            short, kind = shown_policy(solution), solution.information
            visited = np.array(solution.visited) - 1
            found = [np.atleast_1d(answer(game, policy, kind)) for policy in (short, solution.policy)]
            same = found[0] == found[1]
            assert same[visited].all() if kind == "model" else same.all()


def test_a_redraw_is_one_row():
    text = " ".join(menu_text(scenario("gpt41-o3"), solve("gpt41-o3", order="free", redraw=True)).split())
    assert re.search(r"after any failure draws model 1 with probability 0\.5408\d*, 2 with probability 0\.459", text)


def test_of_a_long_menu_the_models_that_are_spoken_of_are_listed():
    solution = solve("polyglot-51")
    text = menu_text(scenario("polyglot-51"), solution)
    listed = [int(number) for number in re.findall(r"^  model (\d+)", text, re.MULTILINE)]
    spoken = {int(number) for number in re.findall(r"[Mm]odel (\d+)", text)}
    assert set(listed) == spoken >= set(solution.visited) and len(listed) <= 5
    worth = np.delete(solution.net_value, np.array(listed) - 1)
    wanted = f"{51 - len(listed)} others a pass is worth −{-worth.min():.6g} s to {worth.max():.6g} s"
    assert wanted in " ".join(text.split())

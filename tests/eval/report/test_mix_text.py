"""The solution of a mix in words."""

import pytest

from routegame import Game, TaskMix, solve_mix
from routegame.envs.task_mixes import MIXES, MixScenario
from routegame.eval.report.mix_text import mix_text


def said(scenario, users=None, **more):
    return " ".join(mix_text(scenario, solve_mix(scenario.mix, users or scenario.users, **more)).split())


def test_a_mix_of_two_contexts():
    text = said(MIXES["easy-hard-sighted"])
    assert "2 contexts, 2 models, never back to an earlier one; users know their context" in text
    assert "users stay; a task is worth 4.87 to them a task costs 4.562; no policy costs less" in text
    assert "in contexts of 30 % failures are handed over" in text and "model 2 0.0410959" in text


def test_of_many_contexts_the_commonest_are_told():
    text = said(MIXES["subjects-sighted"])
    assert "professional_law" in text and "and 47 more, see --json" in text and "abstract_algebra" not in text
    assert "stay in contexts of 74.5 % of tasks, leave after a failure in contexts of 25.5 % of tasks" in text


HARD = TaskMix([0.8, 0.2], Game(4, 3, ([0.8, 0.1], [0.8, 0.1]), (1, 1), (1, 1)))


@pytest.mark.parametrize(
    ("users", "answer"), [("memoryless", "leave with probability 43.48 %"), ("history", "leave after 2 failures")]
)
def test_users_who_learn_that_their_task_is_hard(users, answer):
    text = said(MixScenario("hard", HARD, users, ""))
    assert answer in text and "users do not know their context" in text


def test_a_gap_is_told():
    text = said(MIXES["easy-hard-blind"], "history")
    assert "at most 1.2 % of it above the least that is possible" in text and "4.466 (gap)" in text
    assert "users never leave" in text

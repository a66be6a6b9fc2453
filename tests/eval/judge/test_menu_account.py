"""Words on games of many models, which are true as they are written, and the picture of their costs."""

import numpy as np
import pytest

from routegame import Game
from routegame.agents.menus.rules import rules
from routegame.envs.menu_game import MenuGame
from routegame.eval.judge.menu_judge import MenuJudge

NAMED = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3), names=("slow", "cheap", "good"))


def test_words_name_models_and_are_true():
    judge = MenuJudge(MenuGame(NAMED))
    words = judge.words(judge.equilibrium, None)
    assert words["first model"] == "slow" and words["cost of a task"] == "2.5125"
    shares = dict(part.split(" ") for part in words["after a failure"].split(", "))
    assert set(shares) == {"cheap", "good"} and len(shares["cheap"]) <= 7
    shown = judge.menu.at([1, 0, 0, 0, float(shares["cheap"]), float(shares["good"])])
    assert judge.best_answer(shown.alone()).tolist() == [0.0]
    account = judge.account(None)
    assert "slow solves 25 %" in account.numbers and account.equilibrium.startswith("first slow, then")
    matrix = MenuJudge(MenuGame(NAMED, form="matrix"))
    assert "after a failure of cheap" in matrix.words(matrix.equilibrium, None)


def test_the_picture_has_the_equilibrium_at_its_jump():
    judge = MenuJudge(MenuGame(NAMED))
    (picture,) = judge.cost_pictures("menu", [judge.equilibrium.commitment], judge.best_answer)
    at, cost = picture.best
    assert at is not None and picture.place(judge.equilibrium.commitment) == pytest.approx(at)
    near = picture.curves["exact"][np.argmin(np.abs(picture.positions - at))]
    assert near == pytest.approx(cost, rel=1e-6) and picture.curves["exact"].min() >= cost - 1e-9
    assert picture.place(rules(judge.menu)["static_1"]) is None
    assert (picture.curves["believed"] == picture.curves["exact"]).all()

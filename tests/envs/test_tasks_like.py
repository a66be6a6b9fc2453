"""What stands for a mix of tasks, and what does not."""

from mix_worlds import MENUS, PAIRS

from routegame import scenario
from routegame.envs import MixGame
from routegame.envs.task_mixes import MIXES
from routegame.envs.tasks_like import mix_of


def test_mixes_games_of_mixes_scenarios_and_names_are_found():
    known = MIXES["subjects-blind"]
    assert mix_of(PAIRS) == (PAIRS, None, ("model 1", "model 2"), ("", ""))
    assert mix_of(MixGame(MENUS)) == (MENUS, "sighted", ("model 1", "model 2", "model 3"), ("", ""))
    for given in (known, known.name):
        assert mix_of(given) == (known.mix, "memoryless", known.models, ("s", "$"))


def test_single_games_are_none():
    assert [mix_of(game) for game in ("nano-gpt5", scenario("nano-gpt5"), PAIRS.game(0), "nobody", 7)] == [None] * 5

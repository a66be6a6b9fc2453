"""Rules in a game of many models, judged and told."""

from menu_games import KNOWN

from routegame.envs.menu_game import MenuGame
from routegame.eval.judge.menu_baselines import menu_baselines, menu_baselines_table


def test_baselines_are_judged_and_told():
    menu = MenuGame(KNOWN[11][0])
    rows = menu_baselines(menu)
    assert [row.rule for row in rows][-4:] == ["cost_of_pass", "always_cascade", "best_pair", "random"]
    assert rows[0].leader_regret_relative < 1e-6 and min(row.leader_regret for row in rows) > -1e-9
    table = menu_baselines_table(rows, menu)
    assert all(row.rule in table for row in rows) and "model 3" in " ".join(table.split())
    assert rows[-1].to_dict()["profile"] is None and rows[0].to_dict()["profile"]["policy"]["start"] == (0, 0, 1)

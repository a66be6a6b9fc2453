import os
from dataclasses import fields
from multiprocessing import get_context

from peers.played import GAMES, Row
from peers.rows import add, rows_of

LEARNERS = ["late", "early"]
GAME, NEEDLE = "nano-gpt5", "needle-4-pair"


def row(learner, game, seed):
    numbers = dict.fromkeys((field.name for field in fields(Row)), "0.5")
    best = '{"route": 1, "cascade_prob": 0.5}'
    told = {"commitment": best, "equilibrium": best, "aside": "", "best_aside": ""}
    return numbers | told | {"learner": learner, "game": game, "seed": str(seed), "passes": "10"}


def add_many(path, learner):
    for seed in range(20):
        add(path, [row(learner, GAME, seed)], LEARNERS)


def test_rows_are_in_the_order_of_learners_games_and_seeds(tmp_path):
    path = tmp_path / "results" / "peers.csv"
    for new in (row("early", GAME, 0), row("late", NEEDLE, 0), row("late", GAME, 2), row("late", GAME, 1)):
        add(path, [new], LEARNERS)
    found = [(one["learner"], one["game"], one["seed"]) for one in rows_of(path)]
    assert found == [("late", GAME, "1"), ("late", GAME, "2"), ("late", NEEDLE, "0"), ("early", GAME, "0")]
    assert list(GAMES).index(GAME) < list(GAMES).index(NEEDLE)
    assert "4 runs, judged exactly." in path.with_suffix(".md").read_text()
    add(path, [row("early", GAME, 0) | {"regret": "7"}], LEARNERS)
    assert len(rows_of(path)) == 4 and rows_of(path)[-1]["regret"] == "0.5", "a run that is there stays as it is"


def test_processes_that_add_rows_at_once_lose_none(tmp_path):
    path = tmp_path / "peers.csv"
    context = get_context("fork")
    adding = [context.Process(target=add_many, args=(path, learner)) for learner in LEARNERS]
    for process in adding:
        process.start()
    for process in adding:
        process.join()
    assert len(rows_of(path)) == 40 and "40 runs" in path.with_suffix(".md").read_text()
    assert sorted(os.listdir(tmp_path)) == ["peers.csv", "peers.md"]

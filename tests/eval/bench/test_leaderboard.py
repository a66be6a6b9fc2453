"""The table of a bench, by hand on a few rows."""

import json
from types import SimpleNamespace

import duckdb
import pytest
from benches import GAMES, bench, plan
from markdown_tables import tables_in

from routegame.eval.bench.bench import provenance
from routegame.eval.bench.leaderboard import leaderboard_text, rules_by_game, write_leaderboard
from routegame.eval.bench.levels import headings
from routegame.eval.bench.row import COLUMNS, FINISHED, NOT_APPLICABLE


def test_the_files_have_the_rows(tmp_path):
    made, _ = bench(tmp_path, plan("Plain", "Raises", seeds=1))
    write_leaderboard(made, provenance(["bench"]))
    rows = made.rows()
    for name in ("runs.csv", "runs.parquet"):
        with duckdb.connect() as database:
            table = database.execute(f"SELECT * FROM '{tmp_path / name}'")
            assert [column[0] for column in table.description] == list(COLUMNS)
            read = [dict(zip(COLUMNS, row, strict=True)) for row in table.fetchall()]
        assert read == rows
    assert rows[0]["versions"].startswith("routegame ") and rows[0]["machine"]
    before = {name: (tmp_path / name).read_bytes() for name in ("runs.csv", "runs.parquet")}
    write_leaderboard(made, provenance(["bench"]))
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


NAMES = [known.name for known in GAMES]
ABOUT = {
    "date": "2026-01-01",
    "command": "routegame bench",
    "python": "3.12",
    "versions": {"numpy": "2.4"},
    "machine": "Linux",
}


def row(learner, game=NAMES[0], seed=0, regret=0.0, **changes):
    plain = {"status": FINISHED, "certified": True, "passes": 1000.0, "seconds": 2.0}
    known = {"learner": learner, "instance": game, "seed": seed, "leader_regret_relative": regret}
    return {**dict.fromkeys(COLUMNS), **plain, **known, **changes}


def failed(learner, game=NAMES[0], seed=0, status="raised"):
    nothing = {"status": status, "message": "no luck", "certified": None, "passes": None, "seconds": None}
    return row(learner, game, seed, None, **nothing)


def tables(rows, learners=("a", "b"), rules=None):
    """The tables of the text, in order: rows of cells, heads included; and the text."""
    made = SimpleNamespace(plan=SimpleNamespace(suite="few", instances=GAMES, seeds=range(2), learners=learners))
    text = leaderboard_text(made, rows, rules or {name: {"random": 0.5} for name in NAMES}, ABOUT)
    before_levels, _, after = text.partition("## How close, how soon, and at what price")
    return tables_in(before_levels + after.partition("\n## ")[2]), text


def everything(**by_learner):
    return [row(name, game, seed, regret) for name, regret in by_learner.items() for game in NAMES for seed in (0, 1)]


@pytest.mark.parametrize("seeds,said", [(1, "2 games, 1 seed, 2 runs."), (2, "2 games, 2 seeds, 2 runs.")])
def test_one_is_not_said_as_many_are(seeds, said):
    plan = SimpleNamespace(suite="few", instances=GAMES[:2], seeds=range(seeds), learners=("a",))
    rules = {known.name: {"random": 0.5} for known in GAMES}
    rows = [row("a", name) for name in NAMES[:2]]
    assert f"\n\n{said} Made on " in leaderboard_text(SimpleNamespace(plan=plan), rows, rules, ABOUT)


def test_the_most_successful_comes_first():
    (summary, *_), _ = tables(everything(a=0.5, b=0.005))
    assert [line[0] for line in summary[2:]] == ["b", "a"]
    assert [line[1] for line in summary[2:]] == ["100 %", "0 %"] and [line[5] for line in summary[2:]] == [
        "0.5 %",
        "50 %",
    ]


def test_what_failed_or_is_not_certified_is_counted():
    rows = everything(a=0.0, b=0.0)
    rows[0], rows[1] = failed("a"), row("a", seed=1, certified=False)
    (summary, games, _), _ = tables(rows)
    line = next(line for line in summary if line[0] == "a")
    assert (line[5], line[6], line[7]) == ("∞", "1", "1"), "a run that failed is worse than any other"
    assert line[1] == "50 %"
    assert games[2][0] == NAMES[0] and games[2][1].endswith("†")


def test_medians_are_of_runs_that_finished_and_those_to_one_percent_of_all():
    rows = [row("a", NAMES[0], 0, passes=100.0, passes_to_1_percent=50), row("a", NAMES[0], 1, passes=300.0)]
    rows += [failed("a", NAMES[1], 0), row("a", NAMES[1], 1, passes=200.0, passes_to_1_percent=60)]
    (summary, *_), _ = tables(rows, learners=("a",))
    assert (summary[2][8], summary[2][9]) == ("2e+02", "∞"), "half of the runs never got there"
    rows[1] = row("a", NAMES[0], 1, passes=300.0, passes_to_1_percent=70)
    assert tables(rows, learners=("a",))[0][0][2][9] == "65"


@pytest.mark.parametrize(
    "regrets,certified,cell",
    [
        ((0.01, 0.0), (True, True), "**0.5 %**"),
        ((0.011, 0.0), (True, True), "0.55 %"),
        ((0.01, 0.0), (True, False), "0.5 % †"),
        ((0.5, 0.25), (True, True), "38 %"),
    ],
)
def test_a_cell_is_bold_where_every_run_is_near_and_certified(regrets, certified, cell):
    rows = [row("a", NAMES[0], k, regrets[k], certified=certified[k]) for k in (0, 1)]
    (_, games, _), _ = tables([*rows, *everything(b=0.0)])
    assert games[2][1] == cell and games[3][1] == "-", "nothing was played there yet"


def test_a_learner_that_plays_none_of_the_games_is_not_ranked():
    rows = [failed("b", game, seed, NOT_APPLICABLE) for game in NAMES for seed in (0, 1)] + everything(a=0.0)
    (summary, games, _), text = tables(rows)
    assert [line[0] for line in summary[2:]] == ["a"] and [line[2] for line in games[2:]] == ["n/a", "n/a"]
    assert "Not applicable (n/a): b, 4 of its 4 runs: no luck." in text


def test_rules_have_a_table_of_their_own():
    (*_, rules), text = tables(
        everything(a=0.0), rules={NAMES[0]: {"random": 0.5, "x": None}, NAMES[1]: {"random": 1, "x": 0.1}}
    )
    assert rules[0] == ["game", "random", "x"] and rules[2][1:] == ["50 %", "∞"]
    assert "(throttling)" in "".join(line[0] for line in rules), "of the game in which models may be slowed down"
    assert "Made on 2026-01-01 by\n\n    routegame bench\n\nwith Python 3.12, numpy 2.4, on Linux." in text


def test_games_whose_rules_differ_share_a_table():
    known = {NAMES[0]: {"random": 0.5, "x": 0.2}, NAMES[1]: {"random": 1, "y": 0.1}}
    (*_, rules), _ = tables(everything(a=0.0), rules=known)
    assert rules[0] == ["game", "random", "x", "y"]
    assert [line[1:] for line in rules[2:]] == [["50 %", "20 %", "-"], ["100 %", "-", "10 %"]]


def test_an_infinite_regret_of_a_rule_is_nothing_in_json():
    found = rules_by_game(GAMES)
    assert list(found) == NAMES and found[NAMES[0]]["analytic"] == 0
    json.dumps(found, allow_nan=False)


def level_tables(rows, learners=("a", "b")):
    _, text = tables(rows, learners)
    section = text.partition("## How close, how soon, and at what price")[2].partition("\n## ")[0]
    return tables_in(section), section


def test_levels_stand_in_a_table_for_each_kind_of_users():
    rows = everything(a=0.0005, b=0.005)
    for one in rows:
        one |= {"follower": "exact" if one["learner"] == "b" else "learned"}
        one |= {"anytime_regret": 0.1, "plays": 100, "cumulative_regret": 250.0}
    rows[0]["certified"] = False
    (both, single), section = level_tables(rows)
    assert both[0] == ["learner", *headings()]
    assert [cell.split(" (")[0] for cell in both[2]] == ["a", "75 %", "75 %", "0 %", "10 %", "250 %", "2.5e+02"]
    assert [cell.split(" (")[0] for cell in single[2]] == ["b", "100 %", "0 %", "0 %", "10 %", "250 %", "2.5e+02"]
    assert section.index("### Users are learned") < section.index("### Users answer by a rule")


def test_rows_of_earlier_versions_say_nothing_of_prices():
    (only,), section = level_tables(everything(a=0.0), learners=("a",))
    assert only[2][4:] == ["-", "-", "-"] and "### Users answer by a rule" not in section


def test_levels_are_in_the_document(tmp_path):
    made, _ = bench(tmp_path, plan("Plain", "Raises", seeds=1))
    write_leaderboard(made, provenance(["bench"]))
    found = json.loads((tmp_path / "leaderboard.json").read_text(encoding="utf-8"))["levels"]
    plain = found["plugins:Plain"]
    assert not plain["users_learned"] and plain["within"]["0.01"]["share"] == 0
    assert 0.1 < plain["anytime_regret"] < 1
    assert plain["price_of_a_play"] is plain["cumulative_regret"] is None, "it counts tasks that do not say their price"
    assert found["plugins:Raises"]["anytime_regret"] is None

import json

from peers.table import by_ending, table

RUN = {"learner": "a", "game": "g", "passes": "1000", "cpu_seconds": "3.2", "regret_sampled": "0.3"}
RUN |= {"commitment": '{"start": [1, 0, 0]}', "equilibrium": '{"start": [0, 1, 0]}', "aside": "", "best_aside": ""}
RUNS = [("0.004", "0.002"), ("0.005", "0.5"), ("2.5", "0.001")]
ROWS = [RUN | {"seed": str(k), "regret": regret, "follower_gap": gap} for k, (regret, gap) in enumerate(RUNS)]
ALONE = RUN | {"learner": "b", "seed": "0", "regret": "0.01", "follower_gap": "0.01"}


def test_a_line_has_successes_medians_and_extremes():
    *_, several, alone = table([*ROWS, ALONE], {"g": "s"}).splitlines()
    assert several == "| `a` | g | 1 of 3 | 0.5 % (0.4 % to 250 %) | 30 % | 0.2 % (0.1 % to 50 %) | 1.0e+03 | 3 s |"
    assert alone == "| `b` | g | 1 of 1 | 1 % | 30 % | 1 % | 1.0e+03 | 3 s |"


def test_a_learner_has_a_cell_for_each_suite_with_the_games_that_it_has_played():
    lines = table(
        [*ROWS, ALONE, ROWS[1] | {"game": "h"}, ROWS[0] | {"game": "i"}], {"g": "s", "h": "s", "i": "t"}
    ).splitlines()
    assert "| learner | `s` | `t` |" in lines
    assert "| `a` | 1 of 4, 0.5 % (2 games) | 1 of 1, 0.4 % (1 game) |" in lines
    assert "| `b` | 1 of 1, 1 % (1 game) | – |" in lines


def pair(route, cascade_prob, **facts):
    found = {"route": route, "cascade_prob": cascade_prob}
    own = {"commitment": json.dumps(found), "equilibrium": '{"route": 1, "cascade_prob": 0.1}'}
    return RUN | {"seed": "0", "regret": "0.3", "follower_gap": "0"} | own | facts


def test_runs_that_miss_the_optimum_do_so_in_one_way_each():
    def drop(half, twice):
        best = {"best_aside": '{"0.5": 1.0, "2.0": 0.0}'}
        return best | {"aside": json.dumps({"0.5": half, "2.0": twice})}

    runs = [
        pair(1, 0.1, regret="0.01"),
        pair(1, 0.1, regret="0.01", follower_gap="0.02"),
        pair(2, 0.1, regret_sampled="0.4"),
        pair(1, 0.2, regret_sampled="0.319", **drop(0.9, 0.8)),
        pair(1, 0.05, **drop(0.5, 0.2)),
        pair(1, 0.1, **drop(0.3, 0.3)),
        pair(1, 0.05, aside='{"0.5": 0.3, "2.0": 0.9}', best_aside='{"0.5": 0.0, "2.0": 0.7}'),
        RUN | {"seed": "0", "regret": "0.3", "follower_gap": "0"},
    ]
    heads, _, line = by_ending(runs)
    counts = dict(zip(heads.strip("| ").split(" | "), line.strip("| ").split(" | "), strict=True))
    assert counts == {
        "learner": "`a`",
        "not within 1 % or not certified": "7 of 8",
        "settled": "5",
        "users alone": "1",
        "wrong route": "1",
        "too many": "1",
        "too few": "2",
        "as many": "1",
        "other weights": "1",
        "drop": "0.10 of 3",
    }
    assert "\n".join(by_ending(runs)) in table(runs, {"g": "s"})


def test_without_an_edge_there_is_no_drop():
    *_, line = by_ending([pair(2, 0.0)])
    assert line.endswith("| – |")

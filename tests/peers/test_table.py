from peers.table import table

RUN = {"learner": "a", "game": "g", "passes": "1000", "cpu_seconds": "3.2", "regret_sampled": "0.3"}
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

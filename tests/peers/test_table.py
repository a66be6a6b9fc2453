from peers.table import table

RUN = {"learner": "a", "game": "g", "passes": "1000", "cpu_seconds": "3.2", "regret_sampled": "0.3"}


def test_a_line_has_successes_medians_and_extremes():
    runs = [("0.004", "0.002"), ("0.005", "0.5"), ("2.5", "0.001")]
    rows = [RUN | {"seed": str(k), "regret": regret, "follower_gap": gap} for k, (regret, gap) in enumerate(runs)]
    alone = RUN | {"learner": "b", "seed": "0", "regret": "0.01", "follower_gap": ""}
    *_, both, leader = table([*rows, alone]).splitlines()
    assert both == "| `a` | g | 1 of 3 | 0.5 % (0.4 % to 250 %) | 30 % | 0.2 % (0.1 % to 50 %) | 1.0e+03 | 3 s |"
    assert leader == "| `b` | g | 1 of 1 | 1 % | 30 % |  | 1.0e+03 | 3 s |"

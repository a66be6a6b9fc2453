"""The row of a run: what its result says by column, and when its regret had fallen far enough."""

import json
from pathlib import Path

import pytest

from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.row import CLOCK, COLUMNS, FINISHED, figures, run_path
from routegame.eval.judge.routing_judge import RoutingJudge

JUDGE = RoutingJudge(RoutingGame(scenario("nano-gpt5").game))


def result(**changes):
    """The result of a run that committed to route 1 without a cascade, whose users leave then."""
    judgement = JUDGE.judge(Commitment(1, 0.0, JUDGE.solved.game.game.latency), JUDGE.best_answer, everywhere=False)
    document = {
        **judgement.to_dict(),
        "learner": "evolution",
        "seed": 3,
        "passes": 1000,
        "wall_seconds": 10.0,
        "stopped": "finished",
        "diagnosis": [{"name": "one", "explanation": "."}, {"name": "two", "explanation": "."}],
    }
    return {**json.loads(json.dumps(document)), **changes}


def curve(directory, *points):
    lines = [json.dumps({"passes": p, "seconds": s, "regret/relative": r}) for p, s, r in points]
    (directory / "metrics.jsonl").write_text("".join(f"{line}\n" for line in lines))


def test_a_row_says_what_the_result_says(tmp_path):
    row = figures(result(), tmp_path, JUDGE)
    assert row.keys() <= COLUMNS.keys() and row["status"] == FINISHED
    assert (row["learner"], row["seed"], row["passes"], row["seconds"]) == ("evolution", 3, 1000, 10.0)
    assert (row["route"], row["cascade_prob"], row["abandon_prob"]) == (1, 0.0, 1.0)
    best = JUDGE.equilibrium
    assert row["equilibrium_cascade_prob"] == best.cascade_prob and row["equilibrium_route"] == best.route
    assert row["equilibrium_provider_cost"] == best.leader_cost
    assert row["learned_provider_cost"] - best.leader_cost == pytest.approx(row["leader_regret"])
    assert row["diagnosis"] == "one; two"


@pytest.mark.parametrize(
    "points,regret,reached",
    [
        ([(100, 1, 0.5), (200, 2, 0.01), (300, 3, 0.005)], 0.001, (200, 2)),
        ([(100, 1, 0.005), (200, 2, 0.5), (300, 3, 0.005)], 0.001, (300, 3)),
        ([(100, 1, 0.005)], 0.5, None),
        ([(100, 1, 0.5)], 0.005, (1000, 10.0)),
        ([], 0.005, (1000, 10.0)),
        ([], None, None),
    ],
)
def test_regret_has_fallen_once_it_stays_below(tmp_path, points, regret, reached):
    """The end of the run is the last point of its curve; no regret at all is infinite."""
    curve(tmp_path, *points)
    row = figures(result(leader_regret_relative=regret), tmp_path, JUDGE)
    found = row["passes_to_1_percent"], row["seconds_to_1_percent"]
    assert found == (reached or (None, None))


def test_what_experiments_cost_is_counted_in_plays_at_the_equilibrium(tmp_path):
    best = JUDGE.equilibrium.leader_cost
    row = figures(result(plays=100, paid=250 * best), tmp_path, JUDGE)
    assert row["plays"] == 100 and row["cumulative_regret"] == pytest.approx(150)
    assert figures(result(), tmp_path, JUDGE)["cumulative_regret"] is None, "of runs of earlier versions nobody knows"


def test_the_curve_as_a_whole_is_a_column(tmp_path):
    curve(tmp_path, (10**7, 1, 0.01))
    assert figures(result(leader_regret_relative=0.01, passes=10**8), tmp_path, JUDGE)[
        "anytime_regret"
    ] == pytest.approx(0.1)


def test_columns_of_the_clock_are_last():
    assert tuple(COLUMNS)[-len(CLOCK) :] == CLOCK and set(COLUMNS.values()) <= {
        "VARCHAR",
        "BOOLEAN",
        "BIGINT",
        "DOUBLE",
    }


def test_runs_lie_by_learner_game_and_seed():
    assert run_path(Path("bench"), "plugins:Plain", "nano", 3) == Path("bench/runs/plugins.Plain/nano/3")

"""Games of many models from the command line: trained, judged again, told and drawn; what cannot be is refused."""

import json

import pytest
from command_line import PROFILE, QUICK

GAME = ["--task-value", "10", "--churn-penalty", "9", "--success-prob", ".25", ".2", ".5"]
GAME += ["--latency", "6", "2.2", "2.5", "--cost", ".2", ".5", "3"]
SHORT = ["--learner", "evolution", "--generations", "2", "--population", "4", "--first-tasks", "64"]


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("extra", [[], ["--form", "matrix"], ["--throttling"]])
def test_a_run_is_trained_told_and_judged_again(run, tmp_path, extra):
    out = str(tmp_path / "run")
    status, told, _ = run("train", *GAME, *SHORT, *extra, "--out", out)
    assert status == 0
    assert "first model" in told and "leader regret" in told
    assert ("after a failure of" in told) == ("matrix" in extra)
    status, told, _ = run("eval", out, "--json")
    document = json.loads(told)
    assert status == 0
    for name in ("learned", "equilibrium"):
        assert list(document[name]) == [*PROFILE[:-1], "policy"]
        assert [len(row) for row in document[name]["policy"]["matrix"]] == [3, 3, 3]
    assert document["equilibrium"]["provider_cost"] == pytest.approx(2.5125)
    assert document["leader_regret_relative"] >= 0 and document["certified"]
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config.get("form") == ("matrix" if "matrix" in extra else None)
    assert "retries drawn on model 3" in (tmp_path / "run" / "report.html").read_text()
    assert (tmp_path / "run" / "run.png").exists()
    assert run("report", out)[0] == 0


def test_two_models_can_be_played_in_any_order(run, tmp_path):
    game = "--task-value 6.5 --churn-penalty 12 --success-prob .1 .3 --latency .5 2.5 --cost 1 2.4".split()
    costs = []
    for extra in ([], ["--form", "compact"]):
        out = str(tmp_path / f"run{len(extra)}")
        assert run("train", *game, *SHORT, *extra, "--out", out)[0] == 0
        costs.append(json.loads(run("eval", out, "--json")[1])["equilibrium"]["provider_cost"])
    assert costs == pytest.approx([9.321717023, 8.77])


@pytest.mark.slow
def test_learned_users_are_trained_too(run, tmp_path):
    extra = ["--follower-updates", "2", "--follower-batch", "64", "--follower-tasks", "8", "--rounds", "1"]
    out = str(tmp_path / "run")
    extra += ["--final-tasks", "512"]
    assert run("train", *GAME, "--learner", "meta_follower", *QUICK, *extra, "--out", out)[0] == 0
    document = json.loads(run("eval", out, "--json")[1])
    assert document["follower"] == "learned" and document["follower_gap_relative"] >= 0
    assert "users as they learned" in (tmp_path / "run" / "report.html").read_text()


def test_references_are_told_and_written(run):
    status, told, _ = run("references", *GAME)
    assert status == 0 and all(name in told for name in ("analytic", "static_3", "best_pair", "random"))
    document = json.loads(run("references", *GAME, "--json")[1])
    rows = {row["rule"]: row for row in document["references"]}
    assert rows["best_pair"]["provider_cost"] == pytest.approx(2.966666667)
    assert rows["always_cascade"]["profile"]["policy"]["matrix"][0] == [0, 1, 0]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--learner", "evolution", "--follower", "quantal:1"], "--follower must be exact where the order of the"),
        (["--learner", "evolution", "--form", "rows"], "--form must be 'compact' or 'matrix', got rows"),
        (["--learner", "hypergradient"], "--learner must be one that plays such games"),
    ],
)
def test_what_cannot_be_is_refused(refused, extra, message):
    refused("train", *GAME, *extra, message=message)


def test_a_matrix_is_for_few_models(refused):
    nine = ["0.5"] * 9
    game = ["--task-value", "9", "--churn-penalty", "1", "--success-prob", *nine, "--latency", *nine, "--cost", *nine]
    message = "--form must be compact for more than 8 models, got matrix"
    refused("train", *game, *SHORT, "--form", "matrix", message=message)


@pytest.mark.slow
def test_a_bench_has_menus_of_any_length(run, tmp_path):
    few = ["--games", "menu-chain", "gateway-eight", "--seeds", "1", "--learners", "evolution", "hypergradient"]
    status, told, _ = run("bench", "--suite", "menus", *few, "--out", str(tmp_path / "bench"))
    assert status == 0 and "evolution" in told and "best_static" in told
    assert run("report", str(tmp_path / "bench"))[0] == 0
    page = (tmp_path / "bench" / "report.html").read_text()
    assert "menu-chain" in page and "retries drawn on" in page

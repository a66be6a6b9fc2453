"""Calibrating as users and scripts meet it: the agreed document, words, and refusals."""

import json
import re
from pathlib import Path

import menu_logs
import pytest

from routegame import Game, best_response
from routegame.calibrate.log.simulated import LogPlan, write_log
from routegame.envs.chain import outcome

GAME = Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6))
PLAN = LogPlan(GAME, ((1, 0.0), (1, 0.1), (1, 0.4), (2, 0.0)), num_tasks=8000, temperature=0.5, seed=5)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The log of a game whose users see four commitments."""
    path = tmp_path_factory.mktemp("log") / "log.csv"
    write_log(PLAN, path)
    return path


def test_calibrate_prints_the_agreed_document(run, plain):
    status, out, err = run("calibrate", str(plain), "--churn-penalty", "15", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    agreed = {
        "game",
        "intervals",
        "task_value_identified",
        "assumptions",
        "in_force",
        "equilibrium",
        "verdict",
        "reason",
    }
    assert agreed <= set(document)
    assert set(document["game"]) == {"task_value", "churn_penalty", "success_prob", "latency", "cost"}
    assert {"success_prob", "latency", "cost", "task_value"} <= set(document["intervals"])
    assert all({"name", "holds", "statistic", "explanation"} <= set(check) for check in document["assumptions"])
    assert {"route", "cascade_prob", "abandon_prob", "provider_cost", "user_utility"} <= set(document["in_force"])
    assert document["task_value_identified"] is True
    assert (
        document["intervals"]["task_value"][0] < document["game"]["task_value"] < document["intervals"]["task_value"][1]
    )


def test_calibrate_says_it_in_words(run, plain):
    status, out, err = run("calibrate", str(plain), "--revenue", "150", "--churn-uplift", "0.1")
    assert (status, err) == (0, "")
    wanted = [
        "of 8,000 tasks",
        "model 2",
        "value of a solved task",
        "lost task       15",
        "  holds  ",
        "In force",
        "This is sure",
    ]
    words = f"{out}\n{' '.join(out.split())}"
    assert [said for said in wanted if said not in words] == []


def test_without_a_penalty_there_is_no_equilibrium(run, plain):
    _, out, _ = run("calibrate", str(plain), "--json")
    document = json.loads(out)
    assert (document["equilibrium"], document["in_force"]["provider_cost"]) == (None, None)
    assert document["game"]["churn_penalty"] is None and "churn penalty" in document["reason"]


def test_one_commitment_is_not_enough_for_a_value(run, tmp_path):
    out = tmp_path / "log.jsonl.gz"
    given = ["nano-gpt5", "--commitment", "1:0.3", "--temperature", "9", "--out", str(out)]
    status, said, _ = run("simulate-log", *given)
    assert status == 0 and "passes of 10,000 tasks, simulated" in said
    _, text, _ = run("calibrate", str(out), "--churn-penalty", "0.1", "--json")
    document = json.loads(text)
    assert document["game"]["task_value"] is None and document["task_value_identified"] is False
    assert document["intervals"]["task_value"][1] is None and document["intervals"]["task_value"][0] < 120
    assert document["verdict"] != "sure" and "every user faced the same commitment" in document["reason"]
    assert "at least" in run("calibrate", str(out))[1]


@pytest.mark.parametrize(
    "options,said",
    [
        (["nowhere.csv"], "LOG must be a file that is there, got nowhere.csv"),
        (["LOG", "--column", "x=y"], "--column must be COLUMN=NAME"),
        (["LOG", "--models", "a", "b"], "whose model is neither a nor b"),
        (["LOG", "--churn-penalty", "-1"], "--churn-penalty must be"),
        (["LOG", "--revenue", "3"], "--churn-uplift must be given together with --revenue"),
        (["LOG", "--revenue", "3", "--churn-uplift", "2"], "--churn-uplift must be a finite number in [0, 1]"),
        (["LOG", "--revenue", "3", "--churn-uplift", "1", "--churn-penalty", "3"], "--churn-penalty must be left out"),
        (["LOG", "--draws", "3"], "--draws must be an integer from 20"),
        (["LOG", "--seed", "-1"], "--seed must be"),
        (["LOG", "--features", "size"], "lacks the column size"),
        (["LOG", "--features", "user,user"], "--features must be different columns, got 'user' twice"),
        (["LOG", "--features", "user,"], "--features must be names of columns with commas between them"),
        (["LOG", "--features", "next"], "--features must be columns of numbers: next of"),
        (["LOG", "--features", "user", "--context", "user"], "--context must be left out beside --features"),
        (["LOG", "--features", "user", "--from", "otel"], "--features must be left out with --from"),
        (["LOG", "--report", "."], "cannot write . (--report): Is a directory; name a file, not a folder"),
    ],
)
def test_bad_input_is_refused(refused, plain, options, said):
    refused("calibrate", *(str(plain) if option == "LOG" else option for option in options), message=said)


LOG = Path(__file__).resolve().parents[2] / "docs" / "simulated_log.csv"


@pytest.mark.slow
def test_commitments_in_words_do_what_is_said_of_them(run):
    """The recommendation is the number that was judged, the equilibrium's keeps the users of the likeliest game."""
    arguments = ["calibrate", str(LOG), "--churn-penalty", "0.07"]
    document, text = json.loads(run(*arguments, "--json")[1]), run(*arguments)[1]
    advised, words = document["recommendation"], " ".join(text.split())
    share = re.search(r"and hand (\S+) % of retries over to", words)[1]
    assert float(share) == pytest.approx(100 * advised["cascade_prob"], rel=1e-12) and len(share) <= 5
    assert f"A task then costs {advised['provider_cost']:.4g} (" in words
    game, told = Game(**document["game"]), text.split("if users answered without noise\n")[1]
    said = r"route 1, (\S+) % of retries handed over; users stay; .* pays (\S+) a task"
    share, cost = re.search(said, " ".join(told.split())).groups()
    assert best_response(game, 1, float(share) / 100) == 0
    assert outcome(game, 1, float(share) / 100, 0).provider_cost == pytest.approx(float(cost), abs=1e-5)


def test_time_outs_a_cache_and_odd_values_are_said_in_text_and_document(run, plain, tmp_path):
    """Each option by its name on the command line, and what it did in both forms of the report."""
    head, *rows = plain.read_text().splitlines()[:3000]
    rows = [row for row in rows if row.split(",")[0] != rows[-1].split(",")[0]]  # the last task may be half a one
    log = tmp_path / "log.csv"
    log.write_text("\n".join([f"{head},hit", *(f"{row},{int(k == 0)}" for k, row in enumerate(rows))]))
    given = [str(log), "--cached", "hit", "--timeout-at", "500"]
    status, text, err = run("calibrate", *given)
    assert (status, err) == (0, "") and "came from a cache" in text and "No pass was cut off at 500." in text
    document = json.loads(run("calibrate", *given, "--json")[1])
    assert document["log"]["apart"]["cached"] >= 1 and document["log"]["apart"]["timeout_at"] == 500
    assert document["log"]["remarks"] and document["log"]["apart"]["insisted"] == []
    page = tmp_path / "page.html"
    assert run("calibrate", *given, "--report", str(page))[0] == 0 and "came from a cache" in page.read_text()
    status, _, err = run("calibrate", str(log), "--timeout-at", "0")
    assert status == 2 and "--timeout-at must be" in err
    zero = [
        ",".join([*row.split(",")[:3], "0", *row.split(",")[4:]]) if k % 9 == 0 else row for k, row in enumerate(rows)
    ]
    log.write_text("\n".join([head, *zero]))
    status, _, err = run("calibrate", str(log))
    assert status == 2 and "not timed" in err and "--insist" in err and err.count("\n") == 1
    status, text, _ = run("calibrate", str(log), "--insist")
    assert status == 0 and "Taken for right, as you insist: " in text


def three_models(folder):
    """A small log of three models, and one of its commitments in a file."""
    write_log(menu_logs.PLAN, folder / "three.csv")
    (folder / "few.json").write_text(json.dumps(menu_logs.FEW.to_dict()), encoding="utf-8")
    return str(folder / "three.csv")


def test_a_log_of_three_models_is_one_document(run, tmp_path):
    status, out, err = run("calibrate", three_models(tmp_path), "--churn-penalty", "9", "--draws", "20", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert [len(document["game"][name]) for name in ("success_prob", "latency", "cost")] == [3, 3, 3]
    low, high = document["intervals"]["task_value"]
    assert low <= 10 <= high
    assert document["verdict"] in ("sure", "unsure")


def test_the_log_may_come_after_its_models(run, tmp_path):
    status, out, _ = run("calibrate", "--models", "1", "2", "3", three_models(tmp_path))
    assert status == 0
    assert "Nothing can be recommended yet." in out


@pytest.mark.parametrize(
    "options, message",
    [
        (["--models", "1", "2", "3", "4"], "has no pass of model 4: leave it out of --models"),
        (["--models", "1", "3", "gpt"], "whose model is neither 1 nor 3 nor gpt"),
        (["--models", *map(str, range(1, 66))], "--models must be 2 to 64 names, got 65"),
        (["--models", "1"], "--models must be two names or more, got 1"),
        (["--order", "paper"], "--order paper is for two models, got 3"),
        (["--commitment", "none"], "--commitment must be NAME=FILE, got none"),
        (["--commitment", "arm=1:0.05"], "--commitment must be NAME=FILE without --from: in a log of passes a column"),
        (["--commitment", "4=FEW"], "--commitment must be one of '1', '2', '3', got 4"),
    ],
)
def test_what_three_models_cannot_be_is_refused_in_a_line(run, tmp_path, options, message):
    log = three_models(tmp_path)
    status, out, err = run("calibrate", log, *(x.replace("FEW", str(tmp_path / "few.json")) for x in options))
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1

"""The result of a run: what is on disk, judged; and the table that says it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitment
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.row import figures
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.result import judge_run, result_table
from routegame.eval.train_and_judge import run
from routegame.train.learner import Learned, learner
from routegame.train.meter import Meter
from routegame.train.runs.run_directory import RunConfig

GAME = scenario("nano-gpt5").game


def finished(commitment, follower=None, scenario_name="nano-gpt5"):
    """Stands in for the directory of a finished run."""
    config = RunConfig("evolution", scenario_name, GAME, False, 4, learner("evolution").OPTIONS())
    loaded = Learned(commitment, follower, Meter()), 2.5, "finished"
    return SimpleNamespace(config=config, load=lambda: loaded, history=list)


def test_users_of_a_rule_answer_by_it():
    """Whoever learned against exact users is judged with these, and they have no gap."""
    offer = Commitment.unthrottled(GAME, 1, 0.0)
    judgement, document = judge_run(finished(offer))
    judge = judge_of(finished(offer).config.box)
    assert judgement == judge.judge(offer, judge.best_answer) and judgement.follower_gap == 0
    assert (document["follower"], document["seed"], document["wall_seconds"]) == ("exact", 4, 2.5)
    assert document["learned"] == judgement.to_dict()["learned"] and document["stopped"] == "finished"
    assert [finding["name"] for finding in document["diagnosis"]] != ["converged"]


class Stubborn:
    """Users who stay whatever happens."""

    def abandon_prob(self, commitments):
        return [0.0] * len(commitments)


def test_users_who_were_learned_answer_as_they_learned_to():
    judgement, document = judge_run(finished(Commitment.unthrottled(GAME, 1, 0.0), Stubborn()))
    assert document["follower"] == "learned" and judgement.learned.abandon_prob == 0
    assert judgement.follower_gap > 0 and not judgement.certified


def test_what_cannot_be_committed_to_is_not_judged():
    with pytest.raises(ParameterError, match="throttled_latency"):
        judge_run(finished(Commitment(1, 0.5, (0.0, 0.0))))


def table(run, **changes):
    judgement, document = judge_run(run)
    return result_table(run, judgement, {**document, **changes}).splitlines()


def test_a_table_says_whether_users_were_right():
    wrong = table(finished(Commitment.unthrottled(GAME, 1, 0.0), Stubborn()))
    right = table(finished(Commitment.unthrottled(GAME, 1, 0.0)))
    assert wrong[0] == "nano-gpt5, learner evolution, seed 4"
    said = [" ".join(" ".join(lines).partition("certificate")[1:][1].split()) for lines in (wrong, right)]
    assert said[0].split()[0] == "no" and "are not within 1 % of their best answer" in said[0]
    assert said[1].split()[0] == "yes" and "are within 1 % of their best answer" in said[1]
    assert table(finished(Commitment.unthrottled(GAME, 1, 0.0), scenario_name=None))[0].startswith("game, learner")


def test_columns_stand_one_below_the_other():
    lines = table(finished(Commitment.unthrottled(GAME, 1, 0.0)))
    head, *body = lines[2 : lines.index("", 2)]
    assert head.split() == ["learned", "equilibrium"] and len({len(line) for line in [head, *body]}) == 1


def test_what_is_wrong_is_wrapped_and_what_is_right_left_out():
    run, long = finished(Commitment.unthrottled(GAME, 1, 0.0)), "word " * 60
    findings = [{"name": "converged", "explanation": "."}, {"name": "too hot", "explanation": long}]
    said = table(run, diagnosis=findings)
    start = next(k for k, line in enumerate(said) if line.startswith("too hot: word"))
    assert said[start - 1] == "" and len(said[start:]) > 1 and max(map(len, said[start:])) <= 100
    assert not any(line.startswith("converged") for line in said)
    assert len(table(run, diagnosis=findings[:1])) == start - 1


def test_of_a_game_that_changes_the_result_has_both_times():
    """What was played before, at what equilibrium, and how good it was just before and just after."""
    after = replace(GAME, churn_penalty=GAME.churn_penalty / 4)
    game = DriftingGame(GAME, after, 0.5)
    found = run(game, "random_search", evaluations=640, tasks=64, progress=False)
    drift = found.document["drift"]
    assert found.equilibrium == judge_of(after).equilibrium
    assert drift["equilibrium_cost"] == judge_of(GAME).equilibrium.leader_cost and drift["change_at"] == 0.5
    assert drift["plays"] == 5 * 64 * 64 and found.document["plays"] > 640 * 64
    assert 0 <= drift["regret_before"] < 0.3 < drift["regret_then"]
    row = figures(found.document, Path("nowhere"), judge_of(game))
    paid, best = found.document["paid"] - drift["paid"], judge_of(after).equilibrium.leader_cost
    then = paid / best - (found.document["plays"] - drift["plays"])
    earlier = drift["paid"] / drift["equilibrium_cost"] - drift["plays"]
    assert row["cumulative_regret"] == pytest.approx(then + earlier)
    assert "drift" not in run(GAME, "random_search", evaluations=64, tasks=16, progress=False).document

"""A failed run is told why: each way of failing is made on purpose, and found."""

import re
from pathlib import Path

import numpy as np
import pytest

from routegame.envs.commitment import Commitment, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge import menu_judge, routing_judge
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.run import diagnosis
from routegame.eval.run.diagnosis import diagnose

SETTLED = [{"leader/exploration": 0.3}, {"leader/exploration": 0.003}]
SEARCHING = [{"leader/exploration": 0.3}, {"leader/exploration": 0.1}]


def names(scenario_name, route, cascade_prob, respond=None, stopped="finished", history=SETTLED, latency=None):
    game = scenario(scenario_name).game
    judge = RoutingJudge(RoutingGame(game, throttling=latency is not None))
    commitment = Commitment(route, cascade_prob, latency or game.latency)
    judgement = judge.judge(commitment, respond or judge.best_answer)
    findings = diagnose(judge, judgement, stopped, history)
    assert all(finding.explanation.endswith(".") for finding in findings)
    return [finding.name for finding in findings]


def answering(q):
    return lambda commitments: np.full(len(commitments), float(q))


def test_nothing_is_wrong_at_the_equilibrium():
    assert names("nano-gpt5", 1, 0.0784) == ["converged"]


def test_a_hair_short_of_the_cliff():
    assert names("nano-gpt5", 1, 0.0770) == ["wrong side of the cliff"]


def test_too_far_beyond_the_cliff():
    assert names("nano-gpt5", 1, 0.1) == ["margin too wide"]


def test_on_the_wrong_route():
    assert names("nano-gpt5", 2, 0.0) == ["wrong route basin"]


def test_users_who_do_not_know_better():
    assert names("nano-gpt5", 1, 0.3, answering(1)) == ["stale follower", "exploration collapsed"]
    assert names("nano-gpt5", 1, 0.05, answering(0)) == ["stale follower", "wrong side of the cliff"]


def test_users_who_lose_nothing_and_deceive_the_leader_all_the_same():
    """A hair short of s_0 staying costs users next to nothing, and the leader believes them."""
    found = names("nano-gpt5", 1, 0.0782, answering(0))
    assert found == ["stale follower", "wrong side of the cliff"]


@pytest.mark.parametrize(
    ("history", "name"), [(SETTLED, "exploration collapsed"), (SEARCHING, "not converged"), ([], "not converged")]
)
def test_far_from_everything(history, name):
    assert names("nano-gpt5", 1, 0.6, history=history) == [name]


@pytest.mark.parametrize(("last", "name"), [(0.1, "users too hot"), (0.001, "not converged")])
def test_a_gradient_through_users_who_are_too_hot(last, name):
    history = [{"leader/temperature": 0.3}, {"leader/temperature": last}]
    assert names("nano-gpt5", 1, 0.6, history=history) == [name]


@pytest.mark.parametrize("stopped", ["max_passes", "max_seconds"])
def test_out_of_money(stopped):
    assert names("nano-gpt5", 1, 0.6, stopped=stopped, history=SEARCHING) == ["budget spent", "not converged"]
    assert names("nano-gpt5", 1, 0.0784, stopped=stopped) == ["budget spent"]
    assert names("nano-gpt5", 1, 0.0784, stopped="target_regret") == ["converged"]


def test_not_slow_enough_to_drive_users_away():
    game = scenario("figure-5-throttle").game
    assert names("figure-5-throttle", 1, 0.0, latency=game.latency) == ["throttling missed"]
    gone = tuple(game.task_value * p * 1.01 for p in game.success_prob)
    assert names("figure-5-throttle", 1, 0.0, latency=gone) == ["converged"]


def test_every_finding_has_a_meaning():
    said = "".join(
        Path(module.__file__).read_text(encoding="utf-8") for module in (diagnosis, routing_judge, menu_judge)
    )
    named = re.findall(r'Finding\(\s*"([^"]+)"', said)
    assert len(named) > 8 and set(named) == set(diagnosis.MEANINGS)

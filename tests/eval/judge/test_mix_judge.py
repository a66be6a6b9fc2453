"""The judge of mixes: expected over contexts, and what it says of each."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from routegame import Game, ParameterError, TaskMix
from routegame.agents.users.kinds import ExactFollower
from routegame.envs.mix_game import MixGame
from routegame.eval.judge.judges import judge_of
from routegame.eval.judge.mix_judge import MixJudge, own

MIX = TaskMix([0.7, 0.3], Game(9, 15, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 3.6)), names=("easy", "hard"))


@pytest.fixture(params=["sighted", "memoryless", "history"])
def judge(request):
    return judge_of(MixGame(MIX, request.param))


def test_the_best_policy_has_no_regret_and_others_have(judge):
    assert isinstance(judge, MixJudge)
    assert abs(judge.regret(judge.equilibrium.commitment)) < 1e-12
    drawn = judge.mix_game.commitments(np.random.default_rng(0).random((8, 4)))
    assert (judge.regrets(drawn) >= -1e-9).all()
    found = judge.judge(drawn[0], judge.best_answer)
    assert found.certified and found.follower_gap == 0 == found.follower_gap_random
    assert found.leader_regret_relative == pytest.approx(judge.regrets(drawn)[0])


def test_users_who_err_in_one_context_lose_what_they_lose_there():
    judge = judge_of(MixGame(MIX))
    offered = judge.equilibrium.commitment
    found = judge.judge(offered, lambda commitments: np.tile([1.0, 0.0], (len(commitments), 1)), everywhere=False)
    assert found.follower_gap == pytest.approx(0.7 * 3.5) and not found.certified
    assert found.learned.answers == (1, 0) and found.learned.abandon_prob == pytest.approx(0.7)


def test_shares_and_findings_tell_contexts_apart():
    judge = judge_of(MixGame(MIX))
    wrong_start, short = (
        judge.mix_game.commitments(np.array([point]))[0] for point in ([1, 0, 0, 0.05], [0, 0, 0, 0.04])
    )
    found = judge.judge(wrong_start, judge.best_answer, everywhere=False)
    (finding,) = judge.findings(found)
    assert finding.name == "wrong models" and "contexts of 70.0%" in finding.explanation
    assert judge.share_within(wrong_start) == pytest.approx(0.3) and judge.share_within(wrong_start, 2) == 1
    (finding,) = judge.findings(judge.judge(short, judge.best_answer, everywhere=False))
    assert finding.name == "wrong side of the cliff" and "contexts of 30.0%" in finding.explanation
    assert judge.findings(judge.judge(judge.equilibrium.commitment, judge.best_answer, everywhere=False)) == []


def test_regret_of_blind_users_is_measured_from_the_best_known_and_from_the_bound():
    judge = judge_of(MixGame(MIX, "history"))
    found = judge.judge(judge.equilibrium.commitment, judge.best_answer, everywhere=False)
    said, best = judge.distances(found, ExactFollower()), judge.equilibrium.provider_cost
    assert 4.46 < said["lower_bound"] < 4.5 < best and said["certificate"]["status"] == "gap"
    assert said["regret_to_lower_bound"] == pytest.approx(best / said["lower_bound"] - 1)
    assert found.leader_regret == pytest.approx(0, abs=1e-12) and said["contexts_within_1_percent"] == 1


def test_a_profile_and_a_commitment_go_through_files(judge):
    found = judge.judge(judge.equilibrium.commitment, judge.best_answer)
    plain = json.loads(json.dumps(found.to_dict()))
    assert judge.read_profile(plain["learned"]) == found.learned
    row = judge.row(plain["learned"], plain["equilibrium"])
    assert judge.read_commitment(row) == found.learned.commitment
    for coordinates in ("0, 1", "0, 1, 2, 3", "a, 1, 0, 1"):
        with pytest.raises(ValueError, match=r".+"):
            judge.read_commitment({"coordinates": coordinates})


def test_baselines():
    assert judge_of(MixGame(MIX)).baselines().keys() == {"best_static", "one_for_all", "random"}
    blind = judge_of(MixGame(MIX, "memoryless")).baselines()
    assert blind.keys() == {"best_static", "random"} and blind["best_static"] == pytest.approx(0)


def test_words(judge):
    said = judge.words(judge.equilibrium, None)
    assert (
        said["tasks that start with model 1"] == "100 %" and said["tasks within 1 % of their context's cost"] == "100 %"
    )
    account = judge.account("easy-hard-sighted")
    assert "2 contexts" in account.numbers and account.equilibrium.startswith("tasks that start with model 1 100 %")
    (picture,) = judge.cost_pictures("mix", [], judge.best_answer)
    assert picture.place(judge.equilibrium.commitment) == 1
    assert picture.curves["exact"].min() >= judge.equilibrium.provider_cost * (1 - 1e-9)
    assert (picture.curves["exact"] == picture.curves["believed"]).all()
    moved = judge.mix_game.actions(judge.equilibrium.policy.alone()) + np.array([0, 0, 0.1, 0.1])
    assert picture.place(judge.mix_game.commitments(moved)[0]) is None


def test_profiles_of_other_games_are_refused():
    with pytest.raises(ParameterError, match="a mix of tasks"):
        own(judge_of("nano-gpt5").equilibrium)


def test_figures_can_be_logged(judge):
    figures = judge.figures(judge.judge(judge.equilibrium.commitment, judge.best_answer, everywhere=False))
    assert figures["contexts/within_1_percent"] == 1 and all(isinstance(value, float) for value in figures.values())
    assert json.dumps(asdict(replace(judge.equilibrium)))

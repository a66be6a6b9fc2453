"""The judge of games with many models, from its measures to words and pictures."""

import json

import numpy as np
import pytest
from menu_games import KNOWN

from routegame import Game, ParameterError
from routegame.agents.menus.rules import rules
from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.eval.judge.judges import judge_of
from routegame.eval.judge.menu_judge import MenuJudge
from routegame.eval.judge.routing_judge import RoutingJudge

NAMED = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3), names=("slow", "cheap", "good"))


def test_two_models_are_played_in_the_papers_order_and_more_in_any():
    assert isinstance(judge_of(KNOWN[3][0]), RoutingJudge) and isinstance(judge_of(NAMED), MenuJudge)
    assert isinstance(judge_of(MenuGame(KNOWN[3][0])), MenuJudge)
    assert isinstance(judge_of(RoutingGame(KNOWN[3][0])), RoutingJudge)


@pytest.mark.parametrize("number", KNOWN)
def test_the_equilibrium_has_no_regret_and_a_model_for_good_has_some(number):
    judge = MenuJudge(MenuGame(KNOWN[number][0]))
    found = judge.judge(judge.equilibrium.commitment, judge.best_answer, everywhere=False)
    assert found.leader_regret_relative == pytest.approx(0, abs=1e-8) or number == 16
    assert found.certified and found.follower_gap == 0
    assert judge.random_gap(judge.best_answer) == 0
    for regret in judge.baselines().values():
        assert regret >= -1e-9


def test_rules_are_called_the_same_whatever_the_number_of_models():
    """A leaderboard has a column for each."""
    found = [MenuJudge(MenuGame(game)).baselines() for game in (NAMED, "gateway-eight")]
    assert list(found[0]) == list(found[1]) == ["analytic", "best_static", *list(found[0])[2:]]
    assert found[0]["best_static"] == pytest.approx((6 - 2.5125) / 2.5125)


def test_users_who_are_wrong_are_not_certified():
    judge = MenuJudge(MenuGame(NAMED))
    offered = rules(MenuGame(NAMED))["static_3"]
    found = judge.judge(offered, lambda commitments: np.ones(len(commitments)))
    assert not found.certified and found.best_abandon_prob == 0
    assert found.follower_gap == pytest.approx(2.5 * 0.5 / 0.5)
    assert found.follower_gap_random is not None and found.follower_gap_random > 0


@pytest.mark.parametrize("form", ["compact", "matrix"])
def test_profiles_and_rows_go_through_files(form):
    judge = MenuJudge(MenuGame(NAMED, form=form, throttling=True))
    found = judge.judge(judge.equilibrium.commitment, judge.best_answer, everywhere=False)
    document = json.loads(json.dumps(found.to_dict()))
    assert document["learned"]["policy"]["start"] == [1, 0, 0] and document["learned"]["route"] == 1
    assert judge.read_profile(document["learned"]) == found.learned
    row = judge.row(document["learned"], document["equilibrium"])
    again = judge.read_commitment(row)
    assert np.allclose(again.matrix, found.learned.policy.matrix, rtol=0, atol=1e-15)
    with pytest.raises(ValueError, match="coordinates"):
        judge.read_commitment({"coordinates": "0.5, 0.5"})


def test_findings_say_what_is_wrong():
    judge = MenuJudge(MenuGame(NAMED))
    start, row = [1.0, 0, 0], np.array(judge.equilibrium.policy.matrix[0])

    def finding(start, row):
        offered = judge.menu.at([*start, *row])
        judged = judge.judge(offered, judge.best_answer, everywhere=False)
        return [found.name for found in judge.findings(judged)]

    assert finding([0, 1, 0], row) == ["wrong models"]
    assert finding(start, row + np.array([0, 0.01, -0.01])) == ["wrong side of the cliff"]
    assert finding(start, [0, 0, 1]) == ["wrong models"]
    assert finding(start, row) == []


def test_profiles_of_other_games_are_refused():
    routing = judge_of(KNOWN[3][0])
    with pytest.raises(ParameterError, match="many models"):
        MenuJudge(MenuGame(NAMED)).words(routing.equilibrium, None)

"""What every judge keeps to, whatever its game is about; a world of one's own inherits all of it from `JUDGED`."""

import json
from dataclasses import dataclass, replace

import pytest

from routegame.agents.exact.classic_games import SOLVED_CLASSICS, SolvedDuopoly
from routegame.agents.exact.solved import SOLVED
from routegame.agents.users.kinds import ExactFollower
from routegame.envs.checks import ParameterError
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.catalogue import CLASSICS, KINDS, random_matrix_game
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.duopoly import Duopoly
from routegame.envs.commitment import RoutingGame
from routegame.envs.drifting_game import DriftingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.mix_game import MixGame
from routegame.eval.bench.row import COLUMNS, figures
from routegame.eval.judge.classic_judge import ClassicJudge
from routegame.eval.judge.judgement import CERTIFICATE, RANDOM, lattice
from routegame.eval.judge.judges import JUDGES, judge_of
from routegame.eval.run.result import result_table
from routegame.eval.train_and_judge import finish, train
from routegame.train.learner import learner
from routegame.train.runs.run_directory import RunConfig, RunDirectory

JUDGED = {
    "routing": RoutingGame("nano-gpt5"),
    "throttling": RoutingGame("figure-5-throttle", throttling=True),
    "matrix-4x2": random_matrix_game(4, 1),
    **{classic.name: classic.game for classic in CLASSICS},
}


@pytest.fixture(params=JUDGED)
def game(request):
    return JUDGED[request.param]


@pytest.fixture
def judge(game):
    return judge_of(game)


@pytest.fixture
def drawn(game):
    """A few commitments."""
    return game.commitments(lattice(9, game.size))


def test_every_kind_of_game_has_a_closed_form_and_a_judge():
    assert set(SOLVED) == set(JUDGES) == {RoutingGame.KIND, MenuGame.KIND, *KINDS}
    others = {MixGame.KIND, BayesianGame.KIND, CrowdGame.KIND, DriftingGame.KIND}
    assert {*SOLVED_CLASSICS} | others == set(KINDS)


def test_the_equilibrium_is_cheapest(judge, drawn):
    assert (judge.regrets(drawn) >= -1e-12).all()
    assert judge.random_cost > judge.equilibrium.leader_cost
    assert judge.regrets(drawn) == pytest.approx([judge.regret(drawn[k]) for k in range(len(drawn))], abs=1e-12)


def test_a_judgement_is_what_the_closed_form_says(judge, drawn):
    """Followers who answer perfectly have no gap; those who answer otherwise have what they lose, and are found out."""
    perfect = [judge.judge(drawn[k], judge.best_answer, everywhere=k == 0) for k in range(len(drawn))]
    assert perfect[0].follower_gap_random == 0 and perfect[1].follower_gap_random is None
    assert [found.leader_regret_relative for found in perfect] == pytest.approx(judge.regrets(drawn), abs=1e-12)
    assert all(found.follower_gap == 0 and found.certified for found in perfect)
    cost, utility = judge.solved.outcome(drawn, 1 - judge.best_answer(drawn))
    for k, best in enumerate(perfect):
        found = judge.judge(drawn[k], lambda commitments: 1 - judge.best_answer(commitments), everywhere=False)
        assert (found.learned.leader_cost, found.learned.follower_utility) == pytest.approx((cost[k], utility[k]))
        assert found.learned.follower_answer == 1 - found.best_abandon_prob == 1 - best.learned.follower_answer
        assert found.follower_gap == pytest.approx(best.learned.follower_utility - utility[k])
        assert found.certified == (found.follower_gap_relative <= CERTIFICATE)
        assert found.leader_regret == best.leader_regret, "followers who err do not help the leader"


def test_scores(judge, drawn):
    found = judge.judge(drawn[0], judge.best_answer)
    span = judge.random_cost - judge.equilibrium.leader_cost
    assert found.normalised_score == pytest.approx(1 - found.leader_regret / span)
    assert judge.baselines()[RANDOM] == pytest.approx(span / abs(judge.equilibrium.leader_cost))


def test_answers_are_those_that_followers_of_the_game_give(judge, drawn):
    assert judge.solved.response(ExactFollower())(drawn).tolist() == judge.best_answer(drawn).tolist()


def test_what_goes_into_files(judge, drawn):
    found = judge.judge(drawn[3], judge.best_answer)
    document = json.loads(json.dumps({**found.to_dict(), **judge.distances(found, ExactFollower())}))
    assert document["learned"].keys() == document["equilibrium"].keys()
    assert {"provider_cost", "user_utility"} <= document["learned"].keys()
    assert document["learned"]["provider_cost"] == found.learned.leader_cost
    row = judge.row(document["learned"], document["equilibrium"])
    assert row.keys() <= COLUMNS.keys()
    assert judge.read_commitment(row) == drawn[3]
    assert judge.read_profile(document["learned"]) == found.learned
    assert all(isinstance(value, float | int) for value in judge.figures(found).values())


def test_words_are_about_the_same_of_every_profile(judge, drawn):
    profiles = [judge.judge(drawn[k], judge.best_answer, everywhere=False).learned for k in range(len(drawn))]
    said = [judge.words(profile, None) for profile in (*profiles, judge.equilibrium)]
    assert len({tuple(words) for words in said}) == 1 and all(all(words.values()) for words in said)


def test_findings_are_about_profiles_that_are_wrong(judge, drawn):
    for k in range(len(drawn)):
        found = judge.judge(drawn[k], judge.best_answer, everywhere=False)
        assert all(finding.explanation.endswith(".") for finding in judge.findings(found))


def test_what_is_of_another_game_is_refused(judge, drawn):
    other = judge_of("gpt41-o3") if isinstance(judge, ClassicJudge) else judge_of(JUDGED["duopoly-equal"])
    strange = other.judge(other.solved.game.commitments(lattice(1, other.solved.game.size))[0], other.best_answer)
    with pytest.raises(ParameterError, match="commitment must be a"):
        other.judge(drawn[0], judge.best_answer)
    with pytest.raises(ParameterError, match="commitments must be a batch of"):
        other.best_answer(drawn)
    with pytest.raises(ParameterError, match="profile must be one of"):
        judge.figures(strange)
    with pytest.raises(ParameterError, match="profile must be one of"):
        judge.words(strange.equilibrium, None)


@dataclass(frozen=True)
class Fair(Duopoly):
    """A world of one's own: a market in which the leader pays a fee."""

    fee: float

    KIND = "fair"

    def play(self, commitments, answers, num_plays, rng):
        plays = super().play(commitments, answers, num_plays, rng)
        return replace(plays, leader_cost=plays.leader_cost + self.fee)


class SolvedFair(SolvedDuopoly):
    def outcome(self, commitments, answers):
        cost, utility = super().outcome(commitments, answers)
        return cost + self.game.fee, utility


class FairJudge(ClassicJudge):
    def __init__(self, game):
        super().__init__(game, SolvedFair(game))


def test_a_world_of_ones_own_needs_no_branch(monkeypatch, tmp_path):
    """A game, its closed form and its judge are named in a table each; then it is learned, judged, drawn and told."""
    monkeypatch.setitem(KINDS, Fair.KIND, Fair)
    monkeypatch.setitem(SOLVED, Fair.KIND, SolvedFair)
    monkeypatch.setitem(JUDGES, Fair.KIND, FairJudge)
    game = Fair(intercept=1, slope=1, cost=(0, 0), noise=0.1, fee=0.05)
    options = learner("evolution").OPTIONS(generations=25)
    directory = RunDirectory.create(tmp_path / "run", RunConfig("evolution", "fair", game, False, 0, options))
    train(directory, progress=False, board=False)
    result = finish(directory)
    assert result.equilibrium.leader_cost == pytest.approx(0.05 - 1 / 8)
    assert result.leader_regret_relative < 0.01
    again = RunDirectory.open(tmp_path / "run")
    assert again.config.game == game and again.picture_path.exists()
    row = figures(result.document, again.path, judge_of(game))
    assert row["learned_provider_cost"] == result.learned.leader_cost and row["coordinates"]
    assert "leader's cost" in result_table(again, result.judgement, result.document)
    page = (again.path / "report.html").read_text(encoding="utf-8")
    assert "What a commitment costs when the follower answers perfectly" in page and "fee 0.05" in page

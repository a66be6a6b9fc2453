"""Games outside routing in the harness: played by the same learners, judged by what is known, in the same tables."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from extras import OF_EXTRAS

from routegame.agents.exact.solved import solved
from routegame.envs.checks import ParameterError
from routegame.envs.classic.point_game import Point, Points
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.bench import Bench, BenchPlan, provenance
from routegame.eval.bench.leaderboard import write_leaderboard
from routegame.eval.bench.local_engine import LocalEngine
from routegame.eval.bench.suites import instances
from routegame.eval.judge.classic_judge import ClassicJudge, TypedJudge
from routegame.eval.judge.judges import judge_of
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.eval.report.archive import BenchArchive
from routegame.eval.report.standings import in_brief
from routegame.eval.report.write import write_report
from routegame.eval.run.result import judge_run, result_table
from routegame.train.learner import LEARNERS, learner
from routegame.train.optuna_points import missing
from routegame.train.runs.run_directory import RunConfig, RunDirectory, write_json
from routegame.train.state import load, save

GAMES = {instance.name: instance.game for instance in instances("classic")}
TEXTBOOK, MARKET = GAMES["matrix-textbook"], GAMES["duopoly-equal"]

LEADER = {"leader_updates": 12, "refinement_updates": 12, "leader_batch": 128, "leader_tasks": 64, "final_tasks": 2**12}
FOLLOWER = {"follower_updates": 8, "follower_batch": 256, "follower_tasks": 64}
BRIEF = {"leader_updates": 3, "refinement_updates": 3, "follower_updates": 2}
SMALL = {
    "independent": {"joint_updates": 6, "batch": 64, "tasks": 4},
    "alternating": LEADER | FOLLOWER | BRIEF | {"turns": 2},
    "two_timescale": LEADER | FOLLOWER | BRIEF,
    "oracle": LEADER,
    "meta_follower": LEADER | FOLLOWER | {"rounds": 2, "round_updates": 2},
    "response_reward": LEADER | {"first_trials": 64, "last_trials": 2**12, "final_trials": 2**14},
    "bc_hg": {"steps": 20, "episodes": 64, "user_tasks": 64},
    "stackelberg_pg": {"steps": 20, "episodes": 64, "user_steps": 2, "user_episodes": 64},
    "evolution": {"generations": 40, "population": 8},
    "random_search": {"evaluations": 200},
    "sobol": {"evaluations": 200},
    "halving": {"evaluations": 200},
    "cmaes": {"evaluations": 200},
    "tpe": {"evaluations": 50},
    "bayes": {"evaluations": 20},
}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learning(name, game, seed=0):
    return learner(name)(game, learner(name).OPTIONS(**SMALL[name]), seed)


def test_a_judgement_by_hand():
    """Half of the time action 1 is what is best, and 0.6 a follower answers with its first action."""
    judge = ClassicJudge(TEXTBOOK)
    found = judge.judge(Point((0.6,)), lambda points: np.ones(len(points)))
    assert (found.learned.provider_cost, found.learned.user_utility) == pytest.approx((-3.6, 0.4))
    assert found.best_abandon_prob == 0
    assert found.leader_regret == pytest.approx(3.5 - 1.6)
    assert found.leader_regret_relative == pytest.approx(1.9 / 3.5)
    assert found.follower_gap == pytest.approx(0.2)
    assert not found.certified
    assert found.follower_gap_random == pytest.approx(0.25, abs=1e-3), "2 x - 1 where x > 1/2"
    random = -(0.5 * (3 + 3.5) / 2 + 0.5 * (1.5 + 2) / 2)
    assert judge.random_cost == pytest.approx(random, abs=1e-3)
    assert found.normalised_score == pytest.approx(1 - 1.9 / (random + 3.5), abs=1e-3)
    assert found.cascade_margin is None


@pytest.mark.parametrize("name", GAMES)
def test_the_equilibrium_has_no_regret(name):
    judge = judge_of(GAMES[name])
    found = judge.judge(Point(judge.equilibrium.coordinates), judge.best_answer)
    assert found.leader_regret == found.follower_gap == 0
    assert found.certified and found.normalised_score == 1
    assert judge.random_cost > judge.equilibrium.provider_cost


def test_who_judges_what():
    assert isinstance(judge_of(RoutingGame(scenario("nano-gpt5").game)), RoutingJudge)
    assert judge_of("nano-gpt5").equilibrium == judge_of(RoutingGame(scenario("nano-gpt5").game)).equilibrium
    assert all(isinstance(judge_of(game), ClassicJudge) for game in GAMES.values())
    with pytest.raises(ParameterError, match="game must be"):
        judge_of(None)


TYPED = {one.name: one.game for suite in ("matrices", "crowds") for one in instances(suite) if one.box.num_answers > 1}
TWO_TYPES = TYPED["bayes-two-types"]


def test_a_judgement_of_several_types_by_hand():
    """At 1/2 both types answer 1; the first gains 1 and the second 3, and 2 if it answers 0."""
    judge = judge_of(TWO_TYPES)
    assert isinstance(judge, TypedJudge)
    found = judge.judge(Point((0.5,)), lambda points: np.tile([1.0, 0.0], (len(points), 1)))
    assert found.learned.answers == (1, 0) and found.best_abandon_prob == 1
    assert found.follower_gap == pytest.approx(0.4 * (3 - 2)) and not found.certified
    assert found.leader_regret == pytest.approx(-(0.6 * 3.5 + 0.4 * 0.5) - judge.equilibrium.provider_cost)
    alone = judge.judge(Point((0.5,)), lambda points: np.ones(len(points)))
    assert alone.learned.answers == (1, 1) and alone.follower_gap == 0
    assert judge.figures(found)["learned/answer_2"] == 0


@pytest.mark.parametrize("name", ["bayes-two-types", "bayes-guard", "crowd-4-models-3-types"])
def test_several_types_in_files_and_in_words(name):
    judge = judge_of(TYPED[name])
    best = judge.equilibrium
    found = judge.judge(Point(best.coordinates), judge.best_answer)
    assert found.leader_regret == found.follower_gap == 0
    plain = json.loads(json.dumps(found.to_dict()))
    assert judge.read_profile(plain["learned"]) == best
    assert judge.read_commitment(judge.row(plain["learned"], plain["equilibrium"])) == Point(best.coordinates)
    words = judge.words(best, name)
    assert words["answers of the types"].count(",") == len(best.answers) - 1
    assert "the follower answers by type " in judge.account(name).equilibrium
    with pytest.raises(ValueError, match="another number of answers"):
        judge.read_profile({**plain["learned"], "answers": [0.5]})


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", ["random_search", "evolution", "oracle", "two_timescale", "meta_follower"])
def test_who_plays_against_several_types(name):
    """Users who were learned answer with a number each; what is short of a whole run is no more than started."""
    training, judge = learning(name, TWO_TYPES), judge_of(TWO_TYPES)
    while not training.finished:
        training.update()
    learned = training.learned()
    respond = judge.best_answer if learned.follower is None else learned.follower.abandon_prob
    found = judge.judge(learned.commitment, respond)
    assert len(found.learned.answers) == 2
    assert found.leader_regret_relative < (0.05 if learned.follower is None else 0.9)


def test_who_does_not_play_against_several_types():
    others = {name for name in LEARNERS if learner(name).objection(TWO_TYPES) is not None}
    assert others >= {"independent", "response_reward", "hypergradient"}
    assert not others & {"alternating", "two_timescale", "oracle", "meta_follower", "evolution", "cmaes"}
    assert learner("response_reward").objection(TWO_TYPES) == "followers of several types answer with a number each"


def test_random_games_of_the_suite_need_mixing():
    for m in (2, 3, 4):
        game = GAMES[f"matrix-random-{m}x2"]
        best = solved(game).equilibrium()
        mix = game.mixes(Points(np.array([best.coordinates])))[0]
        assert len(mix) == m and sorted(mix)[-2] > 0.01
        pure = Points(np.array([game.point(row) for row in np.eye(m)]))
        cost, _ = solved(game).outcome(pure, solved(game).best_answer(pure))
        assert cost.min() - best.provider_cost >= 0.05 * abs(best.provider_cost)


@pytest.mark.slow
@pytest.mark.parametrize("game", [TEXTBOOK, MARKET], ids=["matrix", "duopoly"])
@pytest.mark.parametrize("name", ["oracle", "evolution", "response_reward", "meta_follower"])
def test_learners_that_find_edges_in_routing_find_them_here(name, game):
    training, judge = learning(name, game), judge_of(game)
    while not training.finished:
        training.update()
    learned = training.learned()
    respond = judge.best_answer if learned.follower is None else learned.follower.abandon_prob
    found = judge.judge(learned.commitment, respond)
    assert found.leader_regret_relative < 0.05
    assert training.meter.passes > 0 and training.meter.queries > 0


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ["independent", "alternating", "two_timescale", "evolution"])
def test_a_run_goes_on_from_its_state(name, tmp_path):
    game = GAMES["matrix-random-3x2"]
    steady, broken = learning(name, game, seed=5), learning(name, game, seed=5)
    while not steady.finished:
        steady.update()
    for _ in range(broken.num_updates // 2):
        broken.update()
    save(tmp_path / "state", broken.state())
    broken = learning(name, game, seed=5)
    broken.restore(load(tmp_path / "state"))
    while not broken.finished:
        broken.update()
    assert broken.learned().commitment == steady.learned().commitment
    assert broken.meter == steady.meter


def test_who_does_not_play():
    assert set(LEARNERS) - set(SMALL) == {"hypergradient", "plug_in"}
    without = set(OF_EXTRAS) if missing() else set()
    for name in set(LEARNERS) - without:
        assert learner(name).objection(RoutingGame(scenario("nano-gpt5").game)) is None
        assert (learner(name).objection(TEXTBOOK) is None) == (name in SMALL)


def finished(path, name):
    """A short run of evolution."""
    config = RunConfig("evolution", name, GAMES[name], False, 0, learner("evolution").OPTIONS(generations=5))
    run = RunDirectory.create(path, config)
    training = learning("evolution", GAMES[name])
    training.update()
    run.save(training.learned(), 1.0, "finished")
    return run


def test_a_run_on_disk(tmp_path):
    run = finished(tmp_path, "duopoly-equal")
    assert RunDirectory.open(tmp_path).config == run.config
    judgement, document = judge_run(run)
    assert document["learned"]["coordinates"] == run.load()[0].commitment.coordinates
    assert "cascade_distance" not in document and document["follower"] == "exact"
    shown = result_table(run, judgement, document)
    assert "duopoly-equal, learner evolution" in shown and "leader's cost" in shown and "when followers" in shown


def test_the_page_of_a_run(tmp_path):
    """One chart for every coordinate, the run where it ended, and the learned profile beside the equilibrium."""
    name = "matrix-random-3x2"
    run = finished(tmp_path, name)
    _, document = judge_run(run)
    unfinished = write_report(run.path).read_text(encoding="utf-8")
    assert "has not finished" in unfinished and "coordinate 2 of the commitment" in unfinished
    write_json(run.result_path, document)
    page = write_report(run.path).read_text(encoding="utf-8")
    learned, best = document["learned"], ClassicJudge(GAMES[name]).equilibrium
    cells = re.search(r">commitment(?:</span>)?</th><td>(.*?)</td><td>(.*?)</td></tr>", page)
    for shown, wanted in zip(cells.groups(), (learned["coordinates"], best.coordinates), strict=True):
        assert [float(value) for value in shown.split(", ")] == pytest.approx(list(wanted), abs=1e-3)
    for k in (0, 1):
        chart = page.split(f'id="cost-{k}-d"')[1].split("</svg>")[0]
        star, mark = re.findall(r'<use href="#(?:star|m0)" class=".*?" x="(.*?)" y="(.*?)">', chart)
        assert float(star[0]) == pytest.approx(66 + 347 * best.coordinates[k], abs=0.1)
        assert float(mark[0]) == pytest.approx(66 + 347 * learned["coordinates"][k], abs=0.1)
        assert float(mark[1]) <= float(star[1])


@pytest.mark.parametrize("coordinates", [[], [0.5, 0.5], ["a"], None, [float("nan")]])
def test_a_commitment_of_another_game_is_refused(tmp_path, coordinates):
    run = finished(tmp_path, "duopoly-equal")
    _, document = judge_run(run)
    write_json(run.result_path, {**document, "learned": {**document["learned"], "coordinates": coordinates}})
    with pytest.raises(ParameterError, match=r"result\.json"):
        write_report(run.path)


@pytest.mark.slow
def test_a_bench(tmp_path):
    """Two games, one learner that plays them and one that does not."""
    games = [known for known in instances("classic") if known.name in ("matrix-inspection", "duopoly-limit")]
    made = Bench(tmp_path, BenchPlan("classic", games, ["evolution", "hypergradient"], range(2)))
    list(made.run(LocalEngine(2, 60)))
    rows = made.rows()
    played = [row for row in rows if row["learner"] == "evolution"]
    refused = [row for row in rows if row["learner"] == "hypergradient"]
    assert len(played) == len(refused) == 4
    for row in played:
        assert row["status"] == "finished" and row["certified"] and row["leader_regret_relative"] < 0.01
        assert row["route"] is row["cascade_prob"] is row["kind"] is row["equilibrium_route"] is None
        assert float(row["coordinates"]) == pytest.approx(float(row["equilibrium_coordinates"]), abs=0.02)
        assert row["abandon_prob"] == pytest.approx(row["best_abandon_prob"])
        assert row["learned_provider_cost"] >= row["equilibrium_provider_cost"]
        assert row["group"] in ("matrix", "duopoly") and row["passes"] > 0
    for row in refused:
        assert row["status"] == "not applicable" and "handed over" in row["message"] and row["coordinates"] is None
    text = write_leaderboard(made, provenance(["bench"])).read_text(encoding="utf-8")
    assert "Not applicable (n/a): hypergradient, 4 of its 4 runs" in text
    assert "\n| hypergradient |" not in text and "| duopoly-limit |" in text and "| n/a |" in text
    document = json.loads((tmp_path / "leaderboard.json").read_text(encoding="utf-8"))
    assert set(document["rules"]["matrix-inspection"]) == {"random"}
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "hypergradient is not compared, for it plays none of these games: its slopes" in page
    assert page.count("hypergradient") == 1 and "runs failed" not in page and "were not made" not in page
    assert "limit quantity" in page
    assert page.count("What a commitment costs when the follower") == 2 and "How far from the equilibrium" in page
    archive, one = BenchArchive.open(tmp_path), ("evolution", "duopoly-limit", 0)
    ended = {**archive.ended, one: replace(archive.ended[one], status="not applicable")}
    said = "\n".join(in_brief(BenchArchive(**{**vars(archive), "ended": ended}), None))
    assert "1 run was not made, of evolution" in said and "run failed" not in said

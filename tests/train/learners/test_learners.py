"""Learners reach known optima on easy games, and the same seed gives the same bits."""

import itertools
from functools import partial
from importlib import import_module

import numpy as np
import pytest
import torch
from extras import OF_EXTRAS
from small_learners import stopped_and_resumed

from routegame import Game
from routegame.agents.users.kinds import follower, follower_optimum
from routegame.envs.chain import outcome
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import Commitments, RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.train.learner import LEARNERS, OWN_LEARNERS, learner
from routegame.train.learners import meta_follower
from routegame.train.meter import Meter
from routegame.train.ppo.follower import FollowerLearner, random_commitments
from routegame.train.runs.run_directory import RunConfig

QUICK_LEADER = {
    "leader_updates": 25,
    "refinement_updates": 25,
    "leader_batch": 256,
    "leader_tasks": 256,
    "final_tasks": 2**16,
}
QUICK = {
    "independent": {"joint_updates": 80, "batch": 256, "tasks": 64},
    "alternating": QUICK_LEADER | {"follower_updates": 6, "follower_batch": 512, "follower_tasks": 256, "turns": 3},
    "two_timescale": QUICK_LEADER | {"follower_updates": 1, "follower_batch": 512, "follower_tasks": 256},
    "oracle": QUICK_LEADER,
    "meta_follower": QUICK_LEADER
    | {"follower_updates": 16, "follower_batch": 1024, "follower_tasks": 256, "rounds": 2, "round_updates": 3},
    "response_reward": QUICK_LEADER | {"leader_batch": 128, "first_trials": 2**9, "last_trials": 2**13},
    "hypergradient": {"steps": 200, "last_tasks": 2**15},
    "bc_hg": {"steps": 100, "episodes": 1024},
    "stackelberg_pg": {"steps": 100, "episodes": 1024},
    "plug_in": {"rounds": 16},
    "evolution": {"generations": 40, "population": 8, "last_tasks": 8192},
    "random_search": {"final_tasks": 2**16},
    "sobol": {"final_tasks": 2**16},
    "halving": {"final_tasks": 2**16},
    "cmaes": {"final_tasks": 2**16},
    "tpe": {"evaluations": 300, "final_tasks": 2**16},
    "bayes": {"evaluations": 64, "final_tasks": 2**16},
}


TINY_LEADER = {"leader_updates": 5, "refinement_updates": 5, "leader_batch": 64, "leader_tasks": 16, "final_tasks": 512}
TINY_FOLLOWER = {"follower_updates": 4, "follower_batch": 64, "follower_tasks": 16}
TINY_SEARCH = {"evaluations": 150, "tasks": 16, "final_tasks": 64}
TINY = {
    "independent": {"joint_updates": 10, "batch": 64, "tasks": 4},
    "alternating": TINY_LEADER | TINY_FOLLOWER | {"turns": 3},
    "two_timescale": TINY_LEADER | TINY_FOLLOWER | {"follower_updates": 2},
    "oracle": TINY_LEADER,
    "meta_follower": TINY_LEADER | TINY_FOLLOWER | {"rounds": 2, "round_updates": 3},
    "response_reward": TINY_LEADER | {"first_trials": 16, "last_trials": 64},
    "hypergradient": {"steps": 12, "first_tasks": 16, "last_tasks": 64},
    "bc_hg": {"steps": 12, "episodes": 32, "user_tasks": 16},
    "stackelberg_pg": {"steps": 12, "episodes": 32, "user_steps": 2, "user_episodes": 16},
    "plug_in": {"rounds": 6},
    "evolution": {"generations": 12, "population": 4, "first_tasks": 16, "last_tasks": 16},
    "random_search": TINY_SEARCH,
    "sobol": TINY_SEARCH,
    "halving": TINY_SEARCH | {"finalists": 2},
    "cmaes": TINY_SEARCH,
    "tpe": TINY_SEARCH | {"evaluations": 70},
    "bayes": TINY_SEARCH | {"evaluations": 14},
}


MARKS = dict.fromkeys(["alternating", "two_timescale", "meta_follower"], (pytest.mark.slow,)) | OF_EXTRAS
MARKS["bayes"] = (*OF_EXTRAS["bayes"], pytest.mark.slow)


LAST_POLICY = {"independent", "bc_hg", "stackelberg_pg", "plug_in"}
"""Learners that end with what they have come to by then, and do not choose on fresh tasks."""

ONE_START = {"bc_hg", "stackelberg_pg"}
"""Learners that begin in the middle of the box and may end on the wrong route; they have tests of their own."""

MANY_STARTS = [name for name in LEARNERS if name not in ONE_START]


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learning(name, game, seed=0, throttling=False, options=TINY):
    options = learner(name).OPTIONS(**options[name])
    return learner(name)(RoutingGame(game, throttling=throttling), options, seed)


def run(name, game, seed=0, throttling=False, watch=lambda snapshot: None, options=QUICK):
    training = learning(name, game, seed, throttling, options)
    while not training.finished:
        watch(training.update())
    learned = training.learned()
    judge = RoutingJudge(training.box)
    respond = judge.best_answer if learned.follower is None else learned.follower.abandon_prob
    return learned, judge.judge(learned.commitment, respond)


def same_arrays(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.arrays().values(), other.arrays().values(), strict=True))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "name,scenario_name",
    [
        *(pytest.param(name, "figure-4-left-standard", marks=MARKS.get(name, ())) for name in MANY_STARTS),
        *(
            pytest.param(name, "sonnet4-thinking", marks=(*MARKS.get(name, ()), pytest.mark.slow))
            for name in MANY_STARTS
        ),
        *itertools.product(["oracle"], ["figure-4-left-reasoning", "figure-4-right-leave"]),
        pytest.param("meta_follower", "figure-4-left-reasoning", marks=pytest.mark.slow),
        pytest.param("meta_follower", "figure-4-right-leave", marks=pytest.mark.slow),
    ],
)
def test_reaches_the_optimum_of_an_easy_game(name, scenario_name):
    _, judgement = run(name, scenario(scenario_name).game)
    assert judgement.learned.route == judgement.equilibrium.route
    assert judgement.leader_regret_relative < 0.02
    assert judgement.certified or name == "two_timescale", "its users lag"


def test_walks_up_to_the_cliff_from_the_safe_side():
    _, judgement = run("oracle", scenario("figure-4-left-cascade").game)
    assert judgement.cascade_margin >= 0
    assert judgement.leader_regret_relative < 0.1


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("scenario_name", ["figure-4-left-cascade", "figure-4-right-cascade", "gpt41-o3", "nano-gpt5"])
def test_evolution_finds_edges(scenario_name):
    """At s_0 the cost jumps, at s_L it has a kink: from the wrong side of either it would be more than 1 % off."""
    _, judgement = run("evolution", scenario(scenario_name).game)
    assert judgement.best_abandon_prob < 0.01
    assert judgement.leader_regret_relative < 0.01


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "scenario_name", ["figure-5-throttle", "latency-value-reasoning-throttle", "figure-4-left-cascade"]
)
def test_evolution_throttles_where_that_pays_and_nowhere_else(scenario_name):
    _, judgement = run("evolution", scenario(scenario_name).game, throttling=True)
    assert judgement.best_abandon_prob == judgement.equilibrium.abandon_prob
    assert judgement.leader_regret_relative < 0.01


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ["oracle", "evolution"])
@pytest.mark.parametrize("kind", ["quantal:0.05", "robust:0.1"])
def test_learns_what_is_best_against_users_of_another_kind(name, kind):
    options = {name: QUICK[name] | {"follower": kind}}
    game = scenario("figure-4-left-cascade").game
    learned, judgement = run(name, game, options=options)
    users = follower(kind)
    optimum = follower_optimum(RoutingGame(game), users).provider_cost
    commitment = Commitments.unthrottled(game, learned.commitment.route, [learned.commitment.cascade_prob])
    cost = outcome(game, learned.commitment.route, learned.commitment.cascade_prob, users(game, commitment)[0])
    assert cost.provider_cost < 1.05 * optimum
    assert judgement.leader_regret_relative > 0.02, "which is not what is best against users at their best"


def test_unknown_users():
    with pytest.raises(ParameterError, match="follower must be"):
        learner("oracle").OPTIONS(follower="kind")


def test_throttles_where_that_pays():
    _, judgement = run("oracle", scenario("figure-5-throttle").game, throttling=True)
    assert judgement.leader_regret_relative < 0.02
    assert judgement.learned.abandon_prob == 1
    assert (
        judgement.learned.throttled_latency[judgement.learned.route - 1] > scenario("figure-5-throttle").game.latency[0]
    )


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in LEARNERS])
def test_same_seed_same_bits_and_watching_changes_nothing(name):
    game, seen = scenario("figure-4-right-standard").game, []
    first, _ = run(name, game, seed=3, watch=seen.append, options=TINY)
    again, _ = run(name, game, seed=3, options=TINY)
    other, _ = run(name, game, seed=4, options=TINY)
    assert again.commitment == first.commitment
    assert again.meter == first.meter
    assert other.meter != first.meter
    if first.follower is not None:
        assert same_arrays(again.follower, first.follower)
        assert name == "independent" or not same_arrays(other.follower, first.follower), "its users have one number"
    assert len(seen) == learning(name, game).num_updates
    passes = [snapshot.passes for snapshot in seen]
    assert passes == sorted(passes)
    assert (passes[-1] < first.meter.passes) == (name not in LAST_POLICY), "all others choose on fresh tasks"
    assert (0 < first.meter.queries) == (name != "plug_in"), "it counts what models do, and asks no users"
    assert (first.meter.pretraining > 0) == (name == "meta_follower")


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in LEARNERS])
def test_a_learner_goes_on_from_its_state_as_if_nothing_had_happened(name, tmp_path):
    """Stopped in every phase, written down, read by a learner that is new, and compared to the last bit."""
    game = scenario("figure-4-right-standard").game
    make = partial(learning, name, game, seed=5)
    stops = range(1, make().num_updates, 3)
    straight, again, steady, broken = stopped_and_resumed(make, stops, tmp_path / "state")
    for one, other in zip(straight, again, strict=True):
        assert (one.phase, one.passes, one.commitment) == (other.phase, other.passes, other.commitment)
        assert {k: repr(v) for k, v in one.statistics.items()} == {k: repr(v) for k, v in other.statistics.items()}
    first, last = steady.learned(), broken.learned()
    assert (first.commitment, first.meter) == (last.commitment, last.meter)
    assert first.follower is None or same_arrays(first.follower, last.follower)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in LEARNERS])
def test_what_is_learned_can_be_asked_for_at_any_time_and_changes_nothing(name):
    game = scenario("figure-4-right-standard").game
    asked, silent = learning(name, game), learning(name, game)
    for update in range(asked.num_updates):
        if update % 4 == 0:
            assert asked.learned().commitment == asked.learned().commitment
        one, other = asked.update(), silent.update()
        assert (one.passes, one.commitment) == (other.passes, other.commitment)


def test_learners_share_a_process_without_noticing():
    game = scenario("figure-4-right-standard").game
    alone = [s.passes for s in (learning("oracle", game).update() for _ in range(1))]
    np.random.seed(3)  # noqa: NPY002
    torch.manual_seed(3)
    before = torch.get_rng_state()
    one, other = learning("oracle", game), learning("oracle", game, seed=1)
    other.update()
    assert one.update().passes == alone[0]
    assert torch.equal(torch.get_rng_state(), before)


def test_snapshots_answer_as_users_did_then():
    seen = []
    run("meta_follower", scenario("figure-4-right-standard").game, watch=seen.append, options=TINY)
    assert [s.commitment is None for s in seen].index(False) == TINY["meta_follower"]["follower_updates"]
    assert {s.phase for s in seen} == {"follower", "leader", "refinement"}
    probe = Commitments.unthrottled(scenario("figure-4-right-standard").game, 1, np.linspace(0, 1, 50))
    assert not np.array_equal(seen[0].respond(probe), seen[-1].respond(probe))


@pytest.mark.slow
def test_follower_learns_a_truly_mixed_answer():
    """Between s_L and s_H staying for good and leaving at once are both wrong (docs/theory.md)."""
    options = meta_follower.MetaFollowerOptions(follower_updates=30, follower_batch=2048)
    config = RunConfig("meta_follower", None, scenario("gpt41-o3").game, False, 0, options)
    anywhere = random_commitments(config.box)
    follower = FollowerLearner(config.box, options, anywhere, np.random.SeedSequence(0), Meter())
    for update in range(options.follower_updates):
        follower.update(anywhere, *meta_follower.first_schedule(options, update))
    judge = RoutingJudge(config.box)
    low, high = judge.solution.thresholds.s_L, judge.solution.thresholds.s_H
    between = Commitments.unthrottled(config.game, 1, np.linspace(low, high, 7)[1:5])
    exact, learned = judge.best_answer(between), follower.follower().abandon_prob(between)
    assert ((exact > 0.05) & (exact < 0.95)).all()

    def lost(q):
        played = [outcome(config.game, 1, between.cascade_prob, answer).user_utility for answer in (exact, q)]
        return float(np.mean(played[0] - played[1]))

    assert lost(learned) < 0.5 * min(lost(0.0), lost(1.0))


def test_unknown_learner():
    with pytest.raises(ValueError, match=r"learner must be one of .*, got 'gradient'"):
        learner("gradient")


def test_learners_never_see_the_closed_forms():
    """What is learned comes from sampled passes: no module on the way to a reward imports `chain` or `solve`."""
    for name in OWN_LEARNERS:
        module = import_module(f"routegame.train.learners.{name}")
        assert not {"outcome", "solve", "visits"} & set(vars(module))


def test_defaults_fit_a_single_game_only():
    with pytest.raises(ValueError, match="a single game"):
        run("oracle", Game(np.array([1.0, 2.0]), 1, (0.1, 0.3), (1, 2), (1, 3)))

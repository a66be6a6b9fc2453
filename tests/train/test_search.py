"""What learners that search have in common: what is tried is counted, the cheapest are kept and played again."""

import numpy as np
import pytest
from extras import NEEDS_OPTUNA

from routegame.agents.users.kinds import response
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train.learner import learner
from routegame.train.learners.random_search import RandomSearch
from routegame.train.meter import Meter
from routegame.train.search import SearchOptions, Trials

BOX = RoutingGame(scenario("figure-4-left-cascade").game)
BASELINES = ("random_search", "sobol", "halving", "cmaes", pytest.param("tpe", marks=NEEDS_OPTUNA))


def trials(options, block=1024):
    made = Trials(BOX, options, response(BOX, "exact"), np.random.SeedSequence(0), Meter())
    made.BLOCK = block
    return made


def learned(name, box, **options):
    kind = learner(name)
    search = kind(box, kind.OPTIONS(**options), 0)
    while not search.finished:
        search.update()
    return search.learned()


def test_the_cheapest_are_kept_whenever_they_were_tried():
    kept = trials(SearchOptions(finalists=3))
    actions = np.random.default_rng(1).random((40, 2))
    costs = np.concatenate([kept.play(part, 64) for part in np.split(actions, 4)])
    cheapest = np.argsort(costs, kind="stable")[:3]
    assert np.array_equal(kept.state()["actions"], actions[cheapest])
    assert kept.least_cost == costs.min()
    assert BOX.actions(kept.commitment().alone())[0, 1] == actions[cheapest[0], 1]
    kept.replay(actions[:2], 64)
    assert len(kept.state()["actions"]) == 2, "what was tried before on fewer tasks is forgotten"


def test_every_commitment_is_played_whatever_the_size_of_blocks():
    actions = np.random.default_rng(1).random((7, 2))
    for block in (2, 7, 100):
        made = trials(SearchOptions(), block)
        costs = made.play(actions, 2**14)
        assert made._meter.queries == 7 and made._meter.passes >= 7 * 2**14
        assert costs == pytest.approx(trials(SearchOptions()).play(actions, 2**14), rel=0.1)


def test_before_anything_is_tried_there_is_the_middle_of_the_box():
    commitment = trials(SearchOptions()).commitment()
    assert (commitment.route, commitment.cascade_prob) == (1, 0.5)


def test_of_the_cheapest_that_is_chosen_which_is_so_on_many_tasks():
    """With one task each, what was cheapest had luck: it costs more than what is chosen of sixteen."""
    few = learned("random_search", BOX, tasks=1, final_tasks=2**16)
    one = learned("random_search", BOX, tasks=1, finalists=1, final_tasks=1)
    judge = judge_of(BOX)
    assert judge.regret(few.commitment) <= judge.regret(one.commitment)
    assert few.meter.passes - one.meter.passes >= 15 * 2**16


@pytest.mark.parametrize("evaluations,updates", [(1, 1), (64, 1), (65, 2), (1000, 16)])
def test_so_many_are_tried_and_no_more(evaluations, updates):
    search = RandomSearch(BOX, SearchOptions(evaluations=evaluations, tasks=1), 0)
    assert search.num_updates == updates
    while not search.finished:
        search.update()
    assert search.meter.queries == evaluations


@pytest.mark.quick_cases(7)
@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("game", ["classic", "menus", "mixes", "throttling"])
def test_they_play_every_game(game, name):
    """Two models with throttling, many of them, tasks that differ and games outside of routing."""
    box = RoutingGame("figure-5-throttle", throttling=True) if game == "throttling" else instances(game)[0].box
    few = learned(name, box, evaluations=40, tasks=16, final_tasks=64)
    assert learner(name).objection(box) is None
    assert few.meter.queries >= 40 + 16 and judge_of(box).regret(few.commitment) < np.inf


@pytest.mark.parametrize("name", BASELINES)
def test_users_of_other_kinds_are_searched_for_as_well(name):
    exact, robust = (learned(name, BOX, follower=kind, evaluations=400) for kind in ("exact", "robust:0.1"))
    assert robust.commitment.cascade_prob > exact.commitment.cascade_prob, (
        "who is content with less has to be offered more"
    )

"""Counting and solving: the counts are right, and the margin keeps off the edge; whole runs are in test_learners.py."""

import numpy as np
import pytest

from routegame.envs.commitment import RoutingGame
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import scenario
from routegame.eval.bench.suites import instances
from routegame.eval.judge.judges import judge_of
from routegame.train.learners.plug_in import Counts, PlugIn, PlugInOptions
from routegame.train.meter import Meter

PAIR = RoutingGame(scenario("nano-gpt5").game)
MENU = MenuGame("gpt41-family")


def judged(box, seed=0, **options):
    """The judgement of a whole run."""
    learning = PlugIn(box, PlugInOptions(**options), seed)
    while not learning.finished:
        learning.update()
    learned = learning.learned()
    return judge_of(box).judge(learned.commitment, learned.follower.abandon_prob, everywhere=False)


@pytest.mark.parametrize("box", [PAIR, MENU, MenuGame("gpt41-family", form="matrix", throttling=True)])
def test_shares_are_estimated_and_every_pass_is_counted(box):
    """Four standard errors of log-odds either way hold the truth, for every model; half of one does not for some."""
    true, held = np.array(box.game.success_prob), []
    for seed in range(20):
        meter = Meter()
        counts = Counts(box, np.random.SeedSequence(seed), meter)
        counts.play(1000)
        counts.play(3000)
        assert meter.plays == 4000 * len(true)
        assert meter.passes == pytest.approx(4000 * (1 / true).sum(), rel=0.2)
        assert (counts.success_prob(-4) < true).all() and (true < counts.success_prob(4)).all()
        held.append((counts.success_prob(-0.5) < true) & (true < counts.success_prob(0.5)))
    assert 0.2 < np.mean(held) < 0.6  # 38 % by the normal distribution


def test_a_model_that_never_failed_is_not_taken_to_be_perfect():
    counts = Counts(RoutingGame(scenario("figure-3-stay").game), np.random.SeedSequence(0), Meter())
    counts.restore(counts.state() | {"tasks": 8, "passes": np.array([8, 30])})
    sure, other = counts.success_prob()
    assert 0.9 < sure < 1
    assert other == pytest.approx(8 / 30.5)


def test_before_anything_is_counted_a_model_succeeds_as_often_as_not():
    learning = PlugIn(PAIR, PlugInOptions(), 0)
    learned = learning.learned()
    assert learned.follower.success_prob.tolist() == [0.5, 0.5]
    assert learned.meter.passes == 0


def test_without_a_margin_half_of_the_runs_fall_off_the_edge():
    def lost(margin):
        runs = [judged(PAIR, seed, rounds=1, first_tasks=2**16, margin=margin) for seed in range(16)]
        return sum(found.best_abandon_prob for found in runs)

    assert 3 <= lost(0.0) <= 13
    assert lost(3.0) == 0


@pytest.mark.parametrize(
    "name", ["gpt41-family", "menu-threat", "menu-leave", "gateway-eight", "needle-4-pair", "needle-8-branch"]
)
def test_menus_within_a_tenth_of_a_per_cent(name):
    box = next(known.box for suite in ("menus", "needle") for known in instances(suite) if known.name == name)
    found = judged(box)
    assert found.certified
    assert found.leader_regret_relative < 1e-3


def test_slowing_down_is_learned():
    box = RoutingGame(scenario("figure-5-throttle").game, throttling=True)
    found = judged(box, rounds=16)
    assert found.learned.throttled_latency[0] > box.game.latency[0] or found.learned.throttled_latency[1] > 1
    assert found.leader_regret_relative < 0.01
    assert all(t <= most for t, most in zip(found.learned.throttled_latency, box.max_latency, strict=True))


@pytest.mark.parametrize("suite", ["drift", "matrices", "classic"])
def test_it_plays_what_it_knows_the_rules_of(suite):
    assert {PlugIn.objection(box) for box in (PAIR, MENU)} == {None}
    assert PlugIn.objection(next(iter(instances(suite))).box) == "it knows the rules of routing among models alone"

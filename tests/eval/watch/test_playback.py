"""Episodes played back, printed and filmed."""

import io
import re
from itertools import pairwise

import numpy as np
import pytest

from routegame import Game, ParameterError, solve
from routegame.envs.policy import Policy
from routegame.envs.render.scene import OVER, as_text
from routegame.envs.scenarios import scenario
from routegame.eval.watch.playback import CLEAR_BELOW, HIDE_CURSOR, SHOW_CURSOR, Answer, Episode, play, show

NANO = scenario("nano-gpt5")
MIXED = Game(6.5, 15, (0.1, 0.3), (0.5, 2.5), (1, 3.3))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def no_sleep(monkeypatch):
    """How long was slept, without sleeping."""
    slept = []
    monkeypatch.setattr("routegame.eval.watch.playback.time.sleep", slept.append)
    return slept


def episode(game=NANO.game, seed=0, plan=None, **options):
    return list(play(game, plan or Episode.of(game), seed, scenario=NANO, **options))


def test_a_plan_is_the_equilibrium_unless_told_otherwise():
    best = solve(NANO.game).equilibrium
    assert Episode.of(NANO.game).commitment.cascade_prob == best.cascade_prob
    assert Episode.of(NANO.game).answer == Answer((0, 0))
    below = Episode.of(NANO.game, cascade_prob=best.cascade_prob - 1e-3)
    assert (below.commitment.route, below.answer) == (1, Answer((1, 1)))
    assert Episode.of(NANO.game, route=1).commitment.cascade_prob == best.cascade_prob
    assert Episode.of(NANO.game, route=2).commitment.cascade_prob == 0


@pytest.mark.parametrize(
    "information, cascade_prob, answer",
    [
        ("memoryless", 0.05, Answer((0, 0))),
        ("memoryless", 0.22, Answer((1, 1))),
        ("model", 0.2, Answer((0, 1))),
        ("model", 0.22, Answer((1, 1))),
        ("history", 0.1, Answer((0, 0), 3)),
        ("history", 0.04, Answer((0, 0))),
    ],
)
def test_users_answer_by_what_they_see(information, cascade_prob, answer):
    assert Episode.of(MIXED, information, cascade_prob=cascade_prob).answer == answer


def test_users_who_mix_toss_coins():
    plan = Episode.of(MIXED, cascade_prob=0.1)
    assert 0 < plan.answer.abandon_prob[0] < 1
    last = episode(MIXED, plan=plan, num_users=400)[-1]
    failures = sum(user.passes - (user.status == "solved") for user in last.users)
    chance = plan.answer.abandon_prob[0]
    assert last.tally[1] / failures == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / failures))


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_users_leave_just_when_their_answer_says_so(information):
    plan = Episode.of(MIXED, information, cascade_prob=0.15)
    for user in episode(MIXED, plan=plan, num_users=100, information=information)[-1].users:
        if information == "model" and user.status == "abandoned":
            assert user.model == 2
        if information == "history":
            assert user.passes <= plan.answer.leave_after
            assert (user.status == "abandoned") <= (user.passes == plan.answer.leave_after)


FAMILY = scenario("gpt41-family")


@pytest.mark.parametrize("information", ["memoryless", "model", "history"])
def test_a_plan_in_full_is_the_equilibrium_unless_told_otherwise(information):
    plan, best = Episode.in_full(FAMILY.game, information), solve(FAMILY.game)
    assert plan.commitment.policy == best.policy and plan.answer == Answer((0, 0, 0))
    assert plan.shown_policy != best.policy and np.allclose(plan.shown_policy.matrix, best.policy.matrix, atol=1e-6)


def test_users_answer_another_policy_by_what_they_see():
    policy = Policy([1, 0, 0], [[0, 0, 1], [1, 0, 0], [1, 0, 0]])
    hard = Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))
    answers = {kind: Episode.in_full(hard, kind, policy=policy).answer for kind in ("memoryless", "model", "history")}
    assert answers["model"].abandon_prob[0] == 0 and len(set(answers["memoryless"].abandon_prob)) == 1
    assert answers["history"].abandon_prob == (0, 0, 0) and answers["history"].leave_after == 2
    assert answers["model"].abandon_prob[2] == 1, "model 1 is not worth its wait"


def test_scenes_of_many_models_show_the_policy_as_it_is_written():
    plan = Episode.in_full(FAMILY.game)
    scenes = list(play(FAMILY.game, plan, 0, scenario=FAMILY, num_users=3))
    assert scenes[0].policy is None and {scene.policy for scene in scenes[1:]} == {plan.shown_policy}
    assert {scene.menu for scene in scenes} == {True} and scenes[1].visited == (0, 1)


def test_throttled_users_leave_at_the_equilibrium_though_they_are_indifferent():
    game = scenario("figure-5-throttle").game
    assert Episode.of(game, throttling=True).answer == Answer((1, 1))
    last = episode(game, plan=Episode.of(game, throttling=True), num_users=50, throttling=True)[-1]
    assert {user.passes for user in last.users} == {1}
    assert last.users[0].game.latency[0] == pytest.approx(0.8)


def test_an_episode_runs_from_before_the_commitment_to_the_end_of_every_task():
    scenes = episode(num_users=5, num_tasks=3)
    assert [scene.round for scene in scenes] == list(range(len(scenes)))
    assert (scenes[0].route, scenes[1].route) == (None, 1)
    assert {user.status for user in scenes[0].users} == {"waiting"}
    assert scenes[0].models == ("gpt-4.1-nano", "gpt-5 (low)")
    assert scenes[0].units == ("s", "$")
    last = scenes[-1]
    assert all(user.finished and user.status in OVER and user.task == 3 for user in last.users)
    assert sum(last.tally) == 15


def test_scenes_add_up():
    """Money, clocks and tallies are told twice over: in sums and step by step."""
    game = Game(100, 0.3, (0.3, 0.4), (10, 30), (0.01, 0.05))
    mixed = Episode(Episode.of(game, cascade_prob=0.3).commitment, Answer((0.3, 0.3)))
    scenes = episode(game, plan=mixed, num_users=20, num_tasks=4, max_passes=6)
    cost = 0.0
    for before, after in pairwise(scenes):
        for old, new in zip(before.users, after.users, strict=True):
            waited = new.waited - old.waited
            played = waited > 0
            if played:
                cost += game.cost[new.model - 1]
                assert waited == pytest.approx(game.latency[new.model - 1])
            begun = new.task > old.task or old.status == "waiting"
            assert new.clock == pytest.approx((0 if begun and played else old.clock) + waited)
            assert new.handed_over == (played and not begun and (old.model, new.model) == (1, 2))
    last = scenes[-1]
    assert last.compute == pytest.approx(cost)
    assert last.churn == pytest.approx(0.3 * last.tally[1])
    utility = sum(user.utility for user in last.users)
    assert utility == pytest.approx(100 * last.tally[0] - sum(user.waited for user in last.users))
    assert min(last.tally[:2]) > 0


def test_the_same_seed_gives_the_same_scenes():
    first, again, other = (episode(num_users=3, seed=seed) for seed in (1, 1, 2))
    assert [as_text(scene) for scene in first] == [as_text(scene) for scene in again]
    assert [as_text(scene) for scene in first] != [as_text(scene) for scene in other]


@pytest.mark.parametrize("wrong", [{"num_users": 0}, {"num_tasks": 0}, {"information": "all"}, {"seed": -1}])
def test_bad_options_are_found_at_once(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        play(NANO.game, Episode.of(NANO.game), **{"seed": 0, **wrong})


def test_a_cascade_is_refused_where_nothing_can_be_handed_over():
    with pytest.raises(ParameterError, match="cascade_prob must be left out on route 2"):
        Episode.of(NANO.game, route=2, cascade_prob=0.5)


def test_a_stream_gets_one_text_after_another(no_sleep):
    stream, scenes = io.StringIO(), episode(num_users=2)
    show(scenes, stream, 3)
    assert stream.getvalue() == "\n\n".join(f"{as_text(scene)}\n" for scene in scenes)
    assert "\x1b" not in stream.getvalue()
    assert no_sleep == []


def test_a_terminal_is_redrawn_in_place(no_sleep, monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: (60, 40))
    stream, scenes = Terminal(), episode(num_users=2)
    show(scenes, stream, 4)
    text = stream.getvalue()
    assert text.startswith(HIDE_CURSOR)
    assert text.endswith(SHOW_CURSOR)
    assert text.count(CLEAR_BELOW) == len(scenes)
    heights = [len(as_text(scene, 59).splitlines()) for scene in scenes]
    assert re.findall(r"\x1b\[(\d+)F", text) == list(map(str, heights[:-1]))
    assert max(map(len, re.sub(r"\x1b\[\??[0-9]*[A-Za-z]", "", text).splitlines())) < 60
    assert no_sleep == [0.25] * len(scenes)


def test_a_low_terminal_shows_what_it_can(no_sleep, monkeypatch):
    monkeypatch.setattr("shutil.get_terminal_size", lambda: (80, 5))
    stream = Terminal()
    show(episode(num_users=9), stream, 50)
    assert "\x1b[4F" in stream.getvalue()
    assert not re.search(r"\x1b\[([5-9]|\d\d)F", stream.getvalue())


def test_the_cursor_comes_back_after_an_interruption(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("routegame.eval.watch.playback.time.sleep", interrupted)
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt):
        show(episode(), stream, 3)
    assert stream.getvalue().endswith(SHOW_CURSOR)

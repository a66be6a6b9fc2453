"""`contextual` learns what to do in every context, and in contexts that it never met."""

import numpy as np
import pytest

from routegame import Game, TaskMix
from routegame.envs.commitment import RoutingGame
from routegame.envs.mix_game import MixGame
from routegame.envs.task_mixes import MIXES
from routegame.eval.judge.judges import judge_of
from routegame.train.learners.contextual import Contextual, ContextualOptions, _plan

QUICK = ContextualOptions(
    follower_updates=8,
    follower_batch=512,
    leader_updates=6,
    refinement_updates=3,
    round_updates=1,
    leader_batch=256,
    leader_tasks=256,
    final_tasks=2**18,
    blind_tasks=2**12,
)


def learned(game, seed=0, options=QUICK):
    run = Contextual(game, options, seed)
    while not run.finished:
        run.update()
    return run.learned()


def test_what_it_objects_to():
    menus = TaskMix([3, 1], Game(10, 9, ([0.25, 0.4], [0.2, 0.3], [0.5, 0.6]), (6, 2.2, 2.5), (0.2, 0.5, 3)))
    mix = MIXES["easy-hard-sighted"].mix
    assert Contextual.objection(MixGame(mix)) is Contextual.objection(MixGame(mix, "history")) is None
    for game, why in (
        (RoutingGame("nano-gpt5"), "no contexts"),
        (MIXES["thousand-features-blind"].game, "blind users"),
        (MixGame(menus), "two models"),
    ):
        assert why in Contextual.objection(game)


def test_everybody_gets_a_turn():
    plan = _plan(QUICK)
    assert len(plan) == 8 + 6 + 3 * 1 + 3
    assert [phase for phase, _ in plan[8 + 6 :]] == ["refinement", "leader"] * 3
    assert [step for phase, step in plan if phase == "leader"] == list(range(9))
    assert QUICK.exploration(0) == 0.4 and QUICK.exploration(8) == pytest.approx(0.01)


@pytest.mark.slow
def test_a_little_learning_is_within_one_percent_of_two_contexts():
    game = MIXES["easy-hard-sighted"].game
    ended, judge = learned(game), judge_of(game)
    judged = judge.judge(ended.commitment, ended.follower.abandon_prob, everywhere=False)
    assert judged.leader_regret_relative < 0.01 and ended.commitment.elsewhere is None
    assert ended.meter.passes > ended.meter.pretraining > 0 and ended.meter.queries > 0
    game.action(ended.commitment)


@pytest.mark.parametrize("users", ["memoryless", pytest.param("history", marks=pytest.mark.slow)])
def test_a_little_learning_is_close_where_users_do_not_know_their_context(users, tmp_path):
    game = MixGame(MIXES["easy-hard-blind"].mix, users)
    ended, judge = learned(game), judge_of(game)
    judged = judge.judge(ended.commitment, ended.follower.abandon_prob, everywhere=False)
    assert judged.leader_regret_relative < 0.03 and ended.commitment.elsewhere is None
    assert ended.meter.passes > ended.meter.pretraining > 0 and ended.meter.queries > 0
    np.savez(tmp_path / "users.npz", **ended.follower.arrays())
    read = Contextual.USERS.load(tmp_path / "users.npz", game)
    offered = game.commitments(np.full((1, 4), 0.3))
    assert read.abandon_prob(offered) == ended.follower.abandon_prob(offered)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"), [("ten-apart-blind", {}), ("hundred-features-blind", {"follower_batch": 1024})]
)
def test_many_contexts_are_learned_whose_users_are_blind(name, options):
    """At least as good as the best policy that was known without learning, and users are right about it.

    Users of a hundred contexts learn from a quarter of the answers that they would have by default.
    """
    game = MIXES[name].game
    ended, judge = learned(game, options=ContextualOptions(**options)), judge_of(game)
    judged = judge.judge(ended.commitment, ended.follower.abandon_prob, everywhere=False)
    assert judged.leader_regret_relative < 0.01 and judged.certified


@pytest.mark.slow
def test_of_features_it_becomes_a_function_that_is_judged_where_it_never_played():
    game = MIXES["hundred-features-sighted"].game
    ended, judge = learned(game), judge_of(game)
    assert judge.regret(ended.commitment) < 0.05
    held_out = judge.held_out(ended.commitment)
    assert held_out["contexts"] == 2000 and 0 < held_out["leader_regret_relative"] < 0.5
    assert game.read({"start": ended.commitment.start, "matrix": ended.commitment.matrix}).elsewhere is None


@pytest.mark.slow
def test_a_hundred_contexts_are_learned():
    game = MIXES["hundred-features-sighted"].game
    ended, judge = learned(game, options=ContextualOptions()), judge_of(game)
    judged = judge.judge(ended.commitment, ended.follower.abandon_prob, everywhere=False)
    assert judged.leader_regret_relative < 0.01 and judged.certified
    assert judge.share_within(ended.commitment) > 0.9
    assert judge.held_out(ended.commitment)["leader_regret_relative"] < 0.04


@pytest.mark.slow
@pytest.mark.parametrize("users", ["sighted", pytest.param("memoryless", marks=pytest.mark.slow)])
def test_it_goes_on_where_it_was(users):
    game = MixGame(MIXES["easy-hard-sighted"].mix, users)
    one, other = Contextual(game, QUICK, 3), Contextual(game, QUICK, 3)
    for _ in range(12):
        one.update()
    other.restore(one.state())
    while not one.finished:
        one.update()
        other.update()
    assert one.learned().commitment == other.learned().commitment
    assert np.isfinite(one.meter.passes) and one.meter == other.meter

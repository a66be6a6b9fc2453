"""Rows of tasks under commitments in full: the rules one row at a time, two models word for word as by route, and the
closed form."""

import numpy as np
import pytest
from menu_rows import SEEN, assert_same, offered, random_game, random_policy, seen
from menus_by_hand import passes as expected_passes

from routegame import Game
from routegame.agents import best_response
from routegame.envs import Policy, TaskBatch, draw_tasks
from routegame.envs.sampling.chances import cascade_above, moved_above, of_task, success_below
from routegame.envs.sampling.numpy_menu_kernel import chosen
from routegame.envs.sampling.streams import Purpose, stream_keys, words

BACKENDS = ("numba", "numpy")
PAIR = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
OPTIONS = {
    "plain": {},
    "cut off early": {"max_passes": 3},
    "declined": {"decline": True},
    "retries": {"retry_multiplier": 1.7},
    "everything": {"difficulty": 0.7, "retry_multiplier": (0.5, 3.0, 1.0, 0.2), "max_passes": 7, "decline": True},
}


def cut(word, success, shares, own):
    """Where a word leads, by the rule: shares from the top, the highest other model first, the own one last."""
    above = 2**32 - 1
    so_far, positive = 0.0, [k for k in range(len(shares)) if k != own and shares[k] > 0]
    for k in reversed(positive):
        so_far += shares[k]
        above = 2**32 - 1 - round((2**32 - success) * min(so_far, 1.0))
        if word > above:
            return k
    return own if own is not None and shares[own] > 0 else positive[0]


def played(
    game, start, matrix, leaves, row, *, seed=0, max_passes, decline=False, retry_multiplier=1.0, difficulty=None
):
    """One row by the rules, in plain Python, a step at a time: what `SEEN` says."""
    keys, value, penalty = stream_keys(seed, [row]), np.float32(game.task_value), np.float32(game.churn_penalty)
    latency, cost = np.array(game.latency, dtype=np.float32), np.array(game.cost, dtype=np.float32)
    multipliers = np.broadcast_to(retry_multiplier, len(cost))
    p, fresh, model, following, failures = game.success_prob, True, -1, -1, 0
    for clock, leaves_now in enumerate(leaves):
        if fresh and difficulty is not None:
            p = of_task(game.success_prob, difficulty, words(keys, Purpose.DIFFICULTY, clock)).tolist()
        if leaves_now and (decline or not fresh):
            yield 0.0, -penalty, False, True, False, True, 0, 0
            fresh, failures = True, 0
            continue
        now, repeat = following, following == model
        if fresh:
            now, repeat = cut(int(words(keys, Purpose.START, clock)[0]), 0, start, None), False
        word = int(words(keys, Purpose.PASS, clock)[0])
        below = int(success_below(min(p[now] * (multipliers[now] if repeat else 1), 1)))
        solved = word < below
        failures = failures if solved else failures + 1
        if not solved:
            following = cut(word, below, matrix[min(now, len(matrix) - 1)], now)
        cut_off = failures == max_passes
        fresh, model = solved or cut_off, now
        failures = 0 if fresh else failures
        got = (value if solved else np.float32(0)) - latency[now]
        yield got, -cost[now], solved, False, cut_off, fresh, now + 1, failures


@pytest.mark.parametrize("height", [None, 1])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_row_follows_the_rules(options, height):
    count, num_steps, models = 20, 50, 4
    games, offer = random_game(models, (count,)), offered(models, count, height)
    rng = np.random.default_rng(2)
    leaves = rng.random((num_steps, count)) < rng.random(count) / 2
    batch = TaskBatch(games, **offer, num_tasks=count, backend="numpy", **options)
    steps = []
    for answer in leaves:
        batch.step(answer)
        steps.append(seen(batch))
    for row in range(count):
        arguments = {"max_passes": batch.max_passes} | options
        rules = played(games.single(row), offer["start"][row], offer["matrix"][row], leaves[:, row], row, **arguments)
        for step, expected in zip(steps, rules, strict=True):
            assert [step[name][row] for name in SEEN] == list(expected), row
    assert {k for step in steps for k in step["model"]} == set(range(models + 1))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("options", [{}, {"max_passes": 3}, {"retry_multiplier": (0.5, 2.0)}, {"difficulty": 2.0}])
def test_two_models_in_full_play_what_they_play_by_route_word_for_word(options, backend):
    count = 300
    rng = np.random.default_rng(0)
    route, s = (
        rng.integers(1, 3, count),
        np.where(rng.random(count) < 0.2, rng.integers(0, 2, count), rng.random(count)),
    )
    matrix = np.stack([np.stack([1 - s, s], axis=-1), np.tile([0.0, 1.0], (count, 1))], axis=1)
    by_route = TaskBatch(PAIR, route, s, num_tasks=count, backend=backend, **options)
    options = {**options, "max_passes": by_route.max_passes}
    in_full = TaskBatch(PAIR, start=np.eye(2)[route - 1], matrix=matrix, num_tasks=count, backend=backend, **options)
    for _ in range(40):
        answer = by_route.answers(0.1)
        by_route.step(answer)
        in_full.step(answer)
        assert_same(seen(by_route), seen(in_full))


@pytest.mark.parametrize("s", [0.0, 1e-9, 0.0783, 0.5, 1.0])
def test_of_two_models_the_second_gets_the_topmost_share(s):
    below = success_below([0.001, 0.3, 0.999])
    above = moved_above(below, np.array([1 - s, s]), np.zeros(3, dtype=np.int64))
    assert (above == cascade_above(below, s)[:, None]).all()


@pytest.mark.parametrize("own", [None, 0, 2, 4])
def test_words_are_shared_out_as_they_should_be(own):
    """A model without a share gets no word, whatever rounding leaves over, and the others get theirs."""
    shares = np.array([0.1, 0.0, 0.3, 0.2, 0.4])
    success = 0 if own is None else int(success_below(0.4))
    drawn = np.random.default_rng(0).integers(success, 2**32, 20_000, dtype=np.uint32)
    edges = np.array([success, success + 1, 2**32 - 1], dtype=np.uint32)
    for word in (drawn, edges):
        many = np.tile(shares, (word.size, 1))
        mine = None if own is None else np.full(word.size, own)
        found = chosen(word, success, many, mine)
        assert found.tolist() == [cut(int(w), success, shares, own) for w in word]
    counts = np.bincount(
        chosen(drawn, success, np.tile(shares, (drawn.size, 1)), None if own is None else np.full(drawn.size, own)),
        minlength=5,
    )
    assert counts / drawn.size == pytest.approx(shares, abs=0.015) and counts[1] == 0
    assert found[-1] == (3 if own == 4 else 4), "the highest other model is at the top"


def test_shares_that_add_up_to_nearly_one_leave_no_word_to_a_model_without_one():
    shares = np.array([[0.0, 0.5, 0.5 - 9e-10]])
    assert chosen(np.array([1], dtype=np.uint32), 0, shares).tolist() == [1]
    assert chosen(np.array([1], dtype=np.uint32), np.array([1]), shares, np.array([0])).tolist() == [1]


def test_whole_tasks_do_not_depend_on_what_is_drawn_with_them():
    game, offer = random_game(3), random_policy(3)
    plan = {"start": offer[0], "matrix": offer[1], "abandon_prob": 0.1}
    whole = draw_tasks(game, **plan, group_size=40, seed=3)
    halves = [draw_tasks(game, **plan, group_size=20, seed=3, first_task=first) for first in (0, 20)]
    assert (halves[0].passes + halves[1].passes == whole.passes).all()
    rows = draw_tasks(game, **plan | {"abandon_prob": [0.1, 0.5]}, group_size=40, seed=3)
    assert (rows.passes[:, 0] == whole.passes[:, 0]).all()


# Against the closed form


def sample(rng):
    """A game of 3 to 8 models, a commitment and a user, as the probability of leaving after a failure of each model."""
    models = int(rng.integers(3, 9))
    game = random_game(models, seed=int(rng.integers(2**32)))
    start, matrix = random_policy(models, seed=int(rng.integers(2**32)))
    kind = ("memoryless", "model", "history")[int(rng.integers(3))]
    return game, start, matrix, kind


def held_against_the_closed_form(number):
    """Means of 40,000 tasks, and standard errors that they are off by: passes of each model, solved, cost."""
    rng = np.random.default_rng(number)
    game, start, matrix, kind = sample(rng)
    count, models = 40_000, game.num_models
    best = best_response(game, start=start, matrix=matrix, information=kind)
    leave_after = float(best) if kind == "history" else np.inf
    leave = np.zeros(models) if kind == "history" else np.broadcast_to(best, models)
    if kind != "history" and rng.random() < 0.5:
        leave = rng.random(models) if kind == "model" else np.full(models, rng.random())
    batch = TaskBatch(game, start=start, matrix=matrix, num_tasks=count, seed=number, max_passes=2**20)
    told, going = np.zeros((models + 2, count)), np.ones(count, dtype=bool)
    while going.any():
        chance = np.append(0.0, leave)[batch.model]
        batch.step(batch.answers(np.where(batch.failures >= leave_after, 1.0, chance)))
        for k in range(models):
            told[k] += going & (batch.model == k + 1)
        told[models] += going & batch.solved
        told[models + 1] -= np.where(going, batch.provider_reward, 0)
        going &= ~batch.over
    p, c = np.array(game.success_prob), np.array(game.cost)
    if np.isfinite(leave_after):
        at, n = start.copy(), np.zeros(models)
        for _ in range(int(leave_after)):
            n, at = n + at, (at * (1 - p)) @ matrix
    else:
        n = Policy(start, matrix).passes(p, 1 - leave)
        assert n == pytest.approx(expected_passes(p, start, matrix, leave), rel=1e-9)
    wanted = [*n, n @ p, n @ c + game.churn_penalty * (1 - n @ p)]
    error = told.std(axis=1) / np.sqrt(count)
    return np.abs(told.mean(axis=1) - wanted) / np.maximum(error, 1e-4)


@pytest.mark.parametrize("number", range(10))
def test_sampled_play_is_the_closed_form(number):
    assert (held_against_the_closed_form(number) <= 4).all()


@pytest.mark.slow
@pytest.mark.parametrize("number", range(10, 100))
def test_sampled_play_is_the_closed_form_again_and_again(number):
    assert (held_against_the_closed_form(number) <= 4).all()


@pytest.mark.parametrize("number", range(3))
def test_whole_tasks_are_the_closed_form(number):
    game, start, matrix, _ = sample(np.random.default_rng(number))
    p, q, declined = np.array(game.success_prob), 0.2, 0.25
    tasks = draw_tasks(
        game, start=start, matrix=matrix, abandon_prob=q, decline_prob=declined, group_size=100_000, seed=number
    )
    n = (1 - declined) * Policy(start, matrix).passes(p, np.full(len(p), 1 - q))
    assert tasks.passes[:, 0] / 1e5 == pytest.approx(n, abs=0.02)
    cost = n @ np.array(game.cost) + game.churn_penalty * (1 - n @ p)
    assert tasks.provider_cost(game)[0] == pytest.approx(cost, rel=0.02)

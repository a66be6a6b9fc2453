"""Rows of tasks: the rules one row at a time, the same bits from every backend, and the frequencies of the chain."""

import subprocess
import sys

import numpy as np
import pytest

from routegame import Game, ParameterError
from routegame.envs import routing_v0
from routegame.envs.sampling.chances import cascade_above, of_task, success_below
from routegame.envs.sampling.streams import Purpose, stream_keys, words
from routegame.envs.sampling.task_batch import TaskBatch

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
BACKENDS = ("numba", "numpy")
OPTIONS = {
    "plain": {},
    "cut off early": {"max_passes": 3},
    "cut off at once": {"max_passes": 1},
    "retries help": {"retry_multiplier": 1.7},
    "retries are in vain": {"retry_multiplier": (0.0, 0.4), "max_passes": 10},
    "tasks differ": {"difficulty": 2.0, "max_passes": 20},
    "everything": {"difficulty": 0.7, "retry_multiplier": (0.5, 3.0), "max_passes": 7},
}
SEEN = ("user_reward", "provider_reward", "solved", "abandoned", "cut_off", "over", "model", "failures")


def random_games(count, seed=0):
    """A game in every row: all sign regimes, any order of the models."""
    rng = np.random.default_rng(seed)
    p, t, c = rng.uniform(0.02, 0.98, (2, count)), rng.uniform(0, 5, (2, count)), rng.uniform(0, 5, (2, count))
    return Game(rng.uniform(1, 20, count), rng.uniform(0, 20, count), tuple(p), tuple(t), tuple(c))


def one_by_one(games):
    """The games of a batch, each as a single one."""
    for game in games.blocks(1):
        pairs = ([float(x[0]) for x in pair] for pair in (game.success_prob, game.latency, game.cost))
        yield Game(float(game.task_value[0]), float(game.churn_penalty[0]), *pairs)


def random_commitments(count, seed=1):
    """Route and cascade probability of every row; every fifth probability is 0 or 1."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, 3, count), np.where(rng.random(count) < 0.2, rng.integers(0, 2, count), rng.random(count))


def random_leaves(num_steps, count, seed=2):
    rng = np.random.default_rng(seed)
    return rng.random((num_steps, count)) < rng.random(count)


def batch_of(count, **options):
    return TaskBatch(random_games(count), *random_commitments(count), num_tasks=count, **options)


def seen(batch):
    """A copy of all that the last step tells."""
    return {name: getattr(batch, name).copy() for name in SEEN}


def assert_same(one, other):
    for name in SEEN:
        assert one[name].dtype == other[name].dtype
        assert one[name].tobytes() == other[name].tobytes(), name


def played(game, route, cascade, leaves, row, *, seed=0, max_passes=2**24, retry_multiplier=1.0, difficulty=None):
    """One row by the rules, in plain Python, a step at a time: what `SEEN` says."""
    keys = stream_keys(seed, [row])
    value, penalty, *pairs = (np.float32(x) for x in (game.task_value, game.churn_penalty, *game.latency, *game.cost))
    latency, cost = pairs[:2], pairs[2:]
    multipliers = np.broadcast_to(retry_multiplier, 2)
    p = game.success_prob
    fresh, model, handed_over, failures = True, 0, False, 0
    for clock, leaves_now in enumerate(leaves):
        if fresh:
            if difficulty is not None:
                p = of_task(game.success_prob, difficulty, words(keys, Purpose.DIFFICULTY, clock)).tolist()
            now, repeat = int(route), False
        elif leaves_now:
            yield 0.0, -penalty, False, True, False, True, 0, 0
            fresh, failures = True, 0
            continue
        else:
            now = 2 if model == 2 or handed_over else 1
            repeat = now == model
        word = int(words(keys, Purpose.PASS, clock)[0])
        below = success_below(min(p[now - 1] * (multipliers[now - 1] if repeat else 1), 1))
        solved = word < int(below)
        handed_over = not solved and now == 1 and word > int(cascade_above(below, cascade))
        failures = failures if solved else failures + 1
        cut_off = failures == max_passes
        fresh = solved or cut_off
        failures, model = 0 if fresh else failures, now
        got = (value if solved else np.float32(0)) - latency[now - 1]
        yield got, -cost[now - 1], solved, False, cut_off, fresh, now, failures


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_row_follows_the_rules(options):
    count, num_steps = 24, 60
    games, (route, cascade) = random_games(count), random_commitments(count)
    leaves = random_leaves(num_steps, count)
    batch = batch_of(count, backend="numpy", **options)
    steps = []
    for answer in leaves:
        batch.step(answer)
        steps.append(seen(batch))
    for row, game in enumerate(one_by_one(games)):
        rules = played(
            game, route[row], cascade[row], leaves[:, row], row, **{"max_passes": batch.max_passes} | options
        )
        for step, expected in zip(steps, rules, strict=True):
            assert [step[name][row] for name in SEEN] == list(expected), row
    reached = {name: any(step[name].any() for step in steps) for name in ("solved", "abandoned", "cut_off")}
    assert reached == {
        "solved": True,
        "abandoned": options.get("max_passes") != 1,
        "cut_off": "max_passes" in options,
    }


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("route,cascade", [(1, 0.25), (2, 0.5)])
def test_rows_are_the_users_of_the_environment(options, route, cascade):
    """Row k has the transitions of `user_k`, as long as that one has tasks."""
    users = 6
    env = routing_v0.parallel_env(GAME, num_users=users, num_tasks=5, **options)
    batch = TaskBatch(GAME, route, cascade, num_tasks=users, seed=3, backend="numpy", **options)
    assert batch.max_passes == env.max_passes
    env.reset(seed=3)
    offer, leaves = np.array([route - 1, cascade], dtype=np.float32), np.random.default_rng(4)
    while env.agents:
        answers = (leaves.random(users) < 0.2) & ~batch.over
        playing = env.agents[1:]
        actions = {user: int(answers[int(user.removeprefix("user_"))]) for user in playing}
        _, rewards, _, _, infos = env.step({routing_v0.PROVIDER: offer} | actions)
        batch.step(answers)
        for user in playing:
            row, info = int(user.removeprefix("user_")), infos[user]
            assert (info["solved"], info["abandoned"]) == (batch.solved[row], batch.abandoned[row])
            assert batch.model[row] == (0 if info["abandoned"] else info["model"])
            assert batch.failures[row] == (0 if batch.over[row] else info["passes"])
            assert batch.user_reward[row] == pytest.approx(rewards[user], rel=1e-6)


@pytest.mark.parametrize("count", [1, 17, 1000])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_backends_agree_to_the_bit(options, count):
    leaves = random_leaves(40, count)
    one, other = (batch_of(count, backend=backend, **options) for backend in BACKENDS)
    for answer in leaves:
        one.step(answer)
        other.step(answer)
        assert_same(seen(one), seen(other))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("num_threads", [1, 3])
def test_a_row_does_not_depend_on_how_many_there_are_or_who_plays_them(backend, num_threads):
    """Row i of a large batch on several threads is row i of a small one, and of the first backend."""
    few, many = 100, 5000
    leaves = random_leaves(30, many)
    game, (route, cascade) = random_games(many), random_commitments(many)
    small = TaskBatch(next(game.blocks(few)), route[:few], cascade[:few], num_tasks=few, backend="numpy", max_passes=30)
    large = batch_of(many, backend=backend, num_threads=num_threads, max_passes=30)
    for answer in leaves:
        small.step(answer[:few])
        large.step(answer)
        assert_same(seen(small), {name: x[:few] for name, x in seen(large).items()})
        assert (small.answers(0.3) == large.answers(0.3)[:few]).all()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_seed_is_a_run(backend):
    runs = []
    batch = batch_of(200, backend=backend, seed=5)
    for seed in (5, 5, 6):
        if runs:
            batch.reset(seed)
        assert batch.over.all() and batch.clock == 0
        for answer in random_leaves(20, 200):
            batch.step(answer)
        runs.append(seen(batch))
    assert_same(runs[0], runs[1])
    assert runs[0]["user_reward"].tobytes() != runs[2]["user_reward"].tobytes()


def test_the_clock_goes_round():
    one, other = (batch_of(50, backend=backend) for backend in BACKENDS)
    for batch in (one, other):
        batch.clock = 2**32 - 2
    for answer in random_leaves(4, 50):
        one.step(answer)
        other.step(answer)
        assert_same(seen(one), seen(other))
    assert one.clock == other.clock == 2


@pytest.mark.parametrize("backend", BACKENDS)
def test_arrays_are_filled_in_place(backend):
    batch = batch_of(100, backend=backend)
    arrays = [getattr(batch, name) for name in SEEN]
    batch.step(np.zeros(100, dtype=np.uint8))
    assert all(array is getattr(batch, name) for array, name in zip(arrays, SEEN, strict=True))
    assert all(array.flags.c_contiguous for array in arrays)
    assert batch.model.min() == 1 and set(batch.failures) <= {0, 1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_answers_may_be_bool_or_bytes_and_lie_apart(backend):
    leaves = random_leaves(20, 100)
    wide = np.zeros((20, 300), dtype=np.uint8)
    wide[:, ::3] = np.where(leaves, 255, 0)
    one, other = batch_of(100, backend=backend), batch_of(100, backend=backend)
    for answer, spread in zip(leaves, wide, strict=True):
        one.step(answer)
        other.step(spread[::3])
        assert_same(seen(one), seen(other))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["over", "solved", "abandoned", "cut_off", "model"])
def test_answers_may_be_one_of_the_arrays_that_a_step_fills(backend, name):
    one, other = (batch_of(1000, backend=backend, max_passes=4) for _ in range(2))
    for _ in range(10):
        one.step(getattr(one, name))
        other.step(getattr(other, name).copy())
        assert_same(seen(one), seen(other))


def test_commitments_change_in_some_rows_alone():
    kept, changed = batch_of(60, backend="numpy"), batch_of(60, backend="numpy")
    stay = np.zeros(60, dtype=np.uint8)
    rows = np.arange(60) % 3 == 0
    t1, t2 = (latency[rows] + 4 for latency in random_games(60).latency)
    changed.commit(2, 0.5, (t1, t2), rows=rows)
    kept.step(stay)
    changed.step(stay)
    others = {name: x[~rows] for name, x in seen(kept).items()}
    assert_same(others, {name: x[~rows] for name, x in seen(changed).items()})
    assert (changed.model[rows] == 2).all()
    got = np.where(changed.solved[rows], kept.game.task_value[rows].astype(np.float32), 0) - t2.astype(np.float32)
    assert (changed.user_reward[rows] == got).all()
    changed.commit(*random_commitments(60))
    for batch in (kept, changed):
        batch.reset(0)
        batch.step(stay)
    assert_same(seen(kept), seen(changed))


def test_a_new_route_waits_for_the_next_task():
    batch = TaskBatch(GAME, 1, 0.0, num_tasks=500, backend="numpy")
    stay = np.zeros(500, dtype=np.uint8)
    batch.step(stay)
    waiting = ~batch.over
    batch.commit(2, 0.0)
    batch.step(stay)
    assert (batch.model[waiting] == 1).all() and (batch.model[~waiting] == 2).all()


def test_a_new_cascade_probability_holds_from_the_next_pass_on():
    batch = TaskBatch(GAME, 1, 0.0, num_tasks=500, backend="numpy", difficulty=5.0)
    stay = np.zeros(500, dtype=np.uint8)
    batch.step(stay)
    second = ~batch.over
    batch.commit(1, 1.0)
    batch.step(stay)
    assert (batch.model[second] == 1).all(), "that failure was under the old commitment"
    third = second & ~batch.over
    batch.step(stay)
    assert third.any() and (batch.model[third] == 2).all()


def test_numba_is_imported_only_where_it_is_wanted():
    """It takes longer than everything else that a command that never samples needs."""
    modules = "routegame.envs.sampling.task_batch, routegame.envs.sampling.whole_tasks"
    code = f"import sys, {modules}; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("prob", [0.0, 1.0])
def test_certain_answers_are_certain(prob):
    batch = TaskBatch(GAME, 1, 0.5, num_tasks=100_000, backend="numpy")
    assert (batch.answers(prob) == bool(prob)).all()


def test_answers_are_as_frequent_as_they_should_be():
    q = np.repeat([0.0, 0.03, 0.5, 0.97, 1.0], 20_000)
    leave = TaskBatch(GAME, 1, 0.5, num_tasks=q.size, backend="numpy").answers(q).reshape(5, -1).mean(axis=1)
    assert leave == pytest.approx([0.0, 0.03, 0.5, 0.97, 1.0], abs=4 * np.sqrt(0.25 / 20_000))


def test_the_default_cap_is_hardly_ever_reached():
    assert TaskBatch(GAME, 1, 0, num_tasks=2).max_passes == 132
    assert TaskBatch(GAME, 1, 0, num_tasks=2, retry_multiplier=(0.5, 1)).max_passes == 270
    assert TaskBatch(GAME, 1, 0, num_tasks=2, retry_multiplier=0).max_passes == 2**24


@pytest.mark.parametrize(
    "changed,parameter",
    [
        ({"game": Game([9.0] * 3, 20, (0.1, 0.3), (1, 2), (1, 3))}, "game"),
        ({"game": Game(1e39, 20, (0.1, 0.3), (1, 2), (1, 3))}, "game"),
        ({"route": 3}, "route"),
        ({"route": [1, 2, 1]}, "route"),
        ({"cascade_prob": 1.1}, "cascade_prob"),
        ({"cascade_prob": [0.5] * 5}, "cascade_prob"),
        ({"latency": (0.9, 2.0)}, "latency"),
        ({"latency": (1.0, np.nan)}, "latency[1]"),
        ({"latency": (1e39, 2.0)}, "latency"),
        ({"latency": 3.0}, "latency"),
        ({"num_tasks": 0}, "num_tasks"),
        ({"num_tasks": 4.0}, "num_tasks"),
        ({"max_passes": 0}, "max_passes"),
        ({"max_passes": 2**24 + 1}, "max_passes"),
        ({"retry_multiplier": -0.1}, "retry_multiplier[0]"),
        ({"retry_multiplier": (1, 2, 3)}, "retry_multiplier"),
        ({"retry_multiplier": ([1.0, 2.0], 1.0)}, "retry_multiplier"),
        ({"difficulty": 0.0}, "difficulty"),
        ({"difficulty": [1.0, 1.0]}, "difficulty"),
        ({"seed": -1}, "seed"),
        ({"num_threads": 0}, "num_threads"),
        ({"backend": "torch"}, "backend"),
    ],
)
def test_bad_arguments_are_named(changed, parameter):
    arguments = {"game": GAME, "route": 1, "cascade_prob": 0.5, "num_tasks": 4, "backend": "numpy"} | changed
    with pytest.raises(ParameterError) as caught:
        TaskBatch(**arguments)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    "leaves",
    [np.zeros(5, bool), np.zeros((4, 1), bool), np.zeros(4), np.zeros(4, np.int64), [False] * 4, None, np.array(False)],
)
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_that_is_refused_changes_nothing(leaves, backend):
    batch = TaskBatch(GAME, 1, 0.5, num_tasks=4, backend=backend, difficulty=2.0)
    batch.step(np.zeros(4, bool))
    before = seen(batch)
    with pytest.raises(ParameterError, match=r"leaves must be an array of bool or uint8, shape \(4,\)"):
        batch.step(leaves)
    assert_same(before, seen(batch))
    assert batch.clock == 1


@pytest.mark.parametrize(
    "change", [(3, 0.5), (1, 2.0), (1, 0.5, (0.0, 2.0)), (2, 0.1, None, [4]), ([1, 2], 0.1, None, [True] * 4)]
)
def test_a_commitment_that_is_refused_changes_nothing(change):
    one, other = (TaskBatch(GAME, 1, 0.5, num_tasks=4, backend="numpy") for _ in range(2))
    with pytest.raises(ParameterError):
        one.commit(*change)
    for answer in random_leaves(20, 4):
        one.step(answer)
        other.step(answer)
        assert_same(seen(one), seen(other))


@pytest.mark.parametrize("difficulty", [None, 2.0])
def test_rows_that_wait_play_on_with_the_luck_that_they_had(difficulty):
    """A step that is taken back is played again in the next one, pass, answer and difficulty alike."""
    options = {"num_tasks": 4, "seed": 3, "backend": "numpy", "difficulty": difficulty}
    batch, waiting = (TaskBatch(GAME, 1, 0.5, **options) for _ in range(2))
    rows = np.array([1, 3])
    for step in range(12):
        answers, waits = waiting.answers(0.3), step < 2 or (step > 4 and waiting.over[rows].all())
        waiting.step(answers)
        if waits:
            waiting.take_back(rows)
            assert waiting.over[rows].all() and not waiting.failures[rows].any() and not waiting.model[rows].any()
            assert not waiting.user_reward[rows].any() and not waiting.provider_reward[rows].any()
            continue
        leaves = batch.answers(0.3)
        assert np.array_equal(leaves[rows], answers[rows])
        batch.step(leaves)
        for name in SEEN:
            assert np.array_equal(getattr(batch, name)[rows], getattr(waiting, name)[rows])
    assert batch.clock <= 10

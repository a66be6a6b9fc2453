"""What a log comes down to, against the same counted row by row in Python."""

from collections import Counter, defaultdict

import duckdb
import numpy as np
import pytest
from log_rows import GAME, counted, write
from tallies import shapes_of

from routegame.calibrate.estimate.tally import BLOCKS, doubtful, tally
from routegame.calibrate.log.ending import Ending
from routegame.calibrate.log.log import open_log
from routegame.calibrate.log.simulated import LogPlan, Segment, write_log

HEADER = ["task", "pass", "model", "latency", "cost", "success", "next", "user", "segment", "cascade_prob"]


def made(num_tasks=400, seed=0):
    """Rows of a log in which nothing is independent and some tasks are open, or handed back."""
    rng = np.random.default_rng(seed)
    rows = []
    for task in range(num_tasks):
        user, segment, stated = task % 23, "ab"[task % 23 % 2], (0.1, 0.5)[task % 2]
        model, number, answer = 1 + (task % 5 == 0), 1, "retry"
        while answer == "retry" and number < 6:
            solved = rng.random() < (0.2 + 0.02 * user)
            answer = "" if solved or rng.random() < 0.1 else ("leave" if rng.random() < 0.02 * user else "retry")
            latency, cost = rng.gamma(2) * (1 + user), rng.gamma(2) * model
            rows.append([task, number, model, latency, cost, int(solved), answer, user, segment, stated])
            model, number = (3 - model if task % 50 == 1 else 2) if rng.random() < 0.5 else model, number + 1
    return rows


@pytest.fixture(scope="module")
def rows():
    return made()


@pytest.fixture(scope="module")
def found(rows, tmp_path_factory):
    return counted(write(tmp_path_factory.mktemp("log") / "log.csv", [HEADER, *rows]))[1]


def tasks_of(rows):
    tasks = defaultdict(list)
    for row in rows:
        tasks[row[0]].append(row)
    return tasks.values()


def ending(task):
    *_, success, answer, _, _, _ = task[-1]
    return Ending.SOLVED if success else {"leave": Ending.LEFT, "retry": Ending.OPEN, "": Ending.UNDECIDED}[answer]


def test_tasks_are_counted_by_shape(rows, found):
    expected = Counter()
    for task in tasks_of(rows):
        models = [row[2] for row in task]
        key = ("ab".index(task[0][8]), models[0], task[0][9], models.count(1), models.count(2), int(ending(task)))
        expected[key] += 1
    shapes = found.shapes
    *columns, count = (column.tolist() for column in vars(shapes).values())
    assert dict(zip(zip(*columns, strict=True), count, strict=True)) == expected
    assert {key[-1] for key in expected} == set(map(int, Ending)) and found.segments == ("a", "b")


def test_passes_are_summed_and_spread_over_users(rows, found):
    """The spread of a ratio: squares of what each user has above it."""
    m = found.moments
    for group, name in enumerate((None, "a", "b")):
        for k in (0, 1):
            chosen = [row for row in rows if row[2] == k + 1 and name in (None, row[8])]
            assert m.passes[group, k] == len(chosen)
            assert m.clusters[group, k] == len({row[7] for row in chosen})
            for column, sums, spread in (
                (5, m.success, m.success_spread),
                (3, m.latency, m.latency_spread),
                (4, m.cost, m.cost_spread),
            ):
                total = sum(row[column] for row in chosen)
                assert sums[group, k] == pytest.approx(total)
                above = defaultdict(float)
                for row in chosen:
                    above[row[7]] += row[column] - total / len(chosen)
                assert spread[group, k] == pytest.approx(sum(x**2 for x in above.values()))


def test_a_file_is_cut_into_parts_of_equal_length(rows, found):
    assert found.blocks.passes.shape == (20, 2)
    for part in range(BLOCKS):
        here = [row for place, row in enumerate(rows) if place * BLOCKS // len(rows) == part]
        for k in (0, 1):
            latency, cost = (np.array([row[c] for row in here if row[2] == k + 1]) for c in (3, 4))
            assert found.blocks.passes[part, k] == len(latency) > 1
            assert found.blocks.latency[part, k] == pytest.approx(latency.mean())
            assert found.blocks.cost[part, k] == pytest.approx(cost.mean())
            assert found.blocks.latency_variance[part, k] == pytest.approx(latency.var(ddof=1))
            assert found.blocks.cost_variance[part, k] == pytest.approx(cost.var(ddof=1))


def test_parts_without_a_model_have_no_mean(tmp_path):
    few = [[k, 1, 1, 1.0, 1.0, 1, "", 0, "a", 0.1] for k in range(3)]
    blocks = counted(write(tmp_path / "log.csv", [HEADER, *few]))[1].blocks
    assert blocks.passes.sum() == 3 and np.isnan(blocks.latency).sum() == 2 * BLOCKS - 3
    assert blocks.latency_variance[blocks.passes == 1].tolist() == [0, 0, 0]


def test_tasks_that_were_handed_back_are_counted(rows, found):
    back = 0
    for task in tasks_of(rows):
        models = [row[2] for row in task]
        back += any(2 in models[:k] for k, model in enumerate(models) if model == 1)
    assert found.handed_back == back > 0


def test_decisions_of_a_user_go_together(rows, found):
    """Variance of leaves above what each group's share says, over users, relative to independent decisions."""
    groups, decided = defaultdict(list), []
    for task in tasks_of(rows):
        key = (task[0][8], task[0][9], task[0][2])
        decided.append(
            (key, task[0][7], ending(task) == Ending.LEFT, sum(row[5] == 0 and row[6] != "" for row in task))
        )
        groups[key].append(decided[-1])
    rates = {key: sum(x[2] for x in of) / max(sum(x[3] for x in of), 1) for key, of in groups.items()}
    above, independent = defaultdict(float), 0.0
    for key, user, left, number in decided:
        above[user] += left - rates[key] * number
        independent += number * rates[key] * (1 - rates[key])
    spread = sum(x**2 for x in above.values()) / independent
    assert found.decision_spread == pytest.approx(float(doubtful(spread, len(above))))
    assert found.decision_spread > 1.5


def test_a_log_without_users_takes_tasks_for_them(rows, tmp_path):
    """And without segments or cascade probabilities there is one kind of task."""
    _, found = counted(write(tmp_path / "log.csv", [HEADER[:7], *(row[:7] for row in rows)]))
    m = found.moments
    assert found.segments == () and np.isnan(found.shapes.stated).all() and (found.shapes.segment == 0).all()
    assert m.clusters.shape == (1, 2)
    assert m.clusters[0, 0] == len({row[0] for row in rows if row[2] == 1})
    assert 0.5 < found.decision_spread < 1.5


def test_what_a_shape_says_of_decisions_and_hand_overs():
    """Passes of both models and the ending of a task on route 1, and of one on route 2."""
    shapes = shapes_of(
        (0, 1, 0.2, 3, 0, Ending.SOLVED, 1),
        (0, 1, 0.2, 3, 0, Ending.LEFT, 1),
        (0, 1, 0.2, 3, 0, Ending.OPEN, 1),
        (0, 1, 0.2, 3, 0, Ending.UNDECIDED, 1),
        (0, 1, 0.2, 2, 2, Ending.SOLVED, 1),
        (0, 2, 0.2, 0, 3, Ending.LEFT, 1),
    )
    assert shapes.decisions.tolist() == [2, 3, 3, 2, 3, 3]
    assert shapes.chances.tolist() == [2, 2, 2, 2, 2, 0]  # where the retry of an open task goes is not known
    assert shapes.moved.tolist() == [False, False, False, False, True, False]
    assert shapes[shapes.moved].n2.tolist() == [2]


def test_segments_and_users_are_told_apart(tmp_path):
    segments = (Segment("a'b", 1.0), Segment("c", 3.0, 0.5))
    plan = LogPlan(GAME, ((1, 0.2),), num_tasks=3000, temperature=1.0, num_users=100, segments=segments)
    write_log(plan, tmp_path / "log.csv")
    log, found = counted(tmp_path / "log.csv")
    assert log.segments == found.segments == ("a'b", "c") and log.has_users
    assert (found.moments.passes[0] == found.moments.passes[1:].sum(axis=0)).all()
    assert found.moments.clusters[0, 0] == 100 == found.moments.clusters[1:, 0].sum()


@pytest.fixture(scope="module", params=[None, 5000], ids=["tasks", "users"])
def large(request, tmp_path_factory):
    """A log of more rows than DuckDB hands to a thread at once, 122,880."""
    commitments, segments = ((1, 0.0), (1, 0.3), (2, 0.0)), (Segment("a"), Segment("b", 1, 0.7))
    plan = LogPlan(GAME, commitments, 120_000, temperature=1.0, num_users=request.param, segments=segments)
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    assert write_log(plan, path)[1] > 200_000
    return path


def bits(path, threads, parts=("shapes", "moments", "blocks")):
    """The numbers of a tally, as bytes."""
    with open_log(path, threads=threads) as log:
        found = tally(log)
    columns = {f"{part}.{name}": column for part in parts for name, column in vars(getattr(found, part)).items()}
    columns |= {"decision_spread": found.decision_spread, "handed_back": found.handed_back}
    return {name: np.asarray(column).tobytes() for name, column in columns.items()}


@pytest.mark.quick_cases(1)
def test_any_number_of_threads_finds_the_same_bits_every_time(large):
    expected = bits(large, 1)
    for threads in (2, 4):
        assert bits(large, threads) == expected


@pytest.mark.slow
@pytest.mark.quick_cases(1)
def test_the_order_of_rows_is_only_told_from_drift(large, tmp_path):
    shuffled = tmp_path / "shuffled.parquet"
    duckdb.execute(f"COPY (SELECT * FROM '{large}' ORDER BY hash(task, pass)) TO '{shuffled}'")
    parts = ("shapes", "moments")
    assert bits(shuffled, 2, parts) == bits(large, 2, parts)

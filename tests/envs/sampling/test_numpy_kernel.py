"""The rules of tasks in NumPy, against single cases said in words, and against tasks drawn one at a time in Python."""

import numpy as np
import pytest

from routegame.envs.sampling.numpy_kernel import _geometric, draw_tasks, step
from routegame.envs.sampling.streams import Purpose, stream_keys, words

KEYS = stream_keys(0, [0])
WORD = int(words(KEYS, Purpose.PASS, 0)[0])
"""The word that decides the first pass of the only row."""

SURE, NEVER = WORD + 1, WORD
"""Thresholds that the word is below, or not."""

VALUE, LATENCY, COST, PENALTY = 9.0, (1.0, 2.0), (-1.0, -3.6), -15.0
LAST = 2**32 - 1


def stepped(route=1, model=0, handed_over=False, failures=0, leave=0, *, first=(NEVER,) * 2, repeat=(NEVER,) * 2,
            above=(LAST, LAST), max_passes=5):  # fmt: skip
    """One row after a step: rewards, endings by name, and where its task stands."""
    row = {
        "leaves": np.array([leave], dtype=np.uint8),
        "keys": KEYS,
        "first": np.array([[*first, above[0]]], dtype=np.uint32).T,
        "repeat": np.array([[*repeat, above[1]]], dtype=np.uint32).T,
        "payoffs": np.array([[VALUE, *LATENCY, *COST, PENALTY]], dtype=np.float32).T,
        "route": np.array([route], dtype=np.uint8),
        "model": np.array([model], dtype=np.uint8),
        "handed_over": np.array([handed_over]),
        "failures": np.array([failures], dtype=np.int32),
        "rewards": np.zeros((2, 1), dtype=np.float32),
        "endings": np.zeros((4, 1), dtype=np.bool_),
    }
    step(0, max_passes, **row)
    user, provider = row["rewards"][:, 0].tolist()
    names = ("solved", "abandoned", "cut off", "over")
    ended = [name for name, one in zip(names, row["endings"][:, 0], strict=True) if one]
    return (
        (user, round(provider, 6)),
        ended,
        (int(row["model"][0]), bool(row["handed_over"][0]), int(row["failures"][0])),
    )


SOLVED, LEFT = ["solved", "over"], ["abandoned", "over"]


@pytest.mark.parametrize(
    "given,paid,ended,stands",
    [
        ({"first": (SURE, NEVER)}, (8.0, -1.0), SOLVED, (1, False, 0)),
        ({"first": (NEVER, SURE)}, (-1.0, -1.0), [], (1, False, 1)),
        ({"route": 2, "first": (NEVER, SURE)}, (7.0, -3.6), SOLVED, (2, False, 0)),
        ({"route": 2, "first": (SURE, NEVER)}, (-2.0, -3.6), [], (2, False, 1)),
        # a repeat has thresholds of its own
        ({"model": 1, "failures": 1, "first": (SURE, SURE)}, (-1.0, -1.0), [], (1, False, 2)),
        ({"model": 1, "failures": 1, "repeat": (SURE, NEVER)}, (8.0, -1.0), SOLVED, (1, False, 0)),
        ({"model": 2, "failures": 1, "repeat": (NEVER, SURE)}, (7.0, -3.6), SOLVED, (2, False, 0)),
        # a task that was handed over is on model 2, for the first time
        ({"model": 1, "failures": 1, "handed_over": True, "first": (NEVER, SURE)}, (7.0, -3.6), SOLVED, (2, False, 0)),
        ({"model": 1, "failures": 1, "handed_over": True, "repeat": (SURE, SURE)}, (-2.0, -3.6), [], (2, False, 2)),
        # failures on model 1 hand over above a word
        ({"above": (WORD - 1, LAST)}, (-1.0, -1.0), [], (1, True, 1)),
        ({"above": (WORD, 0)}, (-1.0, -1.0), [], (1, False, 1)),
        ({"model": 1, "failures": 1, "above": (LAST, WORD - 1)}, (-1.0, -1.0), [], (1, True, 2)),
        ({"route": 2, "above": (0, 0)}, (-2.0, -3.6), [], (2, False, 1)),
        ({"first": (SURE, SURE), "above": (0, 0)}, (8.0, -1.0), SOLVED, (1, False, 0)),
        # users leave after failures only
        ({"model": 1, "failures": 1, "leave": 1, "repeat": (SURE, SURE)}, (0.0, -15.0), LEFT, (0, False, 0)),
        ({"model": 2, "failures": 3, "leave": 255}, (0.0, -15.0), LEFT, (0, False, 0)),
        ({"leave": 1, "first": (SURE, NEVER)}, (8.0, -1.0), SOLVED, (1, False, 0)),
        # and so many failures are the end
        ({"model": 1, "failures": 4}, (-1.0, -1.0), ["cut off", "over"], (1, False, 0)),
        ({"model": 1, "failures": 3}, (-1.0, -1.0), [], (1, False, 4)),
        ({"max_passes": 1}, (-1.0, -1.0), ["cut off", "over"], (1, False, 0)),
        ({"model": 1, "failures": 4, "repeat": (SURE, NEVER)}, (8.0, -1.0), SOLVED, (1, False, 0)),
    ],
)  # fmt: skip
def test_a_step_in_words(given, paid, ended, stands):
    assert stepped(**given) == (paid, ended, stands)


@pytest.mark.parametrize("stays", [0.0, 1e-13, 0.3, 0.9, 0.999, 1.0])
def test_the_number_of_repeats_is_the_largest_that_is_likelier_than_the_rank(stays):
    """P(k repeats or more) = stays^k, counted up one at a time; at most as many as there are bits for."""
    drawn = np.random.default_rng(0).integers(0, 2**32, (1, 500), dtype=np.uint32)
    found = _geometric(drawn, np.array([stays]), 12)[0]
    for word, count in zip(drawn[0].tolist(), found.tolist(), strict=True):
        rank, expected = (word + 0.5) / 2**32, 0
        while expected < 2**12 - 1 and stays ** (expected + 1) > rank * (1 + 1e-12):
            expected += 1
        close = abs(stays ** max(expected, 1) / rank - 1) < 1e-9
        assert count == expected or (close and abs(count - expected) <= 1)


def one_task(words_of, on_2, limits, stays, max_passes):
    """A task by its six words: passes of model 1 and 2, whether it was solved, whether it was cut off."""
    passes, solved, model = [0, 0], False, 1 if on_2 else 0
    while True:
        first, count, last = words_of[3 * model : 3 * model + 3]
        solves, leaves, hands_over, solves_again, leaves_again = limits[model]
        if first >= hands_over:
            own, rank = 2, (count + 0.5) / 2**32
            while stays[model] ** (own - 1) > rank and own < 10**5:
                own += 1
            solved, handed = last < solves_again, last >= leaves_again
        else:
            own, solved, handed = 1, first < solves, first >= leaves
        left = max_passes - sum(passes)
        if own - solved >= left:
            passes[model] = min(own, left)
            return (*passes, False, True)
        passes[model] = own
        if model == 1 or solved or not handed:
            return (*passes, solved, False)
        model = 1


@pytest.mark.parametrize("max_passes", [1, 3, 1000])
def test_a_group_of_tasks_is_its_tasks_one_by_one(max_passes):
    rng = np.random.default_rng(0)
    rows, size, first_task = 12, 40, 7
    keys, on_2 = stream_keys(3, np.arange(rows)), rng.random(rows) < 0.4
    limits = np.sort(rng.uniform(0, 2.0**32, (rows, 2, 5)), axis=2)
    limits[..., 3:] = np.sort(rng.uniform(0, 2.0**32, (rows, 2, 2)), axis=2)
    stays = rng.uniform(0, 0.9, (rows, 2))
    totals = np.zeros((4, rows), dtype=np.int64)
    draw_tasks(first_task, size, max_passes, keys, on_2, limits, stays, totals)
    for row in range(rows):
        drawn = [words(keys[:, row, None], Purpose.WHOLE_TASK + k, first_task + np.arange(size)) for k in range(6)]
        tasks = [
            one_task([int(word[j]) for word in drawn], on_2[row], limits[row], stays[row], max_passes)
            for j in range(size)
        ]
        assert totals[:, row].tolist() == np.sum(tasks, axis=0).tolist()

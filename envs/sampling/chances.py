"""Probabilities as thresholds for 32-bit words: what chance decides is decided by comparing whole numbers.

One word decides a pass and, where the pass fails, also where the task goes on a retry. Words below the success
threshold solve the task; of the others, the topmost share s hands it over. A word is thus used once, and the same
word that hands a task over at one cascade probability does so at every larger one.

Under a commitment in full, see `routegame.envs.policy`, the failed words are shared out from the top: first the model
with the highest number gets its share, then the next lower one, and the model that failed gets what is left. Of two
models, model 2 so gets the topmost share s, as above. A start that is drawn is cut out of all words in the same way.

Probabilities are kept to 2^-32. One strictly between 0 and 1 stays so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.checks import ParameterError, as_count, as_each
from routegame.envs.sampling.streams import Words

NUM_WORDS, LAST_WORD = 2.0**32, 2**32 - 1

CUT_OFF_PROB = 1e-6
"""The default cap on passes is reached with less than this probability by a user who never abandons."""

MAX_COUNT = 2**24
"""The largest number up to which float32, which observations are made of, holds every whole number."""


def of_task(success_prob: ArrayLike, difficulty: ArrayLike, word: ArrayLike) -> FloatArray:
    """Success probability on one task whose difficulty was drawn; shapes broadcast.

    It is Beta distributed over tasks, with the model's success probability p as its mean: Beta(ν p, ν (1 − p)). Both
    models are given the same word, so that a task that is hard for one is hard for the other: their probabilities are
    the same quantile of two Beta distributions.

    Args:
        success_prob: p of the model, over all tasks.
        difficulty: ν > 0, how alike tasks are: failures say much about the task at 1, nothing as ν grows.
        word: 32 bits of chance, one word for a task.

    >>> of_task([0.1, 0.3], 4.0, 2**31).round(4).tolist()
    [0.0429, 0.2644]
    """
    from scipy.special import betaincinv

    p, nu = np.asarray(success_prob, dtype=np.float64), np.asarray(difficulty, dtype=np.float64)
    rank = (np.asarray(word, dtype=np.float64) + 0.5) / NUM_WORDS
    drawn: FloatArray = betaincinv(nu * p, nu * (1 - p), rank)
    return drawn


def as_multipliers(retry_multiplier: float | Sequence[float], num_models: int = 2) -> tuple[float, ...]:
    """Return what repeats multiply the success probability of each model by, from one number or one for each.

    Raises:
        ParameterError: not one finite number >= 0, or one for each model.
    """
    each = retry_multiplier if np.iterable(retry_multiplier) else (retry_multiplier,) * num_models
    found = as_each("retry_multiplier", each, num_models, 0, math.inf, closed="low")
    if any(np.ndim(multiplier) for multiplier in found):
        raise ParameterError("retry_multiplier", "a number, or one for each model", retry_multiplier)
    return tuple(map(float, found))


def of_repeat(success_prob: FloatArray, multipliers: tuple[float, ...]) -> FloatArray:
    """Success probabilities of passes that repeat the one before: multiplied, and at most 1.

    Args:
        success_prob: (num_models, num_rows).
        multipliers: from `as_multipliers`.
    """
    chances: FloatArray = np.minimum(success_prob * np.reshape(multipliers, (-1, 1)), 1.0)
    return chances


def success_below(success_prob: ArrayLike) -> Words:
    """Words below this one solve the task, uint32; shape of the input.

    Args:
        success_prob: of the pass; not checked, and taken to be strictly between 0 and 1 where it is not.
    """
    count = np.rint(np.asarray(success_prob, dtype=np.float64) * NUM_WORDS)
    return np.clip(count, 1, NUM_WORDS - 1).astype(np.uint32)


def cascade_above(success: Words, cascade_prob: ArrayLike) -> Words:
    """Words of failed passes above this one hand the task over, uint32; shapes broadcast.

    Args:
        success: from `success_below`.
        cascade_prob: probability that a failed task is handed over, in [0, 1]; not checked.
    """
    failures = NUM_WORDS - np.asarray(success, dtype=np.float64)
    handed_over = np.rint(failures * np.asarray(cascade_prob, dtype=np.float64))
    return (NUM_WORDS - 1 - handed_over).astype(np.uint32)


def moved_above(success: ArrayLike, shares: FloatArray, own: IntArray | None = None) -> FloatArray:
    """Words of failed passes above these go to a model or to one with a higher number, (..., K) whole numbers.

    They ascend along the models: a word goes to the last of them whose number it is above, and stays with the model
    that failed where there is none. What rounding leaves over goes to the model that failed or, if it has no share, to
    the lowest that has one.

    Args:
        success: from `success_below`, (...,); 0 where all words are to be shared out.
        shares: of the failed words, (..., K) probabilities that add up to 1.
        own: the model that failed, from 0, (...,); None where no pass has failed, but the first model is drawn.

    >>> moved_above(2**30, np.array([0.5, 0.25, 0.25]), np.array(0)).tolist() == [2**32 - 3 * 2**29 - 1] * 2 + [
    ...     2**32 - 3 * 2**28 - 1
    ... ]
    True
    """
    models = np.arange(shares.shape[-1])
    others = shares if own is None else np.where(models == own[..., None], 0.0, shares)
    room = NUM_WORDS - np.asarray(success, dtype=np.float64)[..., None]
    so_far = np.minimum(np.cumsum(others[..., ::-1], axis=-1)[..., ::-1], 1.0)
    above = NUM_WORDS - 1 - np.rint(room * so_far)
    all_moves = np.ones(shares.shape[:-1], dtype=bool) if own is None else (others == shares).all(axis=-1)
    lowest = (others > 0).argmax(axis=-1)
    rest: FloatArray = np.where(all_moves[..., None] & (models <= lowest[..., None]), NUM_WORDS - 1 - room, above)
    return rest


def row_moved_above(success: int, shares: Sequence[float], own: int | None = None) -> list[int]:
    """Return `moved_above` of one row, to the bit: for few models that takes a tenth of the time.

    Args:
        success: from `success_below`; 0 where all words are to be shared out.
        shares: of the failed words, one for each model.
        own: the model that failed, from 0; None where no pass has failed.

    >>> row_moved_above(2**30, [0.5, 0.25, 0.25], 0) == [2**32 - 3 * 2**29 - 1] * 2 + [2**32 - 3 * 2**28 - 1]
    True
    """
    room, top, so_far = NUM_WORDS - success, NUM_WORDS - 1, 0.0
    if own is not None and shares[own] == 1.0:
        return [int(top)] * len(shares)
    above, lowest = [0] * len(shares), None
    for model in range(len(shares) - 1, -1, -1):
        if model != own and shares[model] > 0:
            so_far, lowest = so_far + shares[model], model
        above[model] = int(top - round(room * min(so_far, 1.0)))
    if own is None or shares[own] == 0:
        for model in range((lowest or 0) + 1):
            above[model] = int(top - room)
    return above


def leaves_at(word: Words, abandon_prob: ArrayLike) -> BoolArray:
    """Whether users with mixed strategies leave, each at a word of its own; shapes broadcast.

    Args:
        word: 32 bits of chance.
        abandon_prob: in [0, 1]; not checked. At 0 nobody leaves and at 1 everybody does.

    >>> leaves_at(np.array([0, 2**31, 2**32 - 1], dtype=np.uint32), [[0.0], [0.5], [1.0]]).astype(int).tolist()
    [[0, 0, 0], [1, 0, 0], [1, 1, 1]]
    """
    leaves: BoolArray = word < np.asarray(abandon_prob, dtype=np.float64) * NUM_WORDS
    return leaves


def passes_needed(success_prob: ArrayLike, most: int) -> int:
    """Return the least n with (1 − p)^n < `CUT_OFF_PROB` for the smallest p, at most `most`.

    Args:
        success_prob: any number of probabilities; 0 gives `most`.
        most: a whole number >= 1.

    >>> passes_needed([0.5, 0.9], 1000)
    20
    """
    smallest = float(np.min(success_prob))
    if smallest <= 0:
        return most
    passes = math.log(CUT_OFF_PROB) / math.log1p(-smallest) if smallest < 1 else 0.0
    return math.floor(min(passes, most - 1)) + 1


def as_max_passes(max_passes: int | None, success_prob: FloatArray, multipliers: tuple[float, ...]) -> int:
    """Return after how many failed passes a task is cut off: as given and checked, or what `passes_needed` says.

    Args:
        max_passes: None for the default, by the smallest success probability of a first pass or a repeat.
        success_prob: (num_models, num_rows).
        multipliers: from `as_multipliers`.

    Raises:
        ParameterError: not a whole number from 1 to `MAX_COUNT`.

    >>> as_max_passes(None, np.array([[0.5], [0.9]]), (1.0, 1.0))
    20
    """
    if max_passes is not None:
        return as_count("max_passes", max_passes, MAX_COUNT)
    return passes_needed([success_prob, of_repeat(success_prob, multipliers)], MAX_COUNT)

"""Counter-based streams: pure functions of seed, stream and counter, and as even as chance should be."""

import numpy as np
import pytest
from scipy.stats import chi2

from routegame.envs.checks import ParameterError
from routegame.envs.sampling.streams import Purpose, stream_keys, words

NUM_CELLS = 256


def chi_square(cells, num_cells=NUM_CELLS):
    counts = np.bincount(cells.reshape(-1), minlength=num_cells)
    expected = cells.size / num_cells
    return ((counts - expected) ** 2).sum() / expected


def assert_even(cells, num_cells=NUM_CELLS):
    """Neither too uneven nor too even: both tails of chi-square at one in ten thousand."""
    low, high = chi2.ppf([1e-4, 1 - 1e-4], num_cells - 1)
    assert low < chi_square(cells, num_cells) < high


def grid(seed=0, num_streams=1024, num_counters=1024, purpose=Purpose.PASS):
    """Words of many streams at many counters, (num_streams, num_counters)."""
    keys = stream_keys(seed, np.arange(num_streams))[:, :, None]
    return words(keys, purpose, np.arange(num_counters))


def test_a_word_does_not_depend_on_what_is_drawn_with_it():
    drawn = grid()
    assert words(stream_keys(0, [17]), Purpose.PASS, 33) == drawn[17, 33]
    assert (words(stream_keys(0, np.arange(5, 9)), Purpose.PASS, 33) == drawn[5:9, 33]).all()


def test_counters_wrap_at_two_to_the_32():
    keys = stream_keys(0, [0])
    assert words(keys, Purpose.PASS, 2**32 + 5) == words(keys, Purpose.PASS, 5)


@pytest.mark.parametrize("shift", [0, 8, 16, 24])
@pytest.mark.parametrize("seed", [0, 1, 2**127 - 1])
def test_every_byte_is_even(seed, shift):
    assert_even((grid(seed) >> shift) & 255)


@pytest.mark.parametrize("shift", [0, 13, 28])
def test_neighbours_know_nothing_of_each_other(shift):
    """Pairs of nibbles: of one stream at consecutive counters, of consecutive streams, seeds and purposes."""
    here = (grid() >> shift) & 15
    beside = {
        "counter": (here[:, :-1], here[:, 1:]),
        "stream": (here[:-1], here[1:]),
        "seed": (here, (grid(seed=1) >> shift) & 15),
        "purpose": (here, (grid(purpose=Purpose.ANSWER) >> shift) & 15),
        "diagonal": (here[:-1, :-1], here[1:, 1:]),
    }
    for one, other in beside.values():
        assert_even(16 * one + other)


def test_a_bit_of_the_counter_or_the_key_changes_half_of_the_word():
    keys, base = stream_keys(0, np.arange(4096)), 12345
    reference = words(keys, Purpose.PASS, base)
    for bit in range(32):
        counters = np.bitwise_count(reference ^ words(keys, Purpose.PASS, base ^ (1 << bit))).mean()
        halves = [keys.copy(), keys.copy()]
        for k in (0, 1):
            halves[k][k] ^= np.uint32(1 << bit)
        low, high = (np.bitwise_count(reference ^ words(half, Purpose.PASS, base)).mean() for half in halves)
        for changed in (counters, low, high):
            assert 15.2 < changed < 16.8


def test_streams_of_close_seeds_are_not_shifted_copies():
    drawn = [grid(seed, 64, 4096).reshape(-1) for seed in range(4)]
    assert np.unique(np.concatenate(drawn)).size > 4 * 64 * 4096 * (1 - 1e-3)


@pytest.mark.parametrize("seed", [-1, 0.5, None, True, "0"])
def test_a_bad_seed_is_named(seed):
    with pytest.raises(ParameterError, match="seed must be a whole number >= 0"):
        stream_keys(seed, [0])

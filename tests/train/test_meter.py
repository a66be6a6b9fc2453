"""What learning has cost is counted once, wherever it was played."""

from types import SimpleNamespace

import numpy as np
import pytest

from routegame.train.meter import Meter


def played(*passes):
    return SimpleNamespace(passes=np.array(passes, dtype=np.int64))


def test_passes_are_summed_and_what_was_played_is_handed_on():
    meter, first = Meter(), played(3, 4)
    assert meter.play(first) is first
    meter.play(played(5), pretraining=True)
    meter.play(played())
    meter.queries += 2
    assert meter == Meter(passes=12, pretraining=5, queries=2)


def test_more_passes_than_32_bits_are_counted():
    meter = Meter()
    meter.play(played(2**40, 2**40))
    assert meter.passes == 2**41 and type(meter.passes) is int


def test_it_goes_on_from_its_state():
    meter, other = Meter(7, 3, 2), Meter()
    state = meter.state()
    other.restore({name: np.int64(value) for name, value in state.items()})
    assert other == meter and type(other.passes) is int
    meter.play(played(1))
    assert state == {"passes": 7, "pretraining": 3, "queries": 2}, "a state is no window"
    with pytest.raises(KeyError):
        other.restore({"passes": 1})

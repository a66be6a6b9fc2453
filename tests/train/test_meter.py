"""What learning has cost is counted once, wherever it was played."""

from types import SimpleNamespace

import numpy as np
import pytest

from routegame.envs.stackelberg import Plays
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
    meter.paid = 2.0
    state = meter.state()
    other.restore({name: np.int64(value) for name, value in state.items()})
    assert other == meter and type(other.passes) is int
    meter.play(played(1))
    assert state == {"passes": 7, "pretraining": 3, "queries": 2, "plays": 0, "paid": 2.0}, "a state is no window"
    with pytest.raises(KeyError):
        other.restore({"passes": 1})


def test_states_of_earlier_versions_know_nothing_of_plays():
    meter = Meter()
    meter.restore({"passes": 1, "pretraining": 0, "queries": 0})
    assert meter == Meter(passes=1)


@pytest.mark.parametrize(("num_plays", "plays", "paid"), [(10, 20, 50.0), (np.array([1, 3]), 4, 11.0), (0, 0, 0.0)])
def test_what_plays_cost_is_counted_where_they_say_how_many_they_are(num_plays, plays, paid):
    meter = Meter()
    costs, nothing = np.array([2.0, 3.0]), np.zeros(2)
    meter.play(Plays(np.array([5, 6]), costs, nothing, num_plays=num_plays))
    assert (meter.passes, meter.plays, meter.paid) == (11, plays, paid)


def test_plays_of_a_game_that_changed_since_are_counted_apart():
    meter, costs, nothing = Meter(), np.array([2.0, 3.0]), np.zeros(2)
    meter.play(Plays(np.array([5, 6]), costs, nothing, num_plays=10))
    assert "earlier_plays" not in meter.state()
    meter.play(Plays(np.array([5, 6]), costs, nothing, num_plays=1, earlier=True))
    assert (meter.plays, meter.paid, meter.earlier_plays, meter.earlier_paid) == (22, 55.0, 2, 5.0)
    other = Meter()
    other.restore(meter.state())
    assert other == meter

"""Learners count their updates, whatever these bring."""

import pytest

from routegame.train.updates import Updates


class Countdown(Updates[int]):
    num_updates = 2

    def learn(self):
        return self.num_updates - self.updates


def test_updates_are_counted_after_they_are_made():
    learner = Countdown()
    told = [(learner.finished, learner.update(), learner.updates) for _ in range(2)]
    assert told == [(False, 2, 1), (False, 1, 2)] and learner.finished
    assert (learner.meter.passes, learner.meter.queries) == (0, 0)


def test_an_update_that_fails_is_none():
    class Failing(Countdown):
        def learn(self):
            raise ValueError("no")

    learner = Failing()
    with pytest.raises(ValueError, match="no"):
        learner.update()
    assert learner.updates == 0

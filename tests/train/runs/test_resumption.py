"""A learner that would not go on as it was is noticed before its run is stopped, and one that would is left alone."""

import math
from dataclasses import replace

import plugins
import pytest

from routegame.envs.commitment import RoutingGame
from routegame.train.runs.resumption import Resumption, ResumptionError


def made(kind, steps=8):
    return kind(RoutingGame("nano-gpt5"), plugins.PlainOptions(steps=steps), 0)


def watched(kind, steps=8, told=lambda snapshot: snapshot):
    """Train to the end, with the look at it; return the passes of every update."""
    original, passes = made(kind, steps), []
    resumption = Resumption("theirs", original, lambda: made(kind, steps))
    while not original.finished:
        snapshot = original.update()
        passes.append(snapshot.passes)
        resumption.look(told(snapshot))
    return passes


@pytest.mark.parametrize("steps", [1, 2, 3, 8])
def test_a_learner_that_says_all_is_left_as_it_is(steps):
    alone = made(plugins.Plain, steps)
    assert watched(plugins.Plain, steps) == [alone.update().passes for _ in range(steps)]


def test_a_forgotten_generator_is_noticed_after_the_first_update():
    with pytest.raises(ResumptionError) as refusal:
        watched(plugins.Forgetful)
    message = str(refusal.value)
    assert message.startswith("learner theirs, stopped after update 1 of 8 and taken up from its state, ")
    assert "differs in the update after that in passes" in message and "parts()" in message and "\n" not in message


def test_a_state_that_is_not_taken_over_is_noticed_at_once():
    with pytest.raises(ResumptionError, match="differs at once in chance/rng/state/state"):
        watched(plugins.HalfTold)


class Late(plugins.Plain):
    """Forgets what it learns in its second half."""

    def restore(self, state):
        super().restore(state)
        self._late = self.updates > 2

    def learn(self):
        snapshot = super().learn()
        return replace(snapshot, phase="another") if getattr(self, "_late", False) else snapshot


def test_what_goes_wrong_in_the_middle_is_noticed_there():
    with pytest.raises(ResumptionError, match=r"after update 4 of 8 .* in the update after that in phase"):
        watched(Late)


def test_numbers_that_are_none_are_the_same_and_statistics_may_tell_the_time():
    class Counts(plugins.Plain):
        def state(self):
            return {**super().state(), "mean": math.nan}

    ticks = iter(range(100))
    watched(Counts, told=lambda snapshot: replace(snapshot, statistics={"seconds": next(ticks)}))

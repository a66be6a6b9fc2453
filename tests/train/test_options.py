"""Options are checked where they are made."""

from dataclasses import fields

import pytest

from routegame.envs.checks import ParameterError
from routegame.train.learner import OWN_LEARNERS, learner
from routegame.train.learners.meta_follower import MetaFollowerOptions
from routegame.train.options import geometric
from routegame.train.ppo.leader import LeaderOptions


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("leader_updates", 0, r"a finite number in \[1, 1e\+07\]"),
        ("leader_updates", 2.5, "a whole number"),
        ("leader_updates", float("nan"), "a finite number"),
        ("leader_batch", 100, "a multiple of 64"),
        ("leader_batch", 2**63, r"a finite number in \[64, 1e\+06\]"),
        ("leader_tasks", 2**63, r"a finite number in \[1, 1e\+07\]"),
        ("leader_rate", -1, "a finite number"),
        ("last_exploration", float("inf"), "a finite number"),
    ],
)
def test_bad_options_are_named(name, value, message):
    with pytest.raises(ValueError, match=f"{name} must be {message}.*got"):
        LeaderOptions(**{name: value})


@pytest.mark.parametrize("name", OWN_LEARNERS)
def test_no_learner_takes_a_number_that_memory_cannot_hold(name):
    """A batch of 2^63 was a list of as many entries, which grew until the machine had no memory left."""
    options = learner(name).OPTIONS
    for declared in fields(options):
        if isinstance(declared.default, int) and "low" in declared.metadata:
            with pytest.raises(ParameterError, match=declared.name):
                options(**{declared.name: 2**63})


def test_meta_follower_has_the_options_of_both_sides():
    options = MetaFollowerOptions()
    assert options.leader_updates == LeaderOptions().leader_updates
    assert options.follower_updates > 0


def test_exploration_shrinks_and_ends_where_it_was_told_to():
    options = LeaderOptions()
    schedule = [options.exploration(k) for k in range(options.leader_updates + options.refinement_updates)]
    assert schedule[0] == options.first_exploration
    assert schedule[options.leader_updates] == pytest.approx(options.middle_exploration)
    assert schedule[-1] == schedule[-options.refinement_updates // 4] == pytest.approx(options.last_exploration)
    assert schedule == sorted(schedule, reverse=True)


def test_geometric():
    assert [geometric(8, 1, k, 4) for k in range(6)] == pytest.approx([8, 4, 2, 1, 1, 1])
    assert geometric(8, 1, 0, 1) == 8


def test_options_are_given_by_name():
    assert LeaderOptions.given(leader_tasks=8) == LeaderOptions(leader_tasks=8)
    assert LeaderOptions.names()[0] == "leader_updates"
    with pytest.raises(ParameterError, match=r"options must be of leader_updates, .*final_tasks, got 'tasks, x'"):
        LeaderOptions.given(x=1, tasks=2)

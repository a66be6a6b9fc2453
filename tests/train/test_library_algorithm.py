"""An algorithm of stable-baselines3, step by step: it comes to what the library's own single call comes to."""

import numpy as np
import pytest
import torch
from extras import NEEDS_CONTRIB

from routegame.agents.users.kinds import response
from routegame.envs.commitment import RoutingGame
from routegame.train.learner import learner
from routegame.train.library_algorithm import LibraryAlgorithm
from routegame.train.library_leader import LeaderRows
from routegame.train.meter import Meter
from routegame.train.ppo.global_generators import OwnChance

GAME = RoutingGame("nano-gpt5")
NUMBERS = {"a2c": 512, "sac": 1280, "dqn": 2048, "trpo": 1024}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def rows(points=None):
    return LeaderRows(GAME, response(GAME, "exact"), 4, np.random.default_rng(7), Meter(), points)


def maker(name, commitments):
    """What makes a learner's algorithm on rows of its own."""
    kind = learner(name)
    training = kind(GAME, kind.OPTIONS(commitments=-(-commitments // 512) * 512), 0)
    return lambda: training.algorithm(rows(training.points(GAME)), 11)


@pytest.mark.parametrize("name", ["a2c", "sac", pytest.param("trpo", marks=NEEDS_CONTRIB)])
def test_learning_in_parts_is_learning_at_once(name):
    number = NUMBERS[name]
    parts = LibraryAlgorithm(maker(name, number), 11)
    for _ in range(2):
        parts.learn(number // 2)
    with OwnChance(11).lent():
        whole = maker(name, number)().learn(number)
    own = parts._algorithm
    assert own.num_timesteps == whole.num_timesteps == number and own._n_updates == whole._n_updates > 1
    for one, other in zip(own.policy.parameters(), whole.policy.parameters(), strict=True):
        assert torch.equal(one, other)


def test_it_draws_from_chance_of_its_own():
    one, other = (LibraryAlgorithm(maker("a2c", 512), 11) for _ in range(2))
    torch.manual_seed(0)
    before = torch.get_rng_state()
    one.learn(64)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(5)
    other.learn(64)
    seen = np.ones((1, 1), dtype=np.float32)
    assert np.array_equal(one.decide(seen), other.decide(seen))


def test_its_figures_are_those_of_the_library_and_say_nothing_of_time():
    figures = LibraryAlgorithm(maker("a2c", 512), 11).learn(128)
    assert figures["n_updates"] == 2 and {"policy_loss", "value_loss", "std"} <= figures.keys()
    assert not {"fps", "time_elapsed"} & figures.keys()


def test_the_state_is_arrays_and_plain_values():
    def leaves(state):
        for value in state.values():
            yield from leaves(value) if isinstance(value, dict) else [value]

    algorithm = LibraryAlgorithm(maker("sac", 512), 11)
    algorithm.learn(1088)
    state = algorithm.state()
    assert all(isinstance(leaf, np.ndarray | int | float | str | bool) for leaf in leaves(state))
    assert state["buffer"]["rewards"].shape == (8, 64), "no more than was made room for"
    assert set(state["learned"]) == {"policy", "actor.optimizer", "critic.optimizer", "ent_coef_optimizer"}
    assert state["lone"]["log_ent_coef"].shape == (1,)


def test_a_state_stays_as_it_is_while_learning_goes_on():
    algorithm = LibraryAlgorithm(maker("a2c", 512), 11)
    algorithm.learn(64)
    state = algorithm.state()
    weights = state["learned"]["policy"]["action_net.bias"]
    before = weights.copy()
    algorithm.learn(64)
    assert np.array_equal(weights, before)
    assert not np.array_equal(algorithm.state()["learned"]["policy"]["action_net.bias"], before)
    other = LibraryAlgorithm(maker("a2c", 512), 12)
    other.restore(state)
    other.learn(64)
    assert np.array_equal(weights, before), "nor while another goes on from it"

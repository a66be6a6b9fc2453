"""Global generators are lent and given back: who draws inside draws as if alone, and nobody else notices."""

# It is about numpy's legacy generator, from which stable-baselines3 draws.
# ruff: noqa: NPY002

import random

import numpy as np
import pytest
import torch

from routegame.train.ppo.global_generators import OwnChance
from routegame.train.state import load, save


def drawn():
    return [random.random(), *np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()]


def alone(seed, times=1):
    own = OwnChance(seed)
    found = []
    for _ in range(times):
        with own.lent():
            found.append([*np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()])
    return found


@pytest.fixture(autouse=True)
def given_back():
    """Whatever a test does to the global generators is undone."""
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])
    torch.set_rng_state(before[2])


def seeded(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def test_nobody_outside_notices():
    seeded(1)
    expected = [drawn(), drawn()]
    seeded(1)
    first = drawn()
    with OwnChance(5).lent():
        random.seed(9)
        drawn()
    assert [first, drawn()] == expected


def test_two_learners_draw_what_they_would_draw_alone():
    first, second, found = OwnChance(1), OwnChance(2), []
    for _ in range(3):
        for own in (first, second):
            with own.lent():
                found.append([*np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()])
        drawn()
    assert found[::2] == alone(1, 3) and found[1::2] == alone(2, 3)
    assert alone(1) != alone(2)


def test_it_is_seeded_as_the_generators_themselves_would_be():
    """And go on from one time to the next as if they had never been given back."""
    seeded(3)
    for found in alone(3, 3):
        assert found == [*np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()]


def test_an_error_gives_them_back_too():
    seeded(1)
    expected = drawn()
    seeded(1)
    with pytest.raises(RuntimeError), OwnChance(5).lent():
        drawn()
        raise RuntimeError
    assert drawn() == expected


def test_another_process_goes_on_from_the_state(tmp_path):
    """Also in the middle of a pair of normal numbers, of which numpy keeps the second."""
    expected = alone(4, 3)
    own = OwnChance(4)
    with own.lent():
        first = [*np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()]
    save(tmp_path / "state.safetensors", own.state())
    other = OwnChance(99)
    other.restore(load(tmp_path / "state.safetensors"))
    found = [first]
    for _ in range(2):
        with other.lent():
            found.append([*np.random.rand(3), np.random.randn(), *torch.rand(3).tolist()])
    assert found == expected

"""Dense networks as plain arrays."""

import numpy as np
import pytest

from routegame.agents.network import Network

F = np.float32
LAYERS = ((np.array([[1, 2]], F), np.array([0.5], F)), (np.array([[3], [-1]], F), np.array([0, 1], F)))
SHORTCUT = np.array([[1, 0], [0, 1]], F)


def test_outputs_are_those_of_the_layers_and_the_shortcut():
    x = np.array([[0.1, 0.2]], F)
    hidden = np.tanh(0.1 + 0.4 + 0.5)
    assert np.allclose(Network(LAYERS, SHORTCUT)(x), [[3 * hidden + 0.1, 1 - hidden + 0.2]])


def test_arrays_make_it_again():
    named = Network(LAYERS, SHORTCUT).arrays("it")
    again = Network.from_arrays(named, "it", 2, 2)
    x = np.random.default_rng(0).normal(size=(3, 2)).astype(F)
    assert np.array_equal(again(x), Network(LAYERS, SHORTCUT)(x))


@pytest.mark.parametrize(
    "name,array",
    [
        ("it_weights_0", np.ones((1, 3), F)),
        ("it_weights_1", np.ones((2, 1))),
        ("it_biases_1", np.array([np.nan, 0], F)),
        ("it_shortcut", np.ones((2, 3), F)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, array):
    with pytest.raises(ValueError):
        Network.from_arrays({**Network(LAYERS, SHORTCUT).arrays("it"), name: array}, "it", 2, 2)
    with pytest.raises(ValueError):
        Network.from_arrays(Network(LAYERS, SHORTCUT).arrays("it"), "it", 2, 3)

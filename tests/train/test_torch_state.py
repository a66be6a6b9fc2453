"""Networks and optimisers as plain arrays, and back."""

import numpy as np
import torch
from torch import nn

from routegame.train.torch_state import as_arrays, as_tensors, layers_of


def made(seed):
    torch.manual_seed(seed)
    network = nn.Linear(3, 2)
    return network, torch.optim.Adam(network.parameters(), lr=0.1)


def step(network, optimiser):
    optimiser.zero_grad()
    network(torch.ones(4, 3)).square().sum().backward()
    optimiser.step()


def test_another_network_goes_on_where_the_first_one_was():
    first, second = made(0), made(1)
    for _ in range(3):
        step(*first)
    states = [as_arrays(part.state_dict()) for part in first]
    assert all(isinstance(array, np.ndarray) for array in (*states[0].values(), *states[1]["0"].values()))
    for part, state in zip(second, states, strict=True):
        part.load_state_dict(as_tensors(part.state_dict(), state))
    step(*first)
    step(*second)
    assert all(
        torch.equal(one, other) for one, other in zip(first[0].parameters(), second[0].parameters(), strict=True)
    )


def test_arrays_are_no_windows_on_what_is_learned():
    network, optimiser = made(0)
    step(network, optimiser)
    before, moments = as_arrays(network.state_dict()), as_arrays(optimiser.state_dict())
    copies = [before["weight"].copy(), moments["0"]["exp_avg"].copy()]
    step(network, optimiser)
    assert np.array_equal(copies[0], before["weight"]) and np.array_equal(copies[1], moments["0"]["exp_avg"])


def test_before_the_first_step_there_are_no_moments():
    network, optimiser = made(0)
    assert as_arrays(optimiser.state_dict()) == {}
    optimiser.load_state_dict(as_tensors(optimiser.state_dict(), {}))
    step(network, optimiser)


def test_layers_are_copies_of_the_linear_ones_in_their_order():
    modules = [nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)]
    layers = layers_of(modules)
    assert [weights.shape for weights, _ in layers] == [(4, 3), (2, 4)]
    with torch.no_grad():
        modules[0].bias.add_(1)
    assert np.allclose(layers[0][1] + 1, modules[0].bias.detach().numpy())

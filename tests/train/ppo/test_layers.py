"""Gradients of small networks are autograd's."""

from itertools import pairwise

import pytest
import torch

from routegame.train.ppo.layers import Layers


def network(sizes):
    torch.manual_seed(1)
    modules = []
    for k, (one, other) in enumerate(pairwise(sizes)):
        modules += [torch.nn.ReLU()] * bool(k) + [torch.nn.Linear(one, other)]
    return modules


@pytest.mark.parametrize("sizes", [(8, 2), (6, 16, 1), (22, 64, 64, 3)])
def test_outputs_and_gradients_are_those_of_autograd(sizes):
    modules = network(sizes)
    layers, inputs, slope = Layers(modules), torch.randn(100, sizes[0]), torch.randn(100, sizes[-1])
    expected = torch.nn.Sequential(*modules)(inputs)
    expected.backward(slope)
    wanted = [parameter.grad for module in modules for parameter in module.parameters()]
    found = layers.forward(inputs)
    layers.backward(slope)
    assert torch.equal(found, expected)
    for parameter, gradient in zip(layers.parameters, wanted, strict=True):
        assert parameter.grad is not gradient
        assert torch.allclose(parameter.grad, gradient, rtol=1e-5, atol=1e-6)


def test_what_is_not_learned_gets_no_gradient():
    modules = network((5, 2))
    modules[0].bias.requires_grad_(False)
    layers = Layers(modules)
    layers.forward(torch.randn(7, 5))
    layers.backward(torch.ones(7, 2))
    assert modules[0].bias.grad is None and layers.parameters == [modules[0].weight]


def test_a_dead_unit_passes_nothing_on():
    modules = network((1, 2, 1))
    with torch.no_grad():
        modules[0].weight.copy_(torch.tensor([[1.0], [-1.0]]))
        modules[0].bias.zero_()
        modules[2].weight.fill_(1.0)
    layers = Layers(modules)
    layers.forward(torch.tensor([[3.0]]))
    layers.backward(torch.ones(1, 1))
    assert modules[0].weight.grad.tolist() == [[3.0], [0.0]]
    assert modules[2].weight.grad.tolist() == [[3.0, 0.0]]

"""Steps are those of torch's own Adam, also where one goes on from moments."""

import pytest
import torch

from routegame.train.ppo.fused_adam import FusedAdam

SHAPES = ((64, 22), (1, 64), (64,), (1,))


def stepped(make, steps, take_up=None):
    """Parameters after steps along drawn gradients, but for the last, which gets one only every other time."""
    generator = torch.Generator().manual_seed(0)
    parameters = [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in SHAPES]
    optimizer = make(parameters)
    for step in range(steps):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        if step % 2:
            parameters[-1].grad = None
        if take_up is not None and step == steps // 2:
            optimizer = take_up(optimizer, parameters)
        optimizer.step()
    return [parameter.detach() for parameter in parameters]


def test_steps_are_those_of_torch():
    theirs = stepped(lambda parameters: torch.optim.Adam(parameters, 0.01, eps=1e-5, fused=True), 6)
    ours = stepped(lambda parameters: FusedAdam(parameters, 0.01, eps=1e-5), 6)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


def test_it_goes_on_from_moments():
    def take_up(optimizer, parameters):
        other = FusedAdam(parameters, 0.01)
        other.restore({k: {name: x.clone() for name, x in of.items()} for k, of in optimizer.state().items()})
        return other

    whole = stepped(lambda parameters: FusedAdam(parameters, 0.01), 6)
    resumed = stepped(lambda parameters: FusedAdam(parameters, 0.01), 6, take_up)
    assert all(torch.equal(one, other) for one, other in zip(whole, resumed, strict=True))


@pytest.mark.parametrize("lr", [0.01, 0.1])
def test_a_first_step_is_as_long_as_the_learning_rate(lr):
    parameter = torch.nn.Parameter(torch.zeros(3))
    optimizer = FusedAdam([parameter], 1.0, eps=1e-12)
    optimizer.lr, parameter.grad = lr, torch.tensor([2.0, -0.5, 1e-3])
    optimizer.step()
    assert parameter.tolist() == pytest.approx([-lr, lr, -lr])

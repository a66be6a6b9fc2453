"""What torch has learned as plain arrays, and back: networks, and the moments of optimisers."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from routegame.agents.users.learned import Layers
from routegame.train.state import State


def as_arrays(found: State) -> State:
    """Return the tensors of a network, or the moments of an optimiser by the number of their parameter, as arrays.

    Args:
        found: what `state_dict` of either returns.
    """
    if "param_groups" in found:
        return {str(number): as_arrays(of) for number, of in found["state"].items()}
    return {name: tensor.detach().numpy().copy() for name, tensor in found.items()}


def as_tensors(found: State, arrays: State) -> State:
    """Return what `as_arrays` was given, of another network or optimiser that was made likewise.

    Args:
        found: what `state_dict` returns of the one that is there.
        arrays: that `as_arrays` returned of the other.
    """
    if "param_groups" in found:  # rates do not change, and before the first step there are no moments
        return {**found, "state": {int(number): _tensors(of) for number, of in arrays.items()}}
    return _tensors(arrays)


def layers_of(modules: Iterable[torch.nn.Module]) -> Layers:
    """Return copies of the (weights, biases) of all linear ones among modules, in their order."""
    linear = [module for module in modules if isinstance(module, torch.nn.Linear)]
    return tuple((m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy()) for m in linear)


def _tensors(arrays: State) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(array) for name, array in arrays.items()}

"""The layers of a small network, and gradients by the chain rule: what autograd finds, without its bookkeeping."""

from __future__ import annotations

from collections.abc import Sequence

import torch


class Layers:
    """Linear layers with rectifiers between them.

    Args:
        modules: in the order in which they are run; no two linear ones without a rectifier between them.

    Attributes:
        parameters: those that are learned.
    """

    def __init__(self, modules: Sequence[torch.nn.Module]) -> None:
        self._linear = [module for module in modules if isinstance(module, torch.nn.Linear)]
        assert [type(module) for module in modules[1::2]] == [torch.nn.ReLU] * (len(self._linear) - 1)
        every = [parameter for module in self._linear for parameter in module.parameters()]
        self.parameters = [parameter for parameter in every if parameter.requires_grad]
        self._inputs: list[torch.Tensor] = []

    @torch.no_grad()
    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return outputs, (num_inputs, size), and remember what each layer was given."""
        self._inputs = [inputs]
        *hidden, last = self._linear
        for layer in hidden:
            self._inputs.append(torch.nn.functional.linear(self._inputs[-1], layer.weight, layer.bias).relu_())
        return torch.nn.functional.linear(self._inputs[-1], last.weight, last.bias)

    @torch.no_grad()
    def backward(self, slope: torch.Tensor) -> None:
        """Set the gradients of all parameters that are learned, and of no others.

        Args:
            slope: by the outputs of the last forward pass, of their shape.
        """
        for k in reversed(range(len(self._linear))):
            layer, given = self._linear[k], self._inputs[k]
            if layer.weight.requires_grad:
                layer.weight.grad = slope.t() @ given
            if layer.bias.requires_grad:
                layer.bias.grad = slope.sum(dim=0)
            if k:
                slope = (slope @ layer.weight).masked_fill_(given == 0, 0.0)

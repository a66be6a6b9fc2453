"""A small dense network as plain arrays: it answers without torch, and loads without executing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from routegame.envs.arrays import Float32Array


@dataclass(frozen=True)
class Network:
    """A network of dense layers with tanh between them, and a linear shortcut from its inputs to its outputs.

    Attributes:
        layers: (weights, biases) of each, float32, the weights as (outputs, inputs).
        shortcut: weights, (outputs, inputs) float32.
    """

    layers: tuple[tuple[Float32Array, Float32Array], ...]
    shortcut: Float32Array

    def __call__(self, inputs: Float32Array) -> Float32Array:
        """Return the outputs, (num_rows, inputs) -> (num_rows, outputs)."""
        hidden = inputs
        for weights, biases in self.layers[:-1]:
            hidden = np.tanh(hidden @ weights.T + biases)
        weights, biases = self.layers[-1]
        outputs: Float32Array = hidden @ weights.T + biases + inputs @ self.shortcut.T
        return outputs

    def arrays(self, name: str) -> dict[str, Float32Array]:
        """Return the arrays by name; `from_arrays` makes the network again."""
        named = {f"{name}_shortcut": self.shortcut}
        for k, (weights, biases) in enumerate(self.layers):
            named[f"{name}_weights_{k}"], named[f"{name}_biases_{k}"] = weights, biases
        return named

    @classmethod
    def from_arrays(cls, named: Mapping[str, Float32Array], name: str, inputs: int, outputs: int) -> Network:
        """Make a network of so many inputs and outputs of the arrays that `arrays` gave.

        Raises:
            KeyError or ValueError: they are none.
        """
        layers: list[tuple[Float32Array, Float32Array]] = []
        width = inputs
        while f"{name}_weights_{len(layers)}" in named:
            k = len(layers)
            weights, biases = named[f"{name}_weights_{k}"], named[f"{name}_biases_{k}"]
            if weights.dtype != np.float32 or biases.dtype != np.float32 or weights.shape != (len(biases), width):
                raise ValueError(f"layer {k} of {name} does not fit")
            if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
                raise ValueError(f"layer {k} of {name} is not finite")
            layers.append((weights, biases))
            width = len(biases)
        if not layers or width != outputs:
            raise ValueError(f"{name} has {width} outputs, not {outputs}")
        shortcut = named[f"{name}_shortcut"]
        if shortcut.dtype != np.float32 or shortcut.shape != (outputs, inputs) or not np.isfinite(shortcut).all():
            raise ValueError(f"the shortcut of {name} does not fit")
        return cls(tuple(layers), shortcut)

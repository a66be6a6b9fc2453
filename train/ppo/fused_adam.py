"""Adam for small networks: all parameters in one compiled call, and nothing around it.

A step is that of `torch.optim.Adam` with `fused=True`, to the bit. What stands around torch's takes as long as the step
itself where parameters are few, and brings torch's compiler along, which takes longer to import than torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch

BETAS = (0.9, 0.999)
"""What is left, after a step, of the mean of gradients and of that of their squares."""

Moments = dict[str, torch.Tensor]
"""`step`, how many there were, `exp_avg` and `exp_avg_sq`, as torch calls them."""


class FusedAdam:
    """Running means of gradients and of their squares, and steps by them.

    Args:
        parameters: float32 on the CPU; those without a gradient stay as they are.
        lr: the learning rate.
        eps: what is added to roots of mean squares.

    Attributes:
        lr: the learning rate of the next step.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], lr: float, eps: float = 1e-8) -> None:
        self._parameters, self.lr, self._eps = list(parameters), lr, eps
        self._moments: dict[int, Moments] = {}

    @torch.no_grad()
    def step(self) -> None:
        """Move all parameters that have a gradient."""
        gradients = {k: parameter.grad for k, parameter in enumerate(self._parameters) if parameter.grad is not None}
        for k in gradients:
            if k not in self._moments:
                parameter = self._parameters[k]
                self._moments[k] = {
                    "step": torch.zeros(()),
                    "exp_avg": torch.zeros_like(parameter),
                    "exp_avg_sq": torch.zeros_like(parameter),
                }
        steps, means, squares = (
            [self._moments[k][name] for k in gradients] for name in ("step", "exp_avg", "exp_avg_sq")
        )
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            [self._parameters[k] for k in gradients],
            [*gradients.values()],
            means,
            squares,
            [],
            steps,
            lr=self.lr,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=0.0,
            eps=self._eps,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> dict[int, Moments]:
        """Return the moments of each parameter that has ever moved, by its number."""
        return self._moments

    def restore(self, moments: Mapping[int, Moments]) -> None:
        """Go on from moments."""
        self._moments = dict(moments)

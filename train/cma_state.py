"""The state of a CMA-ES of the library `cmaes` as plain arrays and numbers, so that a search goes on from a file."""

from __future__ import annotations

from copy import copy

from cmaes import CMA

from routegame.train.state import State

EVOLVING = ("_mean", "_sigma", "_C", "_B", "_D", "_p_sigma", "_pc", "_g", "_funhist_values")
"""Attributes of a `CMA` that change from one generation to the next, besides its generator."""


def cleared(cma: CMA) -> CMA:
    """Return a new CMA-ES without what was in memory before: its past costs begin as that, and go into checkpoints."""
    cma._funhist_values.fill(0.0)
    return cma


def cma_state(cma: CMA) -> State:
    """Return what the next generations of a CMA-ES depend on, between a `tell` and an `ask`."""
    chance = cma._rng.get_state(legacy=False)
    evolving = {name: copy(getattr(cma, name)) for name in EVOLVING}
    rest = {name: chance[name] for name in ("has_gauss", "gauss")}
    return {"cma": evolving, "chance": {"key": chance["state"]["key"], "pos": int(chance["state"]["pos"]), **rest}}


def restore_cma(cma: CMA, state: State) -> None:
    """Let a CMA-ES that was made with the same arguments go on from a state."""
    for name in EVOLVING:
        setattr(cma, name, copy(state["cma"][name]))
    chance = state["chance"]
    rest = {name: chance[name] for name in ("has_gauss", "gauss")}
    twister = {"key": chance["key"], "pos": chance["pos"]}
    cma._rng.set_state({"bit_generator": "MT19937", "state": twister, **rest})

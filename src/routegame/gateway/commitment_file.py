"""Commitments as files have them, and as they are enacted: what `solve`, `answer` and `calibrate` write as JSON.

A file may also have several, side by side, as a trial has them: each session is then under one of them.

    {"commitments": [{"route": 1, "cascade_prob": 0.05, "share": 0.7}, {"route": 1, "cascade_prob": 0.3, "share": 0.3}]}
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Self

import numpy as np

from routegame.envs.checks import ParameterError, as_single
from routegame.envs.document import Document, checked, read_document
from routegame.envs.policy import Policy
from routegame.envs.sampling.chances import NUM_WORDS, moved_above

ALLOWED = "a commitment as JSON: what solve, answer or calibrate write with --json, or several as docs/gateway.md says"

OWN = "routegame:"
"""Begins every tag that says which commitment a request was under."""


@dataclass(frozen=True)
class Arm:
    """A commitment that is in force, alone or beside others.

    Attributes:
        policy: the commitment.
        share: of sessions that are under it, above 0 and at most 1.
        tags: which commitment it is, for tags of requests: route and s, or for other than two models in their order a
            name made from its numbers.
    """

    policy: Policy
    share: float
    tags: tuple[str, ...] = field(init=False)
    _start: list[float] = field(init=False, repr=False)
    _moves: list[list[float]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        start, matrix = self.policy.start, self.policy.matrix
        models = np.arange(self.policy.num_models)
        object.__setattr__(self, "tags", _tags(self.policy))
        object.__setattr__(self, "_start", moved_above(0, start).tolist())
        object.__setattr__(self, "_moves", moved_above(np.zeros(len(models)), matrix, models).tolist())

    def model(self, start: int, moves: Sequence[int]) -> int:
        """Return the model, from 0, that answers after some failures.

        Args:
            start: the word of chance that says which model is first.
            moves: a word for each failure so far, which says who answers after it.

        >>> arm = Arm(Policy.cascade(0.25), 1.0)
        >>> [arm.model(0, moves) for moves in ([], [2**31], [3 * 2**30], [2**32 - 1, 0])]
        [0, 0, 1, 1]
        """
        model = bisect_left(self._start, start) - 1
        for word in moves:
            moved = bisect_left(self._moves[model], word) - 1
            model = moved if moved >= 0 else model
        return model


def read_arms(path: Path, models: Sequence[str]) -> tuple[Arm, ...]:
    """Read the commitments of a file.

    Args:
        path: of the file.
        models: what the models are called, in the commitment's order.

    Raises:
        FileError: there is none in it, it is of another number of models, or of models with other names.
    """
    document = read_document(path, ALLOWED)
    with checked(path, ALLOWED):
        return arms_of(document, models)


def arms_of(document: Document, models: Sequence[str]) -> tuple[Arm, ...]:
    """Return the commitments that a document has, their shares adding up to 1.

    Raises:
        ParameterError: there is none in it, or it is of other models.

    >>> [arm.tags for arm in arms_of({"route": 1, "cascade_prob": 0.25}, ["nano", "gpt-5"])]
    [('routegame:route=1', 'routegame:s=0.25')]
    """
    _check_names(document, models)
    listed = document.get("commitments", [document])
    if not isinstance(listed, list) or not listed or not all(isinstance(each, Mapping) for each in listed):
        raise ParameterError("commitments", "a list of commitments", listed)
    shares = [as_single("share", each.get("share", 1.0), 0, inf, closed="neither") for each in listed]
    arms = tuple(Arm(_policy(each), share / sum(shares)) for each, share in zip(listed, shares, strict=True))
    for arm in arms:
        if arm.policy.shape != () or arm.policy.num_models != len(models):
            raise ParameterError("commitment", f"of {len(models)} models", f"one of shape {arm.policy.start.shape}")
    return arms


class Lot:
    """Which of several commitments a session is under, by a word of chance.

    >>> lot = Lot(arms_of({"commitments": [{"route": 1, "cascade_prob": 0.5}, {"route": 2}]}, ["nano", "gpt-5"]))
    >>> [lot.arm(word).tags[0] for word in (0, 2**31 - 1, 2**31, 2**32 - 1)]
    ['routegame:route=1', 'routegame:route=1', 'routegame:route=2', 'routegame:route=2']
    """

    def __init__(self, arms: Sequence[Arm]) -> None:
        self.arms = tuple(arms)
        self._below = np.rint(np.cumsum([arm.share for arm in arms])[:-1] * NUM_WORDS).tolist()

    def arm(self, word: int) -> Arm:
        """Return the commitment of a session with this word."""
        return self.arms[bisect_left(self._below, word + 1)]

    @classmethod
    def read(cls, path: Path, models: Sequence[str]) -> Self:
        """Read a file, see `read_arms`."""
        return cls(read_arms(path, models))


def _policy(document: Document) -> Policy:
    """The commitment of a document, wherever in it it stands."""
    if "matrix" in document:
        return Policy.read(document)
    if document.get("recommendation", document) is None:
        raise ParameterError("recommendation", "a commitment", f"none: {document.get('reason', 'it was refused')}")
    _check_speed(document)
    for name in ("recommendation", "commitment", "policy", "equilibrium"):
        inner = document.get(name)
        if isinstance(inner, Mapping):
            return _policy(inner)
    if "route" not in document:
        raise ParameterError("commitment", "route and cascade_prob, or start and matrix", sorted(document))
    route = document["route"]
    if route not in (1, 2):
        raise ParameterError("route", "1 or 2", route)
    return Policy.cascade(as_single("cascade_prob", document.get("cascade_prob", 0.0), 0, 1), int(route))


def _check_speed(document: Document) -> None:
    """See that an equilibrium leaves models as fast as they are.

    Raises:
        ParameterError: it slows them down.
    """
    game, equilibrium = document.get("game"), document.get("equilibrium")
    if "recommendation" in document or not isinstance(game, Mapping) or not isinstance(equilibrium, Mapping):
        return
    slowed = equilibrium.get("throttled_latency")
    if slowed is not None and list(slowed) != list(game["latency"]):
        raise ParameterError("throttled_latency", "that of the models, as no gateway slows them down", slowed)


def _check_names(document: Document, models: Sequence[str]) -> None:
    """See that a calibrated log had the models of the gateway, in its order.

    Raises:
        ParameterError: it had others.
    """
    log = document.get("log")
    names = log.get("models") if isinstance(log, Mapping) else None
    if names is not None and not all(str(name).isdecimal() for name in names) and list(names) != list(models):
        raise ParameterError("models", f"those of the gateway in their order, {', '.join(models)}", ", ".join(names))


def _tags(policy: Policy) -> tuple[str, ...]:
    """What tells a commitment from others."""
    start, matrix = policy.start, policy.matrix
    if start.shape == (2,) and start.max() == 1 and matrix[1, 1] == 1:
        route = int(start.argmax()) + 1
        return (f"{OWN}route={route}", f"{OWN}s={float(matrix[0, 1]) if route == 1 else 0.0!r}")
    name = hashlib.sha256(start.tobytes() + matrix.tobytes()).hexdigest()[:8]
    return (f"{OWN}commitment={name}",)

"""Learners of one policy for a suite of games: it is asked about games that it was not trained on."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, cast

from routegame.agents.amortised import AmortisedPolicy
from routegame.envs.checks import ParameterError
from routegame.train.meter import Meter
from routegame.train.options import Options
from routegame.train.state import State
from routegame.train.updates import Updates


@dataclass(frozen=True)
class PolicySnapshot:
    """The state of a run between two updates.

    Attributes:
        phase: what is being trained, in one word.
        passes: passes played so far.
        statistics: the learner's own figures, by name.
    """

    phase: str
    passes: int
    statistics: dict[str, float]


@dataclass(frozen=True)
class LearnedPolicy:
    """The end of a run: the policy, and what it cost."""

    policy: AmortisedPolicy
    meter: Meter


class PolicyLearner(Updates[PolicySnapshot]):
    """A way of learning one policy, update after update; all that it will ever do follows from its state.

    It is made of its options and a seed. The same ones give the same policy, bit for bit on one machine, however often
    it is stopped in between and goes on from its state in another process.

    Attributes:
        OPTIONS: class of its options.
        meter: what learning has cost so far.
        updates: how many were made.
    """

    OPTIONS: ClassVar[type[Options]]

    @abstractmethod
    def learned(self) -> LearnedPolicy:
        """Return what the run would end with now; the learner is left as it is."""

    @abstractmethod
    def state(self) -> State:
        """Return all that the rest of the run depends on."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go on from a state."""


POLICY_LEARNERS = {"amortised": "Amortised"}
"""Learners by id, which is the name of their module, and their classes."""


def policy_learner(name: str) -> type[PolicyLearner]:
    """Return the learner of that name.

    Raises:
        ParameterError: there is none that learns one policy for a suite.
    """
    if name not in POLICY_LEARNERS:
        raise ParameterError("learner", f"one that learns one policy for a suite, {', '.join(POLICY_LEARNERS)}", name)
    return cast(type[PolicyLearner], getattr(import_module(f"routegame.train.learners.{name}"), POLICY_LEARNERS[name]))


def make(name: str, options: Options, seed: int) -> PolicyLearner:
    """Make the learner of that name with its options.

    Raises:
        ParameterError: there is none that learns one policy for a suite.
    """
    kind: Any = policy_learner(name)
    return cast(PolicyLearner, kind(options, seed))

"""The interface of a learner: options and a game in, update after update, a learned profile out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from routegame.agents.users.learned import LearnedFollower
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import ParameterError
from routegame.envs.copies import CopiedWhole
from routegame.envs.stackelberg import Batch, Response, Single, StackelbergGame
from routegame.train.meter import Meter
from routegame.train.options import Options
from routegame.train.state import Part, State
from routegame.train.updates import Updates


class Users(Protocol):
    """Users whom a run ends with: they answer any commitment, go into a file and come out of it the same."""

    def abandon_prob(self, commitments: Batch) -> FloatArray:
        """Probability of leaving after a failure, or what else an answer is in a game, (num_commitments,)."""

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        """Return the arrays that these users consist of, by name."""

    @classmethod
    def load(cls, path: Path, game: StackelbergGame) -> Users:
        """Read users from an .npz file of `arrays`; `ParameterError` if it is something else."""


@dataclass(frozen=True)
class Snapshot:
    """The state of a run between two updates, for whoever watches.

    Attributes:
        phase: what is being trained, in one word.
        passes: passes played so far, by whoever learns.
        respond: the users' answers as they are now.
        commitment: the leader's commitment as it is now; None before there is a leader.
        statistics: the learner's own figures, by name.
    """

    phase: str
    passes: int
    respond: Response
    commitment: Single | None = None
    statistics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Learned:
    """The end of a run: the commitment, the users, and the cost of learning.

    Attributes:
        commitment: the leader's.
        follower: the users as they have become; None where they were played by a rule.
        meter: what it cost.
    """

    commitment: Single
    follower: Users | None
    meter: Meter


class Learner(CopiedWhole, Updates[Snapshot]):
    """A way of learning the game, update after update; all that it will ever do follows from its state.

    The same arguments give the same result, bit for bit on one machine, however often it is stopped in between and
    goes on from its state in another process. Copies, pickled ones included, are made that way: of the arguments, and
    the state.

    Args:
        game: the game, with the commitments that the leader chooses from.
        options: of this learner.
        seed: of everything random.

    Attributes:
        OPTIONS: class of its options.
        USERS: class of the users whom it ends with, if any.
        TYPES: whether it plays against followers of several types, each of which answers for itself.
        meter: what learning has cost so far.
        updates: how many were made.
    """

    OPTIONS: ClassVar[type[Options]]
    USERS: ClassVar[type[Users]] = LearnedFollower
    TYPES: ClassVar[bool] = False

    def __init__(self, game: StackelbergGame, options: Options, seed: int) -> None:
        super().__init__()
        self.box, self.seed = game, seed
        self._options_given = options
        game.keep_time(self.share_done)

    @abstractmethod
    def learned(self) -> Learned:
        """Return what the run would end with now; the learner is left as it is."""

    @abstractmethod
    def parts(self) -> Mapping[str, Part]:
        """Return what has a state of its own, by name: objects with `state` and `restore`."""

    @classmethod
    def objection(cls, game: StackelbergGame) -> str | None:
        """Return why a game is none that can be learned this way, in one line; None where it can, as most can."""
        if game.as_met is not game:
            return None if cls.TYPES else "followers of several types answer with a number each"
        return None if game.num_answers == 1 else "users who know their context answer with a number in each"

    def __reduce__(self) -> tuple[Callable[..., Learner], tuple[type[Learner], tuple[object, ...], State]]:
        return _gone_on, (type(self), (self.box.begun(), self._options_given, self.seed), self.state())

    def share_done(self) -> float:
        """Return the share of all updates that are made, for games that change on the way."""
        return self.updates / self.num_updates if self.updates else 0.0

    def state(self) -> State:
        """Return all that the rest of the run depends on."""
        parts = {name: part.state() for name, part in self._checked_parts().items()}
        return {"updates": self.updates, "meter": self.meter.state(), **parts}

    def restore(self, state: State) -> None:
        """Go on from a state."""
        self.updates = int(state["updates"])
        self.meter.restore(state["meter"])
        for name, part in self._checked_parts().items():
            part.restore(state[name])

    def _checked_parts(self) -> Mapping[str, Part]:
        """Return `parts`.

        Raises:
            ParameterError: they are none.
        """
        found: object = self.parts()
        if not isinstance(found, Mapping) or not all(
            callable(getattr(part, method, None)) for part in found.values() for method in ("state", "restore")
        ):
            allowed = "a mapping of names to objects with state and restore"
            raise ParameterError(f"what parts() of {type(self).__name__} returns", allowed, found)
        return found


def _gone_on(kind: type[Learner], arguments: tuple[StackelbergGame, Options, int], state: State) -> Learner:
    """Return a learner that goes on from the state of another."""
    made = kind(*arguments)
    made.restore(state)
    return made


LEARNERS = {
    "independent": "Independent",
    "alternating": "Alternating",
    "two_timescale": "TwoTimescale",
    "oracle": "Oracle",
    "meta_follower": "MetaFollower",
    "response_reward": "ResponseReward",
    "hypergradient": "Hypergradient",
    "bc_hg": "BcHg",
    "stackelberg_pg": "StackelbergPg",
    "plug_in": "PlugIn",
    "evolution": "Evolution",
    "random_search": "RandomSearch",
    "sobol": "Sobol",
    "halving": "Halving",
    "cmaes": "CmaEs",
    "tpe": "Tpe",
    "bayes": "Bayes",
}
"""Learners of single games by id, which is the name of their module, and their classes."""

MIX_LEARNERS = {"contextual": "Contextual"}
"""Those that learn nothing but mixes of tasks, likewise."""

LIBRARY_LEARNERS = {"a2c": "A2c", "dqn": "Dqn", "sac": "Sac", "trpo": "Trpo"}
"""Other libraries' algorithms as leaders, likewise; no part of a bench of all learners."""

MULTI_AGENT_LEARNERS = {"ippo": "Ippo", "mappo": "Mappo", "iql": "Iql", "qmix": "Qmix"}
"""Another library's algorithms on both sides, likewise, and no part of it either."""

OWN_LEARNERS = LEARNERS | MIX_LEARNERS | LIBRARY_LEARNERS | MULTI_AGENT_LEARNERS
"""All that the project has, likewise."""

GROUP = "routegame.learners"
"""Entry points of this group are learners of other packages, found by their name."""

_admitted: dict[str, type[Learner]] = {}


def learner(name: str) -> type[Learner]:
    """Return the learner of that name: one of the project, one of an installed package, or one that was admitted.

    Raises:
        ParameterError: there is none, or what an entry point names is no learner, or cannot be imported.
    """
    if name in OWN_LEARNERS:
        found: object = getattr(import_module(f"routegame.train.learners.{name}"), OWN_LEARNERS[name])
    elif name in _admitted:
        found = _admitted[name]
    else:
        try:
            found = next((entry.load() for entry in entry_points(group=GROUP, name=name)), None)
        except (ImportError, AttributeError) as error:
            raise ParameterError("learner", f"one that can be imported ({_reason(error)})", name) from None
    if not (isinstance(found, type) and issubclass(found, Learner)):
        known = (*OWN_LEARNERS, *(entry.name for entry in entry_points(group=GROUP)))
        raise ParameterError("learner", f"one of {', '.join(known)}, or MODULE:CLASS{_why_not(name)}", name)
    return found


def admit(name: str | type[Learner]) -> str:
    """Let `learner` find a class of one's own, given itself or as MODULE:CLASS, which is imported; return its name.

    Any other name is returned as it is.

    What a file calls a learner is never imported for that: nothing that is read executes code that nobody asked for.

    Raises:
        ParameterError: there is no such module, or no such subclass of `Learner` in it.
    """
    if isinstance(name, type) and issubclass(name, Learner):
        own = f"{name.__module__}:{name.__qualname__}"
        _admitted[own] = name
        return own
    module, colon, attribute = str(name).partition(":")
    if not colon:
        return str(name)
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        why = _reason(error)
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            why += ": put its folder on PYTHONPATH, as in PYTHONPATH=. routegame"
        raise ParameterError("learner", f"MODULE:CLASS that can be imported ({why})", str(name)) from None
    if not (isinstance(found, type) and issubclass(found, Learner)):
        raise ParameterError("learner", "MODULE:CLASS of a subclass of routegame.train.learner.Learner", name)
    _admitted[str(name)] = found
    return str(name)


def _why_not(name: str) -> str:
    """Return why MODULE:CLASS was not found, in brackets, without importing it; nothing for other names."""
    module, colon, _ = name.partition(":")
    if not colon:
        return ""
    package = module.partition(".")[0]
    try:
        missing = find_spec(package) is None
    except (ImportError, ValueError) as error:
        return f" ({_reason(error)})"
    return f" (No module named {package!r})" if missing else " that `admit` has imported"


def _reason(error: Exception) -> str:
    """Return what an error says, on one line."""
    return " ".join(str(error).split()) or type(error).__name__

"""Tasks that differ in `routing_v0`: whose context is drawn, who sees it, and what a commitment over contexts is.

A provider that commits once an episode commits to a policy over contexts: its action holds a commitment for each class
of tasks that it tells apart, see `TableBox`. One that commits for each task sees the class of every task that begins,
and its action holds a commitment for each user. Either is announced, see `Announce`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import Float32Array, FloatArray
from routegame.envs.checks import ParameterError, as_choice, as_each, as_number
from routegame.envs.commitment import default_max_latency
from routegame.envs.game import Game
from routegame.envs.mix_game import MixCommitment
from routegame.envs.policy_table import PolicyTable
from routegame.envs.routing.contract import Box, Contract
from routegame.envs.routing.spaces import Bounds, Commits
from routegame.envs.routing.user import PASS_INFO, Observation, Terms, User, UserType, frozen
from routegame.envs.sampling.drawn_contexts import DrawnContexts
from routegame.envs.sampling.streams import Purpose
from routegame.envs.stackelberg import Single
from routegame.envs.task_mix import TaskMix

Announce = Literal["row", "table", "mean"]
"""What users are shown of a commitment over contexts: the commitment that binds their own task; those for all classes,
one after the other; or their mean, each weighted by how common its class is."""

MOST_ANNOUNCED = 64
"""Classes up to which users who do not know theirs are shown the commitments for all, by default."""

ContextPolicy = Callable[[FloatArray], ArrayLike]
"""A policy over contexts: what is seen of each class goes in, (Z, 1 + d), see `DrawnContexts`; numbers in [0, 1] that
commit in each come out, (Z, numbers of a commitment)."""


def refuse_unmixed(**options: object) -> None:
    """Refuse options of tasks that differ where they do not.

    Raises:
        ParameterError: one is given.
    """
    for name, value in options.items():
        if value is not None:
            raise ParameterError(name, "left out where tasks do not differ", value)


class Announcement:
    """What users see of tasks that differ: of a commitment over contexts, and of their own context.

    Args:
        drawn: the contexts and the classes in which the provider sees them.
        contract: how the provider commits in one of them.
        commits: when it does.
        num_users: how many users there are.
        context_visible: whether users know the context of their task.
        announce: what is shown of commitments. Default: the user's own row if it knows its context, if sight is noisy,
            or if the provider commits for each task, or never; else the table, or its mean if that is too long.
        noisy: whether commitments are seen through noise.
        max_latency: the slowest each model can be made; only with throttling.

    Attributes:
        drawn: as given, as are `contract` and `context_visible`.
        announce: as given or the default.
        num_commitments: how many commitments an action holds: one for each class, or for each user, or one.
        places: where the numbers of each stand in an action, (num_commitments, size).
        latency: of each model in each context, (K, C).
        max_latency: the slowest each model can be made in each context, (K, C).
        row_latency: of each model, the mean over the contexts that each commitment can bind, (K, num_commitments).
        row_max_latency: the slowest, likewise.
        num_announced: how many numbers users see of a commitment.
        known: what users see of each context, (C, 1 + d), its number from 1 and its features; or (C, 0).

    Raises:
        ParameterError: an announcement that there is not, or that does not go with the rest.
    """

    def __init__(
        self,
        drawn: DrawnContexts,
        contract: Contract,
        *,
        commits: Commits,
        num_users: int,
        context_visible: bool,
        announce: Announce | None,
        noisy: bool,
        max_latency: Sequence[float] | None,
    ) -> None:
        self.drawn, self.contract, self.context_visible = drawn, contract, context_visible
        as_choice("announce", announce, (*get_args(Announce), None))
        own = context_visible or noisy or commits != "episode"
        short: Announce = "table" if drawn.num_classes <= MOST_ANNOUNCED else "mean"
        self.announce: Announce = announce or ("row" if own else short)
        if self.announce != "row" and (noisy or commits != "episode"):
            allowed = "'row' where sight is noisy, or the provider does not commit once an episode"
            raise ParameterError("announce", allowed, announce)
        self.num_commitments = {"episode": drawn.num_classes, "task": num_users, "never": 1}[commits]
        self.places = contract.places(self.num_commitments)
        games = drawn.mix.games
        self.latency: FloatArray = np.array(games.latency, dtype=np.float64)
        if max_latency is not None and not contract.throttling:
            raise ParameterError("max_latency", "left out where throttling is not allowed", max_latency)
        slowest = default_max_latency(games) if max_latency is None else self._allowed(max_latency)
        slowest = slowest if contract.throttling else games.latency
        self.max_latency: FloatArray = np.stack([np.broadcast_to(each, len(drawn.mix)) for each in slowest])
        by_class = commits == "episode"
        self.row_latency, self.row_max_latency = (
            drawn.by_class(each.T).T
            if by_class
            else np.repeat((each @ drawn.mix.weights)[:, None], self.num_commitments, axis=1)
            for each in (self.latency, self.max_latency)
        )
        least = contract.most_seen(self.max_latency.max(axis=1).tolist())
        self.num_announced = len(least) * (self.num_commitments if self.announce == "table" else 1)
        self._most = least * (self.num_announced // len(least))
        numbers = np.arange(1.0, len(drawn.mix) + 1)[:, None]
        self.known: FloatArray = (
            np.hstack([numbers, drawn.features]) if context_visible else np.zeros((len(numbers), 0))
        )

    def _allowed(self, max_latency: Sequence[float]) -> tuple[float, ...]:
        """Return latencies that are no less than those of any context."""
        slowest = as_each("max_latency", max_latency, len(self.latency), 0, np.inf, closed="low")
        for k, (most, least) in enumerate(zip(slowest, self.latency.max(axis=1).tolist(), strict=True)):
            if np.ndim(most) or most < least:
                raise ParameterError(f"max_latency[{k}]", f"a single number, at least the contexts' {least:g}", most)
        return tuple(map(float, slowest))

    def most_seen(self, memory: Sequence[float]) -> Bounds:
        """Return bounds of users' observations.

        Args:
            memory: the largest that a user can know of failures.
        """
        low, high = self.known.min(axis=0), self.known.max(axis=0)
        least = [*[0.0] * (1 + len(self._most)), *np.minimum(low, 0), *[0.0] * len(memory)]
        return least, [1.0, *self._most, *np.maximum(high, 0), *memory]

    def shown(self, points: FloatArray) -> FloatArray:
        """Return what a whole policy over contexts looks like, (num_tables, num_announced), as table or mean.

        Latencies are the means over the contexts of a class: whoever does not know its context sees no more.

        Args:
            points: (num_tables, num_commitments, size) numbers in [0, 1].
        """
        tables, rows, size = points.shape
        latency, slowest = (np.tile(each, tables) for each in (self.row_latency, self.row_max_latency))
        commitments = self.contract.at(points.reshape(-1, size), list(latency), list(slowest))
        seen = self.contract.seen(commitments).reshape(tables, rows, -1)
        if self.announce == "table":
            return seen.reshape(tables, -1)
        mean: FloatArray = (seen * self.drawn.shares[:, None]).sum(axis=1)  # added in the same order for any number
        return mean

    def rows_shown(self, points: FloatArray, contexts: NDArray[np.intp], rows: NDArray[np.intp]) -> FloatArray:
        """Return what the commitments that bind some tasks look like to their users, (num_tasks, num_announced).

        Args:
            points: (num_tasks, size), of those commitments.
            contexts: of the tasks, from 0.
            rows: which of the provider's commitments they are.
        """
        latency, slowest = (
            (self.latency[:, contexts], self.max_latency[:, contexts])
            if self.context_visible
            else (self.row_latency[:, rows], self.row_max_latency[:, rows])
        )
        return self.contract.seen(self.contract.at(points, list(latency), list(slowest)))


class TableBox:
    """The unit box of a provider's actions where tasks differ: each point is a policy over contexts.

    Commitments for all classes are one action: first the first part of each, say C routes, then the second part of
    each, say C cascade probabilities. In free order parts are the K weights of the start and those of each row; slow-
    downs come last. So actions of `routegame.envs.MixGame` are actions here, in the paper's order and in compact form.

    Args:
        announcement: of the environment.

    Attributes:
        mix: the contexts.
        num_commitments: how many commitments an action holds.
        size: how many numbers an action has.
        looks: what a policy over contexts is asked with, (Z, 1 + d), see `DrawnContexts`.
    """

    def __init__(self, announcement: Announcement) -> None:
        self._announcement = announcement
        self.mix: TaskMix = announcement.drawn.mix
        self.num_commitments = announcement.num_commitments
        self.size = announcement.places.size
        self.looks: FloatArray = announcement.drawn.looks

    def points(self, action: ArrayLike) -> FloatArray:
        """Return the numbers of each commitment, (num_commitments, size of one), of an action; unchecked."""
        return np.asarray(action, dtype=np.float64)[self._announcement.places]

    def commitments(self, action: ArrayLike) -> tuple[Single, ...]:
        """Return what an action commits to, for each class; latencies are means over the contexts of a class.

        Raises:
            ParameterError: not numbers, the wrong shape, or outside [0, 1].
        """
        given = np.asarray(as_number("action", action, 0, 1))
        if given.shape != (self.size,):
            raise ParameterError("action", f"of shape ({self.size},)", f"shape {given.shape}")
        announced, points = self._announcement, self.points(given.astype(np.float32))
        found = announced.contract.at(points, list(announced.row_latency), list(announced.row_max_latency))
        return tuple(found[row] for row in range(self.num_commitments))

    def action(self, commitment: Single | PolicyTable | Sequence[Single]) -> Float32Array:
        """Return the action that stands for commitments, (size,).

        Args:
            commitment: a policy for each class, as a `PolicyTable` or a `MixCommitment`; a commitment for each, with
                latencies as in `commitments`; or a single one for all of them, at the latencies of the games.

        Raises:
            ParameterError: another number of classes, or commitments that no action stands for.
        """
        announced, rows = self._announcement, self.num_commitments
        if isinstance(commitment, MixCommitment):
            commitment = commitment.table
        latency = announced.row_latency.T.tolist()
        if isinstance(commitment, PolicyTable):
            if commitment.start.shape != (rows, announced.contract.num_models):
                allowed = f"a policy of {announced.contract.num_models} models for each of {rows} classes"
                raise ParameterError("commitment", allowed, f"shape {commitment.start.shape}")
            each = [announced.contract.of_policy(*pair, t) for pair, t in zip(commitment, latency, strict=True)]
        elif isinstance(commitment, Single):
            policy = announced.contract.policy(commitment)
            each = [announced.contract.of_policy(policy.start, policy.matrix, t) for t in latency]
        else:
            each = list(commitment)
            if len(each) != rows:
                raise ParameterError("commitment", f"one for each of {rows} classes", len(each))
        action = np.zeros(self.size, dtype=np.float32)
        for row, one in enumerate(each):
            action[announced.places[row]] = self._box(row).action(one)
        return action

    def action_of(self, policy: ContextPolicy) -> Float32Array:
        """Return the action of a policy over contexts that is a function: it is asked once, about all classes.

        Args:
            policy: see `ContextPolicy`.

        Raises:
            ParameterError: what it returns is of another shape, or out of range.
        """
        places = self._announcement.places
        told = np.asarray(as_number("policy", policy(self.looks.copy()), 0, 1))
        if told.shape != places.shape:
            raise ParameterError("policy", f"one that returns shape {places.shape}", f"shape {told.shape}")
        action = np.zeros(self.size, dtype=np.float32)
        action[places] = told
        return action

    def _box(self, row: int) -> Box:
        """What the numbers of one commitment mean at the mean latencies of its class."""
        announced, game = self._announcement, self.mix.game(0)
        slowest = announced.row_max_latency[:, row].tolist() if announced.contract.throttling else None
        return announced.contract.box(game.with_latency(tuple(announced.row_latency[:, row].tolist())), slowest)


class Mixture:
    """The source of an environment's tasks, where they differ.

    Args:
        announcement: what users see.
        commits: when the provider commits.
        rules: of users, as for `UserType`.
    """

    def __init__(self, announcement: Announcement, commits: Commits, rules: dict[str, Any]) -> None:
        self.announcement, self._commits, self._rules = announcement, commits, rules
        self.box = TableBox(announcement)
        self._kinds: dict[int, ContextType] = {}
        self._table: Sequence[float] | None = None  # the last one that was shown whole
        self._shown: FloatArray = np.zeros(0)

    def kind(self, context: int) -> ContextType:
        """Return what users meet in a context; made when it is met first."""
        if context not in self._kinds:
            self._kinds[context] = ContextType(self, context, **self._rules)
        return self._kinds[context]

    def drawn(self, user: User) -> tuple[int, int]:
        """Return the context of a user's next task, and the class that the provider sees it in, both from 0."""
        chance = self.announcement.drawn
        context = chance.contexts(np.array([user.word(Purpose.CONTEXT)], dtype=np.uint32))
        noise = np.array([user.word(Purpose.SIGNAL)], dtype=np.uint32) if chance.noisy else None
        return int(context[0]), int(chance.classes(context, noise)[0])

    def row(self, user: User) -> int:
        """Return which of the provider's commitments binds a user's task."""
        return {"episode": user.signal, "task": user.index, "never": 0}[self._commits]

    def table_shown(self, offer: Sequence[float]) -> FloatArray:
        """Return what a whole policy over contexts looks like; the last answer is kept."""
        if offer is not self._table:
            self._shown = self.announcement.shown(self.box.points(offer)[None])[0]
            self._table = offer
        return self._shown

    def looks(self, user: User) -> list[float]:
        """Return what the provider sees of a user's task."""
        seen: list[float] = self.announcement.drawn.looks[user.signal].tolist()
        return seen


class ContextType(UserType):
    """The users of a mix while they are at a task of one context.

    Args:
        mixture: that the task is of.
        context: its number, from 0.
        rules: as for `UserType`.
    """

    def __init__(self, mixture: Mixture, context: int, **rules: Any) -> None:
        announcement = mixture.announcement
        game: Game = announcement.drawn.mix.game(context)
        throttled = announcement.contract.throttling
        slowest = announcement.max_latency[:, context].tolist() if throttled else None
        super().__init__(announcement.contract.box(game, slowest), announcement.contract, **rules)
        self.tell(PASS_INFO | {"context": context + 1})
        self._mixture, self._announcement, self._context = mixture, announcement, context
        self._known: list[float] = announcement.known[context].tolist()
        self.hidden = self._seen([0.0] * announcement.num_announced)
        self._bound: dict[int, Terms] = {}  # of the last offer, by commitment

    def take(self, offer: Sequence[float], row: int = 0) -> Terms:
        """Return what one of the commitments in an offer comes to; those of the last offer are kept."""
        if offer is not self._offer:
            self._bound, self._offer = {}, offer  # type: ignore[assignment]
        if row not in self._bound:
            point = [offer[place] for place in self._announcement.places[row]]
            self._bound[row] = self.terms(self.game.at(point), self._view(offer, point, row))
        return self._bound[row]

    def view_at(self, point: Sequence[float], row: int) -> Observation:
        """Return how the commitment at a point of the box for one of them looks."""
        context, places = np.array([self._context]), np.array([row])
        return self._seen(self._announcement.rows_shown(np.array([point], dtype=np.float64), context, places)[0])

    def _view(self, offer: Sequence[float], point: Sequence[float], row: int) -> Observation:
        if self._announcement.announce == "row":
            return self.view_at(point, row)
        return self._seen(self._mixture.table_shown(offer))

    def _seen(self, announced: ArrayLike) -> Observation:
        return frozen([1, *np.asarray(announced).tolist(), *self._known, *self._memory])

"""Tasks that differ in the vector environments: what binds the tasks of many rows, what is seen of it, and its price.

`MixedRows` is of users whose tasks are played pass by pass, `MixedTasks` of providers whose tasks are drawn whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routegame.envs.arrays import Float32Array, FloatArray, IntArray
from routegame.envs.checks import ParameterError
from routegame.envs.game import Game
from routegame.envs.mix_game import MixCommitments
from routegame.envs.routing.contract import Contract
from routegame.envs.routing.mixture import Announce, Announcement, TableBox
from routegame.envs.routing.user import Info
from routegame.envs.sampling.chances import NUM_WORDS, as_max_passes, as_multipliers
from routegame.envs.sampling.drawn_contexts import DrawnContexts
from routegame.envs.sampling.simulator import Tasks
from routegame.envs.sampling.streams import COUNTER_STEP, Purpose, stream_keys, words
from routegame.envs.sampling.task_batch import TaskBatch
from routegame.envs.stackelberg import Batch
from routegame.envs.tasks_like import NamedMix

Respond = Callable[..., ArrayLike]
"""How users answer: the game and the rows' commitments go in, probabilities of leaving after a failure come out,
(num_envs,); where users may decline also those of declining, (2, num_envs).

Where tasks differ and users know their context they are asked as users of the games of their contexts: these go in as
a batch, with the commitments that bind them, and as many answers come out. Users who do not know it are asked with the
mix and with a `MixCommitments`, whose contexts are the provider's classes; (num_envs,) answers come out.
"""


def announced(
    given: NamedMix,
    contract: Contract,
    *,
    context_visible: bool | None,
    signal: ArrayLike | None,
    announce: Announce | None = None,
    max_latency: Sequence[ArrayLike] | None = None,
) -> Announcement:
    """Return what users see who are each alone, of a provider that commits once an episode."""
    slowest: Any = max_latency
    return Announcement(
        DrawnContexts(given.mix, signal),
        contract,
        commits="episode",
        num_users=1,
        context_visible=given.users in (None, "sighted") if context_visible is None else context_visible,
        announce=announce,
        noisy=False,
        max_latency=slowest,
    )


class MixedRows:
    """Rows of tasks that differ, under a commitment over contexts, or under one that is drawn for every task.

    Args:
        announcement: what users see.
        commitment: what `TableBox.action` takes, an action, or "random".

    Attributes:
        announcement: as given.

    Raises:
        ParameterError: no such commitment.
    """

    def __init__(self, announcement: Announcement, commitment: object) -> None:
        self.announcement = announcement
        self._points: FloatArray | None = None
        if not isinstance(commitment, str):
            box = TableBox(announcement)
            given: Any = commitment  # or refused
            action = given if isinstance(given, np.ndarray) else box.action(given)
            box.commitments(action)  # finds what is out of range
            self._points = box.points(np.asarray(action, dtype=np.float32))
            self._shown = self._whole(self._points[None]) if announcement.announce != "row" else np.zeros((1, 0))
        elif commitment != "random":
            raise ParameterError("commitment", "commitments for all contexts, an action or 'random'", commitment)

    def meet(self, batch: TaskBatch, rows: NDArray[np.intp]) -> tuple[Batch, FloatArray]:
        """Return what binds the tasks that rows begin next, and what is seen of it and of their contexts.

        Args:
            batch: the rows.
            rows: those that begin a task, as indices.
        """
        announced, contract = self.announcement, self.announcement.contract
        assert batch.contexts is not None and batch.classes is not None
        contexts, classes = batch.contexts[rows], batch.classes[rows]
        if self._points is None and announced.announce == "row":
            points = self._drawn(batch, rows, announced.places[classes].T).T
        elif self._points is None:
            tables = self._drawn(batch, rows, announced.places.reshape(-1, 1)).T.reshape(-1, *announced.places.shape)
            points = tables[np.arange(len(rows)), classes]
        else:
            points = self._points[classes]
        binding = contract.at(points, list(announced.latency[:, contexts]), list(announced.max_latency[:, contexts]))
        if announced.announce == "row":
            shown = announced.rows_shown(points, contexts, classes)
        else:
            shown = self._whole(tables) if self._points is None else np.repeat(self._shown, len(rows), axis=0)
        return binding, np.hstack([shown, announced.known[contexts]])

    def _whole(self, tables: FloatArray) -> FloatArray:
        return self.announcement.shown(tables)

    def _drawn(self, batch: TaskBatch, rows: NDArray[np.intp], places: IntArray) -> FloatArray:
        """Numbers of random actions at some places, (num_places, num_rows)."""
        drawn = batch.words_of(Purpose.MIX_COMMITMENT + places, rows)
        return (drawn / NUM_WORDS).astype(np.float32).astype(np.float64)


class MixedTasks:
    """Whole tasks that differ, for providers side by side.

    Args:
        announcement: what users see.
        rules: `max_passes` and `retry_multiplier`, see `draw_tasks`.

    Attributes:
        announcement: as given.
    """

    def __init__(self, announcement: Announcement, rules: Info) -> None:
        self.announcement = announcement
        games = announcement.drawn.mix.games
        multipliers = as_multipliers(rules["retry_multiplier"], games.num_models)
        longest = as_max_passes(rules["max_passes"], np.array(games.success_prob), multipliers)
        self._rules = {"max_passes": longest, "retry_multiplier": multipliers}

    def played(
        self, actions: FloatArray, respond: Respond, num_tasks: int, seed: int, first: int
    ) -> tuple[Float32Array, Info]:
        """Draw tasks under commitments over contexts; return what each row is paid, and the infos.

        Args:
            actions: (num_rows, size).
            respond: how users answer.
            num_tasks: tasks of each row.
            seed: of the rows' streams.
            first: number of the first task.
        """
        announced, mix = self.announcement, self.announcement.drawn.mix
        contract, drawn = announced.contract, announced.drawn
        num_rows, tables = len(actions), actions[:, announced.places]
        keys = np.repeat(stream_keys(seed, np.arange(num_rows)), num_tasks, axis=1)
        keys[0] += np.tile((first + np.arange(num_tasks)).astype(np.uint32), num_rows) * COUNTER_STEP
        contexts = drawn.contexts(words(keys, Purpose.CONTEXT, 0))
        noise = words(keys, Purpose.SIGNAL, 0) if drawn.noisy else None
        classes, rows = drawn.classes(contexts, noise), np.repeat(np.arange(num_rows), num_tasks)
        met, place = np.unique(
            (rows * drawn.num_classes + classes) * len(mix) + contexts, return_inverse=True
        )  # of a row, a class and a context
        context, binding = met % len(mix), met // len(mix)
        points = tables.reshape(-1, contract.size)[binding]
        offers = contract.at(points, list(announced.latency[:, context]), list(announced.max_latency[:, context]))
        games = mix.games_of(context)
        if announced.context_visible:
            answers = np.asarray(respond(games, offers), dtype=np.float64)
            answers = np.broadcast_to(answers, (*answers.shape[:-1], len(met)))[..., place]
        else:
            answers = np.asarray(respond(mix, self._tables(tables)), dtype=np.float64)
            answers = np.broadcast_to(answers, (*answers.shape[:-1], num_rows))[..., rows]
        abandon_prob, decline_prob = (answers[0], answers[1]) if contract.declines else (answers, None)
        games, offers = mix.games_of(contexts), offers.take(place)
        tasks = contract.draw(games, offers, abandon_prob, decline_prob, keys=keys, **self._rules)

        def mean(values: ArrayLike) -> FloatArray:
            found: FloatArray = np.asarray(values, dtype=np.float64).reshape(num_rows, num_tasks, -1).mean(axis=1)
            return found

        info = self._told(tasks, mean, games.with_latency(tuple(contract.latencies(offers))))
        info["abandon_prob"] = mean(abandon_prob)[:, 0]
        if decline_prob is not None:
            info["decline_prob"] = mean(decline_prob)[:, 0]
        return -mean(tasks.provider_cost(games))[:, 0].astype(np.float32), info

    def _tables(self, tables: FloatArray) -> MixCommitments:
        """Return whole commitments over classes, (num_rows, Z, size), as users who do not know theirs see them."""
        announced, contract = self.announcement, self.announcement.contract
        num_rows, classes, size = tables.shape
        latency, slowest = (np.tile(each, num_rows) for each in (announced.row_latency, announced.row_max_latency))
        policy = contract.policies(contract.at(tables.reshape(-1, size), list(latency), list(slowest)))
        start, matrix = (part.reshape(num_rows, classes, *part.shape[1:]) for part in (policy.start, policy.matrix))
        return MixCommitments(start, matrix)

    @staticmethod
    def _told(tasks: Tasks, mean: Callable[[ArrayLike], FloatArray], games: Game) -> Info:
        return {
            "solve_share": mean(tasks.solved)[:, 0],
            "passes": mean(tasks.passes.T),
            "latency": mean(tasks.latency(games))[:, 0],
            "cost": mean(tasks.cost(games))[:, 0],
        }

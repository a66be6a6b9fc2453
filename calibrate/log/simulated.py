"""Logs of a provider that does not exist: passes of a known game, to try `routegame calibrate` on and to test it.

A row is one pass, with the columns of `routegame.calibrate.log.log`. Every task is given one commitment, drawn from
those of the plan: several of them are what an A/B test leaves behind. Its user answers with the quantal response of
`routegame.agents.users.quantal`, or at its best. Tasks may differ: then each has a context, which its user knows or
not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from routegame.agents.exact.best_response import best_response
from routegame.agents.menus.answers import memoryless_answer
from routegame.agents.users.quantal import quantal_response
from routegame.agents.users.quantal_menus import mean_answer, quantal_answer, visits_by_answer
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.checks import LEAST, MOST, ParameterError, as_count, as_number, as_single
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.envs.sampling.chances import passes_needed
from routegame.envs.task_mix import TaskMix
from routegame.whole_file import whole_file, writing

TASKS_AT_ONCE = 100_000
NUM_VALUES = 255
"""Values of a solved task that users differ by, if they do: equally likely quantiles of a lognormal."""

MAX_PASSES = 100_000
DIGITS = 6
"""Significant digits of latencies and costs."""

FORMATS = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
    ".csv": "FORMAT csv, HEADER",
    ".csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip",
    ".jsonl": "FORMAT json",
    ".jsonl.gz": "FORMAT json, COMPRESSION gzip",
}
"""Endings of files that a log can be written to, and how DuckDB is told."""


AT_BEST = 1e-9
"""Noise of users who do not know their context, relative to the least latency, in place of none."""

LEAST_NOISE = 1e-6
"""Less would be nothing beside the digits that a log has."""


@dataclass(frozen=True)
class Segment:
    """A segment: users who are alike.

    Attributes:
        name: what the log calls them.
        share: > 0, of all users, relative to the other segments'.
        value_scale: > 0, what V is multiplied by for them.
    """

    name: str
    share: float = 1.0
    value_scale: float = 1.0

    @classmethod
    def parse(cls, spec: str) -> Segment:
        """Read `NAME`, `NAME:SHARE` or `NAME:SHARE:VALUE_SCALE`.

        Raises:
            ParameterError: anything else.

        >>> Segment.parse("students:0.25:0.5")
        Segment(name='students', share=0.25, value_scale=0.5)
        """
        name, *numbers = spec.split(":")
        try:
            if not name or len(numbers) > 2:
                raise ValueError
            return cls(name, *(as_single("segment", float(x), 0, np.inf, closed="neither") for x in numbers))
        except ValueError:
            raise ParameterError("segment", "NAME:SHARE:VALUE_SCALE, the numbers above 0", spec) from None


def commitment(spec: str) -> tuple[int, float]:
    """Read a commitment: `ROUTE` or `ROUTE:CASCADE_PROB`.

    Raises:
        ParameterError: anything else.

    >>> commitment("1:0.08"), commitment("2")
    ((1, 0.08), (2, 0.0))
    """
    route, _, cascade_prob = spec.partition(":")
    try:
        if route not in ("1", "2"):
            raise ValueError
        return int(route), as_single("commitment", float(cascade_prob or 0), 0, 1)
    except ValueError:
        raise ParameterError("commitment", "ROUTE:CASCADE_PROB, 1 or 2 and a number in [0, 1]", spec) from None


@dataclass(frozen=True)
class LogPlan:
    """A log to simulate: its game, commitments, users, size and noise.

    Args:
        game: a single game, or a mix of tasks; each task draws its context, and the log says which.
        commitments: (route, cascade probability) pairs of two models, or policies of any number; each task is under
            one, all are equally likely. The log says which by cascade probability, or numbers policies from 1.
        num_tasks: tasks that begin.
        temperature: of users' quantal response, in units of latency; 0 for users at their best.
        value_spread: standard deviation of log V over users, around log `game.task_value`.
        num_users: users that tasks are dealt to at random; None for a user a task, and no column of them.
        segments: of users; none for no column of them.
        noise: coefficient of variation of latencies and costs, which are gamma distributed: 0 or from `LEAST_NOISE`.
        max_passes: a task that fails so often is cut off; default: 1 in 10^6 of those whose user never leaves.
        seed: of everything random.
        context_visible: whether users know the context of their task; if not, one answer is for all of them.

    Raises:
        ParameterError: a value out of range.
    """

    game: Game | TaskMix
    commitments: tuple[tuple[int, float] | Policy, ...] = ((1, 0.0),)
    num_tasks: int = 10_000
    temperature: float = 0.0
    value_spread: float = 0.0
    num_users: int | None = None
    segments: tuple[Segment, ...] = ()
    noise: float = 0.5
    max_passes: int | None = None
    seed: int = 0
    context_visible: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.game, TaskMix):
            self._check_mix(self.game)
        elif self.game.shape != ():
            raise ParameterError("game", "a single game", f"a batch of shape {self.game.shape}")
        for given in self.commitments:
            if isinstance(given, Policy):
                if given.num_models != self.game.num_models:
                    raise ParameterError("policy", f"of {self.game.num_models} models", given.num_models)
                continue
            if self.game.num_models != 2:
                raise ParameterError("commitment", f"policies, for {self.game.num_models} models", given)
            route, cascade_prob = given
            if route not in (1, 2):
                raise ParameterError("route", "1 or 2", route)
            as_number("cascade_prob", cascade_prob, 0, 1)
        if not self.commitments:
            raise ParameterError("cascade_prob", "at least one", self.commitments)
        as_count("num_tasks", self.num_tasks, 10**9)
        as_count("seed", self.seed, 2**63 - 1, smallest=0)
        if self.num_users is not None:
            as_count("num_users", self.num_users, 10**9)
        if self.max_passes is not None:
            as_count("max_passes", self.max_passes, MAX_PASSES)
        as_number("temperature", self.temperature, 0, np.inf, closed="low")
        as_number("value_spread", self.value_spread, 0, 10)
        as_number("noise", self.noise, 0, 10)
        if 0 < self.noise < LEAST_NOISE:
            raise ParameterError("noise", f"0 or a number from {LEAST_NOISE:g} to 10", self.noise)
        for segment in self.segments:
            self._check(segment)

    @cached_property
    def mix(self) -> TaskMix:
        """The contexts of tasks: one of a single game."""
        return self.game if isinstance(self.game, TaskMix) else TaskMix(np.ones(1), self.game)

    @property
    def has_contexts(self) -> bool:
        """Whether tasks differ, so that the log says how."""
        return isinstance(self.game, TaskMix)

    @property
    def contexts(self) -> tuple[str, ...]:
        """What the log calls the contexts."""
        return self.mix.names or tuple(str(x + 1) for x in range(len(self.mix)))

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The commitments in full."""
        return tuple(x if isinstance(x, Policy) else Policy.cascade(x[1], x[0]) for x in self.commitments)

    @property
    def names_policies(self) -> bool:
        """Whether the log names its commitments, rather than giving a cascade probability."""
        return any(isinstance(x, Policy) for x in self.commitments)

    def _check_mix(self, mix: TaskMix) -> None:
        """Refuse what is not made for mixes."""
        for name in ("value_spread", "segments"):
            if getattr(self, name):
                raise ParameterError(name, "left out for a mix of tasks", getattr(self, name))

    def _check(self, segment: Segment) -> None:
        """Refuse a segment whose users would value a task beyond what a game may have."""
        value = float(np.asarray(self.mix.games.task_value)[0])
        if not LEAST <= value * segment.value_scale <= MOST:
            allowed = f"one that multiplies V = {value:g} to a number from {LEAST:g} to {MOST:g}"
            raise ParameterError("segment", allowed, f"{segment.name}:{segment.share:g}:{segment.value_scale:g}")


def simulate_log(plan: LogPlan) -> Iterator[dict[str, NDArray[np.generic]]]:
    """Yield the passes of a plan in pieces, as columns of equal length.

    Tasks are in order, and so are the passes of a task. Columns: `task`, `pass`, `model`, `latency`, `cost`,
    `success`, `next` (0 none, 1 retry, 2 leave), `cascade_prob` or `commitment`, `user`, `segment` and `context`
    (indices; 0 where the plan has none).

    >>> plan = LogPlan(Game(9, 15, (0.1, 0.3), (1, 2), (1, 3.6)), num_tasks=1000, temperature=1.0)
    >>> sum(len(piece["task"]) for piece in simulate_log(plan)) > 1000
    True
    """
    answers = _answers(plan)
    kinds = np.random.default_rng([plan.seed, 1])
    users = _users(kinds, plan, plan.num_users) if plan.num_users is not None else None
    for number, start in enumerate(range(0, plan.num_tasks, TASKS_AT_ONCE)):
        size = min(TASKS_AT_ONCE, plan.num_tasks - start)
        rng = np.random.default_rng([plan.seed, 2, number])
        if users is None:
            user, (segment, value) = np.zeros(size, dtype=np.int64), _users(rng, plan, size)
        else:
            user = rng.integers(0, len(users[0]), size)
            segment, value = users[0][user], users[1][user]
        commitment = rng.integers(0, len(plan.commitments), size)
        context = (
            rng.choice(len(plan.mix), size, p=plan.mix.weights) if plan.has_contexts else np.zeros_like(commitment)
        )
        piece = _passes(plan, rng, commitment, context, answers[context, commitment, segment, value])
        of_task = piece.pop("row")
        yield {
            "task": start + of_task,
            **piece,
            **_stated(plan, commitment[of_task]),
            "user": user[of_task],
            "segment": segment[of_task],
            "context": context[of_task],
        }


def _stated(plan: LogPlan, commitment: IntArray) -> dict[str, NDArray[np.generic]]:
    """The column that says under which commitment passes ran."""
    if plan.names_policies:
        return {"commitment": commitment + 1}
    return {"cascade_prob": np.array([x[1] for x in plan.commitments if not isinstance(x, Policy)])[commitment]}


def write_log(plan: LogPlan, path: Path) -> tuple[int, int]:
    """Write a log; a reader sees the whole file or none. Returns its numbers of tasks and of passes.

    Raises:
        ParameterError: a name with another ending than those of `FORMATS`.
        WriteError: the file cannot be written.
    """
    form = next((form for ending, form in FORMATS.items() if path.name.lower().endswith(ending)), None)
    if form is None:
        raise ParameterError("out", f"a file whose name ends in {', '.join(FORMATS)}", str(path))
    with writing(path, duckdb.IOException):
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            whole_file(path) as beside,
            tempfile.TemporaryDirectory(prefix="routegame-") as folder,
            duckdb.connect(Path(folder) / "log.duckdb", config={"threads": 1, "memory_limit": "1GB"}) as database,
        ):
            num_passes = _fill(database, plan)
            target = str(beside).replace("'", "''")
            database.execute(f"COPY ({_columns(plan)}) TO '{target}' ({form})")
    return plan.num_tasks, num_passes


def _fill(database: duckdb.DuckDBPyConnection, plan: LogPlan) -> int:
    count = 0
    for piece in simulate_log(plan):
        verb = "CREATE TABLE passes AS" if not count else "INSERT INTO passes"
        database.execute(f"{verb} SELECT * FROM piece")
        count += len(piece["task"])
    return count


def _columns(plan: LogPlan) -> str:
    """The query that names what the log's columns stand for."""
    chosen = ["task", "pass", "model", "latency", "cost", "CAST(success AS TINYINT) AS success"]
    chosen.append("CASE next WHEN 1 THEN 'retry' WHEN 2 THEN 'leave' END AS next")
    if plan.num_users is not None:
        chosen.append("user")
    if plan.segments:
        chosen.append(f"{_named(tuple(segment.name for segment in plan.segments), 'segment')} AS segment")
    if plan.has_contexts:
        chosen.append(f"{_named(plan.contexts, 'context')} AS context")
        features = np.zeros((0, 0)) if plan.mix.features is None else plan.mix.features
        chosen += [
            f"([{', '.join(map(repr, column.tolist()))}]::DOUBLE[])[context + 1] AS feature_{k}"
            for k, column in enumerate(features.T, start=1)
        ]
    chosen.append("commitment" if plan.names_policies else "cascade_prob")
    return f"SELECT {', '.join(chosen)} FROM passes"


def _named(names: tuple[str, ...], column: str) -> str:
    """SQL for the names that indices stand for."""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return f"([{listed}])[{column} + 1]"


def _users(rng: np.random.Generator, plan: LogPlan, count: int) -> tuple[IntArray, IntArray]:
    """Segment and place in the table of values of so many users."""
    share = np.array([segment.share for segment in plan.segments] or [1.0])
    segment = rng.choice(len(share), count, p=share / share.sum())
    value = rng.integers(0, NUM_VALUES if plan.value_spread else 1, count)
    return segment, value


def _answers(plan: LogPlan) -> FloatArray:
    """Probability of leaving after a failure, (num_contexts, num_commitments, num_segments, num_values)."""
    if not plan.context_visible and plan.has_contexts:
        blind = _blind_answers(plan)
        return np.broadcast_to(blind[:, None, None], (len(plan.mix), *blind.shape, 1, 1))
    return np.stack([_answers_in(plan, plan.mix.game(x)) for x in range(len(plan.mix))])


def _blind_answers(plan: LogPlan) -> FloatArray:
    """Probability of leaving of users who do not know their context, (num_commitments,)."""
    games, weights = plan.mix.games, plan.mix.weights
    p, t, xi = (
        np.stack(np.broadcast_arrays(*each), axis=-1) for each in (games.success_prob, games.latency, games.net_value)
    )
    noise = plan.temperature or AT_BEST * float(t[t > 0].min(initial=1.0))
    found = []
    for policy in plan.policies:
        utility = (visits_by_answer(p, policy) * xi[:, None]).sum(axis=-1)
        found.append(float(mean_answer(weights @ utility, noise)))
    return np.array(found)


def _answers_in(plan: LogPlan, g: Game) -> FloatArray:
    """Probability of leaving in a single game, (num_commitments, num_segments, num_values)."""
    scale = np.array([segment.value_scale for segment in plan.segments] or [1.0])[:, None]
    ranks = (np.arange(NUM_VALUES) + 0.5) / NUM_VALUES
    spread = np.exp(plan.value_spread * ndtri(ranks)) if plan.value_spread else np.ones(1)
    users = Game(g.task_value * scale * spread, g.churn_penalty, g.success_prob, g.latency, g.cost)
    if not plan.names_policies:
        given = [x for x in plan.commitments if not isinstance(x, Policy)]
        route, s = (np.array(column)[:, None, None] for column in zip(*given, strict=True))
        best = best_response(users, route, s) if not plan.temperature else None
        answer = quantal_response(users, route, s, plan.temperature) if best is None else best
        return np.broadcast_to(answer, (len(plan.commitments), *users.shape)).copy()
    values = np.broadcast_to(users.task_value, users.shape)
    if plan.temperature:
        return np.stack([quantal_answer(users, policy, plan.temperature) for policy in plan.policies])
    at_best = [
        [memoryless_answer(replace(g, task_value=float(value)), policy) for value in values.ravel()]
        for policy in plan.policies
    ]
    return np.array(at_best).reshape(len(plan.commitments), *users.shape)


def _passes(
    plan: LogPlan, rng: np.random.Generator, commitment: IntArray, context: IntArray, leave_prob: FloatArray
) -> dict[str, NDArray[np.generic]]:
    """Play tasks side by side; `row` says which task each pass is of."""
    games = plan.mix.games
    p, t, c = (np.stack(each, axis=-1) for each in (games.success_prob, games.latency, games.cost))  # (C, K)
    cap = plan.max_passes or passes_needed(p, MAX_PASSES)
    starts, matrices = (np.stack([getattr(policy, name) for policy in plan.policies]) for name in ("start", "matrix"))
    model = starts.argmax(axis=1)[commitment]
    if (starts.max(axis=1) < 1).any():
        model = _cut(starts[commitment], model, rng.random(len(commitment)))
    row, rounds, number = np.arange(len(commitment)), [], 1
    while len(row):
        solved = rng.random(len(row)) < p[context[row], model]
        leaves = ~solved & (rng.random(len(row)) < leave_prob[row])
        cut = ~solved & (number >= cap)
        answer = np.where(solved | cut, 0, np.where(leaves, 2, 1))
        rounds.append((row, np.full(len(row), number), model, solved, answer))
        on = answer == 1
        row, model = row[on], model[on]
        model = _cut(matrices[commitment[row], model], model, rng.random(len(row)))
        number += 1
    rows, numbers, models, successes, answers = (np.concatenate(column) for column in zip(*rounds, strict=True))
    order = np.argsort(rows, kind="stable")
    models, rows = models[order], rows[order]
    of = context[rows]
    return {
        "row": rows,
        "pass": numbers[order],
        "model": models + 1,
        "latency": _around(rng, t[of, models], plan.noise),
        "cost": _around(rng, c[of, models], plan.noise),
        "success": successes[order],
        "next": answers[order],
    }


def _cut(share: FloatArray, own: IntArray, word: FloatArray) -> IntArray:
    """Draw a model each from rows of probabilities, (n, K), by a word in [0, 1): others from the last on, then the own.

    So a row (1 − s, s) of model 1 hands over where the word is below s.
    """
    chosen, below = own.copy(), np.zeros(len(own))
    for k in reversed(range(share.shape[1])):
        other = own != k
        hit = other & (word >= below) & (word < below + share[:, k])
        chosen[hit] = k
        below += np.where(other, share[:, k], 0.0)
    return chosen


def _around(rng: np.random.Generator, mean: FloatArray, noise: float) -> FloatArray:
    """Gamma distributed numbers of given means, rounded to `DIGITS` significant digits."""
    drawn = mean * rng.gamma(1 / noise**2, noise**2, len(mean)) if noise else mean
    unit = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.where(drawn > 1e-290, drawn, 1.0))))
    rounded: FloatArray = np.rint(drawn * unit) / unit
    return rounded

"""Games that learners of other libraries play, what their runs end with, and what the project's judge says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from routegame.agents.menus.free_order import solve_free_order
from routegame.envs.commitment import RoutingGame
from routegame.envs.routing.contract import contract_for
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.stackelberg import Batch
from routegame.eval.bench.suites import Instance, instances
from routegame.eval.judge.judges import judge_of
from routegame.train.grid import num_levels

Answers = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""Users' probability of leaving for each observation of `routing_v0`, (num, size) to (num,)."""

SUITES = ("reference", "needle", "steep")

GAMES = {instance.name: suite for suite in SUITES for instance in instances(suite)} | {"gpt41-family": "menus"}
"""Suites by the names of their games: the reference suite, two hard ones, and a menu."""

ASIDE = (0.5, 0.9, 1.1, 2.0)
"""Cascade probabilities, in multiples of the equilibrium's, at which users are asked what they do."""


def game_of(name: str) -> Instance:
    """Return a game of a suite by its name."""
    return next(instance for instance in instances(GAMES[name]) if instance.name == name)


def env_of(instance: Instance, **options: object) -> RoutingEnv:
    """Return a game as an environment; `options` are further arguments of it."""
    return RoutingEnv(instance.game, throttling=instance.throttling, **options)


def levels(instance: Instance) -> int:
    """Return the levels of each number of the provider, where its action is one choice of a grid, as DQN has them."""
    return num_levels(instance.box)


class Declined(Exception):
    """A learner does not play a game: says why."""


@dataclass(frozen=True)
class Ended:
    """What a run ended with.

    Attributes:
        point: the provider's action without its noise, in the unit box.
        sampled: actions that it would take while learning, (num, size).
        leaves: users' answers.
        passes: how many were played.
    """

    point: NDArray[np.float64]
    sampled: NDArray[np.float64]
    leaves: Answers
    passes: int


@dataclass(frozen=True)
class Row:
    """A run as it is judged; shares are relative, as in `eval --json`.

    Attributes:
        learner: library and algorithm.
        game: the name.
        seed: of the run.
        regret: of the point, under users' exact best answer.
        regret_sampled: the mean of that over what it would still try.
        follower_gap: of users at the point.
        share_leaving: what they do there.
        best_leaving: what is best there.
        commitment: the point as a commitment, as JSON.
        equilibrium: likewise.
        aside: users' answers at multiples of the equilibrium's cascade probability, as JSON; empty where the provider
            may slow models down, and with more than two models.
        best_aside: what is best there, likewise.
        passes: played.
        cpu_seconds: that the run took.
    """

    learner: str
    game: str
    seed: int
    regret: float
    regret_sampled: float
    follower_gap: float
    share_leaving: float
    best_leaving: float
    commitment: str
    equilibrium: str
    aside: str
    best_aside: str
    passes: int
    cpu_seconds: float


def judged(learner: str, name: str, seed: int, ended: Ended, cpu_seconds: float) -> Row:
    """Judge a run."""
    instance = game_of(name)
    box = instance.box
    judge = judge_of(box)
    commitment = box.commitments(ended.point[None])[0]
    answers = respond(ended.leaves)
    found = judge.judge(commitment, answers, everywhere=False)
    aside, best_aside = {}, {}
    if isinstance(box, RoutingGame) and not instance.throttling:
        edge = float(judge.equilibrium.cascade_prob)
        points = np.array([[0.0, min(k * edge, 1.0)] for k in ASIDE])
        if edge:
            aside = at_multiples(answers(box.commitments(points)))
            best_aside = at_multiples(judge.best_answer(box.commitments(points)))
    return Row(
        learner=learner,
        game=name,
        seed=seed,
        regret=found.leader_regret_relative,
        regret_sampled=float(judge.regrets(box.commitments(ended.sampled)).mean()),
        follower_gap=found.follower_gap_relative,
        share_leaving=float(answers(commitment.alone())[0]),
        best_leaving=float(np.asarray(found.best_abandon_prob).max()),
        commitment=json.dumps(shown(commitment, instance.throttling)),
        equilibrium=json.dumps(shown_equilibrium(instance)),
        aside=json.dumps(aside) if aside else "",
        best_aside=json.dumps(best_aside) if best_aside else "",
        passes=ended.passes,
        cpu_seconds=round(cpu_seconds, 1),
    )


def at_multiples(answers: NDArray[np.float64]) -> dict[str, float]:
    """Return answers by the multiples of the equilibrium's cascade probability at which they are given."""
    return dict(zip(map(str, ASIDE), np.asarray(answers).round(3).tolist(), strict=True))


def respond(leaves: Answers) -> Callable[[Batch], NDArray[np.float64]]:
    """Return users' answers to commitments, of their answers to observations."""

    def answer(commitments: Batch) -> NDArray[np.float64]:
        first = commitments[0]
        contract = contract_for(len(first.throttled_latency))
        seen = np.hstack([np.ones((len(commitments), 1)), contract.seen(commitments)])
        return np.asarray(leaves(seen.astype(np.float32)), dtype=np.float64)

    return answer


def shown(commitment: object, throttling: bool) -> dict[str, object]:
    """Return a commitment, rounded, and without latencies unless they are chosen."""
    facts = asdict(commitment)
    if not throttling:
        facts.pop("throttled_latency")
    return {name: np.round(value, 4).tolist() for name, value in facts.items()}


def shown_equilibrium(instance: Instance) -> dict[str, object]:
    """Return the commitment of the equilibrium likewise."""
    if isinstance(instance.box, RoutingGame):
        best = judge_of(instance.box).equilibrium
        facts = {"route": int(best.route), "cascade_prob": round(float(best.cascade_prob), 4)}
        slowed = {"throttled_latency": np.round(best.throttled_latency, 4).tolist()} if instance.throttling else {}
        return facts | slowed
    policy = solve_free_order(instance.game).policy
    return {"start": np.round(policy.start, 4).tolist(), "matrix": np.round(policy.matrix, 4).tolist()}

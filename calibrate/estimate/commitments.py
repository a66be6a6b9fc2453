"""Commitments in full, as a log shows or states them: who answers first, who after whom, and how users answered.

A commitment that is seen and not stated is known as well as its hand-overs are many. That vagueness is carried along:
the commitment is redrawn from its counts, and the few directions in which its worth then moves are errors of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from routegame.agents.users.quantal_menus import BLOCK, CLOSELY, AnswerRule, mean_answer, visits_by_answer
from routegame.calibrate.estimate.turns import Turns
from routegame.envs.arrays import FloatArray, IntArray
from routegame.envs.policy import Policy

REDRAWN = 64
"""How often a commitment that was seen is redrawn."""

DIRECTIONS = 4
"""Most directions in which commitments that were seen may be off, all of them together."""

NUDGE = 1e-4
"""Change of log-odds by which slopes are taken."""


@dataclass(frozen=True, eq=False)
class PolicyCell:
    """Users who faced one commitment, in full.

    Attributes:
        name: the log's.
        policy: the commitment; a model that nobody went on from keeps its tasks, as far as it was seen.
        stated: whether it is known, and not only seen.
        starts: tasks by the model of their first pass, (K,).
        hand_overs: failed, continued passes by their model and that of the next pass, (K, K).
        tasks: how many.
        decisions: failures after which a user decided.
        leaves: how many of these decisions were to leave.
    """

    name: str
    policy: Policy
    stated: bool
    starts: IntArray
    hand_overs: IntArray
    tasks: int
    decisions: int
    leaves: int

    @property
    def abandon_prob(self) -> float:
        """Share of failures after which users left; nan without any."""
        return self.leaves / self.decisions if self.decisions else np.nan

    def to_dict(self) -> dict[str, object]:
        """Return what is shown of the commitment as plain values."""
        return {
            "name": self.name,
            "tasks": self.tasks,
            "abandon_prob": self.abandon_prob,
            "stated": self.stated,
            "policy": self.policy.to_dict(),
        }


def policy_cells(turns: Turns, stated: Mapping[str, Policy]) -> tuple[PolicyCell, ...]:
    """Users by commitment, the commonest first.

    Args:
        turns: of a log, or of a segment.
        stated: commitments that are known, by name.
    """
    found = []
    for k in np.unique(turns.commitment):
        part, name = turns[turns.commitment == k], turns.commitments[k]
        starts, hand_overs, (decisions, leaves) = part.starts, part.hand_overs, part.decided
        policy = stated.get(name) or seen_policy(starts, hand_overs)
        found.append(PolicyCell(name, policy, name in stated, starts, hand_overs, part.tasks, decisions, leaves))
    return tuple(sorted(found, key=lambda cell: (-cell.tasks, cell.name)))


def seen_policy(starts: IntArray, hand_overs: IntArray) -> Policy:
    """The commitment that counts suggest."""
    total = hand_overs.sum(axis=1, keepdims=True)
    matrix = np.where(total > 0, hand_overs / np.maximum(total, 1), np.eye(len(starts)))
    return Policy.unchecked(starts / starts.sum(), matrix)


class PolicyAnswers:
    """How users answer commitments in full: by success probability and latency at each place of the rule.

    Both are taken to be linear in the errors of p, t and of the commitments, around what was estimated. For t that is
    exact, and for the others as good as their errors are small.

    Args:
        cells: users by commitment.
        p: success probability of each model, (K,), as all of these.
        p_error: standard error of its log-odds.
        t: latency.
        t_error: its standard error.
    """

    such_as = "told apart by a column commitment"

    def __init__(
        self, cells: Sequence[PolicyCell], p: FloatArray, p_error: FloatArray, t: FloatArray, t_error: FloatArray
    ) -> None:
        policies = [cell.policy for cell in cells]
        self.solved, self.waited = _worth(policies, p, t)
        odds, slopes = np.log(p / (1 - p)), []
        for k in range(len(p)):
            moved = 1 / (1 + np.exp(-(odds + NUDGE * (np.arange(len(p)) == k))))
            solved, waited = _worth(policies, moved, t) if p_error[k] else (self.solved, self.waited)
            slopes.append(p_error[k] / NUDGE * np.stack([solved - self.solved, waited - self.waited]))
        passes = np.stack([visits_by_answer(p, policy) for policy in policies])
        slopes += [np.stack([0 * self.solved, t_error[k] * passes[..., k]]) for k in range(len(p))]
        vague = directions(cells, p, t)
        self.errors = len(vague)
        self.slopes = np.stack([*slopes, *vague])  # (m, 2, num_cells, num_places)

    def leave_prob(
        self,
        value: FloatArray,
        temperature: FloatArray,
        success_prob: tuple[FloatArray, ...],
        latency: tuple[FloatArray, ...],
        errors: FloatArray,
    ) -> FloatArray:
        """Share of users who leave in every cell, (…, num_cells).

        Args:
            value: V, (…, 1).
            temperature: of the quantal response, (…, 1).
            success_prob: p of each model, (…, 1); not looked at, as `errors` say the same.
            latency: t of each model, likewise.
            errors: of p, t and the commitments, in standard errors, (…, 1, m).
        """
        shape, size = value.shape[:-1], self.slopes.shape[0]
        v, tau, z = value.reshape(-1, 1, 1), temperature.reshape(-1, 1), errors.reshape(-1, size)
        answers = np.empty((len(v), len(self.solved)))
        step = max(BLOCK // self.solved.size, 1)
        for start in range(0, len(v), step):
            part = slice(start, start + step)
            moved = np.tensordot(z[part], self.slopes, axes=1)
            solved = np.clip(self.solved + moved[:, 0], 0.0, 1.0)
            answers[part] = mean_answer(v[part] * solved - (self.waited + moved[:, 1]), tau[part])
        return answers.reshape(*shape, len(self.solved))


def _worth(
    policies: Sequence[Policy], p: FloatArray, t: FloatArray, rule: AnswerRule = CLOSELY
) -> tuple[FloatArray, FloatArray]:
    """S and L of commitments at every place of the rule, (num_policies, num_places) each."""
    passes = np.stack([visits_by_answer(p, policy, rule) for policy in policies])
    return passes @ p, passes @ t


def directions(
    cells: Sequence[PolicyCell], p: FloatArray, t: FloatArray, rule: AnswerRule = CLOSELY
) -> list[FloatArray]:
    """Directions in which S and L move where commitments are redrawn from their counts, at most `DIRECTIONS`.

    Principal components, in standard deviations, of which the first few hold nearly all; (2, num_cells, num_places).
    """
    if all(cell.stated for cell in cells):
        return []
    rng = np.random.default_rng(0)  # the same errors for the same counts
    scale = float((t / p).sum()) or 1.0
    drawn = []
    for _ in range(REDRAWN):
        policies = [cell.policy if cell.stated else _redrawn(cell, rng) for cell in cells]
        solved, waited = _worth(policies, p, t, rule)
        drawn.append(np.stack([solved, waited / scale]))
    table = np.stack(drawn).reshape(REDRAWN, -1)
    _, sizes, sides = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    kept = [k for k in range(DIRECTIONS) if sizes[k] > 1e-9]
    found = []
    for k in kept:
        side = (sizes[k] / np.sqrt(REDRAWN - 1) * sides[k]).reshape(2, len(cells), -1)
        found.append(side * np.array([1.0, scale])[:, None, None])
    return found


def _redrawn(cell: PolicyCell, rng: np.random.Generator) -> Policy:
    """A commitment whose counts might have been these."""
    matrix = cell.policy.matrix.copy()
    for j, total in enumerate(cell.hand_overs.sum(axis=1)):
        if total:
            matrix[j] = rng.multinomial(total, matrix[j] / matrix[j].sum()) / total
    start = rng.multinomial(cell.tasks, cell.policy.start) / cell.tasks
    return Policy.unchecked(start, matrix)

"""Commitments to any number of models that are worth looking at, and what they come to in all drawn games.

In free order an optimum visits at most three models (docs/models.md): a start model, one that is not worth its wait,
and one that is. So a *family* of offers is a start, and then either one model for good or a share between two; and its
members differ by that share alone. What users with a noise make of an offer has a closed form but for their answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routegame.agents.users.quantal_menus import CLOSELY, ROUGHLY, mean_answer, quantal_answer
from routegame.calibrate.decide.posterior import PosteriorDraws
from routegame.calibrate.decide.user_mixture import Worth
from routegame.envs.arrays import FloatArray
from routegame.envs.policy import Policy, chain
from routegame.numerals import handed_over


@dataclass(frozen=True)
class MenuOffer:
    """A commitment to K models that leaves all of them as fast as they are, or a family of them, whatever its share.

    Attributes:
        num_models: K.
        start: the model of the first pass, from 0.
        waits: the model after it, from 0; it may be the same.
        keeps: the model that it hands over to, from 0, for good; the same as `waits` where that is kept.
        share: of retries on `waits` that are handed over to `keeps`, or, where each pass is drawn afresh, of passes
            on `keeps`; 0 where there is only one model.
        redraw: whether each pass but the first is drawn afresh from both.
    """

    num_models: int
    start: int
    waits: int
    keeps: int
    share: float = 0.0
    redraw: bool = False

    @property
    def mixes(self) -> bool:
        """Whether there is a share."""
        return self.waits != self.keeps

    @property
    def policy(self) -> Policy:
        """The commitment in full."""
        if self.redraw:
            row = np.zeros(self.num_models)
            row[self.waits], row[self.keeps] = 1 - self.share, self.share
            return Policy.redraw(np.eye(self.num_models)[self.start], row)
        order, moves = [self.start], []
        if self.waits != self.start:
            order, moves = [*order, self.waits], [1.0]
        if self.mixes:
            order, moves = [*order, self.keeps], [*moves, self.share]
        return chain(order, moves, self.num_models)

    def kind(self, titles: Sequence[str]) -> str:
        """The family, by the names of its models."""
        first, second, third = (titles[k] for k in (self.start, self.waits, self.keeps))
        if self.redraw:
            return f"{first}, then {second} or {third} afresh"
        names = dict.fromkeys((first, second, third))
        return " -> ".join(names)

    def words(self, titles: Sequence[str]) -> str:
        """The commitment within a sentence; its share is short from the beginning."""
        first, second, third = (titles[k] for k in (self.start, self.waits, self.keeps))
        share = handed_over(self.share)
        if not self.mixes:
            return f"{first} throughout" if first == second else f"{first} first, then {second} for good"
        if self.redraw:
            rest = handed_over(round(1 - self.share, 12))
            return f"{first} first, then every pass drawn afresh, {rest} of them on {second} and {share} on {third}"
        if first == second:
            return f"{first} first, and {share} of its retries handed over to {third}"
        if self.share == 1:
            return f"{first} first, then {second}, then {third} for good"
        return f"{first} first, then {second}, and {share} of its retries handed over to {third}"

    def to_dict(self) -> dict[str, object]:
        """Return the commitment as plain values, models from 1."""
        models = dict.fromkeys((self.start + 1, self.waits + 1, self.keeps + 1))
        return {
            "models": list(models),
            "share": self.share if self.mixes else None,
            "redraw": self.redraw,
            "policy": self.policy.to_dict(),
        }

    def with_share(self, share: float) -> MenuOffer:
        """Return another member of the family."""
        return replace(self, share=share)


def worth_of_shares(draws: Sequence[PosteriorDraws], family: MenuOffer, share: FloatArray) -> Worth:
    """Judge members of a family that several groups of users face together; arrays (num_games, num_shares).

    Args:
        draws: as many games for each group.
        family: whatever its share.
        share: (num_shares,), or (num_games, num_shares).
    """
    total = sum(group.share for group in draws)
    parts = [(group.share / total, _worth(group, family, share)) for group in draws]
    return Worth(*(sum(weight * getattr(part, name) for weight, part in parts) for name in Worth.__annotations__))


def worth_of_policy(draws: Sequence[PosteriorDraws], policy: Policy) -> Worth:
    """Judge any commitment; arrays (num_games,)."""
    total, parts = sum(group.share for group in draws), []
    for group in draws:
        p, t, c = numbers(group)
        stays = 1 - quantal_answer(group.games, policy, group.temperature)
        n = policy.passes(p.T, np.repeat(stays[:, None], len(p), axis=1)).T
        parts.append(
            (group.share / total, _outcome(group, (n * c).sum(axis=0), (n * p).sum(axis=0), (n * t).sum(axis=0)))
        )
    return Worth(*(sum(weight * getattr(part, name) for weight, part in parts) for name in Worth.__annotations__))


def thresholds_of(draws: PosteriorDraws, family: MenuOffer) -> FloatArray:
    """The share from which on going on is worth something, (num_games,): users at their best stay from there on.

    0 where it is whatever the share, inf where it never is; without a share, one of the two.
    """
    p, t, _ = numbers(draws)
    xi = np.asarray(draws.games.task_value) * p - t
    waits, keeps = xi[family.waits], xi[family.keeps]
    if not family.mixes:
        return np.where(keeps >= 0, 0.0, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        if family.redraw:
            found = -waits / (keeps - waits)
        elif family.start == family.waits:
            found = -waits / (keeps / p[family.keeps] - waits)
        else:
            found = -waits / ((1 - p[family.waits]) * keeps / p[family.keeps])
    found = np.where(waits >= 0, 0.0, np.where(keeps > 0, found, np.inf))
    return np.where(found > 1, np.inf, found)


def numbers(draws: PosteriorDraws) -> tuple[FloatArray, FloatArray, FloatArray]:
    """p, t and c of the games, (K, num_games) each."""
    p, t, c = (
        np.stack([np.broadcast_to(x, len(draws)) for x in each])
        for each in (draws.games.success_prob, draws.games.latency, draws.games.cost)
    )
    return p, t, c


def _worth(draws: PosteriorDraws, family: MenuOffer, share: FloatArray) -> Worth:
    p, t, c = numbers(draws)
    value = np.asarray(draws.games.task_value)[:, None]
    shares = np.broadcast_to(share, (len(draws), np.shape(share)[-1]))
    rule = ROUGHLY if draws.rough else CLOSELY
    at_places = _visits(p, family, shares[..., None], 1 - rule.places)
    utility = sum(n * (value * p[k][:, None] - t[k][:, None])[..., None] for k, n in at_places)
    answer = mean_answer(np.asarray(utility), draws.temperature[:, None], rule)
    passes = _visits(p, family, shares[..., None], (1 - answer)[..., None])
    paid, solved, waited = (sum(n[..., 0] * x[k][:, None] for k, n in passes) for x in (c, p, t))
    return _outcome(draws, np.asarray(paid), np.asarray(solved), np.asarray(waited))


def _outcome(draws: PosteriorDraws, paid: FloatArray, solved: FloatArray, waited: FloatArray) -> Worth:
    wide = (-1,) + (1,) * (paid.ndim - 1)
    value, penalty = (np.reshape(x, wide) for x in (draws.games.task_value, draws.games.churn_penalty))
    lost = np.maximum(1 - solved, 0.0)
    return Worth(paid, lost, value * solved - waited, paid + penalty * lost)


def _visits(p: FloatArray, family: MenuOffer, share: FloatArray, stays: FloatArray) -> list[tuple[int, FloatArray]]:
    """Expected passes by model; a model may occur twice.

    Args:
        p: (K, num_games).
        family: whatever its share.
        share: (num_games, num_shares, 1).
        stays: r, which broadcasts with (num_games, num_shares, num_answers).
    """
    i, waits, keeps = family.start, family.waits, family.keeps
    a_i, a_l, a_j = (1 - p[k][:, None, None] for k in (i, waits, keeps))
    once = np.ones(np.broadcast_shapes(share.shape, np.shape(stays), a_i.shape))
    if family.redraw:
        further = a_i * stays / (1 - stays * ((1 - share) * a_l + share * a_j))
        return [(i, once), (waits, (1 - share) * further), (keeps, share * further)]
    first: list[tuple[int, FloatArray]] = [] if i == waits else [(i, once)]
    reached = once if i == waits else a_i * stays * once
    if not family.mixes:
        return [*first, (waits, reached / (1 - a_l * stays))]
    n_l = reached / (1 - a_l * stays * (1 - share))
    return [*first, (waits, n_l), (keeps, n_l * a_l * stays * share / (1 - a_j * stays))]

"""Commitment to a mixed strategy against followers of several types (Paruchuri et al. 2008).

A matrix game for each type, all of them with the same actions, and a prior. The leader does not know whom it meets;
each type sees the mix and answers with the action that is best for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from routegame.envs.checks import ParameterError
from routegame.envs.classic.matrix_game import MatrixGame, Payoffs, security_game
from routegame.envs.classic.typed_game import TypedGame, as_prior


@dataclass(frozen=True)
class BayesianGame(TypedGame):
    """A matrix game for each of several types of followers, and how common these are.

    Args:
        leader_payoff: what the leader gets, a matrix for each type; it minimises the negative.
        follower_payoff: what each type gets, likewise.
        prior: how common each type is; held divided by its sum.

    Raises:
        ParameterError: as many matrices and numbers as there are types are not there, they are of several shapes, or
            one of them is refused by `MatrixGame`.

    >>> game = BayesianGame([((2, 4), (1, 3))] * 2, [((1, 0), (0, 1)), ((1, 0), (1, 2))], (1, 1))
    >>> points, answers = game.commitments(np.array([[0.5]])), np.array([[1.0, 0.0]])
    >>> plays = game.play(points, answers, 10**6, np.random.default_rng(0))
    >>> plays.leader_cost.round(2).tolist(), plays.follower_utility.round(2).tolist()
    ([-2.5], [0.75])
    """

    leader_payoff: tuple[Payoffs, ...]
    follower_payoff: tuple[Payoffs, ...]
    prior: tuple[float, ...]

    KIND: ClassVar[str] = "bayesian-matrix"

    def __post_init__(self) -> None:
        pairs = tuple(self.leader_payoff), tuple(self.follower_payoff)
        if not pairs[0] or len(pairs[0]) != len(pairs[1]):
            allowed = f"a matrix for each type, as many as leader_payoff has, {len(pairs[0])}"
            raise ParameterError("follower_payoff", allowed, len(pairs[1]))
        types = tuple(MatrixGame(leader, follower) for leader, follower in zip(*pairs, strict=True))
        shapes = {np.shape(one.leader_payoff) for one in types}
        if len(shapes) > 1:
            raise ParameterError("leader_payoff", "matrices of one shape, for all types", sorted(shapes))
        object.__setattr__(self, "leader_payoff", tuple(one.leader_payoff for one in types))
        object.__setattr__(self, "follower_payoff", tuple(one.follower_payoff for one in types))
        object.__setattr__(self, "prior", as_prior(self.prior, len(types)))

    @cached_property
    def types(self) -> tuple[MatrixGame, ...]:
        """The matrix game against each type."""
        pairs = zip(self.leader_payoff, self.follower_payoff, strict=True)
        return tuple(MatrixGame(leader, follower) for leader, follower in pairs)

    def to_dict(self) -> dict[str, object]:
        """Return kind, payoffs and prior as plain values."""
        return {
            "kind": self.KIND,
            "leader_payoff": [[list(row) for row in matrix] for matrix in self.leader_payoff],
            "follower_payoff": [[list(row) for row in matrix] for matrix in self.follower_payoff],
            "prior": list(self.prior),
        }


def bayesian_security_game(
    guarded: Sequence[Sequence[tuple[float, float]]],
    exposed: Sequence[Sequence[tuple[float, float]]],
    prior: Sequence[float],
    num_guards: int = 1,
) -> BayesianGame:
    """Return the game of a leader with guards and an attacker of one of several types, see `security_game`.

    Args:
        guarded: what leader and follower get when a target is attacked that is guarded, for each type a pair for each
            target.
        exposed: the same of one that is not.
        prior: how common each type is.
        num_guards: targets that are guarded at a time.

    Raises:
        ParameterError: as in `security_game` and `BayesianGame`.

    >>> game = bayesian_security_game([[(0, -1), (0, -1)]] * 2, [[(-2, 2), (-1, 1)], [(-2, 1), (-1, 2)]], (2, 1))
    >>> game.follower_payoff[1], game.num_answers
    (((-1.0, 2.0), (1.0, -1.0)), 2)
    """
    each = [security_game(*values, num_guards) for values in zip(guarded, exposed, strict=True)]
    return BayesianGame(
        tuple(one.leader_payoff for one in each), tuple(one.follower_payoff for one in each), tuple(prior)
    )

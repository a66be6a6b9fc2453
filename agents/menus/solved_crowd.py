"""A crowd in closed form: the best commitment for users of many types, who are served by the same models.

With one row r for all models, drawn afresh after every failure, a user of value V and latency scale λ stays where
V (r . p) >= λ (r . t): where a solution takes no longer on average, τ = (r . t) / (r . p), than V / λ, what it is
patient for. So whom a commitment keeps follows from τ alone, and what it costs besides from ρ = (r . c) / (r . p), a
solution's price, and from the model that goes first:

    J = c_i + (1 - p_i) (W(τ) ρ + sum of prior_θ P_θ over those who leave),   W(τ) the share of those who stay.

Shares of solutions u_k, r_k in proportion to u_k / p_k, put (τ, ρ) anywhere in the convex hull of the models' own
(t_k / p_k, c_k / p_k). Between two types' patience only ρ matters, and for given τ the least of it is on an edge of the
hull, a mix of two models. Along an edge it changes one way. So an optimum is a single model, or a mix of two with which
one type is indifferent: it stays, or the next longer mix lets it go. All of these are tried.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from routegame.agents.exact.classic_games import PointProfile
from routegame.agents.exact.one_game import JUST_NOT_WORTH_IT
from routegame.agents.exact.solved_game import Profile, SolvedGame
from routegame.agents.exact.typed_games import SolvedTypes
from routegame.agents.menus.solved_menu import SolvedMenu
from routegame.envs.arrays import FloatArray
from routegame.envs.classic.crowd_game import CrowdGame
from routegame.envs.classic.point_game import Points


class SolvedCrowd(SolvedTypes):
    """The closed form of a crowd.

    Args:
        game: the crowd.

    >>> best = SolvedCrowd(CrowdGame((9, 6), (15, 2), (1, 1), (3, 1), (0.1, 0.3), (1, 2), (1, 3.6))).equilibrium()
    >>> best.answers, round(best.provider_cost, 6)
    ((0.0, 1.0), 8.605)
    """

    game: CrowdGame

    def __init__(self, game: CrowdGame) -> None:
        self.game = game

    @cached_property
    def each(self) -> tuple[SolvedGame[Profile], ...]:
        """The closed form of the game with each type alone."""
        return tuple(map(SolvedMenu, self.game.types))

    def equilibrium(self) -> PointProfile:
        """Return the cheapest of all that can be best, see the module."""
        return self.cheapest(Points(self.candidates()))

    def candidates(self) -> FloatArray:
        """Return points of the box of which one is best, (num_candidates, size): every start with every row."""
        rows = np.array([*np.eye(len(self.game.cost)), *self._indifferent_rows()])
        starts = np.eye(rows.shape[1])
        return np.hstack([np.repeat(starts, len(rows), axis=0), np.tile(rows, (len(starts), 1))])

    def _indifferent_rows(self) -> list[FloatArray]:
        """Weights of two models, the larger 1, at which some type is indifferent, or just does not stay."""
        game = self.game
        p, t = np.array(game.success_prob), np.array(game.latency)
        longest, found = t / p, []
        for patience in game.patience:
            for wait in (patience, patience * JUST_NOT_WORTH_IT):
                for quick in np.flatnonzero(longest < wait):
                    for slow in np.flatnonzero(longest > wait):
                        row = np.zeros(len(p))
                        # of solutions a share u is the slow model's; of draws it is u / p
                        row[quick] = (longest[slow] - wait) / p[quick]
                        row[slow] = (wait - longest[quick]) / p[slow]
                        found.append(row / row.max())
        return found

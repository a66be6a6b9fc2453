"""The best mix to commit to against followers of several types, by branch and bound over what each type answers.

Which action every type is made to play is one of n^T profiles, and the best mix for a profile is a linear program as
for one type (Conitzer & Sandholm 2006). Most profiles need not be looked at. Where some types are free to answer, a mix
x may be split for each of them into parts z_j, one for each answer j, each of which makes j a best answer:

    max  sum_t prior_t sum_j L_tj . z_tj   over  sum_j z_tj = x in the simplex,  (F_tj - F_tk) . z_tj >= 0

which is the relaxation of the mixed-integer program DOBSS (Paruchuri et al. 2008), with what makes an answer a best one
kept part by part. Profiles are tried where the relaxation is best, until none that is left can be better.

Bounds do not hang on how well SciPy's HiGHS solved a program: with its multipliers y >= 0 of the last line no mix earns
the leader more than the largest, over its actions i, of  sum_t max_j (prior_t L_tij + sum_k y_tjk (F_tij - F_tik)).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.optimize import linprog

from routegame.agents.exact.commitment_program import best_under, scaled_gains
from routegame.envs.arrays import FloatArray

SLACK = 1e-10
"""What is left of a gap, relative to the leader's payoffs, is not looked into."""

Profile = tuple[int | None, ...]
"""What each type is made to answer; None where it is free."""


@dataclass(frozen=True)
class Relaxed:
    """What a relaxation says.

    Attributes:
        bound: that no mix earns more than with these answers.
        shares: of the mix that make each answer a best one, (num_types, n).
    """

    bound: float
    shares: FloatArray


class TypesProgram:
    """The programs of one game.

    Args:
        leader: what the leader gets, (num_types, m, n).
        follower: what each type gets, likewise.
        prior: how common each type is, (num_types,).
    """

    def __init__(self, leader: FloatArray, follower: FloatArray, prior: FloatArray) -> None:
        self.paid = prior[:, None, None] * leader
        self.gains = [[scaled_gains(one, answer) for answer in range(leader.shape[2])] for one in follower]
        self.num_types, self.num_rows, self.num_answers = leader.shape

    def settled(self, profile: Profile) -> tuple[FloatArray | None, float, float]:
        """Return the best mix for a profile without free types, what it earns, and a bound on that."""
        answers = [answer for answer in profile if answer is not None]
        objective = sum((self.paid[t, :, j] for t, j in enumerate(answers)), start=np.zeros(self.num_rows))
        gains = np.vstack([self.gains[t][j] for t, j in enumerate(answers)])
        mix, bound = best_under(objective, gains)
        return mix, -np.inf if mix is None else float(objective @ mix), bound

    def relaxed(self, profile: Profile) -> Relaxed | None:
        """Return the relaxation of a profile; None where no mix brings it about."""
        parts = [
            (t, j) for t, fixed in enumerate(profile) for j in (range(self.num_answers) if fixed is None else (fixed,))
        ]
        rows, width = self.num_rows, len(parts) * self.num_rows
        objective, gains, whole = np.zeros(width + rows), [], np.zeros((self.num_types * rows + 1, width + rows))
        whole[:-1, width:] = -np.tile(np.eye(rows), (self.num_types, 1))
        whole[-1, width:] = 1
        for number, (t, j) in enumerate(parts):
            here = slice(number * rows, (number + 1) * rows)
            objective[here] = self.paid[t, :, j]
            gains.append(np.zeros((len(self.gains[t][j]), width + rows)))
            gains[-1][:, here] = self.gains[t][j]
            whole[t * rows : (t + 1) * rows, here] = np.eye(rows)
        limits = np.vstack(gains)
        solved = linprog(
            -objective,
            A_ub=-limits,
            b_ub=np.zeros(len(limits)),
            A_eq=whole,
            b_eq=np.append(np.zeros(len(whole) - 1), 1.0),
            method="highs",
        )
        if not solved.success:
            return None
        worth = (objective + np.maximum(-solved.ineqlin.marginals, 0) @ limits)[:width].reshape(-1, rows)
        earned = np.full((self.num_types, rows), -np.inf)
        shares = np.zeros((self.num_types, self.num_answers))
        for number, (t, j) in enumerate(parts):
            earned[t] = np.maximum(earned[t], worth[number])
            shares[t, j] = solved.x[number * rows : (number + 1) * rows].sum()
        return Relaxed(float(earned.sum(axis=0).max()), shares)


def best_mix_for_types(leader: FloatArray, follower: FloatArray, prior: FloatArray) -> tuple[FloatArray, float]:
    """Return the best mix to commit to, (m,), and a bound on what any mix earns, see the module.

    Args:
        leader: what the leader gets, (num_types, m, n).
        follower: what each type gets, likewise.
        prior: how common each type is, (num_types,).
    """
    program, order = TypesProgram(leader, follower, prior), count()
    best, earned, proved = np.zeros(leader.shape[1]), -np.inf, -np.inf
    slack = SLACK * float(np.abs(leader).max())
    everything: Profile = (None,) * program.num_types
    left: list[tuple[float, int, Profile, FloatArray]] = []

    def look_at(profile: Profile) -> None:
        """Put a profile where it will be taken up again, and try what its relaxation likes best."""
        nonlocal best, earned, proved
        if None not in profile:
            mix, value, bound = program.settled(profile)
            proved = max(proved, bound)
        else:
            found = program.relaxed(profile)
            if found is None:
                return
            heapq.heappush(left, (-found.bound, next(order), profile, found.shares))
            liked = found.shares.argmax(axis=1).tolist()
            mix, value, _ = program.settled(
                tuple(own if fixed is None else fixed for fixed, own in zip(profile, liked, strict=True))
            )
        if mix is not None and value > earned:
            best, earned = mix, value

    look_at(everything)
    while left:
        negative, _, profile, shares = heapq.heappop(left)
        if -negative <= earned + slack:
            return best, max(proved, -negative)
        free = [t for t, fixed in enumerate(profile) if fixed is None]
        torn = min(free, key=lambda t: float(shares[t].max()))
        for answer in range(program.num_answers):
            look_at((*profile[:torn], answer, *profile[torn + 1 :]))
    return best, proved

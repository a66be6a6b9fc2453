"""The best mix to commit to in a matrix game, by linear programs (Conitzer & Sandholm 2006, theorem 2).

For each action t of the follower: the mix x that is best for the leader, L_t . x, among those under which t is a best
answer, (F_t - F_k) . x >= 0 for all k. The best of these programs decides. SciPy's HiGHS solves them.

HiGHS keeps constraints to about 1e-7, which a follower would notice. So a mix is worked out again from what HiGHS says
is at its limit: actions that are not played, and answers that are as good as t. And its multipliers y >= 0 give a bound
that does not hang on how well the program was solved: no mix earns the leader more with t than the largest of
L_it + sum_k y_k (F_it - F_ik) over its actions i.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from routegame.envs.arrays import FloatArray

AT_ITS_LIMIT = 1e-7
"""What is smaller than this, relative to the follower's payoffs, is taken for nothing that HiGHS leaves over."""


def best_mix(leader: FloatArray, follower: FloatArray, answer: int) -> tuple[FloatArray | None, float]:
    """Return the best mix that makes an action of the follower a best answer, (m,), and a bound on what it earns.

    None, and minus infinity, where there is no such mix.

    Args:
        leader: what the leader gets, (m, n).
        follower: what the follower gets, likewise.
        answer: the action of the follower, from 0.
    """
    return best_under(leader[:, answer], scaled_gains(follower, answer))


def scaled_gains(follower: FloatArray, answer: int) -> FloatArray:
    """Return what an action of the follower gains over every other one, (n - 1, m), relative to the most it can.

    Args:
        follower: what the follower gets, (m, n).
        answer: the action of the follower, from 0.
    """
    others = np.arange(follower.shape[1]) != answer
    gains = (follower[:, [answer]] - follower[:, others]).T
    scale = np.abs(gains).max(axis=1, keepdims=True)
    scaled: FloatArray = np.divide(gains, scale, out=np.zeros_like(gains), where=scale > 0)
    return scaled


def best_under(objective: FloatArray, gains: FloatArray) -> tuple[FloatArray | None, float]:
    """Return the mix that earns most of those that gain nothing below 0, (m,), and a bound on what it earns.

    None, and minus infinity, where there is no such mix.

    Args:
        objective: what the leader earns with each of its actions, (m,).
        gains: that are not to be negative, (num_gains, m), of the order of 1.
    """
    solved = linprog(
        -objective,
        A_ub=-gains,
        b_ub=np.zeros(len(gains)),
        A_eq=np.ones((1, len(objective))),
        b_eq=[1.0],
        method="highs",
    )
    if not solved.success:
        return None, -np.inf
    bound = float((objective + np.maximum(-solved.ineqlin.marginals, 0) @ gains).max())
    played, as_good = solved.x > AT_ITS_LIMIT, gains @ solved.x < AT_ITS_LIMIT
    system = np.vstack([gains[as_good][:, played], np.ones((1, int(played.sum())))])
    exact, *_ = np.linalg.lstsq(system, np.append(np.zeros(int(as_good.sum())), 1.0), rcond=None)
    mix = np.zeros(len(objective))
    mix[played] = np.maximum(exact, 0)
    return mix / mix.sum(), bound

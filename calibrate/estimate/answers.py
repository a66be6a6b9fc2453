"""The answers of single users: who stayed and who left how often under which commitment, where that is counted at all.

Shares of leavers by commitment are all that there is to know of users who are alike. Users who differ show it by what
else they do: who stayed once stays again. Where a log does not say who its users are, each task has one of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routegame.calibrate.log.log import Log
from routegame.envs.arrays import FloatArray, IntArray

MOST_USERS = 20_000
"""Most users whose answers are looked at one by one; of more, a part that is chosen by their names alone."""


@dataclass(frozen=True, eq=False)
class UserAnswers:
    """Answers of users, a row for those who answered alike; arrays (num_rows, num_cells) but for the last.

    Attributes:
        stays: failures after which they retried, under each commitment.
        leaves: failures after which they left.
        number: of users, (num_rows,).
        share: of all users that are in the rows.
    """

    stays: IntArray
    leaves: IntArray
    number: IntArray
    share: float

    @property
    def differ(self) -> float:
        """By how many standard errors answers vary more over users than those of users who are alike would.

        The score test for a variance of the log-odds of leaving (Liang 1987): with the shares of leavers of each
        commitment, the square of what a user did beyond what was to be expected, less its variance, is 0 on average.
        """
        decisions = self.stays + self.leaves
        total = self.number @ decisions
        rate: FloatArray = (self.number @ self.leaves) / np.maximum(total, 1)
        beyond = (self.leaves - decisions * rate).sum(axis=1) ** 2 - decisions @ (rate * (1 - rate))
        spread = float(np.sqrt(self.number @ beyond**2))
        return float(self.number @ beyond) / spread if spread else 0.0


def user_answers(log: Log, keys: list[tuple[int, float]]) -> UserAnswers:
    """Count the answers of a log in the paper's order, after it was tallied.

    Args:
        log: whose view `decided` is there, and where it has users the table `clustered`.
        keys: route and stated cascade probability of each commitment, nan where it states none, and on route 2.
    """
    which = "CASE WHEN on_2 THEN 2 ELSE 1 END AS route, CASE WHEN on_2 THEN NULL ELSE stated END AS s"
    known = "FROM decided WHERE decisions > 0"
    share = 1.0
    if not log.has_users:
        found = log.rows(
            f"SELECT row_number() OVER (), * FROM (SELECT {which}, decisions - leaves AS stays, leaves,"
            f" count(*) AS number {known} GROUP BY ALL)"
        )
    else:
        deciding = "SELECT cluster FROM clustered WHERE decisions > 0"
        chosen = f"SELECT max(cluster) FROM ({deciding} ORDER BY cluster LIMIT {MOST_USERS})"
        users, last = log.rows(f"SELECT (SELECT count(*) FROM ({deciding})), ({chosen})")[0]
        share = min(MOST_USERS / max(users, 1), 1.0)
        found = log.rows(
            f"SELECT dense_rank() OVER (ORDER BY cluster), {which}, sum(decisions - leaves)::BIGINT,"
            f" sum(leaves)::BIGINT, 1 {known} AND cluster <= ?::UBIGINT GROUP BY cluster, route, s",
            last,
        )
    place = {(route, -1.0 if np.isnan(s) else s): k for k, (route, s) in enumerate(keys)}
    user, route, stated, stays, leaves, number = zip(*found, strict=True) if found else ((),) * 6
    rows = np.array(user, dtype=np.int64) - 1
    cells = np.array([place[(r, -1.0 if s is None else s)] for r, s in zip(route, stated, strict=True)], dtype=np.int64)
    table = np.zeros((2, int(rows.max(initial=-1)) + 1, len(keys)), dtype=np.int64)
    table[0, rows, cells], table[1, rows, cells] = stays, leaves
    count = np.zeros(table.shape[1], dtype=np.int64)
    count[rows] = number
    every, where = np.unique(np.concatenate(table, axis=1), axis=0, return_inverse=True)
    number_of_kind = np.bincount(where.ravel(), weights=count).astype(np.int64)
    return UserAnswers(every[:, : len(keys)], every[:, len(keys) :], number_of_kind, share)

"""What a solution says of itself: gap, status, and plain values."""

from dataclasses import replace

import numpy as np
import pytest

from routegame import Game, TaskMix, solve_mix

SOLUTION = solve_mix(TaskMix([1, 1], Game(4, 12, ([0.5, 0.1], [0.7, 0.3]), (1, 2), (1, 2.4))))


@pytest.mark.parametrize(
    ("bound", "gap", "status"),
    [(6.4, 0, "exact"), (6.4 * (1 - 5e-10), 5e-10, "exact"), (6.4 * (1 - 2e-9), 2e-9, "gap"), (4.8, 0.25, "gap")],
)
def test_a_policy_is_exact_where_its_gap_is_next_to_nothing(bound, gap, status):
    solution = replace(SOLUTION, lower_bound=bound)
    assert solution.gap == pytest.approx(gap, abs=1e-12) and solution.status == status
    assert solution.to_dict()["certificate"]["status"] == status


@pytest.mark.parametrize(("answer", "said"), [(None, None), (3, 3), (0.25, 0.25), (np.array([np.inf, 2.0]), [None, 2])])
def test_a_user_who_never_leaves_is_null(answer, said):
    assert replace(SOLUTION, answer=answer).to_dict()["answer"] == said

"""Studies fail where intervals hold the truth too seldom or too often for chance, and only there."""

import numpy as np
import pytest
from interval_shares import FALSE_ALARM, shares


def off(number, held, cautious=(), together=1):
    each = [True] * held + [False] * (number - held)
    logs = [{"gain": each[k : k + together]} for k in range(0, number, together)]
    return [share.off for share in shares(logs, cautious)] == [True]


@pytest.mark.parametrize(
    "number, held, said",
    [
        (23, 20, False),  # 87 %: one log in ten tables
        (180, 156, True),  # the same share
        (180, 165, False),
        (20_000, 18_800, False),  # chance would not do it, but 94 % will do
        (20_000, 18_300, True),
        (20_000, 19_800, True),
        (30, 30, False),
    ],
)
def test_a_share_is_off_if_it_is_out_of_bounds_and_chance_would_not_have_it(number, held, said):
    assert off(number, held) is said


def test_kinds_that_may_be_wide_are_not_off_for_it():
    assert not off(20_000, 20_000, ("gain",)) and off(20_000, 18_000, ("gain",))


def test_intervals_of_a_log_that_miss_together_count_for_fewer():
    """Of 18 logs of ten intervals each two and a half are off, which chance does."""
    assert off(180, 156) and not off(180, 156, together=10)


def test_tables_of_good_intervals_seldom_raise_the_alarm():
    rng = np.random.default_rng(0)
    tables = [[{str(k): [rng.random() < 0.95] for k in range(9)} for _ in range(100)] for _ in range(100)]
    assert np.mean([any(each.off for each in shares(logs)) for logs in tables]) <= 2 * FALSE_ALARM

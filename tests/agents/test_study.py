"""A small version of `make verify`: the solver against a sharp independent search, and what is claimed of mixing."""

import pytest
import study_equilibrium
from study_equilibrium import LIMIT, QUANTITIES
from tqdm import tqdm

GAMES = study_equilibrium.strata(random=1000, near=400, extreme=100, mixing=50, seed=10_000)


@pytest.mark.parametrize("stratum", GAMES)
def test_the_solver_is_the_search(stratum):
    with tqdm(disable=True) as progress:
        (row,) = study_equilibrium.study({stratum: GAMES[stratum]}, progress).values()
    assert list(row) == QUANTITIES
    assert {quantity: x for quantity, x in row.items() if not x <= LIMIT} == {}


def test_what_is_claimed_of_users_who_mix_holds():
    """p_1 <= p_2: never the cheapest. p_1 > p_2: n_2 concave in n_1, one turning point, and the solver finds it."""
    with tqdm(disable=True) as progress:
        breaches, paying = study_equilibrium.study_arcs(2000, progress, seed=11_000)
    assert paying > 100
    assert {claim: x for claim, x in breaches.items() if not x <= LIMIT} == {}

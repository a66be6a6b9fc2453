"""A small version of `make verify`: the solver against a sharp independent search, and what is claimed of mixing."""

import inspect
import re

import brute_force
import dense_search
import numpy as np
import pytest
import study_equilibrium
from dense_search import Chain, Real, answers
from study_equilibrium import LIMIT, QUANTITIES
from tqdm import tqdm

from routegame import best_response
from routegame.agents.exact.best_response import thresholds

GAMES = study_equilibrium.strata(random=500, near=200, extreme=50, mixing=25, seed=10_000)


@pytest.mark.slow
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


@pytest.mark.parametrize("regime", ["latency-value", "value-latency"])
def test_within_the_tolerance_a_cascade_counts_as_on_its_threshold_and_little_is_lost(draw, as_game, regime):
    """1e-12 of s on either side; three times as far off, s_0 is no tie any more."""
    g = draw(regime, 300, seed=12_000)
    game, chain, at = as_game(g), Chain.of(g), thresholds(as_game(g))
    for name, answer in (("s_0", 0), ("s_L", 0), ("s_H", 1)):
        edge = getattr(at, name)
        if not np.isnan(edge).any():
            for k in (-9e-13, -1e-13, 0, 1e-13, 9e-13):
                s = np.minimum(edge * (1 + k), 1)
                assert np.all(best_response(game, 1, s) == answer)
                cascade = s.astype(Real)[:, None]
                lost = answers(chain, cascade).utility - chain.utility(cascade, Real(answer))
                assert np.all(lost <= 2e-12 * chain.total(cascade))
    if regime == "latency-value":
        assert np.all(best_response(game, 1, at.s_0 * (1 - 3e-12)) == 1)
        assert np.all(best_response(game, 1, at.s_0 * (1 + 3e-12)) == 0)


def test_the_search_knows_nothing_of_the_solver():
    for oracle in (brute_force, dense_search):
        assert "routegame" not in "".join(re.findall(r"^\s*(?:from|import) .*$", inspect.getsource(oracle), re.M))

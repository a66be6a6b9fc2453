"""The best mix against several types: every profile of answers tried, DOBSS by HiGHS, and bounds that meet."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from routegame.agents.exact.bayesian_program import TypesProgram, best_mix_for_types
from routegame.agents.exact.commitment_program import best_mix
from routegame.agents.exact.typed_games import SolvedBayesianGame
from routegame.envs.classic.bayesian_game import BayesianGame
from routegame.envs.classic.catalogue import MATRICES

BAYESIAN = {known.name: known.game for known in MATRICES if isinstance(known.game, BayesianGame)}


def drawn(seed, *shape):
    """Payoffs of a small game, of small integers every other time, so that much ties."""
    rng = np.random.default_rng(seed)
    shape = shape or (rng.integers(1, 4), rng.integers(2, 5), rng.integers(2, 4))
    payoffs = rng.integers(-3, 4, (2, *shape)).astype(float) if seed % 2 else rng.normal(size=(2, *shape))
    payoffs[1, :, 0, 0] += 0.5  # followers for whom something is at stake
    return payoffs[0], payoffs[1], rng.dirichlet(np.ones(shape[0]))


def by_profiles(leader, follower, prior):
    """The best over all profiles of answers, each a linear program."""
    types, rows, answers = leader.shape
    values = []
    for profile in product(range(answers), repeat=types):
        earned = sum(prior[t] * leader[t, :, j] for t, j in enumerate(profile))
        gains = [follower[t, :, [j]] - follower[t].T for t, j in enumerate(profile)]
        found = linprog(
            -earned, A_ub=-np.vstack(gains), b_ub=np.zeros(types * answers), A_eq=np.ones((1, rows)), b_eq=[1]
        )
        if found.success:
            values.append(-found.fun)
    return max(values)


def by_dobss(leader, follower, prior):
    """The mixed-integer program of Paruchuri et al. (2008), as they write it: z, q and a of every type."""
    types, rows, answers = leader.shape
    cells, much = types * rows * answers, 2 * float(np.ptp(follower))
    z = np.arange(cells).reshape(types, rows, answers)
    q = cells + np.arange(types * answers).reshape(types, answers)
    a = cells + types * answers + np.arange(types)
    width = cells + types * (answers + 1)
    limits = []

    def limit(low, high, *terms):
        row = np.zeros(width)
        for where, weight in terms:
            row[where] += weight
        limits.append((row, low, high))

    for t in range(types):
        limit(1, 1, (z[t].ravel(), 1))
        limit(1, 1, (q[t], 1))
        for i in range(rows):
            limit(0, 0, (z[t, i], 1), (z[0, i], -1))
        for j in range(answers):
            limit(0, 1, (z[t, :, j], 1), (q[t, j], -1))
            row = np.zeros(width)
            row[a[t]], row[q[t, j]] = 1, much
            for i in range(rows):
                row[z[t, i]] -= follower[t, i, j]
            limits.append((row, 0, much))  # 0 <= a - F x, and no more than M (1 - q)
            bare = row.copy()
            bare[q[t, j]] = 0
            limits.append((bare, 0, np.inf))
    cost, binary = np.zeros(width), np.zeros(width)
    cost[:cells] = -(prior[:, None, None] * leader).ravel()
    binary[q.ravel()] = 1
    bounds = Bounds(np.where(np.arange(width) < a[0], 0, -np.inf), np.where(np.arange(width) < a[0], 1, np.inf))
    matrix, low, high = (np.array(column) for column in zip(*limits, strict=True))
    return -milp(cost, constraints=LinearConstraint(matrix, low, high), integrality=binary, bounds=bounds).fun


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.quick_cases(10)
def test_no_profile_of_answers_is_better(seed):
    """What is found is what all profiles have, what the mix earns with best answers, and what is proved."""
    payoffs = drawn(seed)
    mix, bound = best_mix_for_types(*payoffs)
    best = by_profiles(*payoffs)
    assert bound == pytest.approx(best, abs=1e-8) and mix.sum() == pytest.approx(1) and mix.min() >= 0
    solved = SolvedBayesianGame(BayesianGame(*(each.tolist() for each in payoffs)))
    assert -solved.equilibrium().provider_cost == pytest.approx(best, abs=1e-8)
    assert solved.lower_bound() == pytest.approx(solved.equilibrium().provider_cost, abs=1e-9)


@pytest.mark.parametrize("name", BAYESIAN)
def test_dobss_finds_the_same_in_the_catalogue(name):
    game = BAYESIAN[name]
    value = by_dobss(*(np.array(each) for each in (game.leader_payoff, game.follower_payoff, game.prior)))
    assert -SolvedBayesianGame(game).equilibrium().provider_cost == pytest.approx(value, abs=1e-5)


def test_dobss_finds_the_same_in_a_random_game():
    payoffs = drawn(2, 3, 4, 3)
    assert best_mix_for_types(*payoffs)[1] == pytest.approx(by_dobss(*payoffs), abs=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_one_type_is_a_matrix_game(seed):
    leader, follower, prior = drawn(seed, 1, 4, 3)
    best = max(best_mix(leader[0], follower[0], answer)[1] for answer in range(3))
    assert best_mix_for_types(leader, follower, prior)[1] == pytest.approx(best, abs=1e-9)


def test_a_relaxation_is_never_below_what_it_relaxes():
    """And it is what it relaxes once no type is free."""
    leader, follower, prior = drawn(4, 2, 3, 3)
    program = TypesProgram(leader, follower, prior)
    everything = program.relaxed((None, None))
    for first in range(3):
        half = program.relaxed((first, None))
        for second in range(3):
            mix, value, bound = program.settled((first, second))
            whole = program.relaxed((first, second))
            assert (mix is None) == (whole is None)
            if mix is not None:
                assert value == pytest.approx(bound, abs=1e-9) and whole.bound == pytest.approx(value, abs=1e-9)
                assert everything.bound >= half.bound - 1e-9 >= value - 2e-9

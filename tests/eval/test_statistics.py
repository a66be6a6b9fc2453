"""The statistics of a benchmark against published, hand-made and SciPy's numbers, and their coverage by simulation."""

from math import inf, isfinite, isnan, nan, sqrt

import numpy as np
import pytest
import scipy.stats

from routegame.envs.checks import ParameterError
from routegame.eval.statistics import (
    Runs,
    beats,
    estimates,
    improvements,
    iqm,
    mean,
    median,
    profiles,
    success_rates,
)

# rliable's own example (tests/rliable/metrics_test.py at f59f80b): 4 and 3 runs on 2 games, transposed.
X = np.array([[1.0, 2, 1, 2], [2, 2, 1, 1]])
Y = np.array([[1.0, 2, 3], [1, 2, 3]])


def made(loss, names=None):
    """Runs of losses (num_learners, num_games, num_seeds)."""
    loss = np.asarray(loss, dtype=np.float64)
    learners, games, seeds = loss.shape
    names = names or [f"learner-{k}" for k in range(learners)]
    return Runs(tuple(names), tuple(f"game-{k:02}" for k in range(games)), tuple(range(seeds)), loss)


def rows_of(runs):
    for k, learner in enumerate(runs.learners):
        for j, game in enumerate(runs.games):
            for i, seed in enumerate(runs.seeds):
                yield learner, game, seed, float(runs.loss[k, j, i])


def drawn(num_learners=3, num_games=4, num_seeds=10, seed=0):
    rng = np.random.default_rng(seed)
    scale = np.linspace(1, 2, num_learners)[:, None, None] * np.linspace(1, 3, num_games)[:, None]
    return made(rng.exponential(size=(num_learners, num_games, num_seeds)) * scale)


# ---- numbers


def test_published_numbers():
    assert [statistic(X) for statistic in (median, mean, iqm)] == [1.5] * 3
    assert [statistic(Y) for statistic in (median, mean, iqm)] == [2] * 3
    assert 1 - beats(X, Y).mean() == pytest.approx(1 / 3)  # theirs are scores, of which more is better


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 3), (2, 5), (3, 10), (25, 10), (7, 9)])
def test_iqm_is_the_trimmed_mean(shape):
    loss = np.random.default_rng(1).lognormal(size=(6, *shape))
    wanted = [scipy.stats.trim_mean(one, proportiontocut=0.25, axis=None) for one in loss]
    assert iqm(loss) == pytest.approx(wanted, rel=1e-12)


def test_improvement_is_mann_whitney():
    rng = np.random.default_rng(2)
    loss = rng.integers(0, 6, size=(2, 5, 8)).astype(float)  # many ties
    runs = made(loss, ["a", "b"])
    u = [scipy.stats.mannwhitneyu(one, other, alternative="less").statistic for one, other in zip(*loss, strict=True)]
    found = improvements(runs, num_resamples=50)
    assert found["a", "b"].value == pytest.approx(1 - np.mean(u) / 64)
    assert found["b", "a"].value == pytest.approx(np.mean(u) / 64)
    assert found["a", "b"].low == pytest.approx(1 - found["b", "a"].high)


def test_equal_learners_are_even():
    loss = drawn(1).loss[0]
    assert improvements(made([loss, loss]), num_resamples=10)["learner-0", "learner-1"].value == 0.5


def test_the_interval_of_one_game_is_scipys():
    loss = np.random.default_rng(3).lognormal(size=30)
    found = estimates(made(loss[None, None]), mean, num_resamples=20_000)["learner-0"]
    wanted = scipy.stats.bootstrap((loss,), np.mean, method="percentile", n_resamples=20_000, random_state=0)
    error = 0.1 * wanted.standard_error  # four times that of a 2.5 % quantile of so many resamples
    low, high = wanted.confidence_interval
    assert (found.value, found.low, found.high) == pytest.approx((loss.mean(), low, high), abs=error)


def test_the_interval_of_several_games_has_the_width_that_strata_give_it():
    """The variance of a stratified mean is the sum of the games' own: what differs between games is no noise."""
    loss = drawn(1, 6, 10).loss[0] + 100 * np.arange(6)[:, None]
    found = estimates(made(loss[None]), mean, num_resamples=20_000)["learner-0"]
    width = 2 * 1.96 * sqrt((loss.var(axis=1) / 10).sum()) / 6
    assert found.high - found.low == pytest.approx(width, rel=0.05)


def test_profiles_count():
    runs = made([[[0.0, 0.1, 0.2, inf]], [[1.0, 1.0, 1.0, 1.0]]])
    found = profiles(runs, [0, 0.1, 0.5, 1], num_resamples=4000)
    assert found["learner-0"].value.tolist() == [0.25, 0.5, 0.75, 0.75]
    assert found["learner-1"].value.tolist() == found["learner-1"].low.tolist() == [0, 0, 0, 1]
    ends = [scipy.stats.binom(4, share).ppf([0.025, 0.975]) / 4 for share in (0.25, 0.5, 0.75, 0.75)]
    assert np.transpose([found["learner-0"].low, found["learner-0"].high]).tolist() == [list(end) for end in ends]


@pytest.mark.parametrize("successes, count", [(0, 10), (3, 10), (10, 10), (240, 250)])
def test_success_rates_have_wilsons_interval(successes, count):
    loss = np.where(np.arange(count) < successes, 0.01, 0.0101)
    found = success_rates(made(loss.reshape(1, -1, 10)))["learner-0"]
    wanted = scipy.stats.binomtest(successes, count).proportion_ci(method="wilson")
    assert (found.value, found.low, found.high) == pytest.approx((successes / count, *wanted), abs=1e-12)


# ---- rows


def test_the_order_of_rows_decides_nothing():
    runs = drawn()
    shuffled = list(rows_of(runs))
    np.random.default_rng(4).shuffle(shuffled)
    again = Runs.of([(a, b, int(s), float(x)) for a, b, s, x in shuffled])
    assert (again.learners, again.games, again.seeds) == (runs.learners, runs.games, runs.seeds)
    assert np.array_equal(again.loss, runs.loss)
    assert estimates(again, num_resamples=50) == estimates(runs, num_resamples=50)
    assert improvements(again, num_resamples=50) == improvements(runs, num_resamples=50)


def test_the_seed_decides_everything_else():
    runs = drawn()
    assert estimates(runs, num_resamples=50, seed=1) == estimates(runs, num_resamples=50, seed=1)
    assert estimates(runs, num_resamples=50, seed=1) != estimates(runs, num_resamples=50, seed=2)


def test_who_else_is_compared_changes_no_interval():
    runs = drawn()
    alone = Runs.of(row for row in rows_of(runs) if row[0] == "learner-1")
    assert estimates(alone, num_resamples=50)["learner-1"] == estimates(runs, num_resamples=50)["learner-1"]


def test_missing_and_failed_runs_have_lost_all():
    rows = [("a", "x", 0, 0.0), ("a", "x", 1, nan), ("a", "y", 0, None), ("b", "x", 0, 0.1), ("rule", "x", None, 0.2)]
    runs = Runs.of(rows, seeds=[2], learners=["never started"])
    assert runs.loss[0].tolist() == [[0, inf, inf], [inf, inf, inf]]
    assert runs.loss[3].tolist() == [[0.2, 0.2, 0.2], [inf, inf, inf]]
    assert runs.failed == {"a": 5, "b": 5, "never started": 6, "rule": 3}
    assert success_rates(runs)["a"].value == 1 / 6
    assert runs.on(["x"]).failed == {"a": 2, "b": 2, "never started": 3, "rule": 0}


@pytest.mark.parametrize("statistic", [iqm, median, mean])
def test_failures_are_taken_without_a_warning(statistic):
    loss = drawn(1, 4, 10).loss[0].copy()
    loss[0, 0] = inf
    found = estimates(made(loss[None]), statistic, num_resamples=200)["learner-0"]
    assert not np.isnan([found.value, found.low, found.high]).any()
    assert (found.value == inf) == (statistic is mean)
    assert found.value > statistic(np.where(np.isinf(loss), 0, loss))


def test_the_interquartile_mean_is_infinite_from_a_quarter_of_failures_on():
    loss = np.ones((2, 10))
    loss[0, :5] = inf
    assert iqm(loss) == 1
    loss[1, 0] = inf
    assert iqm(loss) == inf


def test_two_failures_are_a_tie():
    assert beats(np.array([[inf, 1.0]]), np.array([[inf]])).tolist() == [[[0.5], [1.0]]]


@pytest.mark.parametrize(
    "rows, complaint",
    [
        ([], "rows must be of at least one learner"),
        ([("a", "x", None, 0.0)], "rows must be of at least one learner, game and seed"),
        (
            [("a", "x", 0, 0.0), ("a", "x", 0, 0.0)],
            "rows must be one for each run, got 'another of a on x",
        ),
        ([("a", "x", 0, 0.0), ("a", "x", None, 0.0)], "rows must be one for each run"),
        ([("a", "x", 0, -inf)], "loss must be a number"),
    ],
)
def test_what_makes_no_table_is_refused(rows, complaint):
    with pytest.raises(ParameterError, match=complaint):
        Runs.of(rows)


def test_with_one_seed_there_is_no_interval():
    """The resamples are all the same run: an interval of no width would say that it is known for certain."""
    runs = drawn(2, 3, 1)
    found = [*estimates(runs).values(), *improvements(runs).values()]
    assert all(isfinite(e.value) and isnan(e.low) and isnan(e.high) for e in found)
    bands = profiles(runs, [0.1, 1.0])["learner-0"]
    assert np.isfinite(bands.value).all() and np.isnan(bands.low).all() and np.isnan(bands.high).all()
    two = [*estimates(drawn(2, 3, 2)).values(), *improvements(drawn(2, 3, 2)).values()]
    assert all(e.low <= e.value <= e.high for e in two)


def test_games_that_were_not_run_are_refused():
    with pytest.raises(ParameterError, match="games must be some of game-00, game-01, got 'z'"):
        drawn(1, 2, 2).on(["game-00", "z"])
    with pytest.raises(ParameterError, match="got 'none'"):
        drawn(1, 2, 2).on([])


# ---- coverage


@pytest.mark.parametrize("num_seeds, coverage", [(3, 0.861), (10, 0.932), (30, 0.945)])
def test_how_often_the_interval_of_an_iqm_covers_the_truth(num_seeds, coverage):
    """About 93 % of the time with ten seeds. Five games, skewed losses; what very many seeds would give is the truth.

    `coverage` was measured on 6,000 repetitions; four binomial errors are allowed here.
    """
    scale = np.linspace(1, 2, 5)[:, None]
    truth = iqm(np.random.default_rng(5).exponential(size=(5, 400_000)) * scale)
    rng, repetitions = np.random.default_rng(6), 600
    hits = 0
    for seed in range(repetitions):
        runs = made(rng.exponential(size=(1, 5, num_seeds)) * scale)
        found = estimates(runs, num_resamples=400, seed=seed)["learner-0"]
        hits += found.low <= truth <= found.high
    error = sqrt(coverage * (1 - coverage) / repetitions)
    assert hits / repetitions == pytest.approx(coverage, abs=4 * error)

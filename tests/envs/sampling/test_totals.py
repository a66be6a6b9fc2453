"""Totals drawn at once have the distribution of tasks that are played pass by pass."""

import numpy as np
import pytest
from brute_force import Numbers

from routegame import Game, ParameterError
from routegame.envs.chain import outcome, visits
from routegame.envs.luck.luck import Luck
from routegame.envs.sampling.simulator import simulate_groups
from routegame.envs.sampling.totals import draw_totals

GAME = Game(9, 20, (0.1, 0.3), (1, 2), (1, 3))
REGIMES = ("value-value", "value-latency", "latency-value", "latency-latency")
MANY = 40_000


def figures(tasks):
    return np.stack([*tasks.passes, tasks.solved]).astype(np.float64)


@pytest.mark.parametrize("chance", [np.random.default_rng, Luck])
@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize(
    ("route", "s", "q"),
    [(1, 0.3, 0.2), (1, 0.0, 0.1), (1, 1.0, 0.0), (1, 0.05, 1.0), (1, 0.0, 0.0), (2, 0.4, 0.3), (2, 0.4, 0.0)],
)
def test_means_and_covariances_are_those_of_single_passes(route, s, q, size, chance):
    """Of both models' passes and of solved tasks, within five standard errors of each figure."""
    rng, many = np.random.default_rng(1), np.ones(MANY)
    played = figures(simulate_groups(GAME, np.full(MANY, route), s * many, q * many, size, rng))
    drawn = figures(draw_totals(GAME, route, s * many, q * many, size, chance(2)))
    centre = played.mean(axis=1, keepdims=True)
    powers = [(x - centre, np.einsum("im,jm->ijm", x - centre, x - centre).reshape(9, -1)) for x in (played, drawn)]
    for one, other in zip(*powers, strict=True):
        error = np.sqrt((one.var(axis=1) + other.var(axis=1)) / MANY)
        assert (abs(one.mean(axis=1) - other.mean(axis=1)) <= 5 * error + 1e-12).all()


@pytest.mark.parametrize("chance", [np.random.default_rng, Luck])
@pytest.mark.parametrize("size", [1, 3])
def test_every_count_is_as_likely(size, chance):
    """Not moments alone: how often a task, or a few, take so many passes."""
    rng, many = np.random.default_rng(2), np.ones(MANY)
    counts = []
    for tasks in (
        simulate_groups(GAME, np.full(MANY, 1), 0.2 * many, 0.1 * many, size, rng),
        draw_totals(GAME, 1, 0.2 * many, 0.1 * many, size, chance(3)),
    ):
        key = np.minimum(tasks.passes[0], 9) * 40 + np.minimum(tasks.passes[1], 9) * 4 + tasks.solved
        counts.append(np.bincount(key, minlength=400))
    one, other = np.array(counts, dtype=float)
    seen = one + other > 20
    assert seen.sum() > 40
    chi_squared = ((one - other)[seen] ** 2 / (one + other)[seen]).sum()
    assert chi_squared < seen.sum() + 5 * np.sqrt(2 * seen.sum())


def test_quantiles_are_as_frequent_as_the_chain_says(draw, as_game):
    """Both models' passes and solved tasks, in forty games of all regimes, within four standard errors."""
    numbers = [draw(regime, 10, seed=70 + k) for k, regime in enumerate(REGIMES)]
    games, rng = as_game(Numbers.joined(numbers)), np.random.default_rng(8)
    route, s, q = rng.integers(1, 3, 40), rng.random(40), rng.random(40)
    passes = visits(games.success_prob, route, s, q)
    expected = np.stack([passes.standard, passes.reasoning, outcome(games, route, s, q).solve_prob])
    many = np.repeat(np.arange(40), MANY // 8)
    each = Game(1, 1, tuple(p[many] for p in games.success_prob), (1, 1), (1, 1))
    found = figures(draw_totals(each, route[many], s[many], q[many], 16, Luck(11))).reshape(3, 40, -1) / 16
    error = found.std(axis=2, ddof=1) / np.sqrt(found.shape[2])
    assert (abs(found.mean(axis=2) - expected) <= 4 * error + 1e-12).all()
    assert (error > 0).sum() > 100


def test_what_cannot_happen_does_not():
    rng, many = np.random.default_rng(0), np.ones(100)
    leaves_at_once = draw_totals(GAME, 1, 0.5 * many, many, 1000, rng)
    assert (leaves_at_once.passes[0] == 1000).all() and not leaves_at_once.passes[1].any()
    stays = draw_totals(GAME, 1, 0.5 * many, 0 * many, 1000, rng)
    assert (stays.solved == 1000).all()
    on_reasoning = draw_totals(GAME, 2, 0.5 * many, 0.1 * many, 1000, rng)
    assert not on_reasoning.passes[0].any()
    handed_over = draw_totals(GAME, 1, many, 0 * many, 1000, rng)
    assert (handed_over.passes[0] == 1000).all()


def test_same_state_same_tasks():
    s = np.linspace(0, 1, 50)
    one, other, later = (draw_totals(GAME, 1, s, 0.1, 1000, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(figures(one), figures(other))
    assert not np.array_equal(figures(one), figures(later))


def test_groups_may_have_games_of_their_own():
    """Each of them then is what it is where all groups have that game."""
    p = np.array([0.1, 0.5, 0.9])
    games = Game(9, 20, (p, 0.3), (1, 2), (1, 3))
    together = draw_totals(games, 1, np.full(3, 0.2), 0.1, 1000, Luck(1))
    for k in range(3):
        alone = draw_totals(Game(9, 20, (p[k], 0.3), (1, 2), (1, 3)), 1, np.full(3, 0.2), 0.1, 1000, Luck(1))
        assert (alone.passes[:, k] == together.passes[:, k]).all() and alone.solved[k] == together.solved[k]


def test_one_game_for_each_group_or_one_for_all():
    with pytest.raises(ParameterError, match=r"a single game, or one of shape \(3,\)"):
        games = Game(np.array([1.0, 2.0]), 1, (0.1, 0.3), (1, 2), (1, 3))
        draw_totals(games, 1, np.zeros(3), 0.0, 1, np.random.default_rng())

"""Sampled tasks, pass by pass and whole, are as frequent as the chain says, within four standard errors."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from absorbing_chain import Expectations, expectations
from brute_force import Numbers
from scipy.stats import chi2_contingency

from routegame import Game
from routegame.envs.chain import outcome, visits
from routegame.envs.sampling.task_batch import TaskBatch
from routegame.envs.sampling.whole_tasks import draw_tasks

REGIMES = ("value-value", "value-latency", "latency-value", "latency-latency")
STANDARD_ERRORS = 4
NUM_SETTINGS, NUM_ROWS, NUM_STARTS = 40, 2000, 40
WORLDS = {
    "plain": {},
    "retries tire": {"retry_multiplier": 0.5},
    "retries learn": {"retry_multiplier": (1.3, 1.1)},
    "mixed, cut off": {"retry_multiplier": (0.4, 1.3), "max_passes": 4},
    "cut off": {"max_passes": 2},
}


@dataclass(frozen=True)
class Settings:
    """Random games of all regimes, with commitments and answers; every fifth probability is 0 or 1."""

    game: Game
    route: np.ndarray
    cascade: np.ndarray
    abandon: np.ndarray
    options: dict
    max_passes: int

    def success(self):
        """Success probability by kind of pass, (num_settings, 4)."""
        p = np.stack(self.game.success_prob)
        again = np.minimum(p * np.reshape(np.broadcast_to(self.options.get("retry_multiplier", 1.0), 2), (2, 1)), 1)
        return np.stack([p[0], again[0], p[1], again[1]], axis=1)

    @cached_property
    def exact(self) -> Expectations:
        return expectations(self.success(), self.route, self.cascade, self.abandon, self.max_passes)

    def means(self):
        """Expected totals of a task, (num_settings,) each."""
        n, game = self.exact.passes, self.game
        first, second = n[:, 0] + n[:, 1], n[:, 2] + n[:, 3]
        return {
            "passes1": first,
            "passes2": second,
            "solved": self.exact.solved,
            "abandoned": self.exact.abandoned,
            "cut off": self.exact.cut_off,
            "user": game.task_value * self.exact.solved - game.latency[0] * first - game.latency[1] * second,
            "provider": -game.cost[0] * first - game.cost[1] * second - game.churn_penalty * self.exact.abandoned,
        }

    def repeated(self, times):
        """Arguments of a batch with so many rows of each setting, one setting after the other."""
        game = self.game
        each = [np.repeat(x, times) for x in (game.task_value, game.churn_penalty)]
        pairs = [tuple(np.repeat(x, times) for x in pair) for pair in (game.success_prob, game.latency, game.cost)]
        return Game(*each, *pairs), np.repeat(self.route, times), np.repeat(self.cascade, times)


@pytest.fixture(scope="module", params=WORLDS)
def settings(request, draw, as_game):
    seed = list(WORLDS).index(request.param)
    numbers = [draw(regime, NUM_SETTINGS // 4, seed=10 * seed + k) for k, regime in enumerate(REGIMES)]
    game = as_game(Numbers.joined(numbers))
    rng = np.random.default_rng([3, seed])
    s, q = np.where(
        rng.random((2, NUM_SETTINGS)) < 0.2, rng.integers(0, 2, (2, NUM_SETTINGS)), rng.random((2, NUM_SETTINGS))
    )
    route, options = rng.integers(1, 3, NUM_SETTINGS), WORLDS[request.param]
    cap = TaskBatch(game, route, s, num_tasks=NUM_SETTINGS, backend="numpy", **options).max_passes
    return Settings(game, route, s, q, options, cap)


def by_setting(rows, weights=None):
    """Count rows, or add up their weights, setting by setting."""
    return np.bincount(rows // NUM_ROWS, weights, minlength=NUM_SETTINGS)


@dataclass
class Counts:
    """What was seen of a batch, by setting: of passes and answers in the first steps, of all tasks begun in them."""

    played: np.ndarray
    solved: np.ndarray
    waited: np.ndarray
    answered: np.ndarray
    tasks: np.ndarray
    excess: dict
    squares: dict


@pytest.fixture(scope="module")
def counts(settings):
    """Play until all tasks that began within the first steps are over, and count."""
    game, route, cascade = settings.repeated(NUM_ROWS)
    num_tasks = NUM_SETTINGS * NUM_ROWS
    batch = TaskBatch(game, route, cascade, num_tasks=num_tasks, **settings.options)
    abandon, means = np.repeat(settings.abandon, NUM_ROWS), settings.means()
    seen = Counts(*(np.zeros((k, NUM_SETTINGS)) for k in (4, 4, 2)), np.zeros((2, 3, NUM_SETTINGS)), 0, {}, {})
    excess = {name: np.zeros(NUM_SETTINGS) for name in means}
    squares, totals = ({name: x.copy() for name, x in excess.items()}, {name: np.zeros(num_tasks) for name in means})
    rows = np.arange(num_tasks)
    while rows.size:
        fresh, last = batch.over.copy(), batch.model.copy()
        batch.step(batch.answers(abandon))
        if batch.clock <= NUM_STARTS:
            kind = 2 * (batch.model == 2) + (~fresh & (batch.model == last))
            for k in range(4):
                here = (kind == k) & ~batch.abandoned
                seen.played[k] += by_setting(np.flatnonzero(here))
                seen.solved[k] += by_setting(np.flatnonzero(here & batch.solved))
            for model in (1, 2):
                waits = ~fresh & (last == model)
                seen.waited[model - 1] += by_setting(np.flatnonzero(waits))
                for answer in range(3):
                    seen.answered[model - 1, answer] += by_setting(np.flatnonzero(waits & (batch.model == answer)))
        totals["passes1"][rows] += batch.model[rows] == 1
        totals["passes2"][rows] += batch.model[rows] == 2
        totals["user"][rows] += batch.user_reward[rows]
        totals["provider"][rows] += batch.provider_reward[rows]
        done = rows[batch.over[rows]]
        for name, ending in (("solved", batch.solved), ("abandoned", batch.abandoned), ("cut off", batch.cut_off)):
            totals[name][done] = ending[done]
        seen.tasks = seen.tasks + by_setting(done)
        for name, total in totals.items():
            gap = total[done] - means[name][done // NUM_ROWS]
            excess[name] += by_setting(done, gap)
            squares[name] += by_setting(done, gap**2)
            total[done] = 0
        if batch.clock >= NUM_STARTS:
            rows = rows[~batch.over[rows]]
    seen.excess, seen.squares = excess, squares
    return seen


def assert_binomial(count, trials, prob, name):
    """Within the standard errors where a normal law holds; exactly where the probability is 0 or 1."""
    certain, spread = (prob == 0) | (prob == 1), np.sqrt(np.maximum(trials * prob * (1 - prob), 0))
    assert (count == trials * prob)[certain].all(), name
    usable = spread >= 5
    assert usable.sum() >= NUM_SETTINGS / 5, f"{name} is hardly tested"
    assert (np.abs(count - trials * prob) / np.maximum(spread, 5))[usable].max() <= STANDARD_ERRORS, name


@pytest.mark.quick_cases(3)
def test_passes_succeed_as_often_as_they_should(settings, counts):
    for kind, name in enumerate(("first on 1", "repeat on 1", "first on 2", "repeat on 2")):
        assert_binomial(counts.solved[kind], counts.played[kind], settings.success()[:, kind], name)


def test_failed_tasks_go_where_they_should(settings, counts):
    stays, s = 1 - settings.abandon, settings.cascade
    assert_binomial(counts.answered[0, 0], counts.waited[0], 1 - stays, "1 to abandoned")
    assert_binomial(counts.answered[0, 1], counts.waited[0], stays * (1 - s), "1 to 1")
    assert_binomial(counts.answered[0, 2], counts.waited[0], stays * s, "1 to 2")
    assert_binomial(counts.answered[1, 0], counts.waited[1], 1 - stays, "2 to abandoned")
    assert_binomial(counts.answered[1, 2], counts.waited[1], stays, "2 to 2")
    assert not counts.answered[1, 1].any(), "model 2 never hands back"


def test_tasks_end_as_they_should(settings, counts):
    means = settings.means()
    for name in ("solved", "abandoned", "cut off"):
        count = counts.excess[name] + counts.tasks * means[name]
        if name != "cut off" or "max_passes" in settings.options:
            assert_binomial(np.rint(count), counts.tasks, means[name], name)
        else:
            assert count.sum() <= 5, "less than one in a million"


@pytest.mark.parametrize("name", ["passes1", "passes2", "user", "provider"])
def test_totals_of_tasks_are_what_they_should_be(settings, counts, name):
    """Tasks are independent of when they begin, so that their sum over a window of beginnings is unbiased (Wald)."""
    rounding = 1e-6 * np.abs(settings.means()[name]) * counts.tasks
    assert (np.abs(counts.excess[name]) <= STANDARD_ERRORS * np.sqrt(counts.squares[name]) + rounding).all()


@pytest.mark.parametrize("settings", ["plain"], indirect=True)
def test_the_absorbing_chain_is_the_closed_form_where_retries_change_nothing(settings):
    arguments = settings.route, settings.cascade, settings.abandon
    closed, means = visits(settings.game.success_prob, *arguments), settings.means()
    exact = outcome(settings.game, *arguments)
    for name, value in (
        ("passes1", closed.standard),
        ("passes2", closed.reasoning),
        ("user", exact.user_utility),
        ("provider", -exact.provider_cost),
    ):
        np.testing.assert_allclose(means[name], value, rtol=1e-5, atol=1e-4, err_msg=name)


def test_whole_tasks_are_as_frequent(settings):
    rows, group = 64, 4096
    game, route, cascade = settings.repeated(rows)
    tasks = draw_tasks(game, route, cascade, np.repeat(settings.abandon, rows), group, 0, **settings.options)
    means, size = settings.means(), rows * group
    left = group - tasks.solved - tasks.cut_off
    for name, count in (("solved", tasks.solved), ("abandoned", left), ("cut off", tasks.cut_off)):
        if name != "cut off" or "max_passes" in settings.options:
            assert_binomial(count.reshape(-1, rows).sum(axis=1), np.full(NUM_SETTINGS, size), means[name], name)
    seen = {"passes1": tasks.passes[0] / group, "passes2": tasks.passes[1] / group}
    seen |= {"user": tasks.user_utility(game), "provider": -tasks.provider_cost(game)}
    for name, values in seen.items():
        each = values.reshape(-1, rows)
        error = STANDARD_ERRORS * each.std(axis=1, ddof=1) / np.sqrt(rows)
        assert (np.abs(each.mean(axis=1) - means[name]) <= error + 1e-9 * np.abs(means[name])).all(), name


@pytest.mark.parametrize("options", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("route", [1, 2])
def test_whole_tasks_are_distributed_as_those_played_pass_by_pass(route, options):
    """Passes of each model and the ending, jointly: a two-sample chi-square test at one in ten thousand."""
    count, game, s, q = 20_000, Game(9, 20, (0.2, 0.3), (1, 2), (1, 3)), 0.3, 0.15
    batch = TaskBatch(game, route, s, num_tasks=count, **options)
    running, passes, ending = np.arange(count), np.zeros((2, count), np.int64), np.zeros(count, np.int64)
    while running.size:
        batch.step(batch.answers(q))
        for model in (1, 2):
            passes[model - 1, running] += batch.model[running] == model
        ending[running] = batch.solved[running] + 2 * batch.cut_off[running]
        running = running[~batch.over[running]]
    whole = draw_tasks(game, route, s, np.full(count, q), 1, 0, **options)
    cells = []
    for n, end in ((passes, ending), (whole.passes, whole.solved + 2 * whole.cut_off)):
        cell = np.ravel_multi_index((*np.minimum(n, 9), end), (10, 10, 3))
        cells.append(np.bincount(cell, minlength=300))
    table = np.array(cells)
    table = table[:, table.sum(axis=0) >= 10]
    assert table.shape[1] >= 3 and chi2_contingency(table).pvalue > 1e-4

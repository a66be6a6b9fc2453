"""Populations: brute force over commitments, one type as `solve` has it, invariances, ties and bad input."""

import brute_force
import numpy as np
import pytest
from brute_force import Numbers

from routegame import Game, ParameterError, solve
from routegame.agents.users import pooling
from routegame.agents.users.population import Population, solve_population

KINDS = ("any", "ordered", "mixing", "weak reasoning")


def populations_of(kind, count, seed, max_types=6):
    """Arguments of random populations. "mixing": every type has ξ_1 > 0 > ξ_2, and p_1 < p_2; "weak reasoning":
    p_1 > p_2, and churn about as dear as compute; there commitments between thresholds can be optimal."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        num_types = rng.integers(1, max_types + 1)
        p, unit_cost = rng.uniform(0.02, 0.98, 2), rng.uniform(0, 1, 2)  # c/p
        if kind in ("ordered", "mixing"):
            p = np.sort(p)
        if kind == "weak reasoning":
            p = np.sort(p)[::-1] * (1, rng.uniform(0.05, 1))
            unit_cost = np.sort(unit_cost)[::-1]
        wait = rng.uniform(0.2, 1, 2)  # t/p: a type gains from model i where V/λ is above
        low, high = 0.7 * wait.min(), 1.3 * wait.max()
        if kind in ("mixing", "weak reasoning"):
            wait = np.sort(wait)
        if kind == "mixing":
            low, high = wait
        scale, weight = rng.uniform(0.5, 2, num_types), rng.uniform(0.1, 1, num_types)
        yield {
            "task_value": scale * rng.uniform(low, high, num_types),
            "churn_penalty": unit_cost.max() * rng.uniform(0.5, 1.4, num_types),
            "success_prob": tuple(map(float, p)),
            "latency": tuple(map(float, p * wait)),
            "cost": tuple(map(float, p * unit_cost)),
            "weight": weight,
            "latency_scale": scale,
        }


def change(arguments, **changes):
    return Population(**{**arguments, **changes})


# ---- brute force: nothing from here to the next line but constructors and an oracle that shares no code


class Oracle:
    """Many populations at once: one row a type, `owner` its population; commitments are (populations, columns)."""

    def __init__(self, populations):
        rows = [(k, *row) for k, arguments in enumerate(populations) for row in self.types(arguments)]
        owner, self.weight, *numbers = np.array(rows).T
        self.owner, self.numbers, self.games = owner.astype(int), Numbers(*numbers), Numbers(*numbers).columns()
        self.first = np.flatnonzero(np.diff(self.owner, prepend=-1))

    @staticmethod
    def types(arguments):
        weight, p, t, c = (arguments[name] for name in ("weight", "success_prob", "latency", "cost"))
        of_types = zip(
            weight / sum(weight), arguments["task_value"], arguments["churn_penalty"], arguments["latency_scale"],
            strict=True,
        )  # fmt: skip
        return [(w, value, penalty, *p, t[0] * scale, t[1] * scale, *c) for w, value, penalty, scale in of_types]

    def total(self, of_types):
        return np.add.reduceat(self.weight[:, None] * of_types, self.first, axis=0)

    def cost(self, route, s):
        s = s[self.owner]
        return self.total(brute_force.provider_cost(self.games, route, s, brute_force.best_reply(self.games, route, s)))

    def commitments(self):
        """A grid of cascade probabilities, and both sides of every type's largest jump, in order."""
        s = np.broadcast_to(brute_force.S_GRID, (len(self.owner), len(brute_force.S_GRID)))
        low, _, high, _ = brute_force.jump(self.games, s, brute_force.best_reply(self.games, 1, s))
        jumps = np.concatenate([low, high], axis=1)
        per_population = np.bincount(self.owner)
        padded = np.zeros((len(self.first), 2 * per_population.max()))
        for k, (start, n) in enumerate(zip(self.first, per_population, strict=True)):
            padded[k, : 2 * n] = jumps[start : start + n].ravel()
        return np.sort(np.concatenate([s[self.first], padded], axis=1), axis=1)

    def least(self):
        """Least cost, over both routes: zooms on the three deepest valleys of the grid."""
        s = self.commitments()
        cost = self.cost(1, s)
        least = np.minimum(cost.min(axis=1), self.cost(2, np.zeros((len(s), 1)))[:, 0])
        wall = np.pad(cost, ((0, 0), (1, 1)), constant_values=np.inf)
        valley = np.where((cost <= wall[:, :-2]) & (cost <= wall[:, 2:]), cost, np.inf)
        for k in np.argsort(valley, axis=1)[:, :3].T:
            low, high = (np.take_along_axis(s, np.clip(k + d, 0, s.shape[1] - 1)[:, None], 1) for d in (-1, 1))
            for _ in range(9):
                inside = low + (high - low) * np.linspace(0, 1, 13)
                cost = self.cost(1, inside)
                least, best = np.minimum(least, cost.min(axis=1)), cost.argmin(axis=1)[:, None]
                low, high = (np.take_along_axis(inside, np.clip(best + d, 0, 12), 1) for d in (-1, 1))
        return least

    def answered(self, route, s, q):
        """Cost of one commitment a population under answers (types,), and the most that a type would gain by another,
        as a share of its task value."""
        route, s, games = route[self.owner], s[self.owner], self.numbers
        cost, worth = (
            np.where(route == 1, payoff(games, 1, s, q), payoff(games, 2, s, q))
            for payoff in (brute_force.provider_cost, brute_force.utility)
        )
        others = np.linspace(0, 1, 401)[None] ** 2
        tried = [brute_force.utility(self.games, i, s[:, None], others).max(axis=1) for i in (1, 2)]
        return self.total(cost[:, None])[:, 0], (np.where(route == 1, *tried) - worth) / games.value


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("kind", KINDS)
def test_brute_force_finds_the_same(kind):
    populations = list(populations_of(kind, 50, seed=KINDS.index(kind)))
    oracle = Oracle(populations)
    solutions = [solve_population(Population(**arguments)) for arguments in populations]
    np.testing.assert_allclose([s.provider_cost for s in solutions], oracle.least(), rtol=1e-7)
    route, cascade = (np.array([getattr(s, name) for s in solutions]) for name in ("route", "cascade_prob"))
    answers = np.concatenate([s.pooled.abandon_prob for s in solutions])
    cost, gain = oracle.answered(route, cascade, answers)
    np.testing.assert_allclose([s.provider_cost for s in solutions], cost, rtol=1e-10)
    assert gain.max() < 1e-11, "somebody does not answer at its best"


def is_between_thresholds(solution):
    pool = pooling.Pool.of(solution.population.game, solution.population.weight)
    ends = np.concatenate([*pool.stays, *pool.leaves, [0, 1]])
    return solution.route == 1 and solution.cascade_prob not in ends


def test_optima_between_thresholds_are_among_those_found():
    found = [
        solve_population(Population(**a))
        for a in populations_of("weak reasoning", 100, seed=KINDS.index("weak reasoning"))
    ]
    assert sum(map(is_between_thresholds, found)) >= 1


# ---- one type


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "regime",
    [
        *("value-latency", "latency-value"),
        *(pytest.param(regime, marks=pytest.mark.slow) for regime in ("value-value", "latency-latency")),
    ],
)
def test_one_type_is_its_game_to_the_last_bit(regime, draw):
    numbers = draw(regime, 500, 5)
    batch = solve(Game(numbers.value, numbers.penalty, *pairs(numbers)))
    for k in range(len(numbers)):
        p, t, c = ((float(x[k]), float(y[k])) for x, y in pairs(numbers))
        solution = solve_population(Population(numbers.value[k], numbers.penalty[k], p, t, c))
        own = batch.equilibrium
        assert (solution.route, solution.cascade_prob) == (own.route[k], own.cascade_prob[k])
        assert (solution.provider_cost, solution.user_utility) == (own.provider_cost[k], own.user_utility[k])
        assert solution.pooled.abandon_prob[0] == own.abandon_prob[k]
        assert solution.misalignment_gap[0] == batch.misalignment_gap[k]
        assert solution.pooling_cost == 0
        assert solution.gain_from_pooling[0] == 0


def pairs(numbers):
    return (numbers.p1, numbers.p2), (numbers.t1, numbers.t2), (numbers.c1, numbers.c2)


# ---- what must not matter, and what must hold


def same(one, other):
    assert one.route == other.route
    assert one.provider_cost == pytest.approx(other.provider_cost, rel=1e-12)
    assert one.user_utility == pytest.approx(other.user_utility, rel=1e-9, abs=1e-9)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("kind", KINDS)
def test_order_splitting_and_units_do_not_matter(kind):
    for arguments in populations_of(kind, 25, seed=10):
        solution = solve_population(Population(**arguments))
        names = ("task_value", "churn_penalty", "weight", "latency_scale")
        backwards = {name: arguments[name][::-1] for name in names}
        same(solve_population(change(arguments, **backwards)), solution)
        split = {name: np.concatenate([arguments[name], arguments[name][:1]]) for name in names}
        split["weight"] = split["weight"].copy()
        split["weight"][[0, -1]] /= 2
        same(solve_population(change(arguments, **split)), solution)
        slower = change(arguments, task_value=4 * arguments["task_value"], latency_scale=4 * arguments["latency_scale"])
        assert solve_population(slower).provider_cost == pytest.approx(solution.provider_cost, rel=1e-12)
        same(solve_population(change(arguments, weight=7 * arguments["weight"])), solution)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("kind", KINDS)
def test_telling_types_apart_never_costs_the_provider(kind):
    for arguments in populations_of(kind, 100, seed=11):
        solution = solve_population(Population(**arguments))
        assert solution.provider_cost >= solution.personalised_provider_cost * (1 - 1e-12)
        assert solution.pooling_cost >= 0
        assert (solution.misalignment_gap >= 0).all()


def test_types_alike_are_one_type():
    arguments = next(populations_of("ordered", 1, seed=12, max_types=1))
    names = ("task_value", "churn_penalty", "weight", "latency_scale")
    many = change(arguments, **{name: np.repeat(arguments[name], 1000) for name in names})
    same(solve_population(many), solve_population(Population(**arguments)))


def test_one_commitment_for_patient_and_impatient_users():
    """The impatient type's s_0 is higher: keeping it costs more than it is worth, or the patient pay for it too."""
    population = Population([9, 18], 15, (0.1, 0.3), (1, 2), (1, 3.6))
    solution = solve_population(population)
    assert solution.personalised.route.tolist() == [1, 1]
    assert solution.personalised.cascade_prob == pytest.approx([0.0410958904, 0])
    assert (solution.route, solution.cascade_prob) == (1, pytest.approx(0.0410958904))
    assert solution.pooling_cost == pytest.approx(0.27, abs=1e-9)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"task_value": []}, "task_value must be one value, or one for each of 1 types"),
        ({"task_value": [9, 0]}, r"task_value must be a finite number in \(0, inf\), got 0.0"),
        ({"task_value": [9, 9, 9], "weight": [1, 2]}, "weight must be one value, or one for each of 3 types"),
        ({"weight": [1, 0]}, r"weight must be a finite number in \(0, inf\), got 0.0"),
        ({"weight": [1, float("nan")]}, "weight must be a finite number"),
        ({"latency_scale": -1}, "latency_scale must be a finite number"),
        ({"churn_penalty": [[1.0]]}, "churn_penalty must be one value"),
        ({"success_prob": (0.1, [0.2, 0.3])}, "success_prob must be two single values, shared by all types"),
        ({"cost": (1,)}, "cost must be two values"),
    ],
)
def test_bad_input_is_named(changed, message):
    good = {"task_value": 9, "churn_penalty": 15, "success_prob": (0.1, 0.3), "latency": (1, 2), "cost": (1, 3.6)}
    with pytest.raises(ParameterError, match=message):
        Population(**{**good, **changed})

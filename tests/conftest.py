"""Random games for every test: seeded, of a wanted sign regime, in the paper's order or in any order."""

from __future__ import annotations

import os
import random
import signal
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

# Threads of torch wait for each other in a loop, which takes hours of CPU where other tests hold the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import brute_force
import numpy as np
import pytest
from brute_force import Numbers
from quick_regimes import either_model_first

from routegame import Game

collect_ignore = [] if find_spec("litellm") else ["closed_loop.py", "study_gateway.py", "study_gateway_overhead.py"]
"""What imports litellm, which has an environment of its own, see `make test-gateway`."""

# Where tests run in the background, interrupts are ignored, and processes that they start would ignore them as well.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

WIDTH = 80
"""Columns of what commands print, whatever the terminal of whoever runs the tests has."""

REGIMES = {
    "value-value": (True, True),
    "value-latency": (True, False),
    "latency-value": (False, True),
    "latency-latency": (False, False),
}


def draw_numbers(regime: str, count: int, seed: int, ordered: bool = False) -> Numbers:
    """`count` random games of a sign regime; `ordered`: t_1 < t_2, c_1 < c_2, p_1 < p_2, as in the paper."""
    rng = np.random.default_rng(seed)
    kept: list[Numbers] = []
    while sum(map(len, kept)) < count:
        games = _candidates(regime, 4 * count, rng, ordered)
        kept.append(games[games.t1 < games.t2] if ordered else games)
    return Numbers.joined(kept)[:count]


def _candidates(regime: str, count: int, rng: np.random.Generator, ordered: bool) -> Numbers:
    value = rng.uniform(1, 20, count)
    p, c = rng.uniform(0.02, 0.98, (2, count)), rng.uniform(0, 1, (2, count))
    if ordered:
        p, c = np.sort(p, axis=0), np.sort(c, axis=0)
    positive = np.array(REGIMES[regime])[:, None]
    share = np.where(positive, rng.uniform(0.02, 0.98, p.shape), 1 / rng.uniform(0.1, 0.98, p.shape))
    penalty = rng.uniform(0, 2, count) * np.max(c / p, axis=0)
    return Numbers(value, penalty, *p, *(value * p * share), *c)


def make_game(numbers: Numbers) -> Game:
    """The same games as the project holds them."""
    n = numbers
    return Game(n.value, n.penalty, (n.p1, n.p2), (n.t1, n.t2), (n.c1, n.c2))


@dataclass(frozen=True)
class Stratum:
    """500 random games of one sign regime, the first half in the paper's order."""

    regime: str
    numbers: Numbers
    game: Game


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark cases slow where a test says how many are quick; those that are slow anyway are not counted."""
    cases = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        if item.get_closest_marker("quick_cases") and not item.get_closest_marker("slow"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for alike in cases.values():
        (count,) = alike[0].get_closest_marker("quick_cases").args
        kept = {k * len(alike) // count for k in range(count)}
        for k, item in enumerate(alike):
            if k not in kept:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))


@pytest.fixture(autouse=True)
def entropy(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let what nobody gave a seed draw the same luck whenever a test is run: its entropy comes from the test's name."""
    monkeypatch.setattr(np.random.bit_generator, "randbits", random.Random(request.node.nodeid).getrandbits)


@pytest.fixture(scope="session")
def draw() -> Callable[..., Numbers]:
    return draw_numbers


@pytest.fixture(scope="session")
def as_game() -> Callable[[Numbers], Game]:
    return make_game


@pytest.fixture(scope="session", params=either_model_first(REGIMES))
def stratum(request: pytest.FixtureRequest) -> Stratum:
    in_order = draw_numbers(request.param, 250, seed=1, ordered=True)
    any_order = draw_numbers(request.param, 250, seed=2)
    numbers = Numbers.joined([in_order, any_order])
    assert len(numbers) == 500
    return Stratum(request.param, numbers, make_game(numbers))


@pytest.fixture(scope="session")
def cheapest(stratum: Stratum) -> brute_force.Optimum:
    """What brute force finds best for the provider, game by game."""
    return brute_force.equilibrium(stratum.numbers)


@pytest.fixture(scope="session")
def preferred(stratum: Stratum) -> brute_force.Optimum:
    """What brute force finds best for the user, game by game."""
    return brute_force.user_preferred(stratum.numbers)

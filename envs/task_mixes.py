"""Tasks that differ, by name: mixes of 2, 10, 100 and 1,000 contexts and one of real subjects, for users of two kinds.

Those of 2 contexts are worked out by hand, those of 10 drawn at random, context by context. Those of 100 and 1,000 have
two features, how easy a task is and how urgent, of which success and value are functions: what is learned in some
contexts can be tried in others, drawn afresh from the same distribution. Those of 57 are subjects that two models were
asked about, see `routegame.envs.subjects`.

Users are sighted, or blind and memoryless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from routegame.envs.game import Game
from routegame.envs.mix_game import MixGame
from routegame.envs.subjects import SOURCE, SUBJECTS, subjects_mix
from routegame.envs.task_mix import MixUsers, TaskMix

DIGITS = 4
"""Decimals of drawn numbers."""


@dataclass(frozen=True)
class MixScenario:
    """A named mix of tasks and its users, with its provenance.

    Attributes:
        name: what the command line calls it.
        mix: the contexts.
        users: who answers.
        about: what is interesting about it, in one sentence.
        units: of latency and of cost, for display.
        source: where its numbers are from; empty where they were chosen or drawn.
        fresh: draws a mix of so many contexts, by a seed, from the distribution that these were drawn from; None where
            they were not.
    """

    name: str
    mix: TaskMix
    users: MixUsers
    about: str
    units: tuple[str, str] = ("", "")
    source: str = ""
    fresh: Callable[[int, int], TaskMix] | None = None

    @property
    def game(self) -> MixGame:
        """The mix as it is played."""
        return MixGame(self.mix, self.users)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models, or their numbers."""
        return self.mix.games.names or tuple(f"model {k + 1}" for k in range(self.mix.num_models))

    def to_dict(self) -> dict[str, object]:
        """Return the scenario as plain values, ready for JSON; `routegame solve` tells its contexts."""
        return {
            "name": self.name,
            "about": self.about,
            "game": {
                "kind": MixGame.KIND,
                "users": self.users,
                "contexts": len(self.mix),
                "models": self.mix.num_models,
            },
            "units": {"latency": self.units[0], "cost": self.units[1]},
            "measurements": [],
            "source": self.source,
            "cell": None,
            "suites": [SUITE],
        }


SUITE = "mixes"
"""The suite that all of them are in."""


def drawn_by_features(num_contexts: int, seed: int) -> TaskMix:
    """Draw tasks by how easy and how urgent they are, both normal: the easier, the likelier either model solves them.

    Args:
        num_contexts: how many tasks, all as common.
        seed: of the draws.
    """
    features = np.random.default_rng(seed).standard_normal((num_contexts, 2)).round(DIGITS)
    return TaskMix.from_features(
        features,
        skill=((1.0, -0.3), (0.9, 0.3)),
        skill_at_zero=(-1.9, -0.5),
        value=(0.0, 0.5),
        value_at_zero=2.1,
        churn_penalty=15,
        latency=(1, 2),
        cost=(1, 3.6),
    )


def drawn_apart(num_contexts: int, seed: int) -> TaskMix:
    """Draw contexts that have nothing in common: all numbers uniform, weights from 1 to 4.

    V is in [1, 20], p in [0.05, 0.95], c in [0.1, 1], P in [0.5, 2] times the larger c/p, and t up to 1.5 times V p.
    """
    rng, shape = np.random.default_rng(seed), (num_contexts, 2)
    value, p, c = rng.uniform(1, 20, num_contexts), rng.uniform(0.05, 0.95, shape), rng.uniform(0.1, 1, shape)
    penalty = rng.uniform(0.5, 2, num_contexts) * (c / p).max(axis=1)
    latency = value[:, None] * p * rng.uniform(0.2, 1.5, shape)
    value, p, c, penalty, latency = (each.round(DIGITS) for each in (value, p, c, penalty, latency))
    pairs = (tuple(each.T) for each in (p, latency, c))
    return TaskMix(rng.integers(1, 5, num_contexts).astype(np.float64), Game(value, penalty, *pairs))


_EASY_HARD = TaskMix(
    np.array([0.7, 0.3]),
    Game(9, 15, (np.array([0.5, 0.1]), np.array([0.7, 0.3])), (1, 2), (1, 3.6)),
    names=("easy", "hard"),
)

_SUBJECTS = "two models asked about 57 subjects; a composite, seconds and dollars are those of gpt-4.1 and o3"


def _both(
    name: str,
    mix: TaskMix,
    sighted: str,
    blind: str,
    units: tuple[str, str] = ("", ""),
    source: str = "",
    fresh: Callable[[int, int], TaskMix] | None = None,
) -> tuple[MixScenario, MixScenario]:
    return (
        MixScenario(f"{name}-sighted", mix, "sighted", sighted, units, source, fresh),
        MixScenario(f"{name}-blind", mix, "memoryless", blind, units, source, fresh),
    )


_GROUP = (
    *_both(
        "easy-hard",
        _EASY_HARD,
        "users of the hard tasks have to be brought to stay by the dear model",
        "the easy pays for the hard: all stay with the cheap model, which is worth it on average",
    ),
    *_both(
        "ten-apart",
        drawn_apart(10, 7),
        "ten contexts that have nothing in common",
        "ten contexts that have nothing in common, and one answer in all of them",
    ),
    *_both(
        "subjects",
        subjects_mix(22, 1),
        f"{_SUBJECTS}; whoever knows that its question is hard leaves",
        f"{_SUBJECTS}; nobody knows how hard its question is, and all stay",
        ("s", "$"),
        f"{SOURCE}; {len(SUBJECTS)} subjects",
    ),
    *_both(
        "hundred-features",
        drawn_by_features(100, 1),
        "a hundred tasks, more or less easy and urgent: what to do is a function of both",
        "the same tasks and users who know of none how easy it is",
        fresh=drawn_by_features,
    ),
    *_both(
        "thousand-features",
        drawn_by_features(1000, 2),
        "a thousand tasks of the same distribution",
        "the same tasks and users who know of none how easy it is",
        fresh=drawn_by_features,
    ),
)

MIXES = {known.name: known for known in _GROUP}
"""Mixes of the project by name."""


def fresh_like(mix: TaskMix) -> Callable[[int, int], TaskMix] | None:
    """Return what draws more contexts of the distribution that those of a mix are of; None if that is unknown."""
    return next((known.fresh for known in MIXES.values() if known.mix == mix), None)


HEADING = "Tasks that differ, and users who know it or do not"
"""Heading of the mixes in the list of scenarios."""

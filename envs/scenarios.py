"""The games that ship with the project: the paper's figures, and pairs of models that people can buy.

Real pairs were measured by the aider coding assistant on 225 hard programming exercises in six languages (its
polyglot leaderboard). A pass is one try; success is the share solved at the first try; seconds and list price of a
case are divided by its expected number of tries. So these are figures of one benchmark on one day through a public
interface, not the providers' own; a second try costs a little more than a first; and real retries see the failed
tests, so they are not independent draws. Task value and churn penalty are choices, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from routegame.envs.game import Game, ParameterError

POLYGLOT = (
    "https://github.com/Aider-AI/aider, aider/website/_data/polyglot_leaderboard.yml "
    "at 5dc9490bb35f9729ef2c95d00a19ccd30c26339c (Apache-2.0)"
)


@dataclass(frozen=True)
class Measurement:
    """Where one real model's success, latency and cost come from.

    Attributes:
        model: its name and setting.
        date: of the run, ISO.
        num_cases: sample size of the success probability.
        source: repository, file and version.
    """

    model: str
    date: str
    num_cases: int
    source: str


@dataclass(frozen=True)
class Scenario:
    """A named game with its provenance.

    Attributes:
        name: what the command line calls it.
        game: the parameters.
        about: what is interesting about it, in one sentence.
        units: of latency and of cost, for display.
        measurements: of the standard and of the reasoning model; empty for a game of the paper.
    """

    name: str
    game: Game
    about: str
    units: tuple[str, str] = ("", "")
    measurements: tuple[Measurement, ...] = ()

    @property
    def models(self) -> tuple[str, str]:
        """What to call the two models."""
        if not self.measurements:
            return "standard", "reasoning"
        return self.measurements[0].model, self.measurements[1].model

    def to_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values, ready for JSON."""
        return {
            "name": self.name,
            "about": self.about,
            "game": self.game.to_dict(),
            "units": {"latency": self.units[0], "cost": self.units[1]},
            "measurements": [vars(measurement) for measurement in self.measurements],
        }


def scenario(name: str) -> Scenario:
    """Return the scenario of that name.

    Raises:
        ParameterError: there is none.

    >>> scenario("nano-gpt5").game.task_value
    120.0
    """
    if name not in SCENARIOS:
        raise ParameterError("scenario", f"one of {', '.join(SCENARIOS)}", name)
    return SCENARIOS[name]


def _figure(name: str, value: float, latency: tuple[float, float], x: float, penalty: float, about: str) -> Scenario:
    """A point of one of the paper's grids: c_1 = 1, p = (0.1, 0.3), x = c_1/p_1 − c_2/p_2."""
    game = Game(value, penalty, (0.1, 0.3), latency, (1, 0.3 * (10 - x)))
    return Scenario(name, game, about)


def _pair(
    name: str, value: float, penalty: float, first: tuple[Any, ...], second: tuple[Any, ...], about: str
) -> Scenario:
    (model1, date1, p1, t1, c1), (model2, date2, p2, t2, c2) = first, second
    measurements = tuple(Measurement(m, d, 225, POLYGLOT) for m, d in ((model1, date1), (model2, date2)))
    return Scenario(name, Game(value, penalty, (p1, p2), (t1, t2), (c1, c2)), about, ("s", "$"), measurements)


_GPT41 = ("gpt-4.1", "2025-04-14", 0.2, 11.39, 0.024335)
_NANO = ("gpt-4.1-nano", "2025-04-14", 0.0311, 6.09, 0.000966)
_GPT5_LOW = ("gpt-5 (low)", "2025-08-25", 0.4311, 39.77, 0.02938)
_O3 = ("o3", "2025-06-25", 0.4089, 63.92, 0.038413)
_SONNET4 = ("claude-sonnet-4", "2025-05-24", 0.2044, 16.6, 0.039146)
_SONNET4_THINKING = ("claude-sonnet-4 (32k thinking)", "2025-05-24", 0.2578, 45.86, 0.067796)
_OPUS4 = ("claude-opus-4", "2025-05-25", 0.3289, 25.43, 0.182515)
_OPUS4_THINKING = ("claude-opus-4 (32k thinking)", "2025-05-25", 0.3733, 27.11, 0.179637)

_LEFT, _RIGHT, _SLOW = (9, (1, 2)), (6.5, (0.5, 2.5)), (8, (0.5, 1.5))

SCENARIOS = {
    s.name: s
    for s in (
        _pair("nano-gpt5", 120, 0.10, _NANO, _GPT5_LOW, "users leave unless one failure in 13 is handed over"),
        _pair("gpt41-o3", 120, 0.20, _GPT41, _O3, "users stay only as long as few failures are handed over"),
        _pair("sonnet4-thinking", 300, 0.20, _SONNET4, _SONNET4_THINKING, "users stay with either; the cheaper wins"),
        _pair("opus4-thinking", 75, 0.60, _OPUS4, _OPUS4_THINKING, "thinking was the cheaper of the two"),
        Scenario(
            "figure-3",
            Game(10, 15, (0.1, 0.3), (0.5, 3.5), (1, 3)),
            "ξ = (0.5, −0.5): between s_L and s_H users mix",
        ),
        _figure("figure-4-left-standard", *_LEFT, -1, 5, "abandonment is cheap: let users leave the standard model"),
        _figure("figure-4-left-cascade", *_LEFT, -1, 15, "the least cascade that makes users stay"),
        _figure("figure-4-left-reasoning", *_LEFT, 1, 15, "the reasoning model from the start"),
        _figure("figure-4-right-standard", *_RIGHT, -1, 15, "the standard model, users stay"),
        _figure("figure-4-right-leave", *_RIGHT, -1, 5, "cascade so much that users leave"),
        _figure("figure-4-right-reasoning", *_RIGHT, 1, 9.5, "the wedge: the reasoning model, users leave"),
        _figure("figure-4-right-cascade", *_RIGHT, 1, 15, "the most cascade under which users stay"),
        _figure("figure-5-throttle", *_SLOW, -1, 5, "slowing the models down until users leave pays"),
        _figure("figure-5-serve", *_SLOW, -1, 15, "the same models at a penalty at which it does not"),
    )
}

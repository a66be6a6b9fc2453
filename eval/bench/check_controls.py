"""The negative controls beside the learner that they spoil.

`python -m routegame.eval.bench.check_controls`, or `make controls`, prints them.

Each control is run where what is wrong with it shows, on the same budget and seed as the sound learner. It has failed
as it should if its commitment costs clearly more than the sound one's, or if it was paid clearly less than the optimum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import scenario
from routegame.eval.judge.routing_judge import RoutingJudge
from routegame.numerals import percent
from routegame.train.learners.negative_controls import CONTROLS
from routegame.train.learners.response_reward import ResponseReward, ResponseRewardOptions
from routegame.train.one_thread import one_thread

GAMES = {
    "reward_leak": "latency-value-standard-throttle",
    "carried_state": "gpt41-o3",
    "leader_with_memory": "gpt41-o3",
}
"""Where each control shows what is wrong with it."""

SYMPTOMS = {
    "reward_leak": "pays for users who have not found out yet that they should leave, and takes the model for those",
    "carried_state": "its users no longer notice what it does; as a commitment it would drive them away",
    "leader_with_memory": "paid below the optimum, too good to be true: shows one commitment and serves another",
}
"""Failures of the controls in words."""

CLEAR = 0.05
"""Distance above the sound learner's relative regret, or below the optimum, that is clear; a share of the optimum."""


@dataclass(frozen=True)
class ControlResult:
    """A control and the sound learner, on one game with one seed.

    Attributes:
        control: its name.
        game: name of the scenario.
        regret: relative leader regret of the control under perfect users.
        sound_regret: the same of `response_reward`.
        paid: what a task cost the control's leader at last, relative to the optimum, less 1.
        sound_paid: the same of `response_reward`.
    """

    control: str
    game: str
    regret: float
    sound_regret: float
    paid: float
    sound_paid: float

    @property
    def fails(self) -> bool:
        """Whether it has failed, as it should."""
        return self.regret - self.sound_regret > CLEAR or self.paid < -CLEAR


def compare(name: str, options: ResponseRewardOptions, seed: int) -> ControlResult:
    """Run a control, and the sound learner beside it."""
    regret, paid = _run(CONTROLS[name], GAMES[name], options, seed)
    sound_regret, sound_paid = _run(ResponseReward, GAMES[name], options, seed)
    return ControlResult(name, GAMES[name], regret, sound_regret, paid, sound_paid)


@cache
def _run(learner: type[ResponseReward], game: str, options: ResponseRewardOptions, seed: int) -> tuple[float, float]:
    """Return the relative regret of a run, and what a task cost its leader at last, relative to the optimum, less 1."""
    played = RoutingGame(scenario(game).game)
    training, judge = learner(played, options, seed), RoutingJudge(played)
    while not training.finished:
        paid = training.update().statistics["cost"]
    judgement = judge.judge(training.learned().commitment, judge.best_answer, everywhere=False)
    return judgement.leader_regret_relative, paid / float(judgement.equilibrium.provider_cost) - 1


def table(rows: Iterator[ControlResult]) -> Iterator[str]:
    """Say line by line how the controls fail, as soon as each has been run."""
    yield f"{'control':20}{'game':33}{'regret':>8}{'sound':>9}{'paid':>10}{'sound':>9}   fails as it should"
    for row in rows:
        verdict = f"yes: {SYMPTOMS[row.control]}" if row.fails else "NO"
        shares = f"{percent(row.regret):>8}{percent(row.sound_regret):>9}"
        shares += f"{percent(row.paid, signed=True):>10}{percent(row.sound_paid, signed=True):>9}"
        yield f"{row.control:20}{row.game:33}{shares}   {verdict}"


@one_thread()
def main() -> int:
    """Print the table; return 1 if a control has not failed."""
    rows = []

    def run() -> Iterator[ControlResult]:
        for name in CONTROLS:
            rows.append(compare(name, ResponseRewardOptions(), seed=0))
            yield rows[-1]

    for line in table(run()):
        print(line, flush=True)
    return int(not all(row.fails for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())

"""Baselines: rules that learn nothing, judged, as rows that a learner's result is read beside.

Everything is exact, under the users' exact best response.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import inf

from routegame.agents.exact.solution import RoutingProfile
from routegame.agents.exact.solved_game import Profile
from routegame.agents.rules import RULES
from routegame.envs.commitment import RoutingGame
from routegame.envs.scenarios import Scenario
from routegame.eval.claims import Shown, shown_commitment
from routegame.eval.judge.judgement import RANDOM, Judge, ratio
from routegame.eval.judge.routing_judge import RoutingJudge, own_profile
from routegame.numerals import amount, handed_over, percent, percents, written, written_amount
from routegame.typesetting import table

DIGITS, COST_DIGITS = 3, 5
"""Digits of commitments, or more where it takes more, and of costs."""


@dataclass(frozen=True)
class Baseline:
    """A rule in a game, judged.

    Attributes:
        rule: its name.
        provider_cost: J under the exact best response, in units of cost.
        leader_regret: J less J* of the equilibrium, in units of cost.
        leader_regret_relative: the same divided by |J*|.
        normalised_score: 1 at J*, 0 at the cost of `RANDOM`; not clipped.
        user_utility: U of the users who answer so, in units of latency.
        profile: the commitment and the answer to it; None for `RANDOM`.
    """

    rule: str
    provider_cost: float
    leader_regret: float
    leader_regret_relative: float
    normalised_score: float
    user_utility: float
    profile: Profile | None

    def to_dict(self) -> dict[str, object]:
        """Return the row as plain values, ready for JSON; a share of nothing becomes None."""
        plain = asdict(self)
        return {name: None if value in (inf, -inf) else value for name, value in plain.items()}


def baselines(game: RoutingGame) -> tuple[Baseline, ...]:
    """Judge every rule of `routegame.agents.rules`, and a random commitment, in one game.

    Args:
        game: the commitments that are allowed.

    >>> from routegame.envs.scenarios import scenario
    >>> rows = baselines(RoutingGame(scenario("nano-gpt5").game))
    >>> [f"{row.rule} {percent(row.leader_regret_relative)}" for row in rows][:3]
    ['analytic 0 %', 'grid 0.28 %', 'static_cheap 71 %']
    """
    judge = RoutingJudge(game)
    rows = []
    for name, rule in RULES.items():
        judgement = judge.judge(rule(game), judge.best_answer)
        rows.append(
            Baseline(
                rule=name,
                provider_cost=float(judgement.learned.provider_cost),
                leader_regret=judgement.leader_regret,
                leader_regret_relative=judgement.leader_regret_relative,
                normalised_score=judgement.normalised_score,
                user_utility=float(judgement.learned.user_utility),
                profile=judgement.learned,
            )
        )
    return (*rows, random_baseline(judge))


def baselines_table(rows: Sequence[Baseline], game: RoutingGame, scenario: Scenario | None = None) -> str:
    """The rules of one game as a table for the terminal.

    Args:
        rows: of the game.
        game: the commitments that were allowed.
        scenario: where the game comes from, for its name and units; None for a game given by its numbers.
    """
    latency, cost = scenario.units if scenario else ("", "")
    profiles = [None if row.profile is None else own_profile(row.profile) for row in rows]
    shown = [None if one is None else shown_commitment(game.game, one, DIGITS, COST_DIGITS) for one in profiles]
    columns = [
        ("rule", *(row.rule for row in rows)),
        ("route", *(_of(one, lambda profile: str(profile.route)) for one in profiles)),
        ("cascade", *(_cascade(one, numbers) for one, numbers in zip(profiles, shown, strict=True))),
    ]
    if game.throttling:
        columns.append(("latencies", *("-" if numbers is None else _latencies(numbers, latency) for numbers in shown)))
    columns += [
        ("users leave", *(_of(one, lambda profile: percents(profile.abandon_prob)) for one in profiles)),
        ("cost of a task", *(amount(row.provider_cost, cost, COST_DIGITS) for row in rows)),
        ("regret", *(percent(row.leader_regret_relative) for row in rows)),
        ("users' utility", *(amount(row.user_utility, latency, 4) for row in rows)),
    ]
    title = f"{scenario.name if scenario else 'game'}{', with throttling' if game.throttling else ''}"
    return "\n".join([title, "", *table(list(zip(*columns, strict=True)))])


def random_baseline(judge: Judge[Profile]) -> Baseline:
    """Judge a random commitment in the game of a judge."""
    best = judge.equilibrium.leader_cost
    regret = judge.random_cost - best
    return Baseline(
        rule=RANDOM,
        provider_cost=judge.random_cost,
        leader_regret=regret,
        leader_regret_relative=ratio(regret, abs(best)),
        normalised_score=1.0 if regret == 0 else 0.0,
        user_utility=judge.random_utility,
        profile=None,
    )


def _of(profile: RoutingProfile | None, show: Callable[[RoutingProfile], str]) -> str:
    return "-" if profile is None else show(profile)


def _latencies(shown: Shown, unit: str) -> str:
    first, second = shown.throttled_latency
    return f"{written(first)}, {written_amount(second, unit)}"


def _cascade(profile: RoutingProfile | None, shown: Shown | None) -> str:
    if profile is None or shown is None or profile.route == 2:
        return "-"
    return "any" if profile.cascade_free else handed_over(shown.cascade_prob)

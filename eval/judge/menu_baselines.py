"""Baselines in a game with many models: rules that learn nothing, judged under the users' exact best response."""

from __future__ import annotations

from collections.abc import Sequence

from routegame.agents.menus.rules import rules
from routegame.agents.menus.solved_menu import SolvedMenu
from routegame.envs.menu_game import MenuGame
from routegame.envs.scenarios import Scenario
from routegame.eval.judge.baselines import Baseline, random_baseline
from routegame.eval.judge.menu_account import COST_DIGITS, distributions, units_of
from routegame.eval.judge.menu_judge import MenuJudge, own
from routegame.numerals import amount, percent, percents
from routegame.typesetting import table


def menu_baselines(game: MenuGame) -> tuple[Baseline, ...]:
    """Judge every rule of `routegame.agents.menus.rules`, and a random commitment, in one game.

    >>> from routegame.envs.game import Game
    >>> rows = menu_baselines(MenuGame(Game(10, 9, (0.25, 0.2, 0.5), (6, 2.2, 2.5), (0.2, 0.5, 3))))
    >>> [f"{row.rule} {percent(row.leader_regret_relative)}" for row in rows if row.rule in ("analytic", "best_pair")]
    ['analytic 0 %', 'best_pair 18 %']
    """
    judge = MenuJudge(game)
    rows = []
    for name, commitment in rules(game).items():
        judgement = judge.judge(commitment, judge.best_answer, everywhere=False)
        rows.append(
            Baseline(
                rule=name,
                provider_cost=judgement.learned.provider_cost,
                leader_regret=judgement.leader_regret,
                leader_regret_relative=judgement.leader_regret_relative,
                normalised_score=judgement.normalised_score,
                user_utility=judgement.learned.user_utility,
                profile=judgement.learned,
            )
        )
    return (*rows, random_baseline(judge))


def menu_baselines_table(rows: Sequence[Baseline], game: MenuGame, scenario: Scenario | None = None) -> str:
    """The rules of one game as a table for the terminal.

    Args:
        rows: of the game.
        game: the commitments that were allowed.
        scenario: where the game comes from, for its name and units; None for a game given by its numbers.
    """
    name = scenario.name if scenario else None
    latency, cost = units_of(name)
    solved = SolvedMenu(game)
    told = []
    for row in rows:
        parts = {} if row.profile is None else distributions(solved, own(row.profile), name)
        alike = row.profile is None or len(set(own(row.profile).policy.matrix)) == 1
        first, *after = parts.values() if parts else ("-", "-")
        told.append((first, after[0] if alike else "by the model that failed"))
    columns = [
        ("rule", *(row.rule for row in rows)),
        ("first model", *(first for first, _ in told)),
        ("after a failure", *(after for _, after in told)),
        ("users leave", *("-" if row.profile is None else percents(row.profile.follower_answer) for row in rows)),
        ("cost of a task", *(amount(row.provider_cost, cost, COST_DIGITS) for row in rows)),
        ("regret", *(percent(row.leader_regret_relative) for row in rows)),
        ("users' utility", *(amount(row.user_utility, latency, 4) for row in rows)),
    ]
    title = f"{name or 'game'}{', with throttling' if game.throttling else ''}"
    return "\n".join([title, "", *table(list(zip(*columns, strict=True)))])

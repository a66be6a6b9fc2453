"""Mixes in words."""

import pytest

from routegame.agents.mixes.solved_mix import SolvedMix
from routegame.envs.task_mixes import MIXES
from routegame.eval.judge.mix_account import commitment_words, mix_account


@pytest.mark.parametrize(
    ("name", "users", "end"),
    [
        ("easy-hard-sighted", "users know which one", "A task costs 4.562; no policy costs less."),
        ("easy-hard-blind", "users do not know which one", "A task costs 4.4; no policy costs less."),
        ("subjects-sighted", "57 contexts", "A task costs $0.1186; no policy costs less."),
    ],
)
def test_accounts(name, users, end):
    account = mix_account(SolvedMix(MIXES[name].game), name)
    assert users in account.numbers and account.equilibrium.endswith(end)
    assert account.about.lower() == f"{MIXES[name].about}.".lower()
    assert mix_account(SolvedMix(MIXES[name].game), None).about == ""


def test_commitments_are_told_with_what_users_do():
    solved = SolvedMix(MIXES["easy-hard-sighted"].game)
    assert commitment_words(solved, solved.game.commitments(solved.game.starts([0.25]))[0]) == (
        "tasks that start with model 1 100 %; tasks that start with model 2 0 %; failures handed over 25 %;"
        " users who leave after a failure 0 %"
    )

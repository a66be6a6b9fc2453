"""Controls that get the response phase wrong fail as they should, and are seen to."""

import pytest
import torch

from routegame.eval.bench import check_controls
from routegame.train.learners.negative_controls import CONTROLS
from routegame.train.learners.response_reward import ResponseRewardOptions

QUICK = ResponseRewardOptions(
    leader_updates=25, refinement_updates=25, leader_batch=128, leader_tasks=256, first_trials=2**9, last_trials=2**13
)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTROLS)
def test_controls_fail_where_the_sound_learner_does_not(name):
    row = check_controls.compare(name, QUICK, seed=0)
    assert row.fails
    assert row.sound_regret < 0.08
    assert row.sound_paid > -0.02, "it is not paid below the optimum"
    assert row.regret > row.sound_regret + check_controls.CLEAR
    if name == "leader_with_memory":
        assert row.paid < -check_controls.CLEAR, "too good to be true"


def test_the_table_says_which_control_failed():
    sound = check_controls.ControlResult(
        "reward_leak", "nano-gpt5", regret=0.01, sound_regret=0.01, paid=0.0, sound_paid=0.0
    )
    spoilt = check_controls.ControlResult(
        "reward_leak", "nano-gpt5", regret=0.2, sound_regret=0.01, paid=0.0, sound_paid=0.0
    )
    lines = list(check_controls.table(iter([sound, spoilt])))
    assert len(lines) == 3
    assert lines[1].endswith("NO") and "yes: " in lines[2]

"""Advice on three models in words: within the width of a terminal, and true."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from menu_logs import ONE, PLAN, calibrated

from routegame.calibrate.decide.advice import advise
from routegame.calibrate.estimate.commitments import PolicyCell, seen_policy
from routegame.calibrate.show.menu_text import hazards, list_words, policy_words
from routegame.calibrate.show.page import advice_page
from routegame.calibrate.show.text import advice_text
from routegame.envs.policy import Policy, chain

TITLES = ("A", "B", "C")


@pytest.fixture(scope="module", params=[PLAN, ONE], ids=["several", "one"])
def advice(request, tmp_path_factory):
    return advise(calibrated(tmp_path_factory.mktemp("log"), request.param), num_draws=40)


def test_no_line_is_wider_than_a_terminal(advice):
    assert max(map(len, advice_text(advice).splitlines()[1:])) <= 80  # the first one has the log's path


def test_all_models_are_named(advice):
    text = advice_text(advice)
    assert "The log has 3 models, in the order of their numbers: 1, 2, 3." in text
    for part in ("model 1", "model 2", "model 3", "In force", "Side by side", "Assumptions"):
        assert part in text


def test_the_page_says_the_same(advice):
    page = advice_page(advice)
    assert "Side by side" in page
    assert ("By the value of a solved task" in page) == bool(advice.by_value)
    assert ("No recommendation" in page) == (advice.recommended is None)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (chain([1], [], 3), "B throughout"),
        (chain([0, 2], [1.0], 3), "A first, then C for good"),
        (chain([0, 2], [0.3], 3), "A first, and a share of its retries handed over to C"),
        (chain([2, 0, 1], [1.0, 0.3], 3), "C first, then A, and a share of its retries handed over to B"),
        (Policy.redraw([1, 0, 0], [0, 0.5, 0.5]), "A first, then B or C"),
    ],
)
def test_an_equilibrium_is_said_in_the_order_of_its_models(policy, words):
    assert list_words(policy, False, TITLES) == words


def test_users_who_leave_are_said_to():
    assert list_words(chain([1, 0], [1.0], 3), True, TITLES) == "one pass of B, and users leave"


def test_of_many_models_those_are_named_after_which_most_tasks_go_on():
    starts, hand_overs = np.eye(8, dtype=int)[0], np.diag(np.arange(1, 9))[:, ::-1]
    cell = PolicyCell("", seen_policy(starts, hand_overs), False, starts, hand_overs, 1, 9, 0)
    said = policy_words(cell, tuple("ABCDEFGH"))
    assert said == "A first, after D E, after E D, after F C, after G B, after H A, and so on after 3 more"


def test_shares_of_leavers_stand_below_each_other_however_long_names_are():
    names = ("haiku", "gpt-4.1-nano-2025-04-14")
    rows = [{"model": name, "pass": "1", "value": 0.25} for name in names]
    log = SimpleNamespace(models=names, titles=names)
    lines = hazards(SimpleNamespace(log=log, abandonment=lambda: rows))
    assert [line.index("1: 25") for line in lines] == [27, 27]

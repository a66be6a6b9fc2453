"""Advice on tasks that differ in words: what to do, how surely, and tables that fit."""

from dataclasses import replace

import mixed_menus
import numpy as np
import pytest
from mixed_logs import APART, DRAWS, MIX, PLAN, advised
from mixed_menus import FEW, MANY, advised_on_menu

from routegame.calibrate.decide.phrases import offer_words
from routegame.calibrate.show.mix_page import mix_advice_page
from routegame.calibrate.show.mix_text import (
    leaves_text,
    mix_advice_text,
    mix_in_plain_words,
    short_words,
    shown_contexts,
)
from routegame.envs.task_mixes import drawn_apart


def test_what_to_do_comes_first_and_is_what_was_decided(mixed):
    first, gain, how, assumed = mix_in_plain_words(mixed)
    assert first.startswith("Commit by context, in easy: model 1 throughout; in hard: model 1 first and")
    assert "telling them apart gains" in gain and "%" in gain and how.startswith("This is sure: ")
    assert "taken to know the context" in assumed


def test_all_parts_are_there(mixed):
    text = mix_advice_text(mixed)
    for part in (
        "Recommended, held against 40 mixes",
        "Model 2, with 95 % intervals; shrunk",
        "Value of a solved task, with 95 % intervals; shrunk",
        "one value of a task would do",
        "solve_mix",
    ):
        assert part in text
    assert "users_know_context: Users leave otherwise" in text and "FAILS" not in text


@pytest.mark.slow
def test_a_refusal_gives_no_order(tmp_path):
    found = advised(replace(PLAN, context_visible=False), tmp_path)
    (said,) = mix_in_plain_words(found)
    assert said.startswith("No recommendation. The recommendation is for users who know")
    assert "Recommended" not in mix_advice_text(found)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_fit(mixed, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, mix_advice_text(mixed).splitlines())) <= width


def test_fifty_contexts_fit_eighty_columns_and_long_names_are_cut(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    names = tuple(f"a kind of tasks with a long name {k}" for k in range(50))
    many = replace(drawn_apart(50, 3), names=names)
    plan = replace(PLAN, game=many, commitments=((1, 0.3),), num_tasks=1200)  # one commitment: values stay open
    found = advised(plan, tmp_path)
    text = mix_advice_text(found)
    _, *lines = text.splitlines()  # the first names the file, whose path may be of any length
    assert max(map(len, lines)) <= 80 and text.count("a kind of tasks with …") == 2 * len(found.contexts)
    assert shown_contexts(found, 3) == sorted(np.argsort(-found.passes.tasks, kind="stable")[:3].tolist())


@pytest.mark.slow
def test_values_of_each_context_are_told(tmp_path):
    text = " ".join(mix_advice_text(advised(APART, tmp_path, DRAWS)).split())
    assert "Value of a solved task, with 95 % intervals" in text
    assert "one value of a task for all contexts would not do" in text


def test_commitments_to_three_models_are_said_in_full(tmp_path, monkeypatch):
    """In lines of their own, below a table without them; and on the page."""
    monkeypatch.setenv("COLUMNS", "80")
    found = advised_on_menu(replace(mixed_menus.PLAN, num_tasks=2500, commitments=(FEW, MANY)), tmp_path, 20)
    text = mix_advice_text(found)
    _, *lines = text.splitlines()
    assert max(map(len, lines)) <= 80 and "Model 3, with 95 % intervals" in text
    assert found.decision is not None
    words = offer_words(found.decision.contexts[1].commitment, found.log.titles)
    assert f" hard  {words}" in " ".join(text.split()).replace(" hard ", " hard  ")
    page = mix_advice_page(found)
    assert words in page and "model 3, with 95 % intervals" in page


def test_commitments_in_cells(mixed):
    assert [short_words(1, 0.0), short_words(1, 0.0783), short_words(2, 0.0)] == [
        "1 throughout",
        "1, 7.83 % to 2",
        "2 first",
    ]
    assert leaves_text(mixed, 0).endswith("%") and len(MIX) == 2

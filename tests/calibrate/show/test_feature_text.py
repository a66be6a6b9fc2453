"""Advice by features in words: what to do, how surely, and lines that fit."""

from dataclasses import replace

import pytest

from routegame.calibrate.show.feature_text import (
    feature_advice_text,
    features_in_plain_words,
    regression_rows,
    rule_words,
)


def test_what_to_do_comes_first_and_is_what_was_decided(featured):
    first, short, gain, how, assumed = features_in_plain_words(featured)
    assert first.startswith("Commit to what is best for each task by feature_1 and feature_2. A task then costs")
    assert short.startswith("In short: feature_") and "By this rule a task costs" in short
    assert "looking at features gains" in gain and how.startswith("This is ") and "know what is known" in assumed
    assert len(rule_words(featured.decision, featured.table.names).split(";")) == len(featured.decision.rule)


@pytest.mark.parametrize("width", [60, 80])
def test_lines_fit_and_all_parts_are_there(featured, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, *lines = feature_advice_text(featured).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    said = ("The rule, held against 20 draws", "Coefficients with standard errors", "explain them as well", "solve_mix")
    for part in said:
        assert part in text
    assert len(regression_rows(featured, featured.log.titles)) == 7 and "FAILS" not in text


def test_a_refusal_gives_no_order(featured):
    refused = replace(featured, verdict="refused", reason="the log is not of these games")
    (said,) = features_in_plain_words(refused)
    assert said == "No recommendation. The log is not of these games."
    assert "(not recommended)" in " ".join(feature_advice_text(refused).split())

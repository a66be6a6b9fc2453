"""Templates get all that they ask for, and what they show is escaped."""

import pytest
from jinja2 import UndefinedError

from routegame.eval.report.markup import element
from routegame.eval.report.page import render


def test_a_template_gets_all_that_it_asks_for(tmp_path):
    """What is missing is no empty place on a page."""
    (tmp_path / "page.html").write_text("{{ there }} {{ missing }}")
    with pytest.raises(UndefinedError, match="missing"):
        render(tmp_path / "page.html", there=1)
    (tmp_path / "page.html").write_text("<p title='{{ there }}'>{{ percent(0.5) }}</p>")
    assert render(tmp_path / "page.html", there="<'\"&") == "<p title='&lt;&#39;&#34;&amp;'>50 %</p>"


def test_charts_go_in_as_they_are_and_their_words_escaped(tmp_path):
    (tmp_path / "page.html").write_text("{{ chart | svg }}{% if number is finite %}{{ number }}{% endif %}")
    chart = element("text", "1 < 2", class_="tick")
    shown = '<text class="tick">1 &lt; 2</text>'
    assert render(tmp_path / "page.html", chart=chart, number=float("inf")) == shown
    assert render(tmp_path / "page.html", chart=chart, number=2.0) == f"{shown}2.0"

"""The page on features says what the text says, and escapes names."""

from dataclasses import replace

from routegame.calibrate.show.feature_page import feature_advice_page
from routegame.calibrate.show.page import write_advice


def test_the_page_has_the_rule_the_coefficients_and_the_verdict(featured, tmp_path):
    page = feature_advice_page(featured)
    for part in ("known by feature_1 and feature_2", "Looking at features gains", "The rule", "log-odds"):
        assert part in page
    assert all(each.part.words(featured.table.names) in page for each in featured.decision.rule)
    write_advice(featured, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


def test_names_are_escaped(featured):
    page = feature_advice_page(replace(featured, table=replace(featured.table, names=("<b>x", "y"))))
    assert "&lt;b&gt;x" in page and "<b>x" not in page

"""The page of advice: it needs nothing, harms nobody whatever the log says, fits its screen and is written whole."""

import csv
import re
from dataclasses import replace
from math import nan

import browser
import pytest
from advised import PLAN, with_in_force
from browser import Browser
from menu_logs import PLAN as MENU
from menu_logs import calibrated as calibrated_menu

from routegame.__main__ import main
from routegame.calibrate.decide.advice import advise
from routegame.calibrate.log.simulated import Segment, write_log
from routegame.calibrate.show.page import advice_page, write_advice
from routegame.whole_file import WriteError

HOSTILE = '<script>alert("1")</script>'


def test_the_page_needs_nothing_and_harms_nobody(tmp_path, capsys):
    """Names of models and segments come from the log."""
    path = tmp_path / "log.csv"
    write_log(replace(PLAN, num_tasks=1500, segments=(Segment(HOSTILE), Segment("b"))), path)
    models = ("<b onclick=x>&'", "</title><img onerror=x>")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "model": models[int(row["model"]) - 1]} for row in rows)
    out = tmp_path / "new" / "page.html"
    options = ["--churn-penalty", "15", "--draws", "20", "--models", *models, "--report", str(out)]
    assert main(["calibrate", str(path), *options]) == 0
    page = out.read_text(encoding="utf-8")
    assert "Give every task to" in capsys.readouterr().out and "What to do about log.csv" in page
    assert not any(text in page for text in ("<script", "<img", "<b onclick", *models))
    assert "&lt;b onclick=x&gt;&amp;&#39;" in page and "<title>What to do about log.csv</title>" in page
    assert "&lt;script&gt;" in page and "default-src 'none'" in page
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?(?!#)|url\(|https?://|@import", page.replace('href="#', "")) == []
    assert not (out.parent / "page.html.part").exists()


def test_the_page_fits_its_screen(advice, divided, tmp_path):
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to look at the page with")
    with Browser(tmp_path / "profile") as screen:
        for name, of in (("one", advice), ("two", divided)):
            path = tmp_path / f"{name}.html"
            path.write_text(advice_page(of), encoding="utf-8")
            for width, dark in ((390, False), (1100, True)):
                screen.open(path, width, 800, dark=dark)
                assert screen.complaints == [] and screen.requests == [path.as_uri()]
                assert screen.evaluate("document.documentElement.scrollWidth") <= width
                assert screen.evaluate("document.querySelectorAll('svg.chart').length") == 3


CUT_OFF = """[...document.querySelectorAll('.wide')]
  .filter(box => box.scrollWidth > box.clientWidth + 1 && !box.querySelector('.many')).map(box => box.ariaLabel)"""

BROKEN = """[...document.querySelectorAll('.ends thead th')].filter(head => {
  if (head.textContent.includes(' ')) return false;
  const text = document.createRange();
  text.selectNodeContents(head);
  return text.getClientRects().length > 1;
}).map(head => head.textContent)"""


def test_pages_of_many_models_contexts_and_features_fit_a_phone_and_the_paper(mixed, featured, tmp_path):
    """No table goes on where nothing says so, and no word of a head is broken; intervals and checks were cut off."""
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to look at the page with")
    menu = advise(calibrated_menu(tmp_path, MENU), num_draws=40)
    with Browser(tmp_path / "profile") as screen:
        for number, of in enumerate((menu, mixed, featured)):
            path = tmp_path / f"{number}.html"
            write_advice(of, path)
            screen.open(path, 390, 844)
            assert screen.evaluate("document.documentElement.scrollWidth") <= 390
            assert screen.evaluate(CUT_OFF) == [], number
            screen.open(path, 703, 1000)
            screen.call("Emulation.setEmulatedMedia", media="print")
            assert screen.evaluate(BROKEN) == [] and screen.evaluate("document.documentElement.scrollWidth") <= 703
            screen.call("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize(
    "route,cascade_prob,said",
    [
        (1, 0.25, "model 1 first and 25 % of retries handed over"),
        (1, 0.0, "model 1 first"),
        (1, nan, "model 1 first"),
        (2, 0.0, "model 2 first"),
    ],
)
def test_one_commitment_in_force_is_said_as_it_is(advice, route, cascade_prob, said):
    arm = replace(advice.calibration.in_force.arms[0], route=route, cascade_prob=cascade_prob)
    assert f"<td>{said}</td>" in advice_page(with_in_force(advice, arms=[arm]))


def test_of_several_the_share_of_route_1_is_said(advice):
    one = advice.calibration.in_force.arms[0]
    arms = [replace(one, route=1, tasks=30), replace(one, route=2, tasks=10)]
    assert "2 commitments; model 1 first in 75 % of tasks" in advice_page(with_in_force(advice, arms=arms))


def test_a_page_that_cannot_be_written_leaves_what_was_there(advice, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="cannot write"):
        write_advice(advice, tmp_path / "file" / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_the_page_says_that_users_differ(differing, advice):
    page = advice_page(differing)
    assert "users who would rather stay than leave" in page and "Users differ: " in page
    assert "users who would rather stay than leave" not in advice_page(advice)


@pytest.mark.slow
def test_axe_finds_nothing_serious(advice, divided, differing, mixed, featured, tmp_path):
    """On pages of two models, with segments, of users who differ, of three models, of contexts and of features."""
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to look at the page with")
    menu = advise(calibrated_menu(tmp_path, MENU), num_draws=40)
    with Browser(tmp_path / "profile") as screen:
        for number, of in enumerate((advice, divided, differing, menu, mixed, featured)):
            path = tmp_path / f"{number}.html"
            write_advice(of, path)
            for width, dark in ((1280, False), (390, True)):
                screen.open(path, width, 900, dark=dark)
                assert screen.serious_faults() == [], number

"""Pages on disk: the same bytes, harmless whatever files say, loading nothing, and fit to be seen."""

import itertools
import json
import re
import shutil

import browser
import pytest
import small_policies
from browser import Browser
from report_pages import HOSTILE, MESSAGE, change, harmless, report

from routegame.envs.checks import ParameterError
from routegame.eval.report.write import write_report


def test_the_same_files_give_the_same_bytes(made, bench, page):
    assert report(bench).raw == page.raw


def test_a_directory_of_something_else(tmp_path):
    with pytest.raises(ParameterError, match="directory must be"):
        write_report(tmp_path)
    with pytest.raises(ParameterError, match="directory must be"):
        write_report(tmp_path / "nowhere")


def test_what_files_say_is_text(bench):
    shutil.rmtree(bench / "runs")
    change(bench / "bench.json", lambda plan: plan["learners"].__setitem__(1, HOSTILE))
    change(bench / "bench.json", lambda plan: plan.update(suite=MESSAGE))
    change(bench / "leaderboard.json", lambda board: board.update(command=MESSAGE, machine=HOSTILE))
    text = (bench / "leaderboard.json").read_text()
    text = text.replace('"plugins:Raises"', json.dumps(HOSTILE)).replace('"RuntimeError: no luck"', json.dumps(MESSAGE))
    (bench / "leaderboard.json").write_text(text)
    spoiled = report(bench)
    assert spoiled.of("img") == spoiled.of("script") == []
    assert not [name for _, found in spoiled.elements for name in found if name.startswith("on")]
    assert HOSTILE in spoiled.table("Learners, the most successful first")
    assert "<script>alert(1)</script>" in spoiled.text


def test_names_of_games_and_groups_are_text(bench):
    """In headings, links, captions, attributes and the descriptions of charts."""
    for name in ("bench.json", "leaderboard.json"):
        path = bench / name
        path.write_text(path.read_text().replace('"nano-gpt5"', json.dumps(HOSTILE)))
    change(bench / "bench.json", lambda plan: plan["instances"][0].update(group=MESSAGE))
    shutil.rmtree(bench / "runs")
    spoiled = report(bench)
    assert harmless(spoiled) and spoiled.text.count(HOSTILE) > 6 and MESSAGE[:-1] in spoiled.text
    assert spoiled.of("div", aria_label=f"How runs ended in {HOSTILE}")
    assert HOSTILE.encode() not in spoiled.raw


def test_it_loads_nothing(page, run):
    for each in (page, report(run)):
        kinds = {kind for kind, _ in each.elements}
        assert not kinds & {"script", "link", "img", "iframe", "object", "embed", "image", "base"}
        assert all(found["href"].startswith("#") for _, found in each.elements if "href" in found)
        assert not [found for _, found in each.elements if found.keys() & {"src", "srcset", "data", "action"}]
        assert (
            b"http" not in each.raw.replace(b"http-equiv", b"")
            and b"url(" not in each.raw
            and b"@import" not in each.raw
        )


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    if browser.PROGRAM is None:
        pytest.skip("no Chromium is installed to look at the page with")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


LABELS = """[...document.querySelectorAll('svg.chart')].map(svg => {
  const b = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
  return texts.map(t => {
    const r = t.getBoundingClientRect();
    return [t.textContent, r.left - b.left, r.top - b.top, r.right - b.left, r.bottom - b.top, b.width, b.height];
  });
})"""


@pytest.mark.parametrize("width,dark", [(390, False), (800, False), (1280, True)])
def test_a_page_fits_its_screen(width, dark, made, run, screen):
    write_report(run)
    for path in (made / "report.html", run / "report.html"):
        screen.open(path, width, 844, dark=dark)
        assert screen.complaints == []
        assert screen.requests == [path.as_uri()]
        assert screen.evaluate("document.documentElement.scrollWidth") <= width
        assert screen.evaluate("document.documentElement.scrollHeight") > 1000
        for texts in screen.evaluate(LABELS):
            for text, left, top, right, bottom, across, up in texts:
                assert -1 <= left and -1 <= top and right <= across + 1 and bottom <= up + 1, f"{text} is cut off"
            for one, other in itertools.combinations(texts, 2):
                apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] + 2 or other[4] <= one[2] + 2
                assert apart, f"{one[0]} lies on {other[0]}"


def test_it_prints_a_game_a_page(made, screen):
    screen.open(made / "report.html", 1280, 844)
    printed = screen.pdf()
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 3
    assert len(screen.picture()) > 10_000


def test_a_run_is_printed_on_two_pages_that_are_full(run, screen):
    """Not the summary alone on a page, the game on the next, and a line of the end on a third."""
    screen.open(write_report(run), 1280, 844)
    assert len(re.findall(rb"/Type /Page\b", screen.pdf())) == 2


HINT = "getComputedStyle(document.querySelector('.many caption span'), '::after').content"


def test_tables_use_the_screen_and_say_where_they_go_on(made, screen):
    """At 1280 pixels there was a free margin beside tables that were cut off; at 390 nothing told that they were."""
    page = made / "report.html"
    screen.open(page, 1280, 900)
    assert screen.evaluate("document.querySelector('main').clientWidth") > 1200 and screen.evaluate(HINT) == "none"
    screen.open(page, 390, 844)
    assert "scroll sideways" in screen.evaluate(HINT)
    assert "linear-gradient" in screen.evaluate("getComputedStyle(document.querySelector('.wide')).backgroundImage")


def test_tables_fit_the_paper(made, screen):
    """A4 less its margins is 703 pixels wide."""
    screen.open(made / "report.html", 703, 1000)
    screen.call("Emulation.setEmulatedMedia", media="print")
    wide = "[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right).filter(x => x > 703)"
    assert screen.evaluate(wide) == [] and screen.evaluate(HINT) == "none"


@pytest.mark.slow
@pytest.mark.parametrize("width,dark", [(1280, False), (390, True)])
def test_axe_finds_nothing_serious(width, dark, made, run, screen, tmp_path):
    """On the pages of a bench, of a run that is done and of one that is not."""
    small_policies.write(tmp_path / "policy")
    write_report(tmp_path / "policy")
    for folder in (made, run, tmp_path / "policy"):
        screen.open(folder / "report.html", width, 900, dark=dark)
        assert screen.serious_faults() == [], folder.name

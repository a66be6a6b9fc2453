"""The site: what is looked for in it is found where it is wrong, links lead where they should, all pages are listed."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "docs" / "site"


@pytest.fixture
def part(monkeypatch):
    """A module of docs/site; what Sphinx is needed for is skipped where there is none, `make docs` brings it."""
    monkeypatch.setattr(sys, "path", [str(SITE), *sys.path])

    def get(name, *, needs=None):
        if needs:
            pytest.importorskip(needs, reason="make docs installs it")
        return importlib.import_module(name)

    return get


@pytest.fixture
def site(tmp_path):
    """A site of two pages whose links are right."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "picture one.png").write_bytes(b"")
    (tmp_path / "index.html").write_text(
        '<a href="deep/page.html#here">a</a> <a href="https://elsewhere.org">b</a> <a href="#top">c</a><p id="top">'
        '<img src="picture%20one.png"><img src="data:image/png;base64,AAAA">'
    )
    (tmp_path / "deep/page.html").write_text('<a id="here" href="../index.html">a</a><dt id="routegame.solve">')
    return tmp_path


def test_a_site_that_is_right_has_no_faults(part, site):
    built = part("built")
    read = built.pages(site)
    assert (len(read), list(built.broken(read)), built.missing(read, ["routegame.solve"])) == (2, [], [])


@pytest.mark.parametrize(
    "html,fault",
    [
        ('<a href="gone.html">', "leads to no file"),
        ('<a href="deep/">', "leads to no file"),
        ('<a href="deep/page.html#gone">', "no such place"),
        ('<a href="#gone">', "no such place"),
        ('<img src="gone.png">', "leads to no file"),
        ('<script src="https://cdn.example/x.js"></script>', "fetches https://cdn"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "fetches //fonts"),
    ],
)
def test_what_is_wrong_on_a_page_is_found(part, site, html, fault):
    built = part("built")
    (site / "wrong.html").write_text(html)
    (found,) = built.broken(built.pages(site))
    assert fault in found and "wrong.html" in found


def test_a_public_name_without_an_entry_is_found(part, site):
    built = part("built")
    (site / "module.html").write_text('<span id="module-routegame.envs">')
    names = ["routegame.solve", "routegame.envs", "routegame.Game"]
    assert built.missing(built.pages(site), names) == ["routegame.Game"]


def test_the_front_page_lists_every_page(part):
    """So the sidebar does, which is made of it."""
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = [name for entries in part("contents").contents(front).values() for _, name in entries]
    paths = (*ROOT.glob("docs/*.md"), *ROOT.glob("docs/results/**/*.md"))
    pages = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in paths}
    assert sorted(listed) == sorted(pages - {"index"})


def test_links_to_files_of_the_project_lead_to_their_pages(part):
    target = part("sources", needs="sphinx").target
    assert target("../tests/test_docs.py#problem", "docs/theory.md") == "source:tests/test_docs.py#problem"
    assert target("models.md", "docs/theory.md") == "models.md" and target("#top", "docs/theory.md") == "#top"
    assert target("../README.md", "docs/theory.md") == "index.md"
    assert target("../../CHANGELOG.md", "docs/results/leaderboard.md") == "../reference/changes.md"
    assert target("findings/README.md", "CONTRIBUTING.md") == "source:findings/README.md"
    assert target("docs/theory.md#the-game", "CHANGELOG.md") == "../theory.md#the-game"


def test_pictures_stay_where_they_are(part):
    link = part("sources", needs="sphinx").LINK
    found = [
        match[2] for match in link.finditer("![a](figures/a.png) [![b](b.png)](b.md) [c](c.md) [d](https://d.org)")
    ]
    assert found == [None, None, "b.md", "c.md"]


def test_an_equation_becomes_mathml(part):
    pytest.importorskip("math_core", reason="make docs installs it")
    equations = part("equations", needs="sphinx")
    assert "<mfrac>" in equations.mathml(r"\frac{c_1}{p_1}", block=True) and "≥" in equations.mathml(
        "s ≥ s_0", block=False
    )
    with pytest.raises(Exception, match="no equation"):
        equations.mathml(r"\frac{", block=False)


def test_every_name_of_the_face_is_on_a_page_of_the_reference(part):
    reference = part("reference", needs="sphinx")
    first = {}
    for module, names in reference.public_names().items():
        if module in reference.PACKAGES:
            text = reference.page(module, names, first)
            assert [name for name in names if f"\n## {name}\n" not in text] == []

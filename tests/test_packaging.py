"""Where the build finds packages: with links, without them, and where neither helps, it says so."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("agents", "envs")
EVERY = ["routegame", "routegame.agents", "routegame.envs", "routegame.envs.sampling"]


def layout(root):
    """Packages, sorted, and their folders."""
    spec = spec_from_file_location("setup", ROOT / "setup.py")
    setup = module_from_spec(spec)
    spec.loader.exec_module(setup)
    packages, folders = setup.layout(root)
    return sorted(packages), folders


def package(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()


def link(place, part):
    try:
        place.symlink_to(f"../../{part}", target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")


@pytest.fixture
def tree(tmp_path):
    """A tree with two parts, one with a package in it, and nothing that leads to them."""
    for name in ("src/routegame", "agents", "envs", "envs/sampling"):
        package(tmp_path / name)
    for name in ("tests", "docs", "envs/__pycache__"):
        (tmp_path / name).mkdir()
    for name in ("src/routegame/py.typed", "src/routegame/.DS_Store", "tests/test_envs.py"):
        (tmp_path / name).touch()
    return tmp_path


def test_links_are_followed(tree):
    for part in PARTS:
        link(tree / "src/routegame" / part, part)
    assert layout(tree) == (EVERY, {"": "src"})


def test_files_in_place_of_links_stand_for_the_folders_at_the_top(tree):
    for part in PARTS:
        (tree / "src/routegame" / part).write_text(f"../../{part}")
    assert layout(tree) == (EVERY, {"": "src", "routegame.agents": "agents", "routegame.envs": "envs"})


def test_a_source_distribution_without_links_has_nothing_in_their_place(tree):
    assert layout(tree) == (EVERY, {"": "src", "routegame.agents": "agents", "routegame.envs": "envs"})


def test_a_source_distribution_made_through_links_has_folders_in_their_place(tree):
    for part in PARTS:
        (tree / part).rename(tree / "src/routegame" / part)
    assert layout(tree) == (EVERY, {"": "src"})


def test_one_link_may_be_missing(tree):
    link(tree / "src/routegame/agents", "agents")
    (tree / "src/routegame/envs").write_text("../../envs")
    assert layout(tree) == (EVERY, {"": "src", "routegame.envs": "envs"})


@pytest.mark.parametrize("linked", [True, False])
def test_what_leads_nowhere_is_an_error(tree, linked):
    """As in an image into which src was copied without the folders beside it."""
    place = tree / "src/routegame/eval"
    if linked:
        link(place, "eval")
    else:
        place.write_text("../../eval")
    with pytest.raises(SystemExit, match=r"eval is no folder.*eval/__init__\.py at the top"):
        layout(tree)


def test_every_part_at_the_top_has_its_link():
    """Or type checkers would not see it; and a folder at the top that is no part must not be installed."""
    places = [path for path in (ROOT / "src/routegame").iterdir() if path.name.isidentifier()]
    leading = {path.name for path in places if path.is_symlink() or path.is_file()}
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == leading


def test_every_folder_with_modules_is_a_package():
    """Or it would be there in an editable installation, and in no wheel."""
    roots = [ROOT / "src/routegame", *(path.parent for path in ROOT.glob("*/__init__.py"))]
    modules = [path for root in roots for path in root.rglob("*.py")]
    assert [path for path in modules if not (path.parent / "__init__.py").exists()] == []

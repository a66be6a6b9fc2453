"""Names of environments become known by themselves, whichever is imported first, and libraries stay as they are."""

import importlib
import subprocess
import sys

import pettingzoo
import pytest

from routegame.registration import after_import

MAKE = """
print(gymnasium.make("routegame/Leader-v0").unwrapped.__class__.__name__)
print(gymnasium.make("routegame/Follower-v0").unwrapped.__class__.__name__)
print(pettingzoo.make("parallel", "routegame/routing_v0").metadata["name"])
print(pettingzoo.make("aec", "routegame/routing_v0").metadata["name"])
import inspect, sys
module = sys.modules["gymnasium.envs.registration"]
print(type(module.__loader__).__name__, module.__spec__.loader is module.__loader__, bool(inspect.getsource(module)))
print(sum(type(finder).__module__.startswith("routegame") for finder in sys.meta_path))
"""
"""Makes every environment by its name; then tells who loaded the module that was waited for, and who still waits."""


def in_a_process(code):
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.skipif(not hasattr(pettingzoo, "make"), reason="PettingZoo knows no names before 1.27")
@pytest.mark.parametrize("modules", ["routegame, gymnasium, pettingzoo", "gymnasium, pettingzoo, routegame"])
def test_libraries_know_the_names_whichever_is_imported_first(modules):
    """Loader and source of the module that was waited for are the library's own, and nothing waits any more."""
    assert in_a_process(f"import {modules}\n{MAKE}") == [
        "LeaderEnv",
        "FollowerEnv",
        "routing_v0",
        "routing_v0",
        "SourceFileLoader True True",
        "0",
    ]


def test_gymnasium_imports_and_makes_in_one_go():
    code = "import gymnasium; print(gymnasium.make('routegame:routegame/Follower-v0').unwrapped.__class__.__name__)"
    assert in_a_process(code) == ["FollowerEnv"]


# ---- what waits for a module, in this process


@pytest.fixture
def awaited(tmp_path, monkeypatch):
    """A module that can be imported and is not."""
    (tmp_path / "awaited_module.py").write_text("number = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield "awaited_module"
    sys.modules.pop("awaited_module", None)
    assert sys.meta_path == finders, "nothing waits any more"


def test_what_is_imported_already_is_told_at_once(awaited):
    told = []
    module = importlib.import_module(awaited)
    after_import(awaited, told.append)
    assert told == [module]


def test_what_is_not_is_told_once_it_is_there(awaited):
    told = []
    after_import(awaited, lambda module: told.append((module, module.number)))
    importlib.import_module("colorsys")
    assert told == []
    module = importlib.import_module(awaited)
    importlib.import_module(awaited)
    assert told == [(module, 1)] and module.__spec__.loader is module.__loader__
    assert module.__loader__.get_data(module.__file__) == b"number = 1\n"


def test_a_module_that_is_not_there_is_still_missing(awaited):
    after_import("no_such_module_at_all", lambda module: pytest.fail("it is told of"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_module_at_all")

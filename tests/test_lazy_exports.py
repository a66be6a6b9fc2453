"""Names that are imported from where they live when they are first asked for, and nothing before that."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from routegame import envs
from routegame.lazy_exports import lazy

PACKAGES = ("routegame", *(f"routegame.{name}" for name in ("envs", "agents", "train", "eval", "calibrate")))


@pytest.fixture
def face(monkeypatch):
    """A package with two names in one module, and a module of its own as a third."""
    package, home = ModuleType("mock_package"), ModuleType("mock_package.home")
    home.one, home.other, package.known = 1, object(), True
    monkeypatch.setitem(sys.modules, "mock_package", package)
    monkeypatch.setitem(sys.modules, "mock_package.home", home)
    return package, home


def test_a_name_is_looked_up_once_and_kept(face):
    package, home = face
    find, _ = lazy("mock_package", {"one": "mock_package.home", "other": "mock_package.home"})
    assert find("other") is home.other is package.other
    assert not hasattr(package, "one")


def test_a_module_of_the_package_is_a_name_too(face):
    package, home = face
    find, _ = lazy("mock_package", {"home": "mock_package.home"})
    assert find("home") is home is package.home


def test_names_are_those_to_come_and_those_there_are(face):
    _, names = lazy("mock_package", {"other": "mock_package.home"})
    assert names() == sorted(names()) and {"known", "other", "__name__"} <= set(names())
    assert "one" not in names()


def in_a_process(code):
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_are_told_the_names_that_are_found(package):
    """The imports for type checkers, the table of homes and `__all__` say the same."""
    face = import_module(package)
    tree = ast.parse(Path(face.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        (alias.name, f"{package}.{alias.name}" if node.module == package else node.module)
        for node in block.body
        for alias in node.names
    }
    call = next(node for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call))
    homes = ast.literal_eval(call.value.args[1])
    assert typed == set(homes.items())
    assert set(homes) == set(face.__all__)


def test_what_the_face_does_not_have_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'routegame.envs' has no attribute 'nothing'"):
        envs.nothing  # noqa: B018
    with pytest.raises(ImportError):
        from routegame.train import nothing  # noqa: F401


@pytest.mark.parametrize(
    "code,heavy",
    [
        ("", "numpy scipy numba gymnasium pettingzoo torch matplotlib duckdb"),
        ("routegame.solve('nano-gpt5')", "numba gymnasium torch matplotlib duckdb"),
        ("routegame.train.LEARNERS", "torch stable_baselines3 matplotlib duckdb"),
    ],
)
def test_nothing_is_imported_before_it_is_wanted(code, heavy):
    loaded = f"print(*(name for name in '{heavy}'.split() if name in sys.modules))"
    assert in_a_process(f"import sys, routegame\n{code}\n{loaded}") == []


def test_an_ordinary_log_waits_for_nothing_that_others_need():
    modules = "routegame.calibrate.estimate.calibration, routegame.calibrate.decide.advice, routegame.calibrate.log.log"
    heavy = "scipy.stats scipy.optimize matplotlib routegame.agents.mix_solver"
    loaded = f"print(*(name for name in '{heavy}'.split() if name in sys.modules))"
    assert in_a_process(f"import sys, {modules}\n{loaded}") == []

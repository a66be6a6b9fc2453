"""Imports point upstream only, and the closed forms and the sampled passes share nothing but the game."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("envs", "agents", "train", "eval")  # upstream first
TOP = {"__init__": ROOT / "src/routegame/__init__.py", "__main__": ROOT / "src/routegame/__main__.py"}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("routegame", *(part for part in parts if part != "__init__")))


MODULES = {module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
MODULES["routegame.face"] = ROOT / "src/routegame/face.py"
FREE = {"routegame.face"}  # by everyone: they import nothing of ours
DOWNSTREAM = {("routegame.train", "routegame.eval.whole_run")}  # `routegame.train.run` trains and judges


def package_of(module):
    return module.split(".")[1]


def names_imported(path):
    """Every dotted name that an import statement of a file mentions, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield from (f"{source}.{alias.name}" for alias in node.names)


@cache
def imports(module):
    """The project's modules that a module imports: the longest part of each dotted name that is a module."""
    found = set()
    for name in names_imported(MODULES[module]):
        while name and name not in MODULES and name != "routegame":
            name = name.rpartition(".")[0]
        found.add(name)
    return frozenset(found - {""})


def reached(module, beyond=()):
    """Every module of the project that a module imports, directly or through others."""
    seen, todo = set(), [module]
    while todo:
        for name in imports(todo.pop()) - seen - set(beyond):
            seen.add(name)
            todo.extend({name} & MODULES.keys())
    return seen


def test_the_modules_are_found():
    wanted = {"envs.game", "envs.chain", "envs.simulator", "agents.best_response", "agents.equilibrium"}
    assert {f"routegame.{name}" for name in wanted} <= MODULES.keys()
    wanted = {f"routegame.envs.{name}" for name in ("arrays", "checks", "game", "scenarios")}
    assert imports("routegame.envs.chain") == wanted
    assert {"routegame.envs.chain", "routegame.agents.best_response"} <= imports("routegame.agents.solution")
    assert {f"routegame.{name}" for name in PACKAGES if (ROOT / name / "__init__.py").exists()} <= MODULES.keys()


@pytest.mark.parametrize("module", sorted(FREE))
def test_what_everyone_may_import_imports_nothing_of_ours(module):
    assert imports(module) == set()


@pytest.mark.parametrize("module", sorted(MODULES.keys() - FREE))
def test_imports_point_upstream_only(module):
    """eval → train → agents → envs; the top of the package, which imports agents, is downstream of both."""
    allowed = PACKAGES[: PACKAGES.index(package_of(module)) + 1]
    for name in imports(module) - FREE:
        if (module, name) in DOWNSTREAM:
            continue
        if name == "routegame":
            assert package_of(module) in ("train", "eval"), f"{module} imports the package it is part of"
        else:
            assert package_of(name) in allowed, f"{module} imports {name}, downstream of it"


def test_no_module_imports_itself_through_others():
    """Imports inside functions and for type checkers alone count, too: they hide a circle, they do not open it."""
    assert [name for name in sorted(MODULES) if name in reached(name)] == []


def test_the_game_imports_what_checks_its_parameters_and_nothing_else_of_ours():
    """What kinds of arrays there are, and what values are allowed, is known without the game."""
    assert imports("routegame.envs.arrays") == set()
    assert imports("routegame.envs.checks") == {"routegame.envs.arrays"}
    assert imports("routegame.envs.game") == {"routegame.envs.arrays", "routegame.envs.checks"}


@pytest.mark.parametrize("one,other", [("chain", "simulator"), ("simulator", "chain")])
def test_closed_forms_and_sampled_passes_never_meet(one, other):
    assert f"routegame.envs.{other}" not in reached(f"routegame.envs.{one}")


def test_closed_forms_and_sampled_passes_share_the_game_alone():
    """Closed forms also know games by their names, which are tables."""
    names = reached("routegame.envs.scenarios") | {"routegame.envs.scenarios"}
    game = reached("routegame.envs.game") | {"routegame.envs.game"}
    assert names == game | {"routegame.envs.pairs", "routegame.envs.scenarios"}
    shared = reached("routegame.envs.chain") & reached("routegame.envs.simulator")
    assert shared == game


@pytest.mark.parametrize(
    "path",
    sorted({*MODULES.values(), *(path for path in TOP.values() if path.exists()), *ROOT.glob("tests/**/*.py")}),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nobody_imports_a_second_copy(path):
    for name in names_imported(path):
        assert name.split(".")[0] not in PACKAGES, f"import routegame.{name}, not {name}"
        assert not name.startswith("."), f"relative import {name}"

"""Imports point upstream only, and the closed forms and the sampled passes share nothing but the game."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("envs", "agents", "train", "eval", "calibrate")  # upstream first
FOLDERS = {
    "envs": ("render", "luck", "sampling", "classic", "routing", "adapters"),
    "agents": ("exact", "users", "menus", "mixes"),
    "train": ("ppo", "runs", "learners"),
    "eval": ("watch", "judge", "run", "bench", "figures", "report", "explore"),
    "calibrate": ("log", "gateway", "estimate", "decide", "contexts", "features", "show"),
}
"""Folders of each package, from the lowest floor up."""
FULLEST = 14
"""As many modules may a folder hold: what can be read at a glance."""
TOP = sorted((ROOT / "src/routegame").glob("*.py"))
COMMANDS = sorted((ROOT / "src/routegame/commands").glob("*.py"))
GATEWAY = sorted((ROOT / "src/routegame/gateway").glob("*.py"))


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("routegame", *(part for part in parts if part != "__init__")))


MODULES = {module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
FREE = {
    f"routegame.{name}" for name in ("lazy_exports", "numerals", "typesetting", "whole_file")
}  # they import nothing of ours
MODULES |= {name: ROOT / "src" / f"{name.replace('.', '/')}.py" for name in FREE}
DOWNSTREAM = {
    ("routegame.train", f"routegame.eval.{name}") for name in ("train_and_judge", "train_policy")
}  # `routegame.train.run` trains and judges
CHAIN, SIMULATOR = "routegame.envs.chain", "routegame.envs.sampling.simulator"


def package_of(module):
    return module.split(".")[1]


@cache
def names_imported(path):
    """Every dotted name that an import statement of a file mentions, wherever in the file it stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            found |= {f"{source}.{alias.name}" for alias in node.names}
    return frozenset(found)


def importers(wrong, modules=MODULES):
    """What is wrong in the imports of each module, of those in which something is; `wrong` tells it of the names."""
    told = {module: {name for name in names_imported(path) if wrong(name)} for module, path in modules.items()}
    return {module: names for module, names in told.items() if names}


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
    wanted = {"envs.game", "envs.chain", "envs.sampling.simulator", "agents.exact.equilibrium", "calibrate.log.log"}
    assert {f"routegame.{name}" for name in wanted} <= MODULES.keys()
    wanted = {f"routegame.envs.{name}" for name in ("arrays", "checks", "game", "scenarios")}
    assert imports(CHAIN) == wanted
    assert {CHAIN, "routegame.agents.exact.best_response"} <= imports("routegame.agents.exact.solution")
    assert {f"routegame.{name}" for name in PACKAGES if (ROOT / name / "__init__.py").exists()} <= MODULES.keys()


@pytest.mark.parametrize("module", sorted(FREE))
def test_what_everyone_may_import_imports_nothing_of_ours(module):
    assert imports(module) == set()


def test_imports_point_upstream_only():
    """calibrate → eval → train → agents → envs; the top of the package, which imports agents, is downstream of both."""
    for module in sorted(MODULES.keys() - FREE):
        allowed = PACKAGES[: PACKAGES.index(package_of(module)) + 1]
        for name in imports(module) - FREE:
            if (module, name) in DOWNSTREAM:
                continue
            if name == "routegame":
                assert package_of(module) in PACKAGES[2:], f"{module} imports the package it is part of"
            else:
                assert package_of(name) in allowed, f"{module} imports {name}, downstream of it"


def test_nobody_imports_the_command_line():
    """It is the most downstream of all, and whatever it can do can be done without it."""
    assert importers(lambda name: name.startswith(("routegame.commands", "routegame.__main__"))) == {}


@pytest.mark.parametrize("path", GATEWAY, ids=lambda path: path.name)
def test_what_stands_in_a_gateway_is_light_and_knows_one_gateway_at_most(path):
    """It imports the game's side of the project and itself, and a gateway only where it is named after it."""
    names = names_imported(path)
    ours = {name for name in names if name.startswith("routegame.")} - {"routegame.lazy_exports.lazy"}
    assert all(name.startswith(("routegame.envs.", "routegame.gateway.")) for name in ours)
    assert {"litellm"} & {name.split(".")[0] for name in names} <= {path.stem}


def test_nobody_needs_what_stands_in_a_gateway():
    assert importers(lambda name: name.startswith("routegame.gateway")) == {}


def test_commands_share_their_arguments_and_nothing_else():
    for path in COMMANDS:
        own = {name for name in names_imported(path) if name.startswith("routegame.commands.")}
        assert {name.split(".")[2] for name in own} <= {"arguments", "parser"}, path.name


def test_no_module_imports_itself_through_others():
    """Imports inside functions and for type checkers alone count, too: they hide a circle, they do not open it."""
    assert [name for name in sorted(MODULES) if name in reached(name)] == []


def test_the_game_imports_what_checks_its_parameters_and_nothing_else_of_ours():
    """What kinds of arrays there are, what values are allowed and what a copy shows is known without the game."""
    assert imports("routegame.envs.arrays") == set()
    assert imports("routegame.envs.checks") == {"routegame.envs.arrays"}
    assert imports("routegame.envs.copies") == set()
    assert imports("routegame.envs.game") == {f"routegame.envs.{name}" for name in ("arrays", "checks", "copies")}


@pytest.mark.parametrize("one,other", [(CHAIN, SIMULATOR), (SIMULATOR, CHAIN)])
def test_closed_forms_and_sampled_passes_never_meet(one, other):
    assert {one, other} <= MODULES.keys() and other not in reached(one)


def test_closed_forms_and_sampled_passes_share_the_game_alone():
    """Closed forms also know games by their names, which are tables."""
    names = reached("routegame.envs.scenarios") | {"routegame.envs.scenarios"}
    game = reached("routegame.envs.game") | {"routegame.envs.game"}
    assert names == game | {
        f"routegame.envs.{name}" for name in ("measurements", "model_menus", "model_pairs", "scenarios")
    }
    shared = reached(CHAIN) & reached(SIMULATOR)
    assert shared == game


def room_of(module):
    """The folder that a module lies in, as its dotted name; a module right under its package is a room by itself."""
    package, *inner = module.split(".")[1:]
    return ".".join((package, inner[0]))


ROOMS = {module: room_of(module) for module in MODULES.keys() - FREE if module.count(".") > 1}
"""Rooms of modules; a package itself, whose face shows what is inside, is in none."""


def rooms_entered(room):
    """Other rooms that modules of a room import from."""
    found = {ROOMS[name] for module in ROOMS if ROOMS[module] == room for name in imports(module) & ROOMS.keys()}
    return found - {room}


def test_folders_are_those_that_are_listed():
    for package in PACKAGES:
        folders = {path.parent.name for path in (ROOT / package).glob("*/*.py")}
        assert folders == set(FOLDERS[package]), package
        assert not list((ROOT / package).glob("*/*/*.py")), f"{package} has folders in folders"


@pytest.mark.parametrize("package", PACKAGES)
def test_between_folders_of_a_package_no_arrow_points_up(package):
    """Every folder has a floor: it imports from folders of its package on lower floors, never from one above it."""
    for floor, folder in enumerate(FOLDERS[package]):
        below = {f"{package}.{name}" for name in FOLDERS[package][:floor]}
        above = {f"{package}.{name}" for name in FOLDERS[package][floor:]} - {f"{package}.{folder}"}
        assert not rooms_entered(f"{package}.{folder}") & above, f"{package}/{folder} may import from {below} alone"


def test_between_rooms_there_is_no_circle():
    """Whatever a room leads to, through modules right under a package as well, it does not lead back to itself."""
    left = {room: rooms_entered(room) for room in set(ROOMS.values())}
    while ground := [room for room, entered in left.items() if not entered & left.keys()]:
        for room in ground:
            del left[room]
    assert left == {}


def test_no_folder_of_judging_or_calibrating_is_too_full_to_read():
    for package in ("eval", "calibrate"):
        for folder in ((ROOT / package), *(ROOT / package / name for name in FOLDERS[package])):
            modules = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
            assert len(modules) <= FULLEST, f"{folder.relative_to(ROOT)} holds {len(modules)} modules"


def test_calibrating_knows_nothing_of_training():
    """Neither directly nor through others: a log becomes a decision without torch."""
    modules = sorted(name for name in MODULES if name.startswith("routegame.calibrate"))
    assert [name for name in modules if any(met.startswith("routegame.train") for met in reached(name))] == []


def test_nobody_imports_a_second_copy():
    """`import envs` instead of `import routegame.envs` would be one, and a relative import leads to one."""
    paths = {*MODULES.values(), *TOP, *COMMANDS, *GATEWAY, *ROOT.glob("tests/**/*.py")}
    files = {path.relative_to(ROOT).as_posix(): path for path in paths}
    assert len(files) > 700
    assert importers(lambda name: name.split(".")[0] in PACKAGES or name.startswith("."), files) == {}

"""Pages of the reference, written before Sphinx reads: every public name, every command, and the project's own two."""

import ast
import contextlib
import inspect
import io
import os
import re
import textwrap
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.ext.autodoc.mock import mock
from sphinx.pycode import ModuleAnalyzer

from routegame.__main__ import main
from routegame.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("routegame", *(f"routegame.{name}" for name in ("envs", "agents", "train", "eval", "calibrate", "gateway")))
MODULES = {"routegame.gateway.litellm": ("CommitmentStrategy", "TurnLogger")}
"""Modules that are public without being a package's face, and their public names."""

PAGES = {f"reference/{name}": name for name in (*PACKAGES, *MODULES)} | {
    "reference/commands": "The command line",
    "reference/contributing": "Contributing",
    "reference/changes": "Changes",
}
"""Names of the pages and their titles."""


def public_names() -> dict[str, tuple[str, ...]]:
    """Return the names that each public module has."""
    return {package: tuple(import_module(package).__all__) for package in PACKAGES} | MODULES


def home(package: str, name: str) -> str:
    """Return the module that a package has a name from."""
    body = ast.walk(ast.parse(inspect.getsource(import_module(package))))
    return next(
        node.module
        for node in body
        if isinstance(node, ast.ImportFrom) and node.module and name in (alias.name for alias in node.names)
    )


def about(docstring: str | None) -> str:
    """Return a module's docstring, which is Markdown, for a place below a heading of the second level."""
    return re.sub(r"^(#+ )", r"#\1", inspect.cleandoc(docstring or ""), flags=re.MULTILINE) + "\n"


def directive(text: str) -> str:
    """Return reStructuredText for a page of Markdown."""
    return f"```{{eval-rst}}\n{text}\n```\n"


def entry(package: str, name: str, first: Mapping[int, str]) -> str:
    """Return the entry of a public name; see `page`."""
    found = getattr(import_module(package), name)
    if isinstance(found, ModuleType) and found.__name__ in PACKAGES:
        return f"The package [{found.__name__}]({found.__name__}.md).\n"
    if isinstance(found, ModuleType):
        module = f".. py:module:: {found.__name__}\n"
        parts = [directive(module), about(found.__doc__)]
        for part in public_parts(found):
            parts.append(directive(f".. auto{kind(getattr(found, part))}:: {part}\n   :members:"))
        return "\n".join((*parts, directive(f".. py:currentmodule:: {package}")))
    if id(found) in first:
        return directive(f".. py:{kind(found)}:: {name}\n\n   The same as :py:obj:`{first[id(found)]}`.")
    if kind(found) == "data":
        docs = ModuleAnalyzer.for_module(home(package, name)).find_attr_docs()["", name]
        return directive(f".. py:data:: {name}\n\n" + textwrap.indent("\n".join(docs), "   "))
    return directive(f".. auto{kind(found)}:: {name}" + ("\n   :members:" if inspect.isclass(found) else ""))


def kind(found: object) -> str:
    """Return what Sphinx calls an object."""
    if inspect.isclass(found):
        return "exception" if issubclass(found, Exception) else "class"
    return "function" if callable(found) else "data"


def public_parts(module: ModuleType) -> list[str]:
    """Return what a module that is a public name itself defines, in its order."""
    tags = ModuleAnalyzer.for_module(module.__name__).find_tags()
    return [name for name in tags if "." not in name and not name.startswith("_")]


def page(package: str, names: tuple[str, ...], first: dict[int, str]) -> str:
    """Return a page of the reference: what a module says of itself, and an entry for each of its names.

    Args:
        package: the module.
        names: what it exports.
        first: where objects already have their entry, by identity; filled.
    """
    module = import_module(package)
    parts = [f"# {package}\n", directive(f".. py:module:: {package}"), about(module.__doc__)]
    for name in names:
        parts += [f"## {name}\n", entry(package, name, first)]
        first.setdefault(id(getattr(module, name)), f"{package}.{name}")
    return "\n".join(parts)


def help_of(command: str) -> str:
    """Return what a command prints about itself, for a hundred columns."""
    printed, columns = io.StringIO(), os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "100"
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main([command, "--help"])
    os.environ.pop("COLUMNS") if columns is None else os.environ.update(COLUMNS=columns)
    return printed.getvalue()


def commands() -> str:
    """Return the page of the command line."""
    page = ["# The command line\n\nWhat each command prints with `--help`.\n"]
    for name, about in COMMANDS.items():
        page.append(f"## routegame {name}\n\n{about[0].upper()}{about[1:]}.\n\n```text\n{help_of(name)}```\n")
    return "\n".join(page)


def write(app: Sphinx, config: Config) -> None:
    """Write all pages into docs/reference; those that are as they should be are not touched."""
    first: dict[int, str] = {}
    with mock(config.autodoc_mock_imports):
        pages = {f"{name}.md": page(name, names, first) for name, names in public_names().items()}
    pages["commands.md"] = commands()
    pages["contributing.md"] = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    pages["changes.md"] = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.add_config_value("reference_pages", PAGES, "env")
    app.connect("config-inited", write)
    return {"parallel_read_safe": True}

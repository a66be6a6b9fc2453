"""Links that leave docs/ lead to pages of the site, too: to what a file of the project holds, at what # names."""

import ast
import inspect
import posixpath
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"!\[[^]]*\]\([^()]*\)|(\]\()([^()\s:]+)(\))")
"""A link, with what stands before, in and after its target; or a picture, which stays as it is."""

MOVED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "reference/contributing.md",
    "CHANGELOG.md": "reference/changes.md",
}
"""Files outside docs/ that are pages of the site."""

needed: set[str] = set()
"""Files that links lead to, as paths from the root of the project."""

SHOWN = {".py": "python", ".md": "md", ".txt": "none"}
"""Endings of files that have a page, and the language that they are in; other files are copied."""


def target(link: str, page: str) -> str:
    """Return where a link of a page leads on the site.

    Args:
        link: as written, relative to the file that the page is made of.
        page: that file, as a path from the root of the project.

    >>> target("../envs/game.py#Game", "docs/theory.md"), target("theory.md", "docs/models.md")
    ('source:envs/game.py#Game', 'theory.md')
    >>> target("../CONTRIBUTING.md", "docs/index.md"), target("docs/theory.md", "CONTRIBUTING.md")
    ('reference/contributing.md', '../theory.md')
    """
    name, _, anchor = link.partition("#")
    if not name:
        return link
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), name))
    below = MOVED.get(path, path.removeprefix("docs/") if path.startswith("docs/") else "")
    if not below.endswith(".md"):
        return f"source:{path}" + (f"#{anchor}" if anchor else "")
    here = posixpath.dirname(MOVED.get(page, page.removeprefix("docs/")))
    return posixpath.relpath(below, here or ".") + (f"#{anchor}" if anchor else "")


def redirect(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let the links of a page lead to the site."""
    moved = {name.removesuffix(".md"): path for path, name in MOVED.items() if name != "index.md"}
    if Path(app.env.doc2path(docname)).suffix == ".md":
        page = moved.get(docname, f"docs/{docname}.md")
        source[0] = LINK.sub(lambda link: link[1] + target(link[2], page) + link[3] if link[1] else link[0], source[0])


def address(path: str, anchor: str, page: str) -> str:
    """Return the address of a file, or of the page that shows it, relative to `page`, and note that it is needed."""
    if not (ROOT / path).is_file():
        raise FileNotFoundError(f"{page} links to {path}, which is no file")
    needed.add(path)
    ending = ".html" if Path(path).suffix in SHOWN else ""
    return posixpath.relpath(f"source/{path}{ending}", posixpath.dirname(page) or ".") + (anchor and f"#{anchor}")


def point(app: Sphinx, doctree: nodes.document) -> None:
    """Give links to files their addresses."""
    for link in doctree.findall(nodes.reference):
        if link.get("refuri", "").startswith("source:"):
            path, _, anchor = link["refuri"].removeprefix("source:").partition("#")
            link["refuri"] = address(path, anchor, app.env.docname)


def linkcode_resolve(domain: str, info: dict[str, str]) -> str | None:
    """Return where an entry of the reference has its source, relative to the reference."""
    if domain != "py" or not info["module"]:
        return None
    found: object = import_module(info["module"])
    for part in filter(None, info["fullname"].split(".")):
        found = inspect.getattr_static(found, part, None) if inspect.isclass(found) else getattr(found, part, None)
    found = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
    found = inspect.unwrap(found) if callable(found) else found
    if not (inspect.isclass(found) or inspect.isfunction(found)):
        return None
    path = Path(inspect.getsourcefile(found) or "").resolve()
    if not path.is_relative_to(ROOT) or "<" in found.__qualname__:
        return None
    return address(path.relative_to(ROOT).as_posix(), found.__qualname__, "reference/page")


def definitions(tree: ast.AST, within: str = "") -> Iterator[tuple[int, str]]:
    """Yield the line, from 1, and the dotted name of every class and function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield first, within + node.name
            yield from definitions(node, f"{within}{node.name}.")


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield a page for every file that links lead to, or copy it."""
    for path in sorted(needed):
        suffix = Path(path).suffix
        if suffix not in SHOWN:
            copy = Path(app.outdir) / "source" / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, copy)
            continue
        text = (ROOT / path).read_text(encoding="utf-8")
        shown = app.builder.highlighter.highlight_block(text, SHOWN[suffix])
        if suffix == ".py":
            lines = shown.splitlines(keepends=True)
            for number, name in definitions(ast.parse(text)):
                lines[number - 1] = f'<a class="definition" id="{name}"></a>' + lines[number - 1]
            shown = "".join(lines)
        yield f"source/{path}", {"title": path, "body": f'<h1 class="source">{path}</h1>\n{shown}'}, "page.html"


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.config.linkcode_resolve = linkcode_resolve
    app.connect("source-read", redirect, priority=400)
    app.connect("doctree-read", point)
    app.connect("html-collect-pages", source_pages)
    return {"parallel_read_safe": False}

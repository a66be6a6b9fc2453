"""What the site's sidebar lists: what docs/index.md links to, heading by heading, and then the reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
ENTRY = re.compile(r"^- \[([^]]+)\]\(([\w/]+)\.md\)", re.MULTILINE)


def contents(text: str) -> dict[str, list[tuple[str, str]]]:
    r"""Return of each section of the front page the pages that its list begins with: title and name.

    >>> contents("# Site\n\n## Start\n\n- [Five minutes](five_minutes.md): install.\n\n## Else\n\nNothing.\n")
    {'Start': [('Five minutes', 'five_minutes')]}
    """
    _, *parts = HEADING.split(text)
    sections = {title: ENTRY.findall(section) for title, section in zip(parts[::2], parts[1::2], strict=True)}
    return {title: entries for title, entries in sections.items() if entries}


def add_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """Append to the front page, unseen, what Sphinx makes the sidebar of."""
    if docname != app.config.root_doc:
        return
    reference = [(title, name) for name, title in app.config.reference_pages.items()]
    sections = contents(source[0]) | {"Reference": reference}
    for title, entries in sections.items():
        listed = "\n".join(f"{text} <{name}>" for text, name in entries)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{listed}\n```\n"


def open_explorer(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let the page of the explorer begin with the explorer itself, which `make docs` writes beside it."""
    if docname == "explore":
        title, rest = source[0].split("\n", 1)
        source[0] = f'{title}\n\n<p><a href="explorer.html">Open the explorer</a></p>\n{rest}'


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("source-read", add_contents)
    app.connect("source-read", open_explorer)
    return {"parallel_read_safe": False}

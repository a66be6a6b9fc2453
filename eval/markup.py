"""Elements of a page, HTML or SVG. Text goes in as it is and is escaped on the way out, once, here."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

Content = Element | str | None
"""What an element may hold; None is nothing."""


def element(tag: str, *content: Content, **attributes: object) -> Element:
    """Return an element with its content in order.

    Args:
        tag: its name.
        content: elements and texts.
        attributes: by name, `_` for `-` and a last `_` dropped, so that `class_` works; None leaves one out.

    >>> page_text(element("p", "1 < 2, ", element("b", "sure"), class_="note"))
    '<p class="note">1 &lt; 2, <b>sure</b></p>'
    """
    named = {name.rstrip("_").replace("_", "-"): str(v) for name, v in attributes.items() if v is not None}
    made = Element(tag, named)
    last: Element | None = None
    for part in content:
        if isinstance(part, Element):
            made.append(part)
            last = part
        elif part and last is None:
            made.text = (made.text or "") + part
        elif part and last is not None:
            last.tail = (last.tail or "") + part
    return made


def table(caption: str, head: Sequence[Content], body: Sequence[Sequence[Content]], **attributes: object) -> Element:
    """Return a table in a box of its own that scrolls, so that the page does not; first cells head their rows.

    Args:
        caption: what it shows.
        head: of the columns.
        body: rows of cells, each as an element or its text; an element `td` is a cell already.
        attributes: of the table.
    """
    rows = [
        element(
            "tr", element("th", element("span", first, class_="name"), scope="row"), *(_cell(cell) for cell in rest)
        )
        for first, *rest in body
    ]
    columns = element("tr", *(element("th", name, scope="col") for name in head))
    whole = element(
        "table",
        element("caption", caption),
        element("thead", columns),
        element("tbody", *(_on_a_line(row) for row in rows)),
        **attributes,
    )
    return element("div", whole, class_="wide", role="region", aria_label=caption, tabindex=0)


def _cell(content: Content) -> Element:
    return content if isinstance(content, Element) and content.tag == "td" else element("td", content)


def _on_a_line(row: Element) -> Element:
    row.tail = "\n"
    return row


def page_text(whole: Element) -> str:
    """Return an element as text."""
    return tostring(whole, encoding="unicode", method="html")

"""Elements of drawings, in SVG. Text goes in as it is and is escaped on the way out, once, here."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring


def element(tag: str, *content: Element | str, **attributes: object) -> Element:
    """Return an element.

    Args:
        tag: its name.
        content: a text, or elements in order.
        attributes: by name, `_` for `-` and a last `_` dropped, so that `class_` works.

    >>> markup_text(element("g", element("text", "1 < 2", class_="tick", x=3), aria_hidden="true"))
    '<g aria-hidden="true"><text class="tick" x="3">1 &lt; 2</text></g>'
    """
    made = Element(tag, {name.rstrip("_").replace("_", "-"): str(value) for name, value in attributes.items()})
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        else:
            made.text = (made.text or "") + part
    return made


def markup_text(whole: Element) -> str:
    """Return an element as it stands in a page."""
    return tostring(whole, encoding="unicode", method="html")

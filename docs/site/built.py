"""What must hold of the site that was built: links lead somewhere, public names have entries, all of it is local."""

import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}
"""Attributes that make a browser fetch something by itself."""


class Page(HTMLParser):
    """The links, the anchors and what is fetched of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        known = {name: value for name, value in attrs if value is not None}
        if "id" in known:
            self.anchors.add(known["id"])
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag in FETCHED and FETCHED[tag] in known:
            self.fetched.append(known[FETCHED[tag]])


def pages(site: Path) -> dict[Path, Page]:
    """Return all pages of a site by their files."""
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.resolve().rglob("*.html"))}


def broken(read: dict[Path, Page]) -> Iterator[str]:
    """Yield what is wrong with each link that leads nowhere, and each thing that is fetched from elsewhere."""
    for path, page in read.items():
        for address in (*page.links, *page.fetched):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.fetched and parts.scheme != "data":
                    yield f"{path}: fetches {address}"
                continue
            found = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not found.is_file():
                yield f"{path}: {address} leads to no file"
            elif parts.fragment and found in read and unquote(parts.fragment) not in read[found].anchors:
                yield f"{path}: {address} leads to no such place"


def missing(read: dict[Path, Page], names: Iterable[str]) -> list[str]:
    """Return the names that have no entry on any page; a module's begins with `module-`."""
    anchors = {anchor.removeprefix("module-") for page in read.values() for anchor in page.anchors}
    return sorted(set(names) - anchors)


def main(site: Path) -> int:
    """Print what is wrong with a site, and how much there is of it; return 1 if anything is."""
    from reference import public_names

    read = pages(site)
    names = [f"{module}.{name}" for module, found in public_names().items() for name in found]
    wrong = [*broken(read), *(f"{name}: has no entry in the reference" for name in missing(read, names))]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    links = sum(len(page.links) + len(page.fetched) for page in read.values())
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) / 1e6
    print(f"{site}: {len(read)} pages, {size:.1f} MB, {links} links, {len(names)} public names, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

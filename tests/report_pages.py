"""Pages of benches and runs as a reader meets them, and files that are spoiled on the way."""

import json
import re
from html.parser import HTMLParser

import numpy as np

from routegame.eval.report.write import write_report

LEARNERS = ("plugins:Plain", "plugins:Raises", "plugins:Liar")


GAMES = ("nano-gpt5", "figure-5-throttle")


class Page(HTMLParser):
    """What a page has: tables by caption, as rows of texts; elements with their attributes; all of its text."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.tables, self.text, self._inside, self._row = [], {}, "", [], None
        self.raw = path.read_bytes()
        self.feed(self.raw.decode())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._inside.append(tag)
        if tag == "table":
            self._caption, self._rows = "", []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        while self._inside.pop() != tag:
            pass
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data):
        if "style" in self._inside:
            return
        self.text += data
        if "caption" in self._inside:
            self._caption += data
        elif {"td", "th"} & set(self._inside):
            self._rows[-1][-1] += f" {data}" if self._inside[-1] == "small" else data

    def table(self, start):
        """The body of the table whose caption starts so, by first cell."""
        rows = next(rows for caption, rows in self.tables.items() if caption.startswith(start))
        return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[1:]}

    def of(self, tag, **attributes):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [found for kind, found in self.elements if kind == tag and wanted.items() <= found.items()]


def report(directory):
    return Page(write_report(directory))


def rows_of(directory):
    board = json.loads((directory / "leaderboard.json").read_text())
    return [dict(zip(board["columns"], row, strict=True)) for row in board["rows"]]


def change(path, edit):
    """Edit a JSON file in place."""
    document = json.loads(path.read_text())
    edited = edit(document)
    path.write_text(json.dumps(document if edited is None else edited))


HOSTILE = "<img src=x onerror=alert(1)>'\"&amp;"


MESSAGE = "</td></style><script>alert(1)</script>]]> \ud800"


def harmless(page):
    names = [name for _, found in page.elements for name in found]
    return page.of("img") == page.of("script") == [] and not any(name.startswith("on") for name in names)


def points(d):
    """The places of a path of M, L, H and V."""
    across, up, found = 0.0, 0.0, []
    for kind, numbers in re.findall(r"([MLHV])([-0-9. ]+)", d):
        values = [float(number) for number in numbers.split()]
        across, up = (values[0], up) if kind == "H" else (across, values[0]) if kind == "V" else values
        found.append((across, up))
    return np.array(found)

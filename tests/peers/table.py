"""The table of what learners of other libraries came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from routegame.numerals import plural

GOOD = 0.01
"""Relative regret of a success, and the largest gap of its users."""


def table(rows: Sequence[dict[str, str]], suites: Mapping[str, str]) -> str:
    """Return Markdown: a line for each learner, with what it came to in each suite, and one for each learner and game.

    Args:
        rows: of runs.
        suites: of games, by name.
    """
    lines = [
        "# Learners of other libraries, run by run",
        "",
        f"{len(rows)} runs, judged exactly. Made by",
        "",
        "    make peers",
        "",
        "and explained on the page about [learners of other libraries](../peers.md). Regret and users' gap are medians"
        " over seeds.",
        "",
        "Runs within 1 % of the optimum, whose users are certified, and the median regret over all runs of a suite:",
        "",
        *by_suite(rows, suites),
        "",
        "Game by game:",
        "",
        "| learner | game | within 1 % and certified | regret | of what it still tries | users' gap | passes | CPU |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for learner, game in dict.fromkeys((row["learner"], row["game"]) for row in rows):
        alike = [row for row in rows if (row["learner"], row["game"]) == (learner, game)]
        good = sum(succeeds(row) for row in alike)
        lines.append(
            f"| `{learner}` | {game} | {good} of {len(alike)} | {spread([float(row['regret']) for row in alike])}"
            f" | {share(median(float(row['regret_sampled']) for row in alike))}"
            f" | {spread([float(row['follower_gap']) for row in alike])}"
            f" | {median(int(row['passes']) for row in alike):.1e}"
            f" | {median(float(row['cpu_seconds']) for row in alike):.0f} s |"
        )
    return "\n".join(lines) + "\n"


def by_suite(rows: Sequence[dict[str, str]], suites: Mapping[str, str]) -> list[str]:
    """Return the lines of a table of learners and suites."""
    names = list(dict.fromkeys(suites.values()))
    lines = ["| learner | " + " | ".join(f"`{name}`" for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for learner in dict.fromkeys(row["learner"] for row in rows):
        cells = []
        for name in names:
            alike = [row for row in rows if row["learner"] == learner and suites[row["game"]] == name]
            games = len({row["game"] for row in alike})
            good = sum(map(succeeds, alike))
            middle = share(median(float(row["regret"]) for row in alike)) if alike else ""
            cells.append(f"{good} of {len(alike)}, {middle} ({plural(games, 'game')})" if alike else "–")
        lines.append(f"| `{learner}` | " + " | ".join(cells) + " |")
    return lines


def succeeds(row: dict[str, str]) -> bool:
    """Whether a run is within 1 %, and its users within 1 % of their best answer."""
    return float(row["regret"]) <= GOOD and float(row["follower_gap"]) <= GOOD


def spread(shares: Sequence[float]) -> str:
    """Return the median, and the smallest and the largest of several."""
    middle = share(median(shares))
    return middle if len(shares) == 1 else f"{middle} ({share(min(shares))} to {share(max(shares))})"


def share(value: float) -> str:
    """Return a share in percent with two digits."""
    return f"{100 * value:.2g} %" if value < 1 else f"{100 * value:.0f} %"

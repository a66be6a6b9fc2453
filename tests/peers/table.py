"""The table of what learners of other libraries came to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from statistics import median

from routegame.numerals import plural

GOOD = 0.01
"""Relative regret of a success, and the largest gap of its users."""

SETTLED = 0.02
"""How far the regret of what is still tried may be from a policy's own, where it has settled."""

ENDINGS = ("users alone", "wrong route", "too many", "too few", "as many", "other weights")
"""Ways to miss the optimum; "as many" are runs that slow models down otherwise."""


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
        "How the others end. *Settled* is who tries nothing else any more: the mean regret of what its policies would"
        f" still try is within {share(SETTLED)} of their own. *Users alone*: the provider is within 1 %, and its users"
        " are not. Of two models a run ends at the wrong route, or hands too many or too few failures over; of more,"
        " with other weights. *Drop* is how much rarer users leave at twice the equilibrium's cascade probability than"
        " at half of it, the median of runs on games where at their best they change from 1 to 0 in between:",
        "",
        *by_ending(rows),
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


def by_ending(rows: Sequence[dict[str, str]]) -> list[str]:
    """Return the lines of a table of learners and the ways in which their runs miss the optimum."""
    lines = [
        "| learner | not within 1 % or not certified | settled | " + " | ".join(ENDINGS) + " | drop |",
        "|---" * (len(ENDINGS) + 4) + "|",
    ]
    for learner in dict.fromkeys(row["learner"] for row in rows):
        own = [row for row in rows if row["learner"] == learner]
        alike = [row for row in own if not succeeds(row)]
        settled = sum(abs(float(row["regret_sampled"]) - float(row["regret"])) <= SETTLED for row in alike)
        ways = [ending(row) for row in alike]
        drops = [drop for row in own if (drop := drop_at_edge(row)) is not None]
        felt = f"{median(drops):.2f} of {len(drops)}" if drops else "–"
        counts = " | ".join(str(ways.count(way)) for way in ENDINGS)
        lines.append(f"| `{learner}` | {len(alike)} of {len(own)} | {settled} | {counts} | {felt} |")
    return lines


def ending(row: dict[str, str]) -> str:
    """Return the way in which a run misses the optimum."""
    found, best = json.loads(row["commitment"]), json.loads(row["equilibrium"])
    if float(row["regret"]) <= GOOD:
        return "users alone"
    if "route" not in found:
        return "other weights"
    if found["route"] != best["route"]:
        return "wrong route"
    if found["cascade_prob"] != best["cascade_prob"]:
        return "too many" if found["cascade_prob"] > best["cascade_prob"] else "too few"
    return "as many"


def drop_at_edge(row: dict[str, str]) -> float | None:
    """Return how much rarer users leave on the far side of an edge; None without one."""
    said, best = json.loads(row["aside"] or "{}"), json.loads(row["best_aside"] or "{}")
    if not best or (best["0.5"], best["2.0"]) != (1, 0):
        return None
    return said["0.5"] - said["2.0"]


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

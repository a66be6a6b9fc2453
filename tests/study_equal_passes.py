"""The project's learners beside every baseline at equal passes, on suites that are hard: `make needle`.

Every learner plays every game, by its default options or by such as follow its name: `bc_hg,temperature=0.05`. Then
every baseline plays it until it has had as many passes, and its last choice besides. What came of each run is a line of
a file, so that the study goes on where it was stopped; when all are there it prints who succeeded, and the probability
that a run of the learner beats one of the baseline: suite by suite, and for all of them together where there are
several.
"""

from __future__ import annotations

import argparse
import ast
import csv
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from math import isnan
from pathlib import Path

from equal_passes import searched
from trained import trained

from routegame.envs.checks import ParameterError
from routegame.eval.bench.suites import Instance, instances
from routegame.eval.judge.judges import judge_of
from routegame.eval.statistics import Estimate, Runs, improvements
from routegame.numerals import percent
from routegame.train.learner import Learned, learner

LEARNERS = ("evolution", "oracle", "meta_follower")
BASELINES = ("random_search", "sobol", "halving", "cmaes", "tpe", "bayes")
COLUMNS = ("suite", "game", "learner", "against", "seed", "regret", "certified", "passes", "seconds")
LEVELS = (0.01, 0.001, 0.0001)

Line = dict[str, str]


def line(suite: str, known: Instance, name: str, against: str, seed: int, ended: Learned, seconds: float) -> Line:
    """Judge a run and put it into words; `against` is whose passes a baseline was given."""
    judge = judge_of(known.box)
    respond = judge.best_answer if ended.follower is None else ended.follower.abandon_prob
    judged = judge.judge(ended.commitment, respond, everywhere=False)
    figures = (judged.leader_regret_relative, judged.certified, ended.meter.passes, f"{seconds:.2f}")
    return dict(zip(COLUMNS, map(str, (suite, known.name, name, against, seed, *figures)), strict=True))


def chosen(suites: Sequence[str], names: Sequence[str] | None) -> dict[str, list[Instance]]:
    """Return the games of each suite, or those of them that were named.

    Raises:
        ParameterError: a name that no game of these suites has.
    """
    found = {suite: list(instances(suite)) for suite in suites}
    known = [instance.name for games in found.values() for instance in games]
    for name in names or ():
        if name not in known:
            raise ParameterError("games", f"of {', '.join(known)}", name)
    return {suite: [game for game in games if game.name in (names or known)] for suite, games in found.items()}


def said(called: str) -> tuple[str, dict[str, float | str]]:
    """Return the name of a learner and the options that follow it.

    Raises:
        ParameterError: what follows is not of the form OPTION=VALUE, with a number or text in quotation marks.
    """
    name, *given = called.split(",")
    try:
        return name, {key: ast.literal_eval(value) for key, value in (each.split("=", 1) for each in given)}
    except (ValueError, SyntaxError):
        raise ParameterError("learners", "NAME or NAME,OPTION=NUMBER", called) from None


def runs(
    suite: str,
    games: Sequence[Instance],
    learners: Sequence[str],
    baselines: Sequence[str],
    seeds: int,
    there: Sequence[Line],
) -> Iterator[Line]:
    """Make the runs that are not there yet, game by game."""
    done = {tuple(row[name] for name in COLUMNS[:5]) for row in there}
    passes = {(row["game"], row["learner"], row["seed"]): int(row["passes"]) for row in there if row["suite"] == suite}
    for against in learners:
        plain, options = said(against)
        played = [known for known in games if learner(plain).objection(known.box) is None]
        for known in played:
            for seed in range(seeds):
                if (suite, known.name, against, "", str(seed)) not in done:
                    row = line(suite, known, against, "", seed, *trained(plain, known.box, seed, **options))
                    passes[known.name, against, str(seed)] = int(row["passes"])
                    yield row
        for name in baselines:
            playing = [known for known in played if learner(name).objection(known.box) is None]
            for known in playing:
                budget = statistics.median(passes[known.name, against, str(seed)] for seed in range(seeds))
                for seed in range(seeds):
                    if (suite, known.name, name, against, str(seed)) not in done:
                        began = time.process_time()
                        ended = searched(name, known.box, budget, seed)
                        yield line(suite, known, name, against, seed, ended, time.process_time() - began)


def tables(title: str, own: Sequence[Line]) -> str:
    """Return what came of runs as Markdown: a table for each learner, with the baselines that had as many passes."""
    parts = []
    for name in dict.fromkeys(row["learner"] for row in own if not row["against"]):
        sides = {name: [row for row in own if row["learner"] == name and not row["against"]]}
        for row in own:
            if row["against"] == name:
                sides.setdefault(row["learner"], []).append(row)
        within = (f"within {percent(level)}" for level in LEVELS)
        heads = [*within, "1 %, not certified", "median regret", "worst", "passes", "seconds"]
        lines = [f"| {title} | {' | '.join(heads)} | `{name}` beats it with probability |", "|---" * 10 + "|"]
        for side, found in sides.items():
            regrets = [float(row["regret"]) for row in found]
            sure = [row["certified"] == "True" for row in found]
            counts = [sum(r <= level and c for r, c in zip(regrets, sure, strict=True)) for level in LEVELS]
            mistaken = sum(r <= LEVELS[0] and not c for r, c in zip(regrets, sure, strict=True))
            middle = (statistics.median(float(row[of]) for row in found) for of in ("passes", "seconds"))
            cells = [
                *(f"{count} of {len(found)}" for count in (*counts, mistaken)),
                percent(statistics.median(regrets)),
                percent(max(regrets)),
                *(f"{value:.2g}" for value in middle),
                "" if side == name else chance(sides[name], found),
            ]
            lines.append(f"| `{side}` | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def chance(ours: Sequence[Line], theirs: Sequence[Line]) -> str:
    """Return the probability of improvement, with its interval, on games both have played with the same seeds."""
    both = {(row["game"], row["seed"]) for row in ours} & {(row["game"], row["seed"]) for row in theirs}
    games = {game for game, _ in both}
    both = {(game, seed) for game, seed in both if all((other, seed) in both for other in games)}
    rows = [
        (side, row["game"], int(row["seed"]), float(row["regret"]))
        for side, found in (("ours", ours), ("theirs", theirs))
        for row in found
        if (row["game"], row["seed"]) in both
    ]
    found: Estimate = improvements(Runs.of(rows))["ours", "theirs"]
    value, low, high = (float(x) for x in (found.value, found.low, found.high))
    return f"{value:.3f}" if isnan(low) else f"{value:.3f} ({low:.3f} to {high:.3f})"


def main(arguments: Sequence[str]) -> None:
    """Make what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--games", nargs="+", metavar="NAME", help="only these of the suites")
    parser.add_argument("--learners", nargs="+", default=LEARNERS)
    parser.add_argument("--baselines", nargs="*", default=BASELINES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("runs/equal-passes.csv"))
    options = parser.parse_args(arguments)
    rows: list[Line] = []
    if options.out.exists():
        with options.out.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    else:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    games = chosen(options.suites, options.games)
    shown: dict[str, list[Line]] = {}
    for suite, played in games.items():
        for row in runs(suite, played, options.learners, options.baselines, options.seeds, rows):
            rows.append(row)
            with options.out.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, COLUMNS).writerow(row)
        names = {game.name for game in played}
        shown[suite] = [row for row in rows if row["suite"] == suite and row["game"] in names]
        print(f"{tables(f'`{suite}`', shown[suite])}\n", flush=True)
    if len(shown) > 1:
        print(tables("together", [row for own in shown.values() for row in own]))


if __name__ == "__main__":
    main(sys.argv[1:])

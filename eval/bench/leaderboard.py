"""The table of a bench: every learner on every game, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan
from pathlib import Path

from routegame.envs.document import Document
from routegame.eval.bench.bench import Bench
from routegame.eval.bench.levels import LEGEND, PARTS, Level, headings, levels, plain_levels
from routegame.eval.bench.measures import legend, measured, met
from routegame.eval.bench.row import COLUMNS, FINISHED, NOT_APPLICABLE, Row
from routegame.eval.bench.runs_table import write_table
from routegame.eval.bench.suites import Instance
from routegame.eval.judge.judgement import CERTIFICATE
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.curve_table import write_curves
from routegame.eval.statistics import SUCCESS, Estimate, Runs, estimates, iqm, success_rates
from routegame.numerals import percent, plural
from routegame.train.runs.run_directory import write_json
from routegame.whole_file import whole_file

NO_INTERVAL = "—"
"""Stands for an interval that there is none of."""


def write_leaderboard(bench: Bench, about: Document) -> Path:
    """Write the table of a bench into its directory; return the path of `leaderboard.md`.

    The others are `leaderboard.json`, `runs.csv` and `runs.parquet` with a row a run, and `curves.parquet` with a row
    an evaluation.

    Args:
        bench: whose runs are done, as far as they are.
        about: what the table was made with, see `provenance`.
    """
    rows, rules, taken = bench.rows(), rules_by_game(bench.plan.instances), bench.sources()
    document = {
        **about,
        **({"taken": taken} if taken else {}),
        "suite": bench.plan.suite,
        "columns": list(COLUMNS),
        "rows": [[row[name] for name in COLUMNS] for row in rows],
        "rules": rules,
        "levels": plain_levels(_levels(bench, rows)),
    }
    write_json(bench.directory / "leaderboard.json", document)
    write_table(rows, bench.directory)
    write_curves(rows, bench.curves(), bench.directory)
    path = bench.directory / "leaderboard.md"
    with whole_file(path) as beside:
        beside.write_text(leaderboard_text(bench, rows, rules, about, taken), encoding="utf-8")
    return path


def rules_by_game(instances: Sequence[Instance]) -> dict[str, dict[str, float | None]]:
    """Return the relative leader regret of every rule that learns nothing, by game and rule."""
    return {
        known.name: {
            rule: None if regret == inf else regret for rule, regret in judge_of(known.box).baselines().items()
        }
        for known in instances
    }


def leaderboard_text(
    bench: Bench,
    rows: Sequence[Row],
    rules: dict[str, dict[str, float | None]],
    about: Document,
    taken: Sequence[Document] = (),
) -> str:
    """Return the table as Markdown; `taken` says where runs are from that were made elsewhere."""
    plan = bench.plan
    by_learner = {name: [row for row in rows if row["learner"] == name] for name in plan.learners}
    names = list(dict.fromkeys(rule for of_game in rules.values() for rule in of_game))
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    parts = [
        f"# Learners on the suite `{plan.suite}`",
        f"{plural(len(plan.instances), 'game')}, {plural(len(plan.seeds), 'seed')}, {plural(len(rows), 'run')}."
        f" Made on {about['date']} by\n\n"
        f"    {about['command']}\n\nwith Python {about['python']}, {versions}, on {about['machine']}.",
        *map(_taken, taken),
        "Regret is what the leader's commitment costs above the Stackelberg equilibrium, divided by the latter's cost,"
        " when users answer perfectly. A run is certified where the users that it learned against, if it has such, are"
        f" within {percent(CERTIFICATE)} of their best answer to that commitment; it has succeeded if it is certified"
        " and its regret at most 1 %. The interquartile mean (IQM) is the mean of the middle half of the regrets of all"
        f" runs on all games, those that failed being worse than any other. {_intervals(len(plan.seeds))} Passes are"
        " those of models, everything included; they and seconds are medians of runs that finished, and those to 1 %,"
        " from which on regret stayed below, of all runs.",
        _table(
            [
                *("learner", "success", "95 % interval", "IQM of regret", "95 % interval", "worst regret"),
                *("not certified", "failed", "passes", "passes to 1 %", "seconds", "seconds to 1 %"),
            ],
            _summaries(bench, by_learner),
        ),
        *_objections(by_learner),
        *_levels_text(_levels(bench, rows)),
        *_measures(by_learner),
        "## Game by game",
        "Median regret over seeds; **bold** where every run is within 1 % and certified, † where a run is"
        " not certified.",
        _table(
            ["game", *plan.learners],
            [[_game(known), *(_cell(known, by_learner[name]) for name in plan.learners)] for known in plan.instances],
        ),
        "## Rules that learn nothing",
        "Regret, for the same games.",
        _table(
            ["game", *names],
            [[_game(known), *(_rule_cell(rules[known.name], name) for name in names)] for known in plan.instances],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _taken(source: Document) -> str:
    """Say where runs are from that were made elsewhere."""
    made = f"made on {source['date']} on {source['machine']} by\n\n    {source['command']}"
    return f"Of these, {plural(source['runs'], 'run')} were taken from {source['path']}, {made}"


def _intervals(num_seeds: int) -> str:
    """Say what the intervals of the table are of."""
    if num_seeds > 1:
        return "Intervals are at 95 %, over seeds."
    return (
        f"With one seed nothing tells how regret differs from seed to seed: it has no interval ({NO_INTERVAL}). That of"
        " successes, at 95 %, takes all runs as one sample."
    )


def _game(known: Instance) -> str:
    return f"{known.name}{' (throttling)' if known.throttling else ''}"


def _objections(by_learner: dict[str, list[Row]]) -> list[str]:
    """Say who did not play what, and why."""
    said = []
    for name, own in by_learner.items():
        refused = [row for row in own if row["status"] == NOT_APPLICABLE]
        if refused:
            why = "; ".join(dict.fromkeys(str(row["message"]) for row in refused))
            said.append(f"Not applicable (n/a): {name}, {len(refused)} of its {len(own)} runs: {why}.")
    return ["\n\n".join(said)] if said else []


def _measures(by_learner: dict[str, list[Row]]) -> list[str]:
    """Return the table of measures beside regret, learners in the order of the plan."""
    found = {name: measured(own) for name, own in by_learner.items()}
    shown = met(found.values())
    if not shown:
        return []
    rows = [
        [name, *(percent(of[m.column]) if m.column in of else "-" for m in shown)] for name, of in found.items() if of
    ]
    return [
        "## How far from the equilibrium",
        legend(shown),
        _table(["learner", *(measure.heading for measure in shown)], rows),
    ]


@dataclass(frozen=True)
class _Ended:
    """A row as `levels` reads it; rows of earlier versions know less."""

    row: Row

    @property
    def follower(self) -> str | None:
        return self.row.get("follower")

    @property
    def anytime_regret(self) -> float | None:
        return self.row.get("anytime_regret")

    @property
    def plays(self) -> int | None:
        return self.row.get("plays")

    @property
    def cumulative_regret(self) -> float | None:
        return self.row.get("cumulative_regret")


def _levels(bench: Bench, rows: Sequence[Row]) -> dict[bool, list[Level]]:
    """Return how close learners come that play any of the games, in the order of the plan."""
    known = _playing({name: [row for row in rows if row["learner"] == name] for name in bench.plan.learners})
    if not known:
        return {}
    runs = _runs(bench, [row for own in known.values() for row in own], _certified_regret)
    return levels(runs, {name: [_Ended(row) for row in own] for name, own in known.items()}, known)


def _levels_text(found: Mapping[bool, Sequence[Level]]) -> list[str]:
    """Return a table for those who learn their users, and one for those whose users answer by a rule."""
    if not found:
        return []
    parts = ["## How close, how soon, and at what price", f"{LEGEND} Intervals are at 95 %."]
    for learned, lines in found.items():
        heading, about = PARTS[learned]
        parts += [f"### {heading}", f"{heading}, {about}", _table(["learner", *headings()], list(map(_level, lines)))]
    return parts


def _level(line: Level) -> list[str]:
    shares = (f"{percent(float(e.value))} ({percent(float(e.low))} to {percent(float(e.high))})" for e in line.within)
    way, price, total = line.anytime_regret, line.price, line.cumulative_regret
    known = ("-" if way is None else percent(way), "-" if price is None else percent(price))
    return [line.learner, *shares, *known, "-" if total is None else f"{total:.2g}"]


def _playing(by_learner: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Return the rows of learners that have a run of a game that they play."""
    return {name: own for name, own in by_learner.items() if any(row["status"] != NOT_APPLICABLE for row in own)}


def _summaries(bench: Bench, by_learner: dict[str, list[Row]]) -> list[list[str]]:
    """Return a line for every learner that has a run of a game that it plays, the most successful first."""
    known = _playing(by_learner)
    if not known:
        return []
    rows = [row for own in known.values() for row in own]
    regrets = _runs(bench, rows, _regret)
    successes = success_rates(_runs(bench, rows, _certified_regret), SUCCESS)
    means = estimates(regrets, iqm)
    order = sorted(known, key=lambda name: (-float(successes[name].value), float(means[name].value)))
    return [_summary(name, known[name], successes[name], means[name]) for name in order]


def _summary(name: str, rows: Sequence[Row], success: Estimate, regret: Estimate) -> list[str]:
    done = [row for row in rows if row["status"] == FINISHED]
    return [
        name,
        percent(float(success.value)),
        f"{percent(float(success.low))} to {percent(float(success.high))}",
        percent(float(regret.value)),
        NO_INTERVAL if isnan(float(regret.low)) else f"{percent(float(regret.low))} to {percent(float(regret.high))}",
        percent(max(map(_regret, rows))),
        str(sum(not row["certified"] for row in done)),
        str(len(rows) - len(done)),
        f"{statistics.median(row['passes'] for row in done):.2g}" if done else "-",
        _median_to_aim(rows, "passes_to_1_percent", ".2g"),
        f"{statistics.median(row['seconds'] for row in done):.1f}" if done else "-",
        _median_to_aim(rows, "seconds_to_1_percent", ".2g"),
    ]


def _median_to_aim(rows: Sequence[Row], column: str, show: str) -> str:
    middle = statistics.median(inf if row[column] is None else row[column] for row in rows)
    return "∞" if middle == inf else format(middle, show)


def _runs(bench: Bench, rows: Sequence[Row], loss: Callable[[Row], float]) -> Runs:
    """Return the losses of runs; what is not there yet has failed."""
    return Runs.of([(row["learner"], row["instance"], row["seed"], loss(row)) for row in rows], seeds=bench.plan.seeds)


def _cell(known: Instance, rows: Sequence[Row]) -> str:
    own = [row for row in rows if row["instance"] == known.name]
    if not own:
        return "-"
    if all(row["status"] == NOT_APPLICABLE for row in own):
        return "n/a"
    regrets, certified = [_regret(row) for row in own], [bool(row["certified"]) for row in own]
    text = percent(statistics.median(regrets))
    if max(regrets) <= SUCCESS and all(certified):
        return f"**{text}**"
    return text if all(certified) else f"{text} †"


def _rule_cell(rules: Mapping[str, float | None], name: str) -> str:
    """Write the regret of a rule in a game, which may be none for it."""
    if name not in rules:
        return "-"
    regret = rules[name]
    return percent(inf if regret is None else regret)


def _regret(row: Row) -> float:
    """Return the regret of a run, infinite where it failed."""
    return inf if row["status"] != FINISHED else float(row["leader_regret_relative"])


def _certified_regret(row: Row) -> float:
    """Return the regret of a run, infinite where it failed or is not certified."""
    return _regret(row) if row["certified"] else inf


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

"""A grammar of command lines: options as the parser of each command has them, values good and bad, files whole and not.

An option that a command gets tomorrow is among them: its type, its number of values and the words of its help say what
may stand behind it.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from hypothesis import strategies as st

from routegame.commands import COMMANDS, load
from routegame.commands.parser import Parser
from routegame.envs.scenarios import SCENARIOS
from routegame.train.learner import LEARNERS

WEIGHTS = {"solve": 24, "references": 12, "simulate-log": 12, "calibrate": 9, "watch": 12, "eval": 8, "report": 6}
"""How often commands are called; those that are not named, once: they are slow, or have nothing that can go wrong."""

# fmt: off
EDGES = ("0", "1", "-1", "2", "0.5", "5e-324", "1e-300", "1e-30", "1e30", "1e300", "1e308", "-1e308", "1e999", "inf",
         "-inf", "nan", "", " ", "x", "½", "１", "0x10", "1_0", "1,5", "-", "--")
"""Numbers at the ends of what a computer knows, and what is none."""

COUNTS = ("0", "1", "2", "3", "-1", "20", "50", "1.5", "9223372036854775807", "9223372036854775808", "1e3", "", "x")

CAPS = {"num_users": 9, "num_tasks": 6, "max_passes": 40, "draws": 40, "num_updates": 3, "seeds": 3}
"""Largest numbers in ordinary commands, by parameter: so that they end at once."""

WORDS = ("", " ", "x", "-", "--", "all", "a=b", "a:b", "1:0.3", "1:2:3", "a:0.5:2", "é", "猫", "\U0001f408", "%s", "{}",
         "caf\udce9", "'", '"', "*", "[1]", "..", "~", "nan", "None", "\n", "x" * 300)

VOCABULARY = {
    "scenario": (*SCENARIOS, "matrix-textbook"),
    "learner": (*LEARNERS, "json:loads", "os:path"),
    "commitment": ("1:0.08", "1:0", "1:1", "2", "1:0.5", "2:0.5", "1:nan", "3", "1:1e-300"),
    "segment": ("a:0.5:1", "b:0.5:2", "c:1:0", "d:1:1e300", "a:0:1", "a:nan:1"),
    "column": ("cost=usd", "user=nobody", "task=pass", "success=latency", "cascade_prob=cost", "cost="),
    "models": ("1", "2", "3", "a", "b", "1|2"),
    "cached": ("success", "cost", "user", "nobody"),
    "suite": ("real", "paper", "cells", "classic", "reference"),
    "games": ("nano-gpt5", "gpt41-o3", "matrix-textbook", "figure-3-stay"),
    "information": ("memoryless", "model", "history"),
    "order": ("paper", "free", "fixed"),
}
"""Words that mean something, by parameter; of any other, those of its help."""

ENDINGS = {"gif": (".gif", ".png"), "report": (".html",), "out": (".csv", ".csv.gz", ".jsonl", ".parquet")}
"""Of files that are written, by parameter."""

PLACES = ("missing/new{}", "taken{}", "folder{}", "taken/below{}", "link{}", "dangling{}", "loop{}", "ü{}", "log[1]{}",
          "a b'\"{}", "null", "full", "/proc/nowhere/x{}", "{}", "x" * 260 + "{}", "new")
"""Where something may be written, or may not; `stage` makes those that are there."""

LOGS = ("plain.csv", "rich.csv", "rich.jsonl", "rich.parquet", "rich.csv.gz", "nowhere.csv", "folder", "folder.csv")

DAMAGES = ("empty", "missing", "half", "folder", "bytes", "[]", "{}", "null", "3", '"x"', "NaN", '{"a": 1}', "[" * 9999)
"""What may be wrong with a file of a run or of a bench."""

SPOILS = ("cell", "cell", "cell", "column", "drop", "rename", "repeat", "swap", "cut", "bytes", "head", "constant")
"""What may be done to a log."""
# fmt: on

GAME = ("task_value", "churn_penalty", "success_prob", "latency", "cost")
"""Parameters of a game."""


@dataclass(frozen=True)
class Case:
    """A command and the files that it meets.

    Attributes:
        command: its name.
        groups: an option with its values each, or a positional argument.
        spoilt: edits of the log, see `stage.spoil`.
        damage: a file of the run or of the bench, as a number, and what is wrong with it.
        tail: what makes it end soon, behind everything.
    """

    command: str
    groups: tuple[tuple[str, ...], ...]
    spoilt: tuple[tuple[str, int, int, str], ...] = ()
    damage: tuple[int, str] = (0, "none")
    tail: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """The command line."""
        return [self.command, *(word for group in self.groups for word in group), *self.tail]


@cache
def actions(command: str, learner: str | None = None) -> tuple[argparse.Action, ...]:
    """Return what a command takes, with the options of a learner."""
    parser = Parser(prog=command)
    parser.given = [command] if learner is None else [command, "--learner", learner]
    load(command).add(parser)
    return tuple(action for action in parser._actions if action.dest != "help")


class Author:
    """Writes one command line: Hypothesis says which values there are, `chance` how likely each kind of them is.

    Hypothesis alone would make nearly every value a strange one, and nearly every command one that is refused.

    Args:
        draw: of a composite strategy.
        chance: of kinds of values.
    """

    def __init__(self, draw: st.DrawFn, chance: Random) -> None:
        self._draw, self._chance = draw, chance
        self._calm = chance.choice([0.9, 0.98, 1.0])
        self._models = chance.choice([2] * 9 + [3])

    def case(self, command: str | None) -> Case:
        """Write it, of a command, or of any."""
        command = command or self._chance.choice([name for name in COMMANDS for _ in range(WEIGHTS.get(name, 1))])
        learner = self._chance.choice(["evolution", "oracle", "hypergradient", "x"]) if command == "train" else None
        groups = self._groups(command, learner)
        if self._once_in(40):
            strange = self._chance.choice(["--nonsense", "--json", "--", "-h", "--help", "--version", "x", "--seed"])
            groups.insert(self._chance.randrange(len(groups) + 1), (strange,))
        edits = self._chance.choice([0, 0, 1, 1, 2]) if command == "calibrate" else 0
        spoilt = tuple(self._edit() for _ in range(edits))
        damage = (self._chance.randrange(30), "none" if self._once_in(3) else self._chance.choice(DAMAGES))
        return Case(command, tuple(groups), spoilt, damage, tail(command, groups))

    def _groups(self, command: str, learner: str | None) -> list[tuple[str, ...]]:
        by_numbers, groups = self._once_in(2), []
        for action in actions(command, learner if learner in LEARNERS else None):
            if not action.option_strings:
                if action.dest != "scenario" or not by_numbers or self._once_in(20):
                    groups.append((self._word(command, action),))
            elif action.dest == "learner" and learner is not None:
                groups.append(("--learner", learner))
            elif action.dest in GAME and by_numbers and command != "calibrate":
                if not self._once_in(40):
                    groups.append(self._option(command, action))
            elif action.required or self._once_in(12 if command == "calibrate" and action.dest != "json" else 5):
                groups.append(self._option(command, action))
        return groups

    def _once_in(self, times: int) -> bool:
        return self._chance.randrange(times) == 0

    def _option(self, command: str, action: argparse.Action) -> tuple[str, ...]:
        """An option with as many values as it takes, or with another number of them."""
        name = action.option_strings[0]
        if action.nargs == 0:
            return (name,)
        count = {None: 1, "?": 1, "*": self._chance.randrange(3), "+": self._chance.choice([1, 1, 2, 3])}.get(
            action.nargs, action.nargs
        )
        if action.metavar == ("X1", "X2"):  # as many as a game has models
            count = self._models
        if self._once_in(60):
            count = self._chance.randrange(4)
        return (name, *(self._word(command, action) for _ in range(int(count))))

    def _word(self, command: str, action: argparse.Action) -> str:
        calm = self._chance.random() < self._calm
        if action.type in (int, float):
            return self._number(action.dest, action.type is int, calm)
        if action.type is Path:
            return self._path(command, action, calm)
        if action.choices and calm:
            return str(self._chance.choice(list(action.choices)))
        meant = VOCABULARY.get(action.dest) or re.findall(r"[\w.:=-]+", action.help or "x")
        if calm:
            return self._chance.choice(meant)
        return self._draw(st.one_of(st.sampled_from(WORDS), st.text(ANY, max_size=8)))

    def _number(self, dest: str, whole: bool, calm: bool) -> str:
        if not calm:
            return self._draw(st.sampled_from(COUNTS) if whole else st.one_of(st.sampled_from(EDGES), FLOATS))
        if whole:
            return str(self._draw(st.integers(1 if dest in CAPS else 0, CAPS.get(dest, 2))))
        if "prob" in dest or dest in ("noise", "churn_uplift"):
            return repr(self._chance.choice([0.0311, 0.4311, 0.1, 0.5, 0.9, self._draw(st.floats(1e-6, 1))]))
        low, high = (1e-4, 10) if dest in ("cost", "churn_penalty", "delta", "temperature") else (0.1, 200)
        return repr(self._chance.choice([1.0, high, self._draw(st.floats(low, high))]))

    def _path(self, command: str, action: argparse.Action, calm: bool) -> str:
        """A file to read where it is an argument by itself, one to write where it is an option's."""
        if not action.option_strings:
            there = (
                LOGS[: 5 if calm else None] if action.dest == "log" else ("run", "bench", "folder", "taken", "nowhere")
            )
            return self._chance.choice(there if action.dest == "log" or not calm else ("run",) * 3 + ("bench",))
        if command in ("bench", "train"):
            own = "bench" if command == "bench" else "run"
            return self._chance.choice([own, "new"] if calm else [own, "new", "taken", "folder", "loop", "null"])
        ending = self._chance.choice(ENDINGS.get(action.dest, ("",)))
        return f"new{ending}" if calm and self._once_in(2) else self._chance.choice(PLACES).replace("{}", ending)

    def _edit(self) -> tuple[str, int, int, str]:
        texts = (*EDGES, *WORDS, "retry", "leave", "true", "600", "1s", "$1")
        across = self._chance.randrange(13)
        return self._chance.choice(SPOILS), self._chance.randrange(400), across, self._chance.choice(texts)


ANY = st.characters(exclude_characters="\0/", exclude_categories=["Cs"])
FLOATS = st.floats().map(repr)


@st.composite
def cases(draw: st.DrawFn, command: str | None = None) -> Case:
    """A command, any if none is named, with any of its options."""
    return Author(draw, Random(draw(st.integers(0, 2**64 - 1)))).case(command)


def tail(command: str, groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what makes a command end soon, unless it says so itself."""
    named = {group[0] for group in groups}
    limits: dict[str, dict[str, str]] = {
        "train": {"--max-passes": "1"},
        "watch": {"--max-passes": "40"},
        "simulate-log": {"--tasks": "40", "--max-passes": "60"},
        "calibrate": {"--draws": "20"},
        "bench": {"--max-passes": "1", "--seeds": "1", "--learners": "evolution", "--games": "nano-gpt5"},
    }
    words = [word for name, value in limits.get(command, {}).items() if name not in named for word in (name, value)]
    always = {"train": ["--max-seconds", "0.01"], "bench": ["--workers", "1"], "figures": ["--out", "taken"]}
    return (*words, *always.get(command, ()))

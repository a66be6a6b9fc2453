"""What studies of coverage share: their options, one loop over logs, and the tables of what came out."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import TypeVar

import numpy as np
from interval_shares import shares
from tqdm import tqdm

from routegame.eval.statistics import SUCCESS, Estimate

LEAST_RIGHT = 0.95
"""Share of the logs whose advice is called sure in which it has to be right."""

P = TypeVar("P")
F = TypeVar("F")


@dataclass
class Record:
    """What one log came to.

    Attributes:
        held: whether each interval held the truth, by kind.
        failed: whether each assumption, which is true, is said to fail, by name.
        verdict: of the advice; empty where there is none.
        regret: of its policy under the users who made the log, relative; nan without a decision.
        seconds: of a processor that the advice took.
        said: about the log, in a line or two, with `--each`.
    """

    held: dict[str, list[bool]] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)
    verdict: str = ""
    regret: float = float("nan")
    seconds: float = 0.0
    said: str = ""

    def note(self, kind: str, *held: bool) -> None:
        """Note whether intervals of a kind held the truth."""
        self.held.setdefault(kind, []).extend(held)

    @property
    def missed(self) -> str:
        """The kinds of which an interval missed the truth, after the word; empty if there are none."""
        found = [f"{kind} {held.count(False)}/{len(held)}" for kind, held in self.held.items() if not all(held)]
        return f"missed: {', '.join(found)}" if found else ""


def options_of(purpose: str, logs: int, *, passes: int = 0, tasks: int = 0, kinds: int = 1) -> ArgumentParser:
    """The options of a study.

    Args:
        purpose: what it is for; the first line of that is shown.
        logs: how many there are, unless said otherwise.
        passes: of a log, likewise, if it is as long as that.
        tasks: of a log, likewise.
        kinds: of which there are as many logs each.
    """
    parser = ArgumentParser(description=purpose.splitlines()[0])
    parser.add_argument("--logs", type=int, default=logs, help=f"of each of {kinds} kinds" if kinds > 1 else None)
    if passes:
        parser.add_argument("--passes", type=int, default=passes)
    else:
        parser.add_argument("--tasks", type=int, default=tasks)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--each", action="store_true", help="a line for each log")
    return parser


def study(
    plans: Iterable[P],
    number: int,
    write: Callable[[P, Path], object],
    advise: Callable[[P, Path], F],
    judge: Callable[[P, F, Record], None],
    *,
    each: bool,
) -> list[Record]:
    """Write one log after the other, have it advised, and judge the advice.

    Args:
        plans: of the logs.
        number: of them.
        write: writes the log of a plan into a file.
        advise: takes the log in that file to advice; its time is taken.
        judge: holds advice against the plan, and notes what came out.
        each: whether what is said about a log is printed.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.parquet"
        for plan in tqdm(plans, total=number, disable=None):
            write(plan, path)
            start = process_time()
            advice = advise(plan, path)
            found.append(Record(seconds=process_time() - start))
            judge(plan, advice, found[-1])
            if each:
                print(found[-1].said, flush=True)
    return found


def holds(estimate: Estimate, truth: float) -> bool:
    """Whether an interval holds the truth."""
    return bool(estimate.low <= truth <= estimate.high)


def show_shares(records: Sequence[Record], cautious: Sequence[str] = ()) -> bool:
    """Print how often intervals held the truth; return whether those of any kind did too seldom or too often."""
    table = list(shares([record.held for record in records], cautious))
    print(f"{'95 % interval of':<40}{'intervals':>10}{'hold the truth':>16}")
    print(*table, sep="\n")
    return any(share.off for share in table)


def failures(records: Sequence[Record]) -> dict[str, list[bool]]:
    """Whether each assumption is said to fail, by name, in the logs in which it is looked at."""
    names = sorted({name for record in records for name in record.failed})
    return {name: [record.failed[name] for record in records if name in record.failed] for name in names}


def show_failures(failed: dict[str, list[bool]], width: int) -> None:
    """Print how often assumptions that are true are said to fail."""
    print(f"\n{'assumption, which is true':<{width}}{'logs':>10}{'said to fail':>16}")
    for name, said in failed.items():
        print(f"{name:<{width}}{len(said):>10}{np.mean(said):>16.1%}")


def show_verdicts(records: Sequence[Record]) -> float:
    """Print how often advice was right; return the share of what is called sure in which it was, nan without any."""
    print(f"\n{'verdict':<12}{'logs':>6}{'right':>9}{'mean regret':>13}{'largest':>10}")
    right = float("nan")
    for verdict in sorted({record.verdict for record in records}):
        regrets = np.array([record.regret for record in records if record.verdict == verdict])
        known = regrets[~np.isnan(regrets)]
        said = f"{np.mean(known <= SUCCESS):>9.1%}{known.mean():>13.3%}{known.max():>10.2%}" if len(known) else ""
        print(f"{verdict:<12}{len(regrets):>6}{said}")
        if verdict == "sure":
            right = float(np.mean(known <= SUCCESS))
    return right


def show_seconds(records: Sequence[Record]) -> None:
    """Print how long advice took."""
    seconds = [record.seconds for record in records]
    print(f"a log took {np.median(seconds):.1f} CPU seconds, the slowest {np.max(seconds):.1f}")

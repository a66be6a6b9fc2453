"""What learners do about a game that changes: a line for each learner of a bench of the suite `drift`.

python tests/study_drift.py runs/results-drift
"""

import json
import sys
from pathlib import Path
from statistics import median

from routegame.eval.bench.row import paid_above
from routegame.eval.statistics import SUCCESS
from routegame.numerals import percent

HEAD = ("learner, runs", "within 1 % before", "at the end", "regret right after", "at the end")
MORE = ("cumulative before", "after", "passes")


def line(name: str, runs: list[dict]) -> list[str]:
    """Return the cells of a learner: cumulative regret is in costs of a play at the equilibrium of its time."""
    before = [run["drift"]["regret_before"] for run in runs]
    then = [run["drift"]["regret_then"] for run in runs if run["drift"]["regret_then"] is not None]
    end = [run["leader_regret_relative"] for run in runs]
    return [
        f"`{name}`, {len(runs)}",
        str(sum(regret is not None and regret <= SUCCESS for regret in before)),
        str(sum(run["certified"] and regret <= SUCCESS for run, regret in zip(runs, end, strict=True))),
        percent(median(then)) if then else "",
        percent(median(end)),
        short(median(map(paid_before, runs)), 0),
        short(median(map(paid_after, runs)), 0),
        short(median(run["passes"] for run in runs), 1),
    ]


def short(number: float, digits: int) -> str:
    """Return a number by its power of ten."""
    mantissa, power = f"{number:.{digits}e}".split("e")
    return f"{mantissa}e{int(power)}"


def paid_before(run: dict) -> float:
    """Return what plays before the change cost above its equilibrium."""
    was = run["drift"]
    return paid_above(was["paid"], was["plays"], was["equilibrium_cost"])


def paid_after(run: dict) -> float:
    """Return the same of plays after it."""
    was = run["drift"]
    return paid_above(run["paid"] - was["paid"], run["plays"] - was["plays"], run["equilibrium"]["provider_cost"])


def main() -> None:
    directory, found = Path(sys.argv[1]), {}
    taken = sum(1 for _ in directory.glob("runs/*/*/*/taken.json"))
    if taken:
        sys.exit(f"{taken} runs of {directory} were taken from a table, which knows nothing of before the change")
    for path in sorted(directory.glob("runs/*/*/*/result.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(run["learner"], []).append(run)
    rows = [line(name, runs) for name, runs in found.items()]
    rows.sort(key=lambda cells: -int(cells[2]))
    for cells in ((*HEAD, *MORE), ["---"] * 8, *rows):
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

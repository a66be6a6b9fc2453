"""The page of a run that learned one policy for a suite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from routegame.agents.amortised import BUILT_IN, NOT_BUILT_IN
from routegame.envs.document import Document, checked, read_document
from routegame.eval.report.page import TEMPLATES, render


@dataclass(frozen=True)
class StratumRow:
    """A line of the table of strata: games of one sign regime and distance."""

    name: str
    games: int
    within: float
    worst: float


def policy_page(directory: Path) -> str:
    """Return the page of a run.

    Raises:
        FileError: its files are damaged.
    """
    config = read_document(directory / "config.json", "the configuration of a run, as `routegame train` wrote it")
    result: Document | None = None
    path, allowed = directory / "result.json", "the result of a run, as `routegame train` wrote it"
    rows = []
    if path.exists():
        result = read_document(path, allowed)
        with checked(path, allowed):
            for name, found in result["strata"].items():
                within, worst = float(found["within_1_percent"]), float(found["worst"])
                rows.append(StratumRow(str(name), int(found["games"]), within, worst))
    with checked(directory / "config.json", "the configuration of a run"):
        options = ", ".join(f"{name} {value}" for name, value in config["options"].items())
        versions = ", ".join(f"{name} {number}" for name, number in config.get("versions", {}).items())
        title = f"{config['suite']}: {config['learner']}, seed {config['seed']}"
    with checked(path, allowed):
        return render(
            TEMPLATES / "policy.html",
            title=title,
            result=result,
            rows=rows,
            built_in=BUILT_IN,
            not_built_in=NOT_BUILT_IN,
            learner=config["learner"],
            seed=config["seed"],
            options=options,
            versions=versions,
        )

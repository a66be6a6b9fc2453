"""The page of a single run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from routegame.agents.users.adapting import AdaptedFollower
from routegame.agents.users.categorical import CategoricalFollower
from routegame.agents.users.estimating import EstimatingFollower
from routegame.agents.users.learned import LearnedFollower
from routegame.agents.users.learned_in_context import ContextualFollower
from routegame.envs.document import checked
from routegame.envs.stackelberg import Response
from routegame.eval.report.archive import RunArchive
from routegame.eval.report.charts import learning_chart, spreads
from routegame.eval.report.page import TEMPLATES, GamePart, render
from routegame.eval.statistics import SUCCESS
from routegame.train.learner import Users

USERS: dict[str, type[Users]] = {
    "bound": LearnedFollower,
    "rates": AdaptedFollower,
    "bound_in_context": ContextualFollower,
    "success_prob": EstimatingFollower,
    "temperature": CategoricalFollower,
}
"""Learned users that a page can ask for their answers, by an array that their file has and no other."""


@dataclass(frozen=True)
class ProfileRow:
    """A line of the learned profile beside the equilibrium."""

    name: str
    learned: str
    equilibrium: str


def run_page(archive: RunArchive, bench: str = "") -> str:
    """Return the page of one run.

    Args:
        archive: of the run.
        bench: where the page of its bench is, seen from here; empty where it is of none.
    """
    stage, ended = archive.stage, archive.ended
    finished = [(0, ended)] if ended is not None and ended.finished else []
    return render(
        TEMPLATES / "run.html",
        title=f"{stage.name}: {archive.learner}, seed {archive.seed}",
        bench=bench,
        learner=archive.learner,
        seed=archive.seed,
        options=_options(archive.options),
        versions=archive.versions,
        ended=ended,
        found=ended is not None and ended.regret <= SUCCESS,
        findings=archive.findings,
        game=GamePart.of(stage, "cost", finished, _believed(archive)),
        learning=_learning_chart(archive),
        profiles=_profiles(archive),
    )


def _options(options: Mapping[str, str] | None) -> str:
    if options is None:
        return "not written down here"
    return ", ".join(f"{name} {value}" for name, value in options.items()) or "none"


def _learning_chart(archive: RunArchive) -> Element | None:
    curves = [] if archive.curve is None else [archive.curve]
    return learning_chart("learning", "Learning curve", "Relative leader regret over passes.", spreads({0: curves}))


def _profiles(archive: RunArchive) -> list[ProfileRow]:
    """Return the lines of the learned profile beside the equilibrium; none where the run has not finished."""
    if not archive.profiles:
        return []
    learned, best = (archive.stage.judge.words(profile, archive.stage.name) for profile in archive.profiles)
    return [ProfileRow(name, learned[name], best[name]) for name in learned]


def _believed(archive: RunArchive) -> Response | None:
    """Return the answers of the users that a run ended with; None where it has none, or such as nobody here knows.

    Raises:
        FileError: their file is damaged.
    """
    path = archive.directory / "checkpoints" / "follower.npz"
    if archive.ended is None or not archive.ended.finished or not path.exists():
        return None
    with checked(path, "an .npz file with the arrays of users"):
        kind = next((USERS[name] for name in _arrays(path) if name in USERS), None)
        return None if kind is None else kind.load(path, archive.stage.game).abandon_prob


def _arrays(path: Path) -> list[str]:
    with np.load(path, allow_pickle=False) as named:
        return list(named)

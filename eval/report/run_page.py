"""The page of a single run."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from routegame.agents.exact.classic_games import solved_classic
from routegame.agents.exact.equilibrium import solve
from routegame.agents.users.learned import LearnedFollower
from routegame.envs.checks import ParameterError
from routegame.envs.commitment import RoutingGame
from routegame.eval.numerals import coordinates_text
from routegame.eval.report.archive import PointStage, RunArchive, Stage
from routegame.eval.report.charts import cost_chart, learning_chart, point_cost_charts
from routegame.eval.report.page import (
    TEMPLATES,
    GamePart,
    handed_over,
    models_of,
    point_part,
    render,
    routing_part,
    units_of,
)
from routegame.eval.statistics import SUCCESS


@dataclass(frozen=True)
class ProfileRow:
    """A line of the learned profile beside the equilibrium."""

    name: str
    learned: str
    equilibrium: str


def run_page(archive: RunArchive) -> str:
    """Return the page of one run."""
    stage, ended = archive.stage, archive.ended
    return render(
        TEMPLATES / "run.html",
        title=f"{stage.name}: {archive.learner}, seed {archive.seed}",
        learner=archive.learner,
        seed=archive.seed,
        options=", ".join(f"{name} {value}" for name, value in archive.options.items()),
        versions=archive.versions,
        ended=ended,
        found=ended is not None and ended.regret <= SUCCESS,
        findings=archive.findings,
        game=_routing_part(archive, stage) if isinstance(stage, Stage) else _point_part(archive, stage),
        learning=_learning_chart(archive),
        profiles=[] if ended is None else _profiles(archive),
    )


def _routing_part(archive: RunArchive, stage: Stage) -> GamePart:
    """What the game is about, what its commitments cost and where the run ended."""
    ended, solution = archive.ended, solve(stage.game, throttling=stage.throttling)
    learned = _learned_follower(archive, stage)
    finished = [] if ended is None else [(0, ended)]
    chart = cost_chart("cost", stage, solution, finished, units_of(stage)[1], learned)
    unsure = ended is not None and not ended.certified
    return routing_part(stage, solution, chart, unsure=unsure, believed=learned is not None)


def _point_part(archive: RunArchive, stage: PointStage) -> GamePart:
    """The same of a game outside routing."""
    ended, solved = archive.ended, solved_classic(stage.game)
    finished = [] if ended is None else [(0, ended)]
    charts = point_cost_charts("cost", stage, solved, finished)
    return point_part(stage, solved.equilibrium(), charts, unsure=ended is not None and not ended.certified)


def _learning_chart(archive: RunArchive) -> Element | None:
    curves = [] if archive.curve is None else [archive.curve]
    return learning_chart("learning", "Learning curve", "Relative leader regret over passes.", {0: curves})


def _profiles(archive: RunArchive) -> list[ProfileRow]:
    """The learned profile beside the equilibrium."""
    stage = archive.stage
    if isinstance(stage, PointStage):
        assert archive.ended is not None
        commitments = archive.ended.coordinates, solved_classic(stage.game).equilibrium().coordinates
        return [
            ProfileRow("commitment", *map(coordinates_text, commitments)),
            _row(archive, "answer", "answer", ".4g"),
            _row(archive, "leader's cost", "provider_cost", ".5g"),
            _row(archive, "follower's utility", "user_utility", ".4g"),
        ]
    latency, cost = units_of(stage)
    models, sides = models_of(stage), (archive.result["learned"], archive.result["equilibrium"])
    return [
        ProfileRow("first model", *(models[int(side["route"]) - 1] for side in sides)),
        ProfileRow("failures handed to model 2", *(handed_over(side["route"], side["cascade_prob"]) for side in sides)),
        _row(archive, "users who leave after a failure", "abandon_prob", ".1%"),
        _row(archive, "tasks solved in the end", "solve_prob", ".1%"),
        _row(archive, f"cost of a task{f', {cost}' if cost else ''}", "provider_cost", ".5g"),
        _row(archive, f"users' utility{f', {latency}' if latency else ''}", "user_utility", ".4g"),
    ]


def _row(archive: RunArchive, name: str, column: str, show: str) -> ProfileRow:
    sides = archive.result["learned"], archive.result["equilibrium"]
    return ProfileRow(name, *(format(side[column], show).replace("-", "−").replace("%", " %") for side in sides))


def _learned_follower(archive: RunArchive, stage: Stage) -> LearnedFollower | None:
    path = archive.directory / "checkpoints" / "follower.npz"
    if archive.ended is None or not path.exists():
        return None
    try:
        return LearnedFollower.load(path, RoutingGame(stage.game, throttling=stage.throttling))
    except ParameterError as error:
        raise ParameterError("directory", f"one whose learned users are {error.allowed}", str(path)) from None

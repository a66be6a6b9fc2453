"""A run in one call: trained, judged, and handed back as a result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from routegame.agents.exact.solved_game import Profile
from routegame.agents.users.kinds import response
from routegame.envs.checks import ParameterError, as_count
from routegame.envs.classic.catalogue import PlayedLike, as_rules, named
from routegame.envs.menu_game import Form
from routegame.envs.scenarios import Scenario
from routegame.envs.task_mixes import MixScenario
from routegame.eval.figures.run_picture import draw_run
from routegame.eval.judge.judgement import Judgement
from routegame.eval.judge.judges import judge_of
from routegame.eval.report.write import write_report
from routegame.eval.run.monitor import Monitor
from routegame.eval.run.result import judge_run
from routegame.train.learner import Learned, Learner, admit
from routegame.train.learner import learner as learner_of
from routegame.train.one_thread import one_thread
from routegame.train.runs.limits import Limits
from routegame.train.runs.run_directory import RunConfig, RunDirectory, write_json
from routegame.train.runs.training import Training


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes:
        learned: the learned commitment, the learned answer to it, and what both bring about.
        equilibrium: the strong Stackelberg equilibrium.
        leader_regret_relative: cost of the learned commitment under the exact best response above the equilibrium's,
            divided by the latter's size.
        follower_gap_relative: utility that the learned users leave on the table, relative to what is at stake.
        certified: whether that gap is at most 1 %.
        judgement: the above and more, see `Judgement`.
        run: what the learner ended with: its commitment, its users (None where they were played by a rule), and the
            passes that it took.
        document: the content of result.json, plain values.
        path: the run directory; None where nothing was kept.
    """

    learned: Profile
    equilibrium: Profile
    leader_regret_relative: float
    follower_gap_relative: float
    certified: bool
    judgement: Judgement[Profile]
    run: Learned
    document: dict[str, object]
    path: Path | None

    def to_dict(self) -> dict[str, object]:
        """Return the content of result.json: plain values, ready for JSON."""
        return dict(self.document)


def run(
    game: PlayedLike,
    learner: str | type[Learner],
    *,
    seed: int = 0,
    out: Path | str | None = None,
    throttling: bool = False,
    form: Form | None = None,
    max_passes: float | None = None,
    max_seconds: float | None = None,
    target_regret: float | None = None,
    progress: bool = True,
    **options: float | str,
) -> RunResult:
    """Train a learner on a game and judge what it has learned.

    The same arguments give the same result, bit for bit on one machine. With `out` the run is written down as
    `routegame train` does: if it is stopped, or killed, the same call goes on where it was.

    Args:
        game: a single game or a mix of tasks, a scenario or its name, or a game outside routing.
        learner: an id that `routegame learners` lists or an installed package has, MODULE:CLASS, or a subclass of
            `Learner`.
        seed: the seed of everything random, >= 0.
        out: the run directory; None keeps nothing.
        throttling: whether the provider may slow its models down; not outside routing.
        form: how actions of a routing game say what is committed to, "compact" or "matrix"; None for the paper's game
            of two models, and compact for more.
        max_passes: stop once so many passes were played; None for no limit, as for the next two.
        max_seconds: stop after so many seconds of training.
        target_regret: stop once the relative leader regret, measured exactly, is at most this.
        progress: whether to show a progress bar on standard error.
        **options: the learner's own, see its `OPTIONS`.

    Raises:
        ParameterError: an argument out of range, an option that the learner does not have, a game that it does not
            play, or a directory that holds another run.

    >>> result = run("nano-gpt5", "evolution", seed=0, progress=False)
    >>> result.leader_regret_relative < 0.01, result.certified
    (True, True)
    """
    played = named(game) if isinstance(game, str) else game
    name = admit(learner)
    own = learner_of(name).OPTIONS.given(**options)
    config = RunConfig(
        learner=name,
        scenario=played.name if isinstance(played, (Scenario, MixScenario)) else None,
        game=as_rules(played),
        throttling=throttling,
        seed=as_count("seed", seed, 2**63 - 1, smallest=0),
        options=own,
        limits=Limits(max_passes, max_seconds, target_regret),
        form=form,
    )
    objection = learner_of(name).objection(config.box)
    if objection is not None:
        raise ParameterError("learner", f"one that plays such games ({objection})", name)
    response(config.box, getattr(config.options, "follower", "exact"))  # refuses users who are none of this game
    if out is not None:
        directory = RunDirectory.create(Path(out), config)
        train(directory, progress=progress)
        return finish(directory)
    with TemporaryDirectory(prefix="routegame-") as folder:
        directory = RunDirectory.create(Path(folder) / "run", config)
        train(directory, progress=progress, board=False)
        return replace(_judged(directory), path=None)


def train(directory: RunDirectory, *, progress: bool = True, board: bool = True) -> None:
    """Train a run to its end, from where it was stopped; nothing is left to do where it has finished.

    Args:
        directory: the run.
        progress: whether to show a progress bar on standard error.
        board: whether to write an event file for TensorBoard.
    """
    if directory.finished:
        return
    with one_thread():
        training = Training(directory)
        judge = judge_of(directory.config.box)
        title, events = directory.config.learner, directory.path if board else None
        with Monitor(events, directory.metrics_path, judge, training, title, shown=progress) as watch:
            training.run(watch)


def finish(directory: RunDirectory) -> RunResult:
    """Judge a run that has finished, and write its result, its picture and its report beside it."""
    result = _judged(directory)
    draw_run(directory, result.judgement)
    write_json(directory.result_path, result.document)
    write_report(directory.path)
    return result


def _judged(directory: RunDirectory) -> RunResult:
    judgement, document = judge_run(directory)
    return RunResult(
        learned=judgement.learned,
        equilibrium=judgement.equilibrium,
        leader_regret_relative=judgement.leader_regret_relative,
        follower_gap_relative=judgement.follower_gap_relative,
        certified=judgement.certified,
        judgement=judgement,
        run=directory.load()[0],
        document=document,
        path=directory.path,
    )

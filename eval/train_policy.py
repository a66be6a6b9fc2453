"""A run that learns one policy for a suite, in one call: trained, judged on every game of the suite, written down."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Never

import numpy as np
from tqdm import tqdm

from routegame.envs.checks import ParameterError, as_count
from routegame.envs.document import Document, read_text
from routegame.envs.game import Game
from routegame.eval.bench.suites import Instance, instances
from routegame.eval.policy_judge import PolicyJudgement, as_batch, judge_policy
from routegame.eval.report.write import write_report
from routegame.numerals import count, percent
from routegame.train.one_thread import one_thread
from routegame.train.policy_learners import PolicySnapshot, make, policy_learner
from routegame.train.runs.policy_directory import PolicyConfig, PolicyDirectory
from routegame.train.runs.run_directory import write_json
from routegame.typesetting import labelled, table
from routegame.whole_file import WholeRecords, whole_file


@dataclass(frozen=True)
class PolicyResult:
    """Result of a run.

    Attributes:
        judgement: of the policy in every game of the suite.
        document: the content of result.json, plain values.
        path: the run directory.
    """

    judgement: PolicyJudgement
    document: dict[str, object]
    path: Path


def run_suite(
    suite: str, learner: str = "amortised", *, out: Path | str, seed: int = 0, progress: bool = True, **options: float
) -> PolicyResult:
    """Learn one policy for a suite of games, and judge it on all of them; none of them is trained on.

    The same arguments give the same policy, bit for bit on one machine. If it is stopped, or killed, the same call goes
    on where it was.

    Args:
        suite: of games of two models without throttling: random, held-out or unseen.
        learner: an id of `POLICY_LEARNERS`.
        out: the run directory.
        seed: of everything random, >= 0.
        progress: whether to show a progress bar on standard error.
        **options: the learner's own.

    Raises:
        ParameterError: an argument out of range, an option that the learner does not have, or a directory that holds
            another run.
    """
    own = policy_learner(learner).OPTIONS.given(**options)
    games_of(suite)
    config = PolicyConfig(learner, suite, as_count("seed", seed, 2**63 - 1, smallest=0), own)
    directory = PolicyDirectory.create(Path(out), config)
    if not directory.finished:
        with one_thread(), _records(directory, progress) as watch:
            directory.train(watch)
    result = judged(directory)
    write_json(directory.result_path, result.document)
    write_report(directory.path)
    return result


def judged(directory: PolicyDirectory) -> PolicyResult:
    """Judge a finished run, from what is on disk."""
    policy, meter, seconds = directory.load()
    config = directory.config
    found = games_of(config.suite)
    judgement = judge_policy(policy, as_batch([game for _, game in found]))
    groups = np.array([instance.group for instance, _ in found])
    strata = {
        group: PolicyJudgement(judgement.regret[groups == group], judgement.follower_gap[groups == group]).to_dict()
        for group in dict.fromkeys(groups.tolist())
    }
    document: dict[str, object] = {
        "learner": config.learner,
        "suite": config.suite,
        "seed": config.seed,
        **judgement.to_dict(),
        "worst_game": found[int(np.argmax(judgement.regret))][0].name,
        "passes": meter.passes,
        "pretraining_passes": meter.pretraining,
        "follower_queries": meter.queries,
        "strata": strata,
        "wall_seconds": seconds,
    }
    return PolicyResult(judgement, document, directory.path)


def games_of(suite: str) -> list[tuple[Instance, Game]]:
    """Return the games of a suite, each with what is known of it.

    Raises:
        ParameterError: there is no such suite, or one policy cannot answer all its games.
    """
    found = [(known, known.game) for known in instances(suite) if isinstance(known.game, Game) and not known.throttling]
    if len(found) < len(instances(suite)) or any(game.num_models != 2 for _, game in found):
        raise ParameterError("suite", "one of games of two models without throttling, random for instance", suite)
    return found


def policy_table(document: Document) -> str:
    """What a run has come to, for a reader who has just met it."""
    lines = [
        (
            "within 1 %",
            percent(document["within_1_percent"], 4),
            "of the games: the commitment costs at most 1 % too much",
        ),
        ("within 0.1 %", percent(document["within_0.1_percent"], 4), "of the games"),
        ("median regret", percent(document["median"]), "cost above the equilibrium, when users answer perfectly"),
        ("worst regret", percent(document["worst"]), f"in {document['worst_game']}"),
        (
            "certified",
            percent(document["certified"], 4),
            "of the games: the learned users are within 1 % of their best",
        ),
        ("passes", count(document["passes"]), "played to learn it; none is played to answer a game"),
    ]
    rows = [("", "games", "within 1 %", "worst regret")]
    for name, found in document["strata"].items():
        rows.append((name, str(found["games"]), percent(found["within_1_percent"], 4), percent(found["worst"])))
    about = f"suite {document['suite']}, {document['games']} games"
    head = f"{about}, learner {document['learner']}, seed {document['seed']}"
    said = [labelled(f"{about:<14}{figure:>9}", meaning, 26, indent=0) for about, figure, meaning in lines]
    return "\n".join([head, "", *said, "", *table(rows)])


class _Records:
    """Writes down what every update came to, and shows a progress bar."""

    def __init__(self, path: Path, bar: tqdm[Never], kept: list[str]) -> None:
        with whole_file(path) as beside:
            beside.write_text("".join(kept), encoding="utf-8")
        self._file, self._bar = WholeRecords(path), bar

    def __call__(self, snapshot: PolicySnapshot, updates: int, seconds: float) -> None:
        figures = {f"{snapshot.phase}/{name}": value for name, value in snapshot.statistics.items()}
        about = {"update": updates, "phase": snapshot.phase, "passes": snapshot.passes, "seconds": seconds}
        self._file.append(json.dumps({**about, **figures}).encode() + b"\n")
        self._bar.set_postfix_str(snapshot.phase, refresh=False)
        self._bar.update(updates - self._bar.n)

    def close(self) -> None:
        self._bar.close()
        self._file.close()


def _records(directory: PolicyDirectory, progress: bool) -> closing[_Records]:
    learner = make(directory.config.learner, directory.config.options, 0)
    bar: tqdm[Never] = tqdm(total=learner.num_updates, desc=directory.config.learner, disable=not progress)
    kept = _kept(directory.metrics_path, directory.updates_done)
    return closing(_Records(directory.metrics_path, bar, kept))


def _kept(path: Path, updates: int) -> list[str]:
    """Return the lines of the first updates, as far as the file has them whole."""
    text = read_text(path) if path.exists() else ""
    return [line for line in text.splitlines(keepends=True)[:updates] if line.endswith("\n")]

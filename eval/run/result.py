"""The result of a run: judged from what is on disk, as numbers and as a table that needs no theory."""

from __future__ import annotations

from routegame.agents.exact.solved_game import Profile
from routegame.agents.users.kinds import follower, response
from routegame.envs.document import Document
from routegame.envs.drifting_game import DriftingGame
from routegame.eval.judge.judgement import CERTIFICATE, Judgement
from routegame.eval.judge.judges import judge_of
from routegame.eval.run.diagnosis import diagnose
from routegame.numerals import as_shown, percent
from routegame.train.meter import Meter
from routegame.train.runs.run_directory import RunDirectory
from routegame.typesetting import labelled, paragraph, table


def judge_run(run: RunDirectory) -> tuple[Judgement[Profile], dict[str, object]]:
    """Judge a finished run; return the judgement and the document that `eval --json` prints."""
    learned, wall_seconds, stopped = run.load()
    config = run.config
    judge = judge_of(config.box)
    config.box.action(learned.commitment)  # refuses what the leader could not commit to
    kind = follower(getattr(config.options, "follower", "exact"))
    respond = response(config.box, str(kind)) if learned.follower is None else learned.follower.abandon_prob
    judgement = judge.judge(learned.commitment, respond)
    document = {
        "learner": config.learner,
        "scenario": config.scenario,
        "seed": config.seed,
        "follower": str(kind) if learned.follower is None else "learned",
        **judgement.to_dict(),
        **judge.distances(judgement, kind),
        "passes": learned.meter.passes,
        "pretraining_passes": learned.meter.pretraining,
        "follower_queries": learned.meter.queries,
        **({"plays": learned.meter.plays, "paid": learned.meter.paid} if learned.meter.plays else {}),
        **_drift(run, learned.meter),
        "stopped": stopped,
        "diagnosis": [finding.to_dict() for finding in diagnose(judge, judgement, stopped, run.history())],
        "wall_seconds": wall_seconds,
    }
    return judgement, document


def _drift(run: RunDirectory, meter: Meter) -> dict[str, object]:
    """Return what there is to say of the time before the game changed, ready for JSON; nothing where it does not.

    Regret is that of the last commitment that was judged before, in the game as it was, and of the first one after, in
    the game as it has become; None where there is none.
    """
    game = run.config.box
    if not isinstance(game, DriftingGame):
        return {}
    regrets: dict[bool, list[float]] = {False: [], True: []}
    for line in run.history():
        if "regret/relative" in line and "drift/changed" in line:
            regrets[bool(line["drift/changed"])].append(float(line["regret/relative"]))
    return {
        "drift": {
            "change_at": game.change_at,
            "plays": meter.earlier_plays,
            "paid": meter.earlier_paid,
            "equilibrium_cost": judge_of(game.phases[0]).equilibrium.leader_cost,
            "regret_before": regrets[False][-1] if regrets[False] else None,
            "regret_then": regrets[True][0] if regrets[True] else None,
        }
    }


def result_table(run: RunDirectory, judgement: Judgement[Profile], document: Document) -> str:
    """The learned profile beside the equilibrium, for a reader who has just met the game."""
    config = run.config
    regret, gap = judgement.leader_regret_relative, judgement.follower_gap_relative
    verdict = "yes" if judgement.certified else "no"
    certificate = percent(CERTIFICATE)
    within = "within" if judgement.certified else "not within"
    users = judge_of(config.box).FOLLOWERS
    return "\n".join(
        [
            paragraph(f"{config.scenario or 'game'}, learner {config.learner}, seed {config.seed}", rest="  "),
            "",
            *table(_profiles(run, judgement)),
            "",
            _line("leader regret", percent(regret), f"cost above the equilibrium, when {users} answer perfectly"),
            _line("follower gap", percent(gap), f"utility that the learned {users} leave on the table"),
            _line("certificate", verdict, f"the learned {users} are {within} {certificate} of their best answer"),
            *_diagnosis(document["diagnosis"]),
        ]
    )


def _profiles(run: RunDirectory, judgement: Judgement[Profile]) -> list[tuple[str, str, str]]:
    """Return the rows of the table, what they are about first."""
    judge, name = judge_of(run.config.box), run.config.scenario
    learned, best = (judge.words(profile, name) for profile in (judgement.learned, judgement.equilibrium))
    return [("", "learned", "equilibrium"), *((about, learned[about], best[about]) for about in learned)]


def _diagnosis(findings: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with a run, nothing where nothing is."""
    wrong = [finding for finding in findings if finding["name"] != "converged"]
    said = [f"{finding['name']}: {as_shown(finding['explanation'])}" for finding in wrong]
    return ["", *map(paragraph, said)] if said else []


def _line(about: str, figure: str, meaning: str) -> str:
    return labelled(f"{about:<15}{figure:>7}", meaning, 25, indent=0)

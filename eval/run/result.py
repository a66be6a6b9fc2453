"""The result of a run: judged from what is on disk, as numbers and as a table that needs no theory."""

from __future__ import annotations

from dataclasses import asdict
from textwrap import wrap
from typing import Any

from routegame.agents.exact.classic_games import KnownProfile
from routegame.agents.exact.solution import Profile
from routegame.agents.users.kinds import ExactFollower, Follower, follower, follower_optimum, response
from routegame.envs.commitment import CommitmentBox
from routegame.envs.scenarios import find_scenario
from routegame.eval.judge.classic_judge import judge_of
from routegame.eval.judge.distance import Distance
from routegame.eval.judge.routing_judge import CERTIFICATE, Judge, Judgement, ratio
from routegame.eval.numerals import coordinates_text
from routegame.eval.run.diagnosis import diagnose
from routegame.train.runs.run_directory import RunDirectory


def judge_run(run: RunDirectory) -> tuple[Judgement[Any], dict[str, Any]]:
    """Judge a finished run; return the judgement and the document that `eval --json` prints."""
    learned, wall_seconds, stopped = run.load()
    config = run.config
    judge: Any = judge_of(config.box)
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
        **(_of_routing(judge, kind, judgement) if isinstance(judge, Judge) else {}),
        "passes": learned.meter.passes,
        "pretraining_passes": learned.meter.pretraining,
        "follower_queries": learned.meter.queries,
        "stopped": stopped,
        "diagnosis": [finding.to_dict() for finding in diagnose(judgement, stopped, run.history())],
        "wall_seconds": wall_seconds,
    }
    return judgement, document


def _of_routing(judge: Judge, kind: Follower, judgement: Judgement[Profile]) -> dict[str, Any]:
    """Return what makes sense of the routing game alone."""
    return {**Distance.of(judge, judgement).to_dict(), **_against_its_kind(judge.box, kind, judgement)}


def _against_its_kind(box: CommitmentBox, kind: Follower, judgement: Judgement[Profile]) -> dict[str, Any]:
    """Return the regret to what is best against users who do not give their best response."""
    if isinstance(kind, ExactFollower):
        return {}
    optimum = follower_optimum(box, kind)
    regret = float(judgement.learned.provider_cost) - float(optimum.provider_cost)
    return {
        "follower_optimum": asdict(optimum),
        "follower_regret": regret,
        "follower_regret_relative": ratio(regret, abs(float(optimum.provider_cost))),
    }


def result_table(run: RunDirectory, judgement: Judgement[Any], document: dict[str, Any]) -> str:
    """The learned profile beside the equilibrium, for a reader who has just met the game."""
    config = run.config
    regret, gap = judgement.leader_regret_relative, judgement.follower_gap_relative
    verdict = "yes" if judgement.certified else "no"
    within = "within" if judgement.certified else "not within"
    users = "users" if isinstance(judgement.learned, Profile) else "followers"
    return "\n".join(
        [
            f"{config.scenario or 'game'}, learner {config.learner}, seed {config.seed}",
            "",
            *_columns(_profiles(run, judgement)),
            "",
            f"leader regret  {regret:7.2%}   cost above the equilibrium, when {users} answer perfectly",
            f"follower gap   {gap:7.2%}   utility that the learned {users} leave on the table",
            f"certificate    {verdict:>7}   the learned {users} are {within} {CERTIFICATE:.0%} of their best answer",
            *_diagnosis(document["diagnosis"]),
        ]
    )


def _profiles(run: RunDirectory, judgement: Judgement[Any]) -> list[tuple[str, ...]]:
    """Return the rows of the table, what they are about first."""
    config, profiles = run.config, (judgement.learned, judgement.equilibrium)
    if isinstance(judgement.learned, KnownProfile):
        return [
            ("", "learned", "equilibrium"),
            ("commitment", *(coordinates_text(profile.coordinates) for profile in profiles)),
            ("answer", *(f"{profile.answer:.4g}" for profile in profiles)),
            ("leader's cost", *(f"{profile.provider_cost:.5g}" for profile in profiles)),
            ("follower's utility", *(f"{profile.user_utility:.4g}" for profile in profiles)),
        ]
    scenario = find_scenario(config.scenario)
    names = scenario.models if scenario else ("standard", "reasoning")
    latency_unit, cost_unit = scenario.units if scenario else ("", "")
    rows: list[tuple[str, ...]] = [
        ("", "learned", "equilibrium"),
        ("first model", *(names[profile.route - 1] for profile in profiles)),
        ("failures handed to the second model", *map(_handed_over, profiles)),
        ("users who leave after a failure", *(f"{profile.abandon_prob:.1%}" for profile in profiles)),
        ("tasks solved in the end", *(f"{profile.solve_prob:.1%}" for profile in profiles)),
        (f"cost of a task{_unit(cost_unit)}", *(f"{profile.provider_cost:.5g}" for profile in profiles)),
        (f"users' utility{_unit(latency_unit)}", *(f"{profile.user_utility:.4g}" for profile in profiles)),
    ]
    if config.throttling:
        for k, name in enumerate(names):
            rows.append(
                (f"latency of {name}{_unit(latency_unit)}", *(f"{p.throttled_latency[k]:.4g}" for p in profiles))
            )
    return rows


def _diagnosis(findings: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with a run, nothing where nothing is."""
    wrong = [finding for finding in findings if finding["name"] != "converged"]
    lines = [line for finding in wrong for line in wrap(f"{finding['name']}: {finding['explanation']}", width=100)]
    return ["", *lines] if lines else []


def _handed_over(profile: Profile) -> str:
    return "-" if profile.route == 2 else "any" if profile.cascade_free else f"{profile.cascade_prob:.2%}"


def _unit(unit: str) -> str:
    return f", {unit}" if unit else ""


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    return [f"{a:<{widths[0]}}   {b:>{widths[1]}}   {c:>{widths[2]}}".rstrip() for a, b, c in rows]

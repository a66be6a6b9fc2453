"""Advice on the ground of a log whose tasks differ: a commitment in each context, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from routegame.agents.mix_solver import solve_mix
from routegame.agents.mixes.mix_solution import MixSolution
from routegame.calibrate.contexts.answers import AnswerLikelihood, Decided, ErringAnswers, Faced, faced
from routegame.calibrate.contexts.decision import MixDecision, decide_mix
from routegame.calibrate.contexts.menu_answers import MenuAnswerLikelihood, MenuFaced, menu_faced
from routegame.calibrate.contexts.menu_decision import decide_menu_mix
from routegame.calibrate.contexts.passes import ContextPasses, context_passes
from routegame.calibrate.contexts.pooling import Pooled
from routegame.calibrate.contexts.values import ContextValues, context_values
from routegame.calibrate.decide.advice import NUM_DRAWS
from routegame.calibrate.decide.posterior import PosteriorDraws, unknown
from routegame.calibrate.decide.readings import NEEDED
from routegame.calibrate.decide.verdict import MOST_WRONG, Verdict
from routegame.calibrate.estimate.assumptions import SIGNIFICANT, Check, check_within_contexts, differ_by_context
from routegame.calibrate.estimate.calibration import DECISIVE, check_stated, plain
from routegame.calibrate.estimate.counts import Arm, arms
from routegame.calibrate.estimate.estimates import estimates
from routegame.calibrate.estimate.tally import Tally, tally
from routegame.calibrate.log.layout import LogError
from routegame.calibrate.log.log import Log, LogSummary
from routegame.envs.arrays import FloatArray
from routegame.envs.checks import as_single
from routegame.envs.game import Game
from routegame.envs.policy import Policy
from routegame.envs.task_mix import TaskMix
from routegame.numerals import plain_percent

Knowledge = Literal["yes", "not told", "no"]
"""Whether users know the context of their task, as far as a log says."""

FINER = dict.fromkeys(("iid_success", "success_after_handover"), "finer contexts, of tasks that are alike") | {
    "response_fits": "users who are alike within a context"
}
"""Needs of a log of contexts, by decisive assumption, where they are others than those of one game."""

EVEN_CHANCE = 0.5
"""Prior count of tasks of each context, in drawing how common contexts are."""


@dataclass(frozen=True, eq=False)
class MixAdvice:
    """Advice on the ground of a log whose tasks differ, with everything that it rests on.

    Attributes:
        log: what file it was, and how much of it counts.
        tally: what it comes down to; its segments are the contexts.
        churn_penalty: P as given; None if it was not.
        passes: p, t and c of each context, pooled.
        cells: decisions of users by context and commitment.
        values: V of each context, and the noise; None without a decision of any user.
        know: whether users know their context.
        assumptions: the checks, within contexts.
        verdict: as where tasks do not differ, see `routegame.calibrate.decide.verdict`.
        reason: why, in a sentence or a few.
        decision: the recommendation and its figures; None where no mix can be drawn. It must not be followed if the
            verdict is `refused`.
        mix: the likeliest mix; None where something is missing.
        seed: of the draws.
    """

    log: LogSummary
    tally: Tally
    churn_penalty: float | None
    passes: ContextPasses
    cells: Faced | MenuFaced
    values: ContextValues | None
    know: Knowledge
    assumptions: tuple[Check, ...]
    verdict: Verdict
    reason: str
    decision: MixDecision | None
    mix: TaskMix | None
    seed: int

    @property
    def contexts(self) -> tuple[str, ...]:
        """Names of the contexts."""
        return self.tally.segments

    @property
    def recommended(self) -> bool:
        """Whether the decision is to be followed."""
        return self.decision is not None and self.verdict != "refused"

    @property
    def equilibrium(self) -> MixSolution | None:
        """The exact solution of the likeliest mix, for users who know their context and answer without noise."""
        if self.mix is None:
            return None
        return solve_mix(self.mix, "sighted", "free" if isinstance(self.cells, MenuFaced) else "fixed")

    def in_force(self, context: int) -> list[dict[str, object]]:
        """The commitments in force in a context as plain values, the commonest first."""
        if isinstance(self.cells, MenuFaced):
            return [cell.to_dict() for cell in self.cells.cells[context]]
        return [vars(arm) for arm in _arms(self.tally, context)]

    def to_dict(self) -> dict[str, object]:
        """Return all as plain numbers, strings and lists, ready for JSON; what is not known is None."""
        d, known = self.decision, self.values is not None and self.values.identified
        shapes, best = self.tally.shapes, self.equilibrium
        document: dict[str, object] = {
            "game": None,
            "users": "sighted",
            "users_know_context": self.know,
            "mix": None if self.mix is None else self.mix.to_dict(),
            "churn_penalty": self.churn_penalty,
            "contexts": [self._context(x) for x in range(len(self.contexts))],
            "task_value_identified": known,
            "task_value_alike": None if self.values is None else self.values.alike,
            "temperature": vars(self.values.noise_estimate) if self.values is not None and known else None,
            "assumptions": [check.to_dict() for check in self.assumptions],
            "in_force": {"provider_cost": None if d is None else d.in_force_cost.value},
            "equilibrium": None
            if best is None
            else {
                "provider_cost": best.provider_cost,
                "context_costs": best.context_costs.tolist(),
                "policies": best.policies.to_dict(),
                "answer": np.asarray(best.answer).tolist(),
                "status": best.status,
            },
            "verdict": self.verdict,
            "reason": self.reason,
            "recommendation": None,
            "decision": None if d is None else {**d.to_dict(), "seed": self.seed},
            "log": self.log.to_dict(shapes.ending, shapes.count),
        }
        if d is not None and self.recommended:
            document["recommendation"] = {
                "by_context": {each.name: each.commitment.to_dict() for each in d.contexts},
                "one_for_all": d.one_for_all.to_dict(),
                "provider_cost": d.provider_cost.value,
                "user_utility": d.user_utility.value,
                "saving": d.saving.value,
                "gain": d.gain.value,
            }
        made: dict[str, object] = plain(document)
        return made

    def _context(self, x: int) -> dict[str, object]:
        """What there is to say of one context."""
        passes, values, d = self.passes, self.values, self.decision
        known = values is not None and values.identified
        numbers = {name: [_pooled(each, x) for each in getattr(passes, name)] for name in PER_MODEL}
        decisions, leaves = self.cells.decisions[x].sum(), self.cells.leaves[x].sum()
        return {
            "name": self.contexts[x],
            "tasks": int(passes.tasks[x]),
            "weight": float(passes.tasks[x] / passes.tasks.sum()),
            "passes": passes.passes[x].tolist(),
            **numbers,
            "task_value": vars(values.estimate(x)) if values is not None and known else None,
            "task_value_borrowed": bool(values.borrowed[x]) if values is not None and known else None,
            "task_value_shrunk": float(values.shrunk[x]) if values is not None and known else None,
            "abandon_prob": leaves / decisions if decisions else None,
            "in_force": self.in_force(x),
            "decision": None if d is None else d.contexts[x].to_dict(),
        }


PER_MODEL = ("success_prob", "latency", "cost")
"""Numbers of each model in each context."""


def _pooled(pooled: Pooled, x: int) -> dict[str, object]:
    return {**vars(pooled.estimate(x)), "shrunk": float(pooled.shrunk[x])}


def advise_mix(
    log: Log,
    churn_penalty: float | None = None,
    num_draws: int = NUM_DRAWS,
    seed: int = 0,
    stated: Mapping[str, Policy] | None = None,
) -> MixAdvice:
    """Take a log whose tasks differ to a recommendation for each context.

    Args:
        log: open, with contexts.
        churn_penalty: P >= 0, what an abandoned task costs the provider, in the unit of cost; None if not known.
        num_draws: mixes that are drawn.
        seed: of the draws.
        stated: commitments by the names that a log in free order has for them, the same in all contexts; others are as
            they are seen in each.

    Raises:
        LogError: no contexts, or a model that never ran.
        ParameterError: P out of range, or a stated commitment that the log does not have.
    """
    if not log.has_contexts:
        raise LogError(f"{log.path} has no column of contexts with two values or more")
    if churn_penalty is not None:
        churn_penalty = as_single("churn_penalty", churn_penalty, 0, inf, closed="low")
    rng = np.random.default_rng(seed)
    counted = tally(log)
    number, contexts = 2 * -(-num_draws // 2), len(counted.segments)
    check_stated(log, counted, stated or {})
    passes = context_passes(counted, rng)
    cells: Faced | MenuFaced
    if counted.turns is None:
        cells = faced(counted.shapes, contexts)
    else:
        cells = menu_faced(counted.turns, contexts, stated or {})
    checks = check_within_contexts(counted, log.layout.models)
    missing = unknown(estimates(counted)[0], log.layout.models)
    spread, values = max(counted.decision_spread, 1.0), None
    know: Knowledge = "not told"
    if not missing and cells.decisions.any():
        likelihood: ErringAnswers
        if isinstance(cells, Faced):
            likelihood = AnswerLikelihood(cells, passes, spread)
        else:
            likelihood = MenuAnswerLikelihood(cells, passes, spread)
        values = context_values(likelihood, cells, passes.tasks, number, rng)
        know, more = _knowledge(cells, values, spread)
        checks = (*checks, *more)
    verdict, reason = _before_deciding(missing, churn_penalty, values, checks)
    decision = mix = None
    if values is not None and values.identified and churn_penalty is not None:
        draws = _draws(counted, passes, values, churn_penalty, number, rng)
        weights = rng.dirichlet(passes.tasks + EVEN_CHANCE, number)
        if isinstance(cells, Faced):
            decision = decide_mix(draws, weights, [_arms(counted, x) for x in range(contexts)])
        else:
            decision = decide_menu_mix(draws, weights, cells.cells, log.summary.titles)
        mix = _likeliest(counted.segments, passes, values, churn_penalty)
        if know != "no":
            verdict, reason = _judged(decision, checks, know)
    return MixAdvice(
        log.summary, counted, churn_penalty, passes, cells, values, know, checks, verdict, reason, decision, mix, seed
    )


def _arms(counted: Tally, context: int) -> tuple[Arm, ...]:
    return arms(counted.shapes[counted.shapes.segment == context])


def _draws(
    counted: Tally,
    passes: ContextPasses,
    values: ContextValues,
    churn_penalty: float,
    number: int,
    rng: np.random.Generator,
) -> list[PosteriorDraws]:
    """Games of each context, in proportion to how likely the log is."""
    rows = rng.permutation(len(passes.cost[0].draws))
    rows = rows[np.arange(number) % len(rows)]
    found = []
    for x, name in enumerate(counted.segments):
        p, t = (tuple(each[:, x].T) for each in (values.success_prob, values.latency))
        c = tuple(pooled.draws[rows, x] for pooled in passes.cost)
        game = Game(values.value[:, x], np.full(number, churn_penalty), p, t, c)
        found.append(PosteriorDraws(name, float(passes.tasks[x]), game, values.noise, rough=True))
    return found


def _likeliest(names: tuple[str, ...], passes: ContextPasses, values: ContextValues, churn_penalty: float) -> TaskMix:
    """The mix of medians."""
    p, t, c = (
        tuple(np.median(pooled.draws, axis=0) for pooled in each)
        for each in (passes.success_prob, passes.latency, passes.cost)
    )
    value: FloatArray = np.median(values.value, axis=0)
    return TaskMix(passes.tasks.astype(np.float64), Game(value, churn_penalty, p, t, c), names)


def _knowledge(cells: Decided, values: ContextValues, spread: float) -> tuple[Knowledge, tuple[Check, ...]]:
    """Whether users know their context, by whether they leave otherwise in other contexts, as such users would.

    Users who do not know it leave as readily in all contexts under one commitment. That alone is no proof: users who
    know it may do so by chance, or where contexts are alike.
    """
    chi_square, freedom, p_value = differ_by_context(cells.decisions.T, cells.leaves.T, spread)
    fits, p_fit = values.fits(cells)
    seen = f"chi-square {chi_square:.1f}, {freedom} degrees of freedom"
    know: Knowledge
    if p_value < SIGNIFICANT:
        know, said = (
            "yes",
            f"Users leave otherwise in other contexts under the same commitment, so they know of them; {seen}.",
        )
    elif values.alike_fits(cells):
        know = "not told"
        said = (
            f"Users leave as readily in all contexts under the same commitment ({seen}), which those who know theirs"
            " might do as well: the log does not tell whether they do."
        )
    else:
        know = "no"
        said = (
            f"Users leave as readily in all contexts under the same commitment ({seen}), and those who knew theirs"
            " would not: they do not know it."
        )
    which = "One value of a task" if values.alike else "A value of a task in each context"
    answers = (
        f"{which} and one noise explain how many users leave in each context under each commitment"
        f"{'' if fits else ' badly: users differ, or choose otherwise'}; deviance {values.deviance:.1f},"
        f" {values.freedom} degrees of freedom."
    )
    return know, (
        Check("users_know_context", know != "no", chi_square, None, p_value, said),
        Check("response_fits", fits or know == "no", values.deviance, None, p_fit, answers),
    )


def _before_deciding(
    missing: str, churn_penalty: float | None, values: ContextValues | None, checks: tuple[Check, ...]
) -> tuple[Verdict, str]:
    """The verdict where no decision can be made, or none may be followed."""
    if missing:
        return "refused", missing
    blind = [check.explanation for check in checks if check.name == "users_know_context" and not check.holds]
    if blind:
        return "refused", (
            f"the recommendation is for users who know the context of their task. {blind[0]} Whoever does not know it"
            " gives one answer in all of them; `solve_mix` takes such users, once their value of a task is known"
        )
    if values is None:
        return "refused", "no user ever decided anything: every failure is the last row of its task"
    if churn_penalty is None:
        return "unsure", "no churn penalty was given: --churn-penalty, or --revenue and --churn-uplift"
    return "refused", f"users' value of a task is not identified: {values.reason}"


def _judged(decision: MixDecision, checks: tuple[Check, ...], know: Knowledge) -> tuple[Verdict, str]:
    """The verdict on a decision, and the reason."""
    failed = [check for check in checks if not check.holds]
    decisive = [check for check in failed if check.name in DECISIVE]
    if decisive:
        needed = "; ".join(dict.fromkeys((NEEDED | FINER)[check.name] for check in decisive))
        explained = " ".join(check.explanation for check in decisive)
        return "refused", f"the log is not of these games: {explained} It would take {needed}"
    number = round(decision.wrong * decision.num_draws)
    total = decision.num_draws
    games = f"all {total} mixes" if number == total else f"{number or 'none'} of {total} mixes"
    wrong = f"it costs over 1 % more than the best in {games} that this log may well be of"
    if failed:
        return "unsure", f"an assumption fails. {' '.join(check.explanation for check in failed)}"
    if know == "not told":
        return (
            "unsure",
            f"users are taken to know the context of their task, and the log does not tell. If they do, {wrong}",
        )
    if decision.wrong <= MOST_WRONG:
        return "sure", f"{wrong}, and no assumption fails"
    return "unsure", f"{wrong}. {_what_would_help(decision)}"


def _what_would_help(decision: MixDecision) -> str:
    """The context that the doubt comes from."""
    worst = max(decision.contexts, key=lambda each: each.wrong * each.weight)
    return (
        f"Most hangs on the context {worst.name}, of {plain_percent(worst.weight)} of tasks: more of them would tell,"
        " or a log four times as long, which halves all intervals"
    )

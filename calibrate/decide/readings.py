"""Readings of a log in which an assumption fails: the same game with other numbers, one for each way to read it.

If repeats succeed less often than first passes there is no single success probability; there are two. Either makes a
game. And both together make passes that are no such game, but whose costs can be told all the same
(`routegame.calibrate.decide.uneven_passes`). A recommendation that is good in all three survives the violation. It need
not be right then, but nothing in the log speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routegame.agents.users.quantal import quantal_response
from routegame.calibrate.decide.candidates import AS_GOOD, Offer
from routegame.calibrate.decide.uneven_passes import Answer, UnevenPasses
from routegame.calibrate.estimate.counts import Steps, by_commitment, steps
from routegame.calibrate.estimate.estimates import Estimates
from routegame.calibrate.estimate.tally import Shapes, Tally
from routegame.calibrate.estimate.task_value import Cell, Models, TaskValueEstimate, estimate_task_value
from routegame.calibrate.log.ending import Ending
from routegame.envs.arrays import BoolArray, FloatArray, IntArray
from routegame.envs.game import Game
from routegame.eval.statistics import SUCCESS

NEEDED = {
    "iid_success": "tasks that are alike: a `segment` column by difficulty, and a log of each segment",
    "success_after_handover": "tasks that are alike: a `segment` column by difficulty, and a log of each segment",
    "constant_hazard": "users who are alike: a `segment` column that tells the patient from the hurried, a log of each",
    "blind_to_model": "users who do not see which model answers; else see `routegame solve --information model`",
    "constant_cascade": "a log in which retries are handed over with one probability, whatever their number",
    "no_hand_back": "tasks that stay with model 2 once they are there",
    "response_fits": "users who are alike: a `segment` column, and a log of each segment",
    "values_fit": "users who are alike, or whose values are log-normal: a `segment` column, and a log of each segment",
}
"""Needs of a log, by decisive assumption, so that it might hold."""


AFTER_FIRST = "users leave as they do after first failures"
AFTER_LATER = "users leave as they do after later failures"
AFTER_1 = "users leave as they do after failures of model 1"
AFTER_2 = "users leave as they do after failures of model 2"

FIRST, LATER = slice(0, 1), slice(1, None)

GRID = np.concatenate([[0.0], np.geomspace(1e-3, 1, 400)])
"""Cascade probabilities among which the best one of a reading is looked for."""


@dataclass(frozen=True)
class Reading:
    """A way to read a log in which an assumption fails.

    Attributes:
        check: the assumption.
        words: what numbers are taken.
        cells: users by commitment.
        models: what they experience.
    """

    check: str
    words: str
    cells: tuple[Cell, ...]
    models: Models


@dataclass(frozen=True)
class Trial:
    """A recommendation under a reading.

    Attributes:
        check: the assumption.
        words: what numbers are taken.
        regret: relative, of the recommendation in that game; nan where V is not identified in it.
        best: the best commitment there; None where V is not identified in it.
    """

    check: str
    words: str
    regret: float
    best: Offer | None

    @property
    def survived(self) -> bool:
        """True where the recommendation is as good as the optimum, or nearly so."""
        return bool(self.regret <= SUCCESS)


def readings(check: str, tally: Tally, found: Estimates) -> tuple[Reading, ...]:
    """Return the ways to read a log in which an assumption fails; none where it suggests nothing."""
    make = _READINGS.get(check)
    if make is None:
        return ()
    return tuple(Reading(check, words, cells, models) for words, cells, models in make(tally.shapes, found))


def put_to_trial(
    failed: Sequence[str],
    tally: Tally,
    found: Estimates,
    task_value: TaskValueEstimate,
    churn_penalty: float,
    commitment: Offer,
) -> tuple[Trial, ...]:
    """Estimate the game anew as each reading has it, and hold a commitment against the best one there.

    Args:
        failed: assumptions.
        tally: of the log.
        found: estimates from it.
        task_value: V as estimated, where it is identified.
        churn_penalty: P.
        commitment: the one to be tried.
    """
    trials, fits = [], {}
    for reading in (one for check in failed for one in readings(check, tally, found)):
        fit = estimate_task_value(reading.cells, reading.models, tally.decision_spread)
        fits[reading.words] = (reading.models, fit)
        if not fit.identified:
            trials.append(Trial(reading.check, reading.words, np.nan, None))
            continue
        alike = _alike(found, churn_penalty, reading.models.success_prob, _answers(reading.models, fit))
        trials.append(_trial(reading.check, reading.words, alike, commitment))
    if trials and all(fit.identified for _, fit in fits.values()) and task_value.identified:
        whole = _as_logged(failed, tally.shapes, found, fits, _answers(found.models, task_value), churn_penalty)
        trials.append(_trial(trials[-1].check, "each pass goes as such passes do in the log", whole, commitment))
    return tuple(trials)


def _trial(check: str, words: str, uneven: UnevenPasses, commitment: Offer) -> Trial:
    """Hold a commitment against the one that costs least where passes are so uneven."""
    s = np.unique(np.concatenate([GRID, [commitment.cascade_prob]]))
    costs, second = uneven.provider_cost(1, s), float(uneven.provider_cost(2, np.zeros(1))[0])
    k = int(costs.argmin())
    best = Offer(2, 0.0)
    if second >= costs[k]:
        most = float(costs[k]) * (1 + AS_GOOD)
        best = Offer.cascade(float(s[k]), lambda x: float(uneven.provider_cost(1, np.array([x]))[0]), most)
    own = second if commitment.route == 2 else float(costs[np.searchsorted(s, commitment.cascade_prob)])
    least = min(second, float(costs[k]))
    return Trial(check, words, own / least - 1 if least else 0.0 if own <= 0 else np.inf, best)


def _answers(models: Models, task_value: TaskValueEstimate) -> Answer:
    """The answer of users with a fitted V and noise."""
    game = Game(float(task_value.estimate.value), 0.0, models.success_prob, models.latency, (0.0, 0.0))

    def answer(route: int, s: FloatArray) -> FloatArray:
        return np.asarray(quantal_response(game, route, s, task_value.temperature))

    return answer


def _alike(found: Estimates, churn_penalty: float, success_prob: tuple[float, ...], answer: Answer) -> UnevenPasses:
    """Passes of which all of one model are alike: those of a game."""
    c1, c2 = (float(cost.value) for cost in found.cost)
    both = (answer, answer)
    return UnevenPasses(success_prob, success_prob[1], success_prob, both, both, (c1, c2), churn_penalty)


def _as_logged(
    failed: Sequence[str],
    shapes: Shapes,
    found: Estimates,
    fits: Mapping[str, tuple[Models, TaskValueEstimate]],
    answer: Answer,
    churn_penalty: float,
) -> UnevenPasses:
    """Passes as the log has them: every number that a failed assumption took for one is as many as were seen."""
    uneven = _alike(found, churn_penalty, found.models.success_prob, answer)
    if "iid_success" in failed or "success_after_handover" in failed:
        every, direct, handed = (steps(part) for part in (shapes, shapes[shapes.route == 2], shapes[shapes.moved]))
        fallback = found.models.success_prob
        uneven = replace(
            uneven,
            fresh=(_rate(every, 0, FIRST, fallback[0]), _rate(direct, 1, FIRST, fallback[1])),
            handed=_rate(handed, 1, FIRST, fallback[1]),
            repeat=(_rate(every, 0, LATER, fallback[0]), _rate(every, 1, LATER, fallback[1])),
        )
    if "constant_hazard" in failed:
        first, later = (_answers(*fits[words]) for words in (AFTER_FIRST, AFTER_LATER))
        uneven = replace(uneven, first=(first, first), later=(later, later))
    elif "blind_to_model" in failed:
        seen = (_answers(*fits[AFTER_1]), _answers(*fits[AFTER_2]))
        uneven = replace(uneven, first=seen, later=seen)
    return uneven


def _rate(counted: Steps, model: int, which: slice, fallback: float) -> float:
    """Share of passes of a model that succeed, those of some steps."""
    passes = counted.passes[model, which].sum()
    return float(counted.successes[model, which].sum() / passes) if passes else fallback


Made = list[tuple[str, tuple[Cell, ...], Models]]


def _success(shapes: Shapes, found: Estimates) -> Made:
    counted = steps(shapes)
    first = [(counted.successes[k, 0], counted.passes[k, 0]) for k in (0, 1)]
    later = [(counted.successes[k, 1:].sum(), counted.passes[k, 1:].sum()) for k in (0, 1)]
    return [
        ("both models succeed as they do at their first pass on a task", found.cells, _models(found, first)),
        ("both models succeed as they do at repeats", found.cells, _models(found, later)),
    ]


def _handover(shapes: Shapes, found: Estimates) -> Made:
    made = []
    for words, part in (("that it is given first", shapes[shapes.route == 2]), ("handed over", shapes[shapes.moved])):
        counted = steps(part)
        share = [(0, 0), (counted.successes[1].sum(), counted.passes[1].sum())]
        made.append((f"model 2 succeeds as it does on tasks {words}", found.cells, _models(found, share)))
    return made


def _hazard(shapes: Shapes, found: Estimates) -> Made:
    last = shapes.n1 + shapes.n2
    left = shapes.ending == Ending.LEFT
    first, left_first = np.minimum(shapes.decisions, 1), left & (last == 1)
    return [
        (AFTER_FIRST, _cells(shapes, first, left_first), found.models),
        (
            AFTER_LATER,
            _cells(shapes, shapes.decisions - first, left & ~left_first),
            found.models,
        ),
    ]


def _sight(shapes: Shapes, found: Estimates) -> Made:
    left, on_2 = shapes.ending == Ending.LEFT, shapes.n2 > 0
    after_1 = np.minimum(shapes.n1, shapes.decisions)
    return [
        (AFTER_1, _cells(shapes, after_1, left & ~on_2), found.models),
        (
            AFTER_2,
            _cells(shapes, shapes.decisions - after_1, left & on_2),
            found.models,
        ),
    ]


def _cascade(shapes: Shapes, found: Estimates) -> Made:
    first = np.minimum(shapes.chances, 1)
    moved_first = shapes.moved & (shapes.n1 == 1)
    left = shapes.ending == Ending.LEFT
    parts = (
        ("retries are handed over as first ones are", first, moved_first),
        ("retries are handed over as later ones are", shapes.chances - first, shapes.moved & ~moved_first),
    )
    made = []
    for words, chances, moved in parts:

        def share(chosen: BoolArray, chances: IntArray = chances, moved: IntArray = moved) -> float:
            total = float((chances * shapes.count)[chosen].sum())
            return float((moved * shapes.count)[chosen].sum() / total) if total else np.nan

        made.append((words, _cells(shapes, shapes.decisions, left, share), found.models))
    return made


_READINGS: dict[str, Callable[[Shapes, Estimates], Made]] = {
    "iid_success": _success,
    "success_after_handover": _handover,
    "constant_hazard": _hazard,
    "blind_to_model": _sight,
    "constant_cascade": _cascade,
}


def _models(found: Estimates, shares: list[tuple[float, float]]) -> Models:
    """The models with other success probabilities, (successes, passes) of each; as they were where none are given."""
    p, error = list(found.models.success_prob), list(found.models.success_error)
    for k, (successes, passes) in enumerate(shares):
        if passes:
            p[k] = float(np.clip(successes / passes, 0.5 / passes, 1 - 0.5 / passes))
            error[k] = float(np.sqrt(p[k] * (1 - p[k]) / passes))
    return replace(found.models, success_prob=(p[0], p[1]), success_error=(error[0], error[1]))


def _cells(
    shapes: Shapes, decisions: IntArray, leaves: IntArray, share: Callable[[BoolArray], float] | None = None
) -> tuple[Cell, ...]:
    """Users by commitment, with some of their decisions only; handed over as stated, or as `share` says."""
    made = []
    for route, stated, chosen in by_commitment(shapes):
        number, gone = (int((x * shapes.count)[chosen].sum()) for x in (decisions, leaves))
        s, error = stated, 0.0
        if route == 1 and (share is not None or np.isnan(stated)):
            total = (shapes.chances * shapes.count)[chosen].sum()
            s = (shapes.moved * shapes.count)[chosen].sum() / max(total, 1) if share is None else share(chosen)
            s = 0.0 if np.isnan(s) else float(s)
            error = float(np.sqrt(s * (1 - s) / max(total, 1)))
        made.append(Cell(route, float(s), error, number, gone))
    return tuple(made)

"""Advice as one page that needs nothing else: no network, no script, the same bytes for the same log and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from routegame import __version__
from routegame.calibrate.contexts.advice import MixAdvice
from routegame.calibrate.decide.advice import Advice
from routegame.calibrate.decide.decision import Decision
from routegame.calibrate.decide.menu_decision import MenuDecision
from routegame.calibrate.decide.phrases import (
    KINDS,
    NAMES,
    REGIMES,
    in_words,
    least_text,
    percent_text,
    range_text,
    regret_text,
    seen,
    share_of,
    spread_text,
    value_text,
)
from routegame.calibrate.decide.sensitivity import Sensitivity
from routegame.calibrate.estimate.counts import Arm
from routegame.calibrate.features.advice import FeatureAdvice
from routegame.calibrate.log.layout import title_of
from routegame.calibrate.show.charts import (
    commitment_chart,
    hazard_chart,
    response_chart,
    sensitivity_bar,
    sensitivity_scale,
)
from routegame.calibrate.show.feature_page import feature_advice_page
from routegame.calibrate.show.menu_charts import alternative_bars, share_chart
from routegame.calibrate.show.menu_text import equilibrium_lines, list_words, policy_words
from routegame.calibrate.show.mix_page import mix_advice_page
from routegame.calibrate.show.text import in_plain_words
from routegame.envs.arrays import FloatArray
from routegame.eval.claims import shown_commitment
from routegame.eval.report.page import render
from routegame.numerals import percent
from routegame.whole_file import whole_file, writing

TEMPLATE = Path(__file__).parent / "templates" / "advice.html"
MENU_TEMPLATE = Path(__file__).parent / "templates" / "menu.html"

MOST_COLOURS = 4
"""Most models that are told apart by colour in one chart."""

WORDS = {
    "in_words": in_words,
    "least_text": least_text,
    "percent_text": percent_text,
    "range_text": range_text,
    "regret_text": regret_text,
    "share_of": share_of,
    "spread_text": spread_text,
    "value_text": value_text,
    "kinds": KINDS,
    "numbers": NAMES,
    "regimes": REGIMES,
}
"""Words and phrases of the page, which are the text's."""


@dataclass(frozen=True)
class SensitivityRow:
    """A line of the table of what matters."""

    sensitivity: Sensitivity
    bar: Element


def write_advice(advice: Advice | MixAdvice | FeatureAdvice, path: Path) -> None:
    """Write the page of advice.

    Raises:
        WriteError: the file cannot be written.
    """
    if isinstance(advice, FeatureAdvice):
        made = feature_advice_page(advice)
    else:
        made = mix_advice_page(advice) if isinstance(advice, MixAdvice) else advice_page(advice)
    page = made.encode("utf-8", "xmlcharrefreplace")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as beside:
        beside.write_bytes(page)


def advice_page(advice: Advice) -> str:
    """Return the page."""
    if advice.calibration.free:
        return _menu_page(advice)
    c, d = advice.calibration, advice.decision
    assert d is None or isinstance(d, Decision)  # as the order is not free
    return render(
        TEMPLATE,
        log=c.log,
        penalty=c.churn_penalty,
        verdict=advice.verdict,
        brief=in_plain_words(advice),
        refused=advice.recommended is None,
        decision=d,
        in_force=_in_force(c.in_force.arms, c.tally.shapes.stated),
        charts=_charts(advice),
        trials=advice.trials,
        segment_outcomes=sorted(advice.outcomes, key=lambda found: found.in_force - found.best),
        sensitivities=[] if d is None else _sensitivities(advice.sensitivities, d),
        models=[title_of(model) for model in c.log.models],
        whole=c.whole,
        value=c.task_value,
        noise=advice.noise,
        spread=c.value_spread,
        pooled=c.pooled,
        segments=list(zip(c.segments, c.segment_task_values, strict=True)),
        equilibrium=None if c.solution is None or c.pooled is not None else c.solution.equilibrium,
        shown=None
        if c.solution is None
        else shown_commitment(c.solution.game, c.solution.equilibrium, digits=3, cost_digits=4),
        assumptions=c.assumptions,
        version=__version__,
        seed=advice.seed,
        **WORDS,
    )


def _menu_page(advice: Advice) -> str:
    """Return the page where models come in any order."""
    c, d = advice.calibration, advice.decision
    assert d is None or isinstance(d, MenuDecision)  # as the order is free
    few = len(c.log.models) <= MOST_COLOURS
    return render(
        MENU_TEMPLATE,
        log=c.log,
        penalty=c.churn_penalty,
        verdict=advice.verdict,
        brief=in_plain_words(advice),
        refused=advice.recommended is None,
        decision=d,
        force=c.policies,
        titles=c.log.titles,
        bars=[] if d is None else alternative_bars(d),
        share_chart=None if d is None or not d.commitment.mixes else share_chart(d),
        hazard=hazard_chart(c.abandonment(), c.log.models) if few else None,
        whole=c.whole,
        value=c.task_value,
        noise=advice.noise,
        segments=list(zip(c.segments, c.segment_task_values, strict=True)),
        ranges=advice.by_value,
        equilibrium=equilibrium_lines(c)[1:],
        assumptions=c.assumptions,
        version=__version__,
        seed=advice.seed,
        policy_words=policy_words,
        list_words=list_words,
        **WORDS,
    )


def _charts(advice: Advice) -> dict[str, Element | None]:
    """The charts that there is something for."""
    c, d = advice.calibration, advice.decision
    drawn: dict[str, Element | None] = {"hazard": hazard_chart(c.abandonment(), c.log.models)}
    if isinstance(d, Decision):
        drawn["commitment"] = commitment_chart(d, c.in_force.arms, advice.recommended is not None)
        drawn["response"] = response_chart(c.whole, advice.draws, c.tally.shapes.stated)
    return drawn


def _sensitivities(sensitivities: Sequence[Sensitivity], d: Decision) -> list[SensitivityRow]:
    if not sensitivities:
        return []
    scale = sensitivity_scale(sensitivities)
    least = float(min(np.asarray(d.curve.cost.value).min(), float(d.curve.route_2.value)))
    return [SensitivityRow(sensitivity, sensitivity_bar(scale, sensitivity, least)) for sensitivity in sensitivities]


def _in_force(arms: Sequence[Arm], stated: FloatArray) -> str:
    """The commitments in force, in words."""
    if len(arms) == 1:
        (arm,) = arms
        known = arm.route == 1 and not np.isnan(arm.cascade_prob) and arm.cascade_prob > 0
        handed = f" and {seen(arm.cascade_prob, stated)} of retries handed over" if known else ""
        return f"model {arm.route} first{handed}"
    first = sum(arm.tasks for arm in arms if arm.route == 1) / sum(arm.tasks for arm in arms)
    return f"{len(arms)} commitments; model 1 first in {percent(first)} of tasks"

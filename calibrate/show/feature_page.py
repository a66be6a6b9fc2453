"""Advice by features of tasks as one page that needs nothing else; see `routegame.calibrate.show.page`."""

from __future__ import annotations

from pathlib import Path

from routegame import __version__
from routegame.calibrate.decide.phrases import in_words, range_text
from routegame.calibrate.features.advice import FeatureAdvice
from routegame.calibrate.show.feature_text import (
    coefficient_text,
    features_in_plain_words,
    names_text,
    noise_text,
    regression_rows,
)
from routegame.eval.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "features.html"


def feature_advice_page(advice: FeatureAdvice) -> str:
    """Return the page."""
    return render(
        TEMPLATE,
        log=advice.log,
        penalty=advice.churn_penalty,
        verdict=advice.verdict,
        brief=features_in_plain_words(advice),
        refused=not advice.recommended,
        decision=advice.decision,
        names=advice.table.names,
        known_by=names_text(advice),
        regressions=regression_rows(advice, advice.log.titles),
        coefficient_text=coefficient_text,
        noise=noise_text(advice),
        equilibrium=advice.equilibrium,
        assumptions=advice.assumptions,
        version=__version__,
        seed=advice.seed,
        in_words=in_words,
        range_text=range_text,
    )

"""Advice on tasks that differ as one page that needs nothing else; see `routegame.calibrate.show.page`."""

from __future__ import annotations

from pathlib import Path

from routegame import __version__
from routegame.calibrate.contexts.advice import MixAdvice
from routegame.calibrate.decide.phrases import offer_words, range_text
from routegame.calibrate.show.mix_text import leaves_text, mix_in_plain_words, noise_text
from routegame.eval.report.page import render

TEMPLATE = Path(__file__).parent / "templates" / "mix.html"


def mix_advice_page(advice: MixAdvice) -> str:
    """Return the page."""
    return render(
        TEMPLATE,
        log=advice.log,
        penalty=advice.churn_penalty,
        verdict=advice.verdict,
        brief=mix_in_plain_words(advice),
        refused=not advice.recommended,
        decision=advice.decision,
        contexts=list(enumerate(advice.contexts)),
        models=advice.log.titles,
        passes=advice.passes,
        values=advice.values if advice.values is not None and advice.values.identified else None,
        noise=noise_text(advice),
        leaves=[leaves_text(advice, x) for x in range(len(advice.contexts))],
        equilibrium=advice.equilibrium,
        assumptions=advice.assumptions,
        version=__version__,
        seed=advice.seed,
        in_words=lambda offer: offer_words(offer, advice.log.titles),
        range_text=range_text,
    )

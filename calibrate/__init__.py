"""From a log of passes to a decision: what the log says of the game, and what to commit to on that ground."""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.calibrate.contexts.advice import MixAdvice, advise_mix
    from routegame.calibrate.decide.advice import Advice, advise
    from routegame.calibrate.estimate.calibration import Calibration, calibrate
    from routegame.calibrate.features.advice import FeatureAdvice, advise_features
    from routegame.calibrate.log.layout import Layout, LogError
    from routegame.calibrate.log.log import open_log
    from routegame.calibrate.log.simulated import LogPlan, Segment, simulate_log, write_log
    from routegame.calibrate.show.page import write_advice

__all__ = [
    "Advice",
    "Calibration",
    "FeatureAdvice",
    "Layout",
    "LogError",
    "LogPlan",
    "MixAdvice",
    "Segment",
    "advise",
    "advise_features",
    "advise_mix",
    "calibrate",
    "open_log",
    "simulate_log",
    "write_advice",
    "write_log",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Advice": "routegame.calibrate.decide.advice",
        "Calibration": "routegame.calibrate.estimate.calibration",
        "FeatureAdvice": "routegame.calibrate.features.advice",
        "Layout": "routegame.calibrate.log.layout",
        "LogError": "routegame.calibrate.log.layout",
        "LogPlan": "routegame.calibrate.log.simulated",
        "MixAdvice": "routegame.calibrate.contexts.advice",
        "Segment": "routegame.calibrate.log.simulated",
        "advise_features": "routegame.calibrate.features.advice",
        "advise_mix": "routegame.calibrate.contexts.advice",
        "advise": "routegame.calibrate.decide.advice",
        "calibrate": "routegame.calibrate.estimate.calibration",
        "open_log": "routegame.calibrate.log.log",
        "simulate_log": "routegame.calibrate.log.simulated",
        "write_advice": "routegame.calibrate.show.page",
        "write_log": "routegame.calibrate.log.simulated",
    },
)

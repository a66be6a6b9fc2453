"""How learned policies are judged, drawn and reported."""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.eval.bench.suites import Instance, instances
    from routegame.eval.explore.explorer import write_explorer
    from routegame.eval.figures.catalogue import draw_figures
    from routegame.eval.judge.judgement import Judgement
    from routegame.eval.judge.judges import judge_of
    from routegame.eval.report.write import write_report
    from routegame.eval.train_and_judge import RunResult
    from routegame.eval.watch.film import write_film
    from routegame.eval.watch.playback import play

__all__ = [
    "Instance",
    "Judgement",
    "RunResult",
    "draw_figures",
    "instances",
    "judge_of",
    "play",
    "write_explorer",
    "write_film",
    "write_report",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Instance": "routegame.eval.bench.suites",
        "Judgement": "routegame.eval.judge.judgement",
        "RunResult": "routegame.eval.train_and_judge",
        "draw_figures": "routegame.eval.figures.catalogue",
        "instances": "routegame.eval.bench.suites",
        "judge_of": "routegame.eval.judge.judges",
        "play": "routegame.eval.watch.playback",
        "write_explorer": "routegame.eval.explore.explorer",
        "write_film": "routegame.eval.watch.film",
        "write_report": "routegame.eval.report.write",
    },
)

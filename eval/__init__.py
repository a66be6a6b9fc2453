"""How learned policies are judged, drawn and reported."""

from typing import TYPE_CHECKING

from routegame.face import lazy

if TYPE_CHECKING:
    from routegame.eval.figures import draw_figures
    from routegame.eval.film import write_film
    from routegame.eval.judgement import Judgement
    from routegame.eval.known_judgement import judge_of
    from routegame.eval.playback import play
    from routegame.eval.report import write_report
    from routegame.eval.suites import Instance, instances
    from routegame.eval.whole_run import RunResult

__all__ = [
    "Instance",
    "Judgement",
    "RunResult",
    "draw_figures",
    "instances",
    "judge_of",
    "play",
    "write_film",
    "write_report",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "Instance": "routegame.eval.suites",
        "Judgement": "routegame.eval.judgement",
        "RunResult": "routegame.eval.whole_run",
        "draw_figures": "routegame.eval.figures",
        "instances": "routegame.eval.suites",
        "judge_of": "routegame.eval.known_judgement",
        "play": "routegame.eval.playback",
        "write_film": "routegame.eval.film",
        "write_report": "routegame.eval.report",
    },
)

"""How long the explorer takes to answer a slider at eight models, by the browser's own trace: a key on every slider.

What is timed is the task of the main thread in which the frame is made: script, style, layout and paint.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from browser import PROGRAM, Browser

from routegame.__main__ import main

ROUNDS = 8
CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline,toplevel,blink.user_timing"
FRAME = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))"
PARTS = {
    "FireAnimationFrame": "script",
    "UpdateLayoutTree": "style",
    "Layout": "layout",
    "PrePaint": "paint",
    "Paint": "paint",
}


def frames(events):
    """Milliseconds of each task that made a frame with an answer: by the clock, of the processor, and of its parts.

    Frames in which nothing was asked are left out.
    """
    asked = [(event["pid"], event["tid"], event["ts"]) for event in events if event["name"] == "asked"]
    timed = [event for event in events if event.get("dur")]
    tasks = [event for event in timed if event["name"] == "RunTask"]
    for pid, thread, moment in asked:
        for task in tasks:
            if (task["pid"], task["tid"]) == (pid, thread) and task["ts"] <= moment <= task["ts"] + task["dur"]:
                parts = dict.fromkeys(PARTS.values(), 0.0)
                for event in timed:
                    inside = task["ts"] <= event["ts"] < task["ts"] + task["dur"]
                    if event["name"] in PARTS and inside and (event["pid"], event["tid"]) == (pid, thread):
                        parts[PARTS[event["name"]]] += event.get("tdur", event["dur"]) / 1000
                yield task["dur"] / 1000, task.get("tdur", task["dur"]) / 1000, *parts.values()


def study(folder):
    page = folder / "explorer.html"
    main(["explore", "gateway-eight", "--out", str(page)])
    with Browser(folder / "profile") as screen:
        screen.open(page, 1280, 900)
        sliders = screen.evaluate("document.querySelectorAll('[data-field][type=range]').length")
        screen.evaluate("new Promise(done => setTimeout(done, 1000))")
        screen.call("Tracing.start", transferMode="ReportEvents", categories=CATEGORIES)
        for _ in range(ROUNDS):
            for k in range(sliders):
                screen.evaluate(f"document.querySelectorAll('[data-field][type=range]')[{k}].focus()")
                for kind in ("keyDown", "keyUp"):
                    screen.call("Input.dispatchKeyEvent", type=kind, key="ArrowRight", windowsVirtualKeyCode=39)
                screen.evaluate(FRAME)
        screen.call("Tracing.end")
        while not any(event["method"] == "Tracing.tracingComplete" for event in screen.events):
            screen.evaluate("0")  # what has happened comes with the answer
        parts = [event["params"]["value"] for event in screen.events if event["method"] == "Tracing.dataCollected"]
        took = np.array(list(frames([event for part in parts for event in part])))
        answers = np.array(screen.evaluate("performance.getEntriesByName('answer').map(e => e.duration)")[5:])
    size = page.stat().st_size
    print(f"{sliders} sliders of eight models, {ROUNDS} keys each; the page has {size:,} bytes")
    print(f"{len(took)} frames with an answer, on {os.cpu_count()} processors under a load of {os.getloadavg()[0]:.1f}")
    timed = [("frame, by the clock", took[:, 0]), ("frame, processor's time", took[:, 1])]
    timed += [(f"  of that {name}", took[:, 2 + k]) for k, name in enumerate(dict.fromkeys(PARTS.values()))]
    timed += [("script of the answer, by the clock", answers)]
    for name, values in timed:
        middle, most = np.percentile(values, [50, 95])
        print(f"{name:36}{middle:5.1f} ms in the median, 95 % within {most:5.1f}, longest {values.max():5.1f}")


if __name__ == "__main__":
    if PROGRAM is None:
        sys.exit("no Chromium is installed")
    with TemporaryDirectory() as made:
        study(Path(made))

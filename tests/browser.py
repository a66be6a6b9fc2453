"""A real browser to look at pages with: Chromium without a window, spoken to in its own protocol through two pipes."""

from __future__ import annotations

import base64
import json
import os
import select
import shlex
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""Where it is; None where none is installed."""

FLAGS = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe"

PATIENCE = 60
"""Seconds that it is waited for."""


class Browser:
    """One page at a time.

    Args:
        profile: folder for what the browser writes.
    """

    def __init__(self, profile: Path) -> None:
        assert PROGRAM is not None
        commands, write_to = os.pipe()
        read_from, answers = os.pipe()
        flags = f"{FLAGS} --user-data-dir={shlex.quote(str(profile))}"
        shell = f"exec {shlex.quote(PROGRAM)} {flags} about:blank 3<&{commands} 4>&{answers}"
        self._process = subprocess.Popen(
            ["bash", "-c", shell], pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(commands)
        os.close(answers)
        self._write, self._read = os.fdopen(write_to, "wb", 0), os.fdopen(read_from, "rb", 0)
        self._buffer, self._number, self._session = b"", 0, None
        self.events: list[dict[str, Any]] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(known["targetId"] for known in targets if known["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write.close()  # it ends when nobody speaks to it
        self._read.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result; what happens meanwhile goes to `events`."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._write.write(
            json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, path: Path, width: int, height: int, *, dark: bool = False) -> None:
        """Load a page in a window of this size, in which nothing has happened yet."""
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression on the page, or what it promises."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)[
            "result"
        ].get("value")

    def serious_faults(self) -> list[tuple[str, str, list[str]]]:
        """What axe-core says is seriously wrong for people who cannot see or point: rule, how serious, elements.

        The test is skipped where the package of axe-core is missing.
        """
        axe = pytest.importorskip("axe_core_python", reason="it is in the extra dev")
        self.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8") + "; 0")
        said = self.evaluate("axe.run().then(found => JSON.stringify([found.passes.length, found.violations]))")
        passed, faults = json.loads(said)
        assert passed > 10, "axe-core has looked at next to nothing"
        told = [(fault["id"], fault["impact"], [node["html"][:90] for node in fault["nodes"][:3]]) for fault in faults]
        return [fault for fault in told if fault[1] in ("serious", "critical")]

    @property
    def complaints(self) -> list[str]:
        """What was written to the console or the log since the page was opened, or thrown."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]

    @property
    def requests(self) -> list[str]:
        """Addresses that were asked for since the page was opened."""
        sent = [event for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def picture(self, *, whole: bool = False) -> bytes:
        """Return what is seen, or all of the page, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def pdf(self) -> bytes:
        """Return what is printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            assert select.select([self._read], [], [], PATIENCE)[0], "the browser does not answer"
            part = os.read(self._read.fileno(), 1 << 16)
            assert part, "the browser has ended"
            self._buffer += part
        message, self._buffer = self._buffer.split(b"\0", 1)
        decoded: dict[str, Any] = json.loads(message)
        return decoded

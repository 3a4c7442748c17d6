"""A headless chromium over its debugging pipe: what a page logs, asks of the network, and looks like. Needs no driver."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

READING, WRITING = 3, 4
"""The descriptors on which chromium's --remote-debugging-pipe listens and answers."""


class ClosedError(Exception):
    """The browser went away."""


class Page:
    """One tab; *heard* keeps every event that it told of."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._answers = to, answers
        self._rest = b""
        self._count = 0
        self._session: str | None = None
        self.heard: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self(f"{domain}.enable")

    def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser, and wait for its answer."""
        self._count += 1
        asked = {"id": self._count, "method": method, "params": parameters}
        os.write(self._to, json.dumps(asked | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        while (said := self._read()).get("id") != self._count:
            self.heard.append(said)
        assert "error" not in said, said
        answer: dict[str, Any] = said["result"]
        return answer

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._answers, 1 << 16)
            if not more:
                raise ClosedError("the browser has gone")
            self._rest += more
        line, self._rest = self._rest.split(b"\0", 1)
        said: dict[str, Any] = json.loads(line)
        return said

    def open(self, file: Path) -> None:
        """Load a file, and wait until it has loaded."""
        self.heard.clear()
        self("Page.navigate", url=file.as_uri())
        while not self.events("Page.loadEventFired"):
            self.heard.append(self._read())

    def events(self, *methods: str) -> list[dict[str, Any]]:
        return [one["params"] for one in self.heard if one.get("method") in methods]

    def look(self, *, scheme: str, medium: str = "screen", width: int = 1280, height: int = 900) -> None:
        """Show the page to somebody who likes it light or dark, on a screen or on paper."""
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self("Emulation.setEmulatedMedia", media=medium, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def says(self, expression: str) -> Any:
        """What a script in the page comes to."""
        said = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def screenshot(self, file: Path, *, whole: bool = False) -> None:
        shot = self("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self("Page.printToPDF", printBackground=False)["data"])


@contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """A browser with a profile of its own, for as long as somebody looks."""
    assert CHROMIUM is not None
    ours_to_read, theirs_to_write = os.pipe()
    theirs_to_read, ours_to_write = os.pipe()

    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    laid = f'exec "$0" "$@" {READING}</dev/fd/{theirs_to_read} {WRITING}>/dev/fd/{theirs_to_write}'
    process = subprocess.Popen(
        ["sh", "-c", laid, CHROMIUM, *arguments, "--remote-debugging-pipe", f"--user-data-dir={folder}"],
        pass_fds=(theirs_to_read, theirs_to_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_to_read)
    os.close(theirs_to_write)
    try:
        yield Page(ours_to_write, ours_to_read)
    finally:
        process.kill()
        process.wait()
        os.close(ours_to_write)
        os.close(ours_to_read)

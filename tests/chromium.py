"""A real browser for tests, without a window: Chromium, driven by its own protocol over two pipes."""

from __future__ import annotations

import base64
import json
import os
import re
import select
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final

CHROMIUM: Final = os.environ.get("SFDEBUG_CHROMIUM", "")
"""The browser to try pages with: a program, or the path of one."""

LONGEST: Final = 240
"""Seconds that a busy machine may take for a script."""


_LOOKS: Final = 4_000
"""How often a page is looked at, 5 ms apart at least, for what is to come."""


class Chromium:
    """The browser, with one page in it."""

    def __init__(self, width: int = 1280, height: int = 900) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # Chromium reads from 3 and writes to 4.
        command = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        self._process = subprocess.Popen(
            [
                "bash", "-c", command, "bash", str(theirs_in), str(theirs_out), CHROMIUM, "--headless", "--no-sandbox",
                "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={self._folder.name}", "--hide-scrollbars",
                f"--window-size={width},{height}", "about:blank",
            ],
            pass_fds=(theirs_in, theirs_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._in = os.fdopen(ours_in, "rb")
        self._out = os.fdopen(ours_out, "wb", buffering=0)
        self._number = 0
        self._session = ""
        self._rest = b""
        self.events: list[dict[str, Any]] = []
        """What the page has reported: its errors, its requests."""
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.size(width, height)

    def __enter__(self) -> Chromium:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(LONGEST)
        self._in.close()
        self._out.close()
        self._folder.cleanup()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers to a call."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            found = self._message()
            if found.get("id") == self._number:
                assert "error" not in found, found
                result: dict[str, Any] = found["result"]
                return result
            self.events.append(found)

    def listen(self) -> None:
        """Wait until the page reports something more."""
        self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._in], [], [], LONGEST)[0], "the browser says nothing any more"
            more = os.read(self._in.fileno(), 1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        first, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(first)
        return found

    def size(self, width: int, height: int) -> None:
        """Give the page a size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefers(self, theme: str, media: str = "") -> None:
        """What the system is set to: light or dark; `media`: print."""
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file, and wait until its run is shown."""
        self.call("Page.navigate", url="about:blank")
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri() + fragment)
        self.until("document.readyState === 'complete' && document.body.dataset.shown")

    def run(self, script: str) -> Any:
        """What a script in the page gives; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition: str) -> Any:
        """Wait until something is so in the page; what it is. It is looked for again and again, but not for ever."""
        script = (
            f"new Promise((done) => {{ let left = {_LOOKS}; const look = () => {{ const is = ({condition}); "
            f"if (is || !left--) done(is); else setTimeout(look, 5); }}; look(); }})"
        )
        found = self.run(script)
        assert found, f"this never came to be so: {condition}"
        return found

    def key(self, key: str) -> None:
        """Press a key."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """Write what is seen to a file of PNG."""
        found = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(found["data"]))

    def printed(self, path: Path) -> int:
        """Print the page to a file of PDF; how many sheets it has."""
        data = base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])
        path.write_bytes(data)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", data))

    @property
    def faults(self) -> list[str]:
        """The errors that the page has had, and what it asked for from elsewhere."""
        self.run("1")
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                found.append(str(details.get("exception", details).get("description", details)))
            elif event["method"] == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                found.append(parameters["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if not url.startswith(("file:", "about:", "data:")):
                    found.append(f"asked for {url}")
        return found

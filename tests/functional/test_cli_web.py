"""`--web`: the screen in a browser, who may drive it, and that no process stays behind."""

from __future__ import annotations

import asyncio
import base64
import http.client
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.lessons.reading import shipped_course
from tests.chromium import CHROMIUM, Chromium
from tests.command_line import ROOT, sfdebug
from tests.programs import limited

aiohttp = pytest.importorskip("aiohttp", reason="the extra `web` is not installed")

LONGEST: Final = 240
"""Seconds that a busy machine may take for anything here."""

FIRST_WORDS: Final = " ".join(shipped_course().lessons[0].steps[0].say.split()[:4])
"""What the first lesson begins with, on one line of the screen."""

BINARY: Final = 2
"""The opcode of a frame with data. Source: RFC 6455, 5.2."""


class Served:
    """`sfdebug learn` in a browser, at a port of its own."""

    def __init__(self, folder: Path) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sfdebug", "learn", "--web-at", "0"],
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment,
        )  # fmt: skip
        assert self.process.stderr is not None
        with limited(self.process, LONGEST):
            said = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found is not None, said
        self.port = int(found[1])
        self.origin = f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """What a request is answered with."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, body

    def program(self) -> int:
        """A handle on the one process that a page has started, which can be waited for."""
        number = self.process.pid
        (child,) = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()
        return os.pidfd_open(int(child))

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait(LONGEST)
        assert self.process.stderr is not None
        self.process.stderr.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    try:
        yield server
    finally:
        server.end()


def _ends(program: int) -> bool:
    """Whether a process ends."""
    ended, _, _ = select.select([program], [], [], LONGEST)
    os.close(program)
    return bool(ended)


async def _until(page: Any, text: str) -> str:
    """All that comes until `text` does, without what is no text."""
    seen = ""
    while text not in re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", seen):
        message = await page.receive(timeout=LONGEST)
        assert message.type is aiohttp.WSMsgType.BINARY, message
        seen += message.data.decode()
    return seen


def test_only_its_own_page_drives_it_and_needs_nothing_from_elsewhere(served: Served) -> None:
    status, page = served.get("/")
    assert status == 200
    assert "http" not in page.replace("http-equiv", "")  # no font, script or style of another machine
    for path in re.findall(r'"(/static/[^"]+)"', page):
        assert served.get(path)[0] == 200
    assert served.get("/", Host="sfdebug.example:80")[0] == 403
    assert served.get("/", Host=f"sfdebug.example:{served.port}")[0] == 403
    assert served.get("/", Origin="http://sfdebug.example")[0] == 403
    assert served.get("/ws")[0] == 403
    assert served.get("/ws", Origin="http://sfdebug.example")[0] == 403
    assert served.get("/static/../serving.py")[0] in (403, 404)
    if hasattr(os, "pidfd_open"):
        number = served.process.pid
        assert not Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").strip()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are waited for through Linux's pidfd_open")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["ended", "killed"])
def test_a_page_is_the_program_which_ends_with_the_server(served: Served, number: signal.Signals) -> None:
    async def look() -> None:
        async with aiohttp.ClientSession() as client:
            address = f"ws://127.0.0.1:{served.port}/ws?width=90&height=30"
            async with client.ws_connect(address, headers={"Origin": served.origin}) as page:
                await _until(page, "lessons done")
                await page.send_json(["stdin", "\r"])
                await _until(page, FIRST_WORDS)
                program = served.program()
                served.process.send_signal(number)
                assert _ends(program)

    asyncio.run(look())
    code = served.process.wait(LONGEST)
    assert code == (0 if number is signal.SIGTERM else -signal.SIGKILL)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes are waited for through Linux's pidfd_open")
def test_a_page_that_talks_nonsense_or_goes_takes_its_program_along(served: Served) -> None:
    async def look(nonsense: str) -> None:
        async with aiohttp.ClientSession() as client:
            address = f"ws://127.0.0.1:{served.port}/ws?width=many&height=-1"
            async with client.ws_connect(address, headers={"Origin": served.origin}) as page:
                await _until(page, "lessons done")
                program = served.program()
                if nonsense:
                    await page.send_str(nonsense)
                    while (message := await page.receive(timeout=LONGEST)).type is aiohttp.WSMsgType.BINARY:
                        pass
                    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert _ends(program)

    for nonsense in ("", '["stdin"]'):
        asyncio.run(look(nonsense))
    assert served.get("/")[0] == 200


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    outcome = sfdebug("learn", "--web-at", str(served.port))
    assert outcome.code == 2
    assert "nothing can listen at 127.0.0.1" in outcome.err
    assert "--web-at 8001" in outcome.err
    outcome = sfdebug("learn", "--web-at", "a..b:0")
    assert (outcome.code, "there is no such host" in outcome.err) == (2, True)


def _frames(browser: Chromium) -> Iterator[str]:
    """What comes over the connection of the browser's page, as it comes, without what is no text."""
    for number in count():
        while number >= len(browser.events):
            browser.listen()
        event = browser.events[number]
        if event.get("method") == "Network.webSocketFrameReceived" and event["params"]["response"]["opcode"] == BINARY:
            data = base64.b64decode(event["params"]["response"]["payloadData"])
            yield re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", data.decode())


def _shown(frames: Iterator[str], text: str) -> str:
    """All that comes until `text` does."""
    seen = ""
    while text not in seen:
        seen += next(frames)
    return seen


@pytest.mark.skipif(not CHROMIUM, reason="SFDEBUG_CHROMIUM names no browser")
def test_a_real_browser_shows_it_and_its_keys_reach_it_at_once(served: Served) -> None:
    with Chromium(1000, 700) as browser:
        browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
        assert "errorText" not in browser.call("Page.navigate", url=served.origin)
        frames = _frames(browser)
        _shown(frames, "lessons done")
        browser.until("document.activeElement.className === 'xterm-helper-textarea'")
        browser.key("Enter")
        assert "Weigh" in _shown(frames, FIRST_WORDS)
        assert [one for one in browser.faults if not one.startswith(f"asked for {served.origin}/")] == []

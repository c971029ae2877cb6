"""`--web`: the screen in a browser, who may drive it, and that no process stays behind."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.lessons.reading import shipped_course
from tests.command_line import ROOT, sfdebug
from tests.programs import limited

aiohttp = pytest.importorskip("aiohttp", reason="the extra `web` is not installed")

LONGEST: Final = 240
"""Seconds that a busy machine may take for anything here."""

FIRST_WORDS: Final = " ".join(shipped_course().lessons[0].steps[0].say.split()[:4])
"""What the first lesson begins with, on one line of the screen."""

CHROMIUM: Final = os.environ.get("SFDEBUG_WEB_BROWSER", "")
"""A browser to try it with: a program, or the path of one. It is a variable of its own: beside the whole suite, on two
cores, the page has stayed empty for as long as anybody waited."""


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


async def _chromium(served: Served, folder: Path) -> str:
    """What a real browser shows after Enter: the text of the terminal, by its own account."""
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        "--window-size=1000,700", f"--user-data-dir={folder}", "about:blank",
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert browser.stderr is not None
    try:
        while b"DevTools listening" not in (line := await asyncio.wait_for(browser.stderr.readline(), LONGEST)):
            assert line, "Chromium has not begun"
        port = line.decode().rsplit(":", 1)[1].split("/")[0]
        async with aiohttp.ClientSession() as client:
            tabs = await (await client.get(f"http://127.0.0.1:{port}/json")).json()
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with client.ws_connect(address, max_msg_size=0) as page:
                return await _looked_at(page, served)
    finally:
        with suppress(ProcessLookupError):
            browser.kill()
        await browser.wait()


async def _looked_at(page: Any, served: Served) -> str:
    """Open the page, and give what came over its connection until a lesson stands there, opened by the key Enter."""
    numbers = iter(range(1, 1_000))

    async def tell(method: str, **parameters: Any) -> int:
        number = next(numbers)
        await page.send_json({"id": number, "method": method, "params": parameters})
        return number

    async def opened() -> bool:
        """Go to the page; a browser that has just begun may have given that up for its own first page."""
        number = await tell("Page.navigate", url=served.origin)
        while (event := json.loads((await page.receive(timeout=LONGEST)).data)).get("id") != number:
            pass
        return "errorText" not in event["result"]

    async def until(text: str) -> str:
        seen = ""
        while text not in re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", seen):
            event = json.loads((await page.receive(timeout=LONGEST / 8)).data)
            if event.get("method") == "Network.webSocketFrameReceived":
                frame = event["params"]["response"]
                seen += base64.b64decode(frame["payloadData"]).decode() if frame["opcode"] == 2 else ""
        return seen

    await tell("Network.enable")
    await tell("Emulation.setFocusEmulationEnabled", enabled=True)
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    for _ in range(4):  # on a busy machine a page can be left with a connection that nothing comes over any more
        while not await opened():
            pass
        with suppress(TimeoutError):
            await until("lessons done")
            await tell("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
            await tell("Input.dispatchKeyEvent", type="keyUp", **key)
            return await until(FIRST_WORDS)
    raise AssertionError("the page stays empty")


@pytest.mark.skipif(not CHROMIUM, reason="SFDEBUG_WEB_BROWSER names no browser")
def test_a_real_browser_shows_it_and_its_keys_reach_it_at_once(served: Served, tmp_path: Path) -> None:
    assert "Weigh" in asyncio.run(_chromium(served, tmp_path / "browser"))

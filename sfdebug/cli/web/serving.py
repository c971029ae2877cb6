"""Serves the screen to browsers, through textual-serve: a page, and for each page that is open a process of sfdebug.

Textual's protocol, its script for the browser and the messages between the two are textual-serve's. What is here is
who may connect, whose progress is whose, and that no process outlives its page or the server. A page of somebody
else's cannot drive the program: Host and Origin have to be those that this server is at.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import secrets
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp_jinja2
from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from sfdebug.cli.console import say
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sfdebug.cli.web.options import WebAddress

MOST_PAGES: Final = 40
"""So many pages are open at once: a class. Each is a process of some 80 MB."""

_PATIENCE: Final = 3.0
"""Seconds that a process has for leaving in order before it is ended."""

_LARGEST: Final = 400
"""Columns, or rows, of a page: no screen is larger."""

_COOKIE: Final = "sfdebug-browser"
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
_KEY: Final[web.AppKey[set[web.WebSocketResponse]]] = web.AppKey("pages", set)


class PageProgram(AppService):
    """The process behind one page."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], **others: Any) -> None:
        """`arguments` are those of the program, which no shell gets to read; `environment` is what they find set."""
        super().__init__("sfdebug", **others)
        self._arguments = tuple(arguments)
        self._environment = dict(environment)

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        """What textual-serve sets, and what this page adds."""
        return {**super()._build_environment(width, height), **self._environment}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
        )
        self._stdin = process.stdin
        return process

    async def stop(self) -> None:
        """Ask the program to leave; end it where it does not."""
        process = self._process
        with suppress(TimeoutError, ConnectionError):
            await asyncio.wait_for(super().stop(), _PATIENCE)
        if process is None:
            return
        with suppress(ProcessLookupError):
            if process.returncode is None:
                process.kill()
        await process.wait()


class BrowserServer(Server):
    """The server. Its command line is run for each page, in a process of its own."""

    def __init__(self, arguments: Sequence[str], address: WebAddress) -> None:
        """`arguments` are those of the whole command that each page runs."""
        super().__init__(
            "sfdebug", host=address.host, port=address.port, title="sfdebug", templates_path=Path(__file__).parent
        )
        self._arguments = tuple(arguments)
        self._address = address

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._only_ours)
        app[_KEY] = set()
        return app

    @web.middleware
    async def _only_ours(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse what another page sends a browser to: a name that was made to point here, or a foreign origin."""
        origin = request.headers.get("Origin")
        if not self._is_ours(request.host) or (origin is not None and origin != f"http://{request.host}"):
            raise web.HTTPForbidden(text=f"sfdebug is served at {self._address.url}, and to no other page\n")
        if request.path == "/ws" and origin is None:
            raise web.HTTPForbidden(text="sfdebug is driven by its own page only\n")
        return await handler(request)

    def _is_ours(self, host: str) -> bool:
        """Whether a request's Host is this machine by its address or its own name."""
        name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "80")
        if port != str(self.port):
            return False
        name = name.removeprefix("[").removesuffix("]").casefold()
        if self._address.is_loopback:
            return name in ("localhost", "127.0.0.1", "::1")
        if name in ("localhost", self.host.casefold(), socket.gethostname().casefold(), socket.getfqdn().casefold()):
            return True
        with suppress(ValueError):
            ipaddress.ip_address(name)
            return True
        return False

    @aiohttp_jinja2.template("page.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """The page: its addresses are those under which it was asked for."""
        size = request.query.get("fontsize", "")
        return {"font_size": int(size) if size.isascii() and size.isdecimal() and 6 <= int(size) <= 48 else 16}

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it is closed or its program ends."""
        pages = request.app[_KEY]
        if len(pages) >= MOST_PAGES:
            raise web.HTTPServiceUnavailable(text=f"{MOST_PAGES} pages are open already\n")
        socket_ = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 20)
        pages.add(socket_)
        program = PageProgram(
            self._arguments,
            self._kept_for(request),
            write_bytes=socket_.send_bytes,
            write_str=socket_.send_str,
            close=socket_.close,
            download_manager=self.download_manager,
        )
        try:
            await socket_.prepare(request)
            await program.start(*(_cells(request.query.get(name)) or usual for name, usual in _USUAL.items()))
            await self._process_messages(socket_, program)
        except (ValueError, KeyError, IndexError, TypeError, AssertionError):
            await socket_.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"this is no message of the page")
        except ConnectionError:
            pass  # the page is gone
        finally:
            pages.discard(socket_)
            await asyncio.shield(program.stop())
        return socket_

    def _kept_for(self, request: web.Request) -> dict[str, str]:
        """Where a page keeps its progress and sessions: on this machine with the user's own; of others, each browser
        has a folder of its own."""
        if self._address.is_loopback:
            return {}
        token = request.cookies.get(_COOKIE, "")
        if _TOKEN.fullmatch(token) is None:
            return {}
        from platformdirs import user_state_path

        return {"XDG_STATE_HOME": str(user_state_path("sfdebug", appauthor=False) / "browsers" / token)}

    async def on_startup(self, app: web.Application) -> None:
        """Give each browser a name of its own, where they are several people's."""
        if not self._address.is_loopback:
            app.on_response_prepare.append(_named)

    async def on_shutdown(self, app: web.Application) -> None:
        """Close all pages, which ends their programs."""
        pages = app[_KEY]
        code, message = WSCloseCode.GOING_AWAY, b"sfdebug has ended"
        # All at once: each is given some seconds to answer, and of a class many may have gone without a word.
        closing = (page.close(code=code, message=message) for page in tuple(pages))
        await asyncio.gather(*closing, return_exceptions=True)


_USUAL: Final = {"width": 80, "height": 24}


def _cells(given: str | None) -> int:
    """A width or height that a page asks for; 0 for none that could be."""
    is_number = given is not None and given.isascii() and given.isdecimal() and len(given) < 5
    return min(int(given), _LARGEST) if is_number and given is not None else 0


async def _named(request: web.Request, response: web.StreamResponse) -> None:
    if request.path == "/" and _TOKEN.fullmatch(request.cookies.get(_COOKIE, "")) is None:
        response.set_cookie(_COOKIE, secrets.token_hex(16), max_age=31_536_000, httponly=True, samesite="Strict")


def serve(argv: Sequence[str], address: WebAddress) -> None:
    """Serve the screen that the command line `argv` opens, until Ctrl+C or a signal.

    Raises UsageError when nothing can listen at the address.
    """
    listening = _listening(address)
    address = type(address)(address.host, listening.getsockname()[1])
    server = BrowserServer((sys.executable, "-m", "sfdebug", *argv), address)
    say(f"sfdebug in a browser: {address.url}   (Ctrl+C ends it)")
    if not address.is_loopback:
        say(
            "  Others can reach it: who opens the page reads files and runs programs here as you do. Serve it to a\n"
            "  class in a network that you trust, from an account that has nothing to lose."
        )
    loop = asyncio.new_event_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, server.request_exit)
    web.run_app(
        server._make_app(), sock=listening, handle_signals=False, loop=loop, print=None, shutdown_timeout=_PATIENCE
    )


def _listening(address: WebAddress) -> socket.socket:
    what, fix = (
        f"nothing can listen at {address.host}:{address.port}",
        "Give another port: --web-at 8001, or 0 for any.",
    )
    try:
        family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, UnicodeError) as error:  # of a name that cannot be one
        raise UsageError(f"{what}: there is no such host", where="--web-at", fix="Give the address alone.") from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UsageError(f"{what}: {error.strerror or error}", where="--web", fix=fix) from error
    return listening

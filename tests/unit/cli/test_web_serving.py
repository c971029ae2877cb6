"""Serving a screen to browsers: the end of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sfdebug.cli.web.options import WebAddress

web = pytest.importorskip("aiohttp.web", reason="the extra `web` is not installed")
pytest.importorskip("textual_serve", reason="the extra `web` is not installed")


class Page:
    """One that waits for its browser's answer as it is closed, as long as there is another one that does."""

    def __init__(self, together: asyncio.Barrier) -> None:
        self.together = together
        self.is_closed = False

    async def close(self, **_: object) -> None:
        await asyncio.wait_for(self.together.wait(), 60)
        self.is_closed = True


class Broken(Page):
    """One whose browser has gone."""

    async def close(self, **_: object) -> None:
        await super().close()
        raise ConnectionResetError


async def test_all_pages_are_closed_at_once() -> None:
    """One after the other would be ten seconds for each browser that has gone without a word."""
    from sfdebug.cli.web.serving import _KEY, BrowserServer

    together = asyncio.Barrier(3)
    pages: Any = {Page(together), Broken(together), Page(together)}
    app = web.Application()
    app[_KEY] = pages
    await BrowserServer((), WebAddress("127.0.0.1", 8000)).on_shutdown(app)
    assert [page.is_closed for page in pages] == [True, True, True]

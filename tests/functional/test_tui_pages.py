"""The run on the screen as a page that anybody can open: with one key, with its data or without."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sfdebug.tui.keys import key_of
from tests.pages import contents_of, ended, loop, pieces_of, refused
from tests.tui_runs import SMALL, opened

pytestmark = pytest.mark.usefixtures("isolated")


async def test_a_key_writes_the_page_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    debugger = refused()
    debugger.goto_event(5)
    before = debugger.cursor
    async with opened(debugger, size=SMALL) as session:
        await session.press("underscore")
        assert "with its data" in session.text
        assert key_of("look.page") == "_"
        await session.press("enter")
        (path,) = tmp_path.glob("run-*.html")
        await session.press("z", "z")
        await session.press("underscore", "down", "enter")
        other = next(one for one in tmp_path.glob("run-*.html") if one != path)
        assert other.name == f"{path.stem}-2.html"
        assert f"written to {other.name}" in " ".join(session.text.split())
        assert debugger.cursor == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plain, redacted = path.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
    assert contents_of(plain)["runs"][0]["events"] == contents_of(redacted)["runs"][0]["events"] == 21
    assert "Ada" in str(pieces_of(plain))
    assert "Ada" not in redacted + str(pieces_of(redacted))


async def test_a_long_run_is_written_in_slices_and_what_changes_meanwhile_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sfdebug.tui.commands.pages._SLICE", 0.0)  # a key after every step
    debugger = ended(loop(300), {"n": 0})
    async with opened(debugger, size=SMALL) as session:
        await session.press("underscore", "enter")
        commands = session.screen.commands.pages
        assert not list(tmp_path.glob("run-*.html"))
        await session.press("underscore")
        assert "already" in session.text
        debugger.restart()
        debugger.edit_input({"n": 30})
        await session.until(lambda: not commands.is_writing)
        assert "another timeline" in " ".join(session.text.split())
        assert not list(tmp_path.glob("run-*.html"))

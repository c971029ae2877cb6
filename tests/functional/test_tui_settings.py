"""The user's settings on the screen: keys, the sentence, the size of states, the clipboard, leaving."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sfdebug.configuration import Clipboard, Configuration, ConfirmQuit, Explaining, FirstZoom, Theme
from sfdebug.tui.keys import put_in_force
from sfdebug.tui.settings import ScreenSettings
from tests.tui_runs import opened

_MACHINE = {
    "StartAt": "A",
    "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}},
}


async def test_own_keys_do_what_they_say_and_are_shown() -> None:
    keymap = {"step.over": ("f8", "x"), "look.explain": ("n",), "back.over": ()}
    settings = ScreenSettings(keymap=keymap)
    try:
        async with opened(_MACHINE, {"n": 1}, settings=settings) as session:
            assert "F8 over" in session.text
            await session.press("x")
            assert session.screen.debugger.execution.visit_count == 1
            assert session.screen.sentence.styles.display != "none"
            await session.press("n", "n")
            assert session.screen.debugger.execution.visit_count == 1
            assert session.screen.sentence.styles.display == "none"
            await session.press("N")
            assert session.screen.debugger.execution.visit_count == 1
            await session.press("question_mark")
            assert "F8  x" in session.text
    finally:
        put_in_force({})


async def test_the_sentence_and_the_size_of_states_begin_as_wished() -> None:
    wanted = Configuration(explain=Explaining.OFF, zoom=FirstZoom.DOTS, theme=Theme.TERMINAL)
    async with opened(_MACHINE, {"n": 1}, settings=ScreenSettings(configuration=wanted)) as session:
        await session.until_idle()
        assert session.screen.sentence.styles.display == "none"
        assert session.screen.graph.drawer.size_words == "dots"
        assert session.app.theme == "sfdebug-terminal"


@pytest.mark.parametrize(
    ("confirm", "asks"), [(ConfirmQuit.LOSS, False), (ConfirmQuit.ALWAYS, True), (ConfirmQuit.NEVER, False)]
)
async def test_leaving_asks_as_wished(confirm: ConfirmQuit, asks: bool) -> None:
    settings = ScreenSettings(configuration=Configuration(confirm_quit=confirm))
    async with opened(_MACHINE, {"n": 1}, settings=settings) as session:
        await session.press("q")
        assert ("Leave sfdebug?" in session.text if session.app.is_running else False) is asks


async def test_a_copy_goes_into_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    settings = ScreenSettings(configuration=Configuration(clipboard=Clipboard.FILE))
    async with opened(_MACHINE, {"n": 1}, settings=settings) as session:
        await session.press("1", "y")
        file = tmp_path / "sfdebug" / "copied.txt"
        assert file.read_text(encoding="utf-8") == "A"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert session.message == f"copied the name A to {file}"


async def test_a_machine_without_a_clipboard_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = ScreenSettings(configuration=Configuration(clipboard=Clipboard.SYSTEM))
    async with opened(_MACHINE, {"n": 1}, settings=settings) as session:
        await session.press("1", "y")
        assert session.message.startswith("not copied: no program for this machine's clipboard works")


async def test_a_copy_goes_to_the_program_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\n/bin/cat > {tmp_path}/copied\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    settings = ScreenSettings(configuration=Configuration(clipboard=Clipboard.SYSTEM))
    async with opened(_MACHINE, {"n": 1}, settings=settings) as session:
        await session.press("1", "y")
        assert session.message == "copied the name A to this machine's clipboard (xclip)"
    assert (tmp_path / "copied").read_text(encoding="utf-8") == "A"

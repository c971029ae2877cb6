"""Hostile names and data in every dialog and screen: no byte of theirs that a terminal acts upon, no markup read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color

from sfdebug.asl.load import definition_from
from sfdebug.aws.listing import MachineEntry
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine.execution.decisions import TaskFailure
from sfdebug.executions.groups import FailureGroup
from sfdebug.executions.outcome import ExecutionOutcome, FailedState, Known
from sfdebug.executions.trail import Whereabouts
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.lists import ExecutionList, GroupList, MachineList
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.terminal.filters import TerminalFilter
from sfdebug.values import Json
from tests.debugger_runs import Nobody, machine, passing, task
from tests.execution_rows import place_of
from tests.history_runs import recording
from tests.tui_runs import MEDIUM, SMALL, Session, opened
from tests.widget_host import WidgetHost

EVIL = "\x1b]2;PWNED\x1b\\\x9b31m\x07\x00\x7f\x85\u202eltr\u2066\u200f\u2028\ufeff"
HALF = EVIL + "\ud83d"
MARKUP = ["[/a]", "[EU]", "[@click=app.quit]go[/]", "[link=http://x]y[/", "[bold red]"]
FIRST = "[/a]" + EVIL
ERROR = "Err[/b]" + EVIL
_OURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""What Textual writes itself: colours and cursor movements."""


def hostile() -> dict[str, Any]:
    """States of every type with such names, one after the other."""
    inner = [machine(**{f"In{number}{EVIL}": passing(Comment=EVIL)}) for number in range(2)]
    states = {
        FIRST: task(
            "[EU]?",
            Comment=EVIL,
            Parameters={f"k[/{EVIL}": EVIL, "[/b]": ["[EU]"]},
            Retry=[{"ErrorEquals": [ERROR], "MaxAttempts": 1}],
            Catch=[{"ErrorEquals": [f"Other{EVIL}"], "Next": "[bold red]", "ResultPath": "$.e"}],
            ResultPath="$.r",
        ),
        "[EU]?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.v", "StringEquals": f"[/x]{EVIL}", "Next": "[bold red]"}],
            "Default": MARKUP[2],
        },
        MARKUP[2]: {"Type": "Parallel", "Branches": inner, "Next": MARKUP[3], "ResultPath": None},
        MARKUP[3]: {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": machine(
                **{"[/i]": task(Resource=f"arn:aws:lambda:us-east-1:123456789012:function:f{EVIL}")}
            ),
            "ResultPath": None,
            "Next": "[bold red]",
        },
        "[bold red]": {"Type": "Fail", "Error": ERROR, "Cause": f"[/c]{EVIL}"},
    }
    return machine(**states)


DATA: Json = {"v": f"[/v]{HALF}", f"[/key]{HALF}": [HALF, {"[red]": HALF}], "items": [HALF, "[/item]"]}


def raw(session: Session) -> str:
    """All that would be written to the terminal for the screen as it stands."""
    screen, console = session.app.screen, session.app.console
    written = screen._compositor.render_full_update().render_segments(console)
    lines = written.split("\n")  # one for each row, which are the compositor's own
    assert len(lines) <= session.app.size.height
    return "".join(lines)


def leaks(written: str) -> set[str]:
    """The characters of data that a terminal could act upon, in what is written."""
    rest = _OURS.sub("", written)
    found = {character for character in rest if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    return {f"U+{ord(character):04X}" for character in found}


async def look(session: Session, *keys: str) -> None:
    """After each key, nothing has leaked."""
    for key in keys:
        await session.press(key)
        written = raw(session)
        assert not leaks(written), key
        assert "]8;" not in written


async def paste(session: Session, text: str) -> None:
    session.app.post_message(events.Paste(text))
    await session.pilot.pause()
    await look(session)
    assert not leaks(raw(session))


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_screen_and_all_its_dialogs(ascii: bool) -> None:
    size = SMALL if ascii else MEDIUM
    async with opened(hostile(), DATA, tasks=Nobody(), size=size, title=f"[/t]{EVIL}", ascii=ascii) as session:
        await look(session, "1", "2", "3", "d", "d", "d", "4", "z", "z", "1", "slash")
        await paste(session, EVIL)
        await look(session, "escape", "e", "tab")
        await paste(session, f'"{EVIL}[/a]"')
        await look(session, "escape", "W")
        await look(session, "escape", "i", "shift+tab", "enter")
        for name in MARKUP[:1] if ascii else MARKUP[:1] + MARKUP[2:4]:
            assert name in session.text
        await look(session, "down", "enter", "tab")
        await paste(session, ERROR)
        await look(session, "tab")
        await paste(session, EVIL)
        await look(session, "escape", "p")
        await paste(session, EVIL)
        await look(session, "escape", "question_mark", "escape", "t", "escape", "ctrl+p", *"zq", "escape")
        await look(session, "n", "tab", "ctrl+t")
        await paste(session, ERROR)
        await look(session, "tab")
        await paste(session, EVIL)
        await look(session, "ctrl+t", "ctrl+t", "enter", "tab", "escape", "a", "ctrl+t", "ctrl+s", "n", "a")
        await look(session, "enter", "f", "j", "j", "escape", "n", "v", "escape", "s", "s", "v", "escape", "c")
        await look(session, "enter", "enter", "r", "escape", "y", "b", "B", "N", "f", "enter", "t", "escape", "q")
        await look(session, "escape", "1", "enter", "2", "y", "4", "y", "slash")
        await paste(session, "[/" + EVIL)
        await look(session, "enter", "full_stop", "escape", "exclamation_mark", "x")
        assert isinstance(session.app.screen, DebugScreen)


async def test_a_recording_and_its_dialogs() -> None:
    definition = hostile()
    made = recording(definition, DATA, lambda request: TaskFailure(ERROR, EVIL))
    debugger = Debugger.on_recording(open_recording(made, definition_from(definition)))
    async with opened(debugger, title=f"[/r]{EVIL}") as session:
        await session.pilot.pause()
        await look(session, "escape", "exclamation_mark", "A", "escape", "D", "s", "slash")
        await paste(session, EVIL)
        await look(session, "escape", "escape", "X", "j", "tab", "escape", "ctrl+f")
        await paste(session, "PWNED")
        await look(session, "down", "enter", "E")
        await paste(session, f"/tmp/[/x]{EVIL}")
        await look(session, "enter", "escape", "F", "t", "escape", "4", "k", "k", "enter")


def entries() -> Iterator[Any]:
    lists: tuple[tuple[Any, Any], ...] = (
        (MachineList(), MachineEntry("arn:x", FIRST, f"STANDARD{EVIL}", 0)),
        (
            ExecutionList(lambda: 7),
            ExecutionOutcome("arn:y", FIRST, EVIL, f"FAILED{EVIL}", 0, 5, error=ERROR, cause=EVIL),
        ),
        (GroupList(), FailureGroup(f"FAILED{EVIL}", FIRST, EVIL, f"[/a]{EVIL}", EVIL, (EVIL,), 0, 5, EVIL, (), EVIL)),
    )
    yield from lists


async def test_the_lists_of_the_browser() -> None:
    for shown, entry in entries():
        app = WidgetHost(shown)
        async with app.run_test(size=MEDIUM) as pilot:
            shown.put([entry], EVIL)
            await pilot.pause()
            text = "\n".join(app.text_of(shown))
            assert "[/a]" in text
            assert not leaks(text.replace("\n", " "))


async def test_a_list_of_executions_and_its_groups_as_a_whole() -> None:
    state = FailedState(f"{FIRST}", ((EVIL, 3),), error=EVIL, cause=EVIL)
    rows = [
        ExecutionOutcome(f"arn:y{EVIL}", FIRST, EVIL, "FAILED", 0, 5, Known.END, ERROR, f"{EVIL}\n{EVIL}", state),
        ExecutionOutcome(f"arn:z{EVIL}", FIRST, EVIL, "ABORTED", 0, 5, Known.END, why_no_state=EVIL, label=EVIL),
        ExecutionOutcome(f"arn:a{EVIL}", FIRST, EVIL, "FAILED", 0, 5, Known.END, ERROR, refusal=EVIL, redrive_count=2),
        ExecutionOutcome(f"arn:b{EVIL}", FIRST, EVIL, "RUNNING", 0),
    ]
    for size in (SMALL, MEDIUM):
        home = ExecutionsScreen(place_of(rows, f"[/x]{EVIL}"), EVIL, f"[/t]{EVIL}", now=lambda: 9)
        home.list.whereabouts[rows[3].key] = Whereabouts(f"[/w]{EVIL}", 2, 3)
        app = SfdebugApp(None, home=lambda: home)  # noqa: B023
        async with app.run_test(size=size) as pilot:
            for key in (*"jjjkkkez", "space", *"eyv", "j", "y", "slash", *"[/a", "enter", "escape", "enter", "?"):
                await pilot.press("question_mark" if key == "?" else key)
                await pilot.pause()
                text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
                assert not leaks(text.replace("\n", " ")), key
            assert "[/t]" in "".join(strip.text for strip in home._compositor.render_strips())


def test_the_filter_keeps_every_width_and_takes_links_away() -> None:
    filtered = TerminalFilter().apply(
        [Segment(f"a{EVIL}日\t", Style(bold=True, link="http://x")), Segment("plain"), Segment("e\u0301\u00a0")],
        Color.parse("black"),
    )
    before = Segment(f"a{EVIL}日\t").cell_length
    assert sum(segment.cell_length for segment in filtered[:1]) == before
    assert not leaks("".join(segment.text for segment in filtered))
    assert filtered[0].style is not None
    assert (filtered[0].style.link, filtered[0].style.bold) == (None, True)
    assert [segment.text for segment in filtered[1:]] == ["plain", "e\u0301\u00a0"]

"""A screen that is left: nothing that its Tasks have called outlives it, however many sessions were opened."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sfdebug.cli.home import Home
from sfdebug.cli.new_sessions import definition_screen, plain_args
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tui.home.screen import HomeScreen
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from tests.good_and_bad import good_and_bad
from tests.moto_server import missing
from tests.tui_runs import OpenProgram, opened_home

pytestmark = [
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc to count processes in"),
    pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}"),
]
HANDLERS = Path(__file__).parents[1] / "unit" / "tasks" / "lambdas" / "handlers.py"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function"
MACHINE = {
    "StartAt": "Charge card",
    "States": {
        "Charge card": {"Type": "Task", "Resource": f"{ARN}:charge", "ResultPath": "$.paid", "Next": "Keep"},
        "Keep": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "kept", "Item": {"id": {"S": "1"}}},
            "ResultPath": None,
            "Next": "Ship",
        },
        "Ship": {"Type": "Task", "Resource": f"{ARN}:ship", "End": True},
    },
}
MOCKS = good_and_bad("Ship")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "order.asl.json").write_text(json.dumps(MACHINE))
    (folder / "MockConfigFile.json").write_text(MOCKS)
    return folder


def begun() -> Counter[str]:
    """The processes and threads that calls have begun in this test, counted by what they are.

    The reaper's shell is one for the whole program, and stays; so do servers that other tests share.
    """
    return Counter({name: count for name, count in (_serving() - _BEFORE).items() if count})


def _serving() -> Counter[str]:
    found = Counter(name for thread in threading.enumerate() if (name := thread.name).startswith("sfdebug-serves-"))
    for process in _children(os.getpid()):
        command = (Path("/proc") / str(process) / "cmdline").read_bytes()
        if b"bootstrap.py" in command:
            found["worker"] += 1
        elif b"ThreadedMotoServer" in command:
            found["services"] += 1
    return found


def _children(parent: int) -> Iterator[int]:
    for thread in Path(f"/proc/{parent}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile
            yield from map(int, (thread / "children").read_text().split())


_BEFORE: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def counted() -> None:
    """What there was before the test does not count."""
    _BEFORE.clear()
    _BEFORE.update(_serving())


ONE_SET = {
    "worker": 1,
    "services": 1,
    "sfdebug-serves-worker": 1,
    "sfdebug-serves-runtime-api": 1,
    "sfdebug-serves-callbacks": 1,
}


def screen_on(folder: Path, case: str = "") -> DebugScreen:
    args = plain_args(str(folder / "MockConfigFile.json") if case else "", case)
    args.real = True
    args.functions = [f"charge={HANDLERS}:echo", f"ship={HANDLERS}:echo"]
    args.fresh = True
    return definition_screen(DefinitionAddress(str(folder / "order.asl.json")), "{}", args, ScreenSettings())


async def walk(program: OpenProgram, *keys: str) -> None:
    screen = program.app.screen
    assert isinstance(screen, DebugScreen)
    for key in keys:
        await program.press(key)
        await program.until(lambda: not screen.commands.is_running)
    assert isinstance(program.app.screen, DebugScreen), program.text


def opened(folder: Path) -> HomeScreen:
    return HomeScreen(Home(folder, ScreenSettings()), "sfdebug")


async def test_what_a_session_has_begun_ends_when_it_is_left(folder: Path) -> None:
    async with opened_home(lambda: opened(folder)) as program:
        for _ in range(3):
            program.app.push_screen(screen_on(folder))
            await program.until(lambda: isinstance(program.app.screen, DebugScreen))
            await walk(program, "n", "n")
            assert begun() == ONE_SET
            await program.press("q")
            assert isinstance(program.app.screen, HomeScreen)
            assert begun() == Counter()


async def test_test_cases_that_are_switched_leave_one_set(folder: Path) -> None:
    async with opened_home(lambda: opened(folder)) as program:
        screen = screen_on(folder, "Good")
        program.app.push_screen(screen)
        await program.until(lambda: isinstance(program.app.screen, DebugScreen))
        for number in range(20):
            if number < 2:
                await walk(program, "n", "n")
                assert begun() == ONE_SET
            elif number % 6 == 2:
                await walk(program, "N", "s", "s", "s", "I")
                assert begun() == Counter(services=1), "Keep is called again, and nothing else"
            screen.cases.switch("Bad" if screen.cases.current == "Good" else "Good", screen)
            assert begun() == Counter()
        await program.press("q")
        assert begun() == Counter()


async def test_a_session_that_goes_on_calls_nothing_anew_and_what_was_kept_is_said_to_be_gone(folder: Path) -> None:
    async with opened_home(lambda: opened(folder)) as program:
        screen = screen_on(folder, "Good")
        program.app.push_screen(screen)
        await program.until(lambda: isinstance(program.app.screen, DebugScreen))
        await walk(program, "n", "n")
        await program.press("Y", *"Bad", "enter")
        assert "but for what its local services held: they begin anew" in screen.notice.message
        await program.press("Y", *"Good", "enter")
        assert screen.view.state is not None
        assert screen.view.state.name == "Ship"
        assert begun() == Counter()
